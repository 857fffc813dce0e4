// SPDX-License-Identifier: MIT
#include "targets/observatory/snapshot/tally.h"

#include <algorithm>
#include <string_view>

#include "targets/observatory/snapshot/chains.h"

namespace observatory::host {
namespace {

void add_changed(std::string_view names, std::set<std::string>& into) {
  while (!names.empty()) {
    const std::size_t comma = std::min(names.find(','), names.size());
    if (comma > 0) into.emplace(names.substr(0, comma));
    names.remove_prefix(std::min(comma + 1, names.size()));
  }
}

void lower(std::optional<std::uint32_t>& least, const std::optional<std::uint32_t>& value) {
  if (value && (!least || *value < *least)) least = value;
}

}  // namespace

bool tells_of_server(Outcome outcome) {
  switch (outcome) {
    case Outcome::kExhausted:
    case Outcome::kNeedsProxy:
    case Outcome::kHeldBack:
    case Outcome::kOptedOut:
    case Outcome::kForbiddenAddress:
    case Outcome::kProxyFailed:
      return false;
    default:
      return outcome <= Outcome::kOnionLocked;
  }
}

void PairTally::add(const ObservationRow& row) {
  if (tells_of_server(row.outcome)) ++tried;
  if (row.outcome == Outcome::kOk) ++reached;
  if (!row.connect_us || row.proxied || row.retransmitted) return;
  connect_us.add(*row.connect_us);
  lower(min_us, row.connect_us);
  lower(min_us, row.min_rtt_us);
  lower(min_us, row.ping_us);
}

void PairTally::merge(const PairTally& other) {
  tried += other.tried;
  reached += other.reached;
  lower(min_us, other.min_us);
  connect_us.merge(other.connect_us);
}

Sight PairTally::sight() const {
  return {tried, reached, min_us, connect_us.value(), connect_us.count()};
}

void ListedChain::add(const std::string& genesis) {
  if (!any_) {
    genesis_ = genesis;
  } else if (genesis_ != genesis) {
    genesis_.clear();
  }
  any_ = true;
}

Tally::Tally(const Store& store, const Selection& selection) {
  store.each_observation(selection, [&](const ObservationRow& row) { add(store, row); });
}

void Tally::add(const Store& store, const ObservationRow& row) {
  const std::uint32_t vantage = vantage_place(row.vantage);
  EndpointTally& seen = endpoint_tally(row.endpoint);
  ++seen.observations;
  if (seen.pairs.size() <= vantage) seen.pairs.resize(vantage + 1);
  seen.pairs[vantage].add(row);

  const auto outcome = static_cast<std::size_t>(row.outcome);
  if (outcome < seen.outcomes.size()) ++seen.outcomes[outcome];
  if (row.address != 0) seen.addresses.insert(row.address);
  add_changed(row.changed, seen.changed);
  seen.listed.add(listed_chain(store, row.run));
  if (row.peers != 0) seen.peers = row.peers;
  if (row.tip_height) seen.tip_height = row.tip_height;
  if (seen.last_run == 0) seen.first = row.t;
  seen.last = row.t;
  if (row.facts != 0) {
    seen.facts = row.facts;
    const bool answered = row.outcome == Outcome::kOk;
    if (answered) seen.facts_of_ok = row.facts;
    if (answered || row.tls_us) seen.facts_of_shown = row.facts;
  }
  if (row.facts != 0 || seen.facts == 0) {
    seen.last_run = row.run;
    seen.last_seq = row.seq;
  }
}

std::uint32_t Tally::vantage_place(RowId vantage) {
  const auto [found, added] =
      vantage_places_.try_emplace(vantage, static_cast<std::uint32_t>(vantages.size()));
  if (added) vantages.push_back(vantage);
  return found->second;
}

EndpointTally& Tally::endpoint_tally(RowId endpoint) {
  const auto [found, added] =
      endpoint_places_.try_emplace(endpoint, static_cast<std::uint32_t>(endpoints.size()));
  if (added) endpoints.emplace_back().endpoint = endpoint;
  return endpoints[found->second];
}

// Each vantage has one run at a time, so few of them are needed at once.
const std::string& Tally::listed_chain(const Store& store, RowId run) {
  RunSeen& seen = runs_[static_cast<std::size_t>(run) % runs_.size()];
  if (seen.run != run) {
    seen.run = run;
    seen.genesis = genesis_of(store.run(run).chain).value_or("");
  }
  return seen.genesis;
}

}  // namespace observatory::host
