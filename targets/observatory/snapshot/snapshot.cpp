// SPDX-License-Identifier: MIT
#include "targets/observatory/snapshot/snapshot.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "core/base/ip_text.h"
#include "targets/observatory/snapshot/addresses.h"
#include "targets/observatory/snapshot/chains.h"
#include "targets/observatory/snapshot/operators.h"
#include "targets/observatory/snapshot/reach.h"
#include "targets/observatory/snapshot/servers.h"
#include "targets/observatory/snapshot/tally.h"

namespace observatory::host {
namespace {

// An endpoint, and what its view does not hold: what was counted by vantage.
struct Seen {
  EndpointView view;
  EndpointTally tally;
};

std::vector<IpAddress> addresses_of(const Store& store, const std::string& host,
                                    const std::set<RowId>& rows) {
  std::vector<IpAddress> addresses;
  if (is_onion(host)) return addresses;
  for (const RowId row : rows) addresses.push_back(store.address(row));
  if (IpAddress own; read_ip(host, own)) addresses.push_back(own);
  std::sort(addresses.begin(), addresses.end(), is_before);
  addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
  return addresses;
}

void take_shown(const Facts& from, Facts& into) {
  into.tls_version = from.tls_version;
  into.cipher = from.cipher;
  into.ja3s = from.ja3s;
  into.jarm = from.jarm;
  into.ticket_key = from.ticket_key;
  into.certificate = from.certificate;
  into.name_matches = from.name_matches;
  into.trusted = from.trusted;
}

// Rules E1 and E2.
void add_facts(const Store& store, const EndpointTally& tally, EndpointView& view) {
  if (tally.facts == 0) return;
  const RowId said = tally.facts_of_ok != 0 ? tally.facts_of_ok : tally.facts;
  view.facts = store.facts(said);
  if (tally.facts_of_shown != said) {
    take_shown(tally.facts_of_shown != 0 ? store.facts(tally.facts_of_shown) : Facts(),
               *view.facts);
  }
  if (view.facts->certificate != 0) view.certificate = store.certificate(view.facts->certificate);
  view.genesis = genesis_hash(view.facts->genesis_hash);
}

EndpointView view_of(const Store& store, const EndpointTally& tally) {
  EndpointView view;
  view.endpoint = store.endpoint(tally.endpoint);
  view.outcomes = tally.outcomes;
  view.addresses = addresses_of(store, view.endpoint.host, tally.addresses);
  view.changed.assign(tally.changed.begin(), tally.changed.end());
  view.tip_height = tally.tip_height;
  view.peers = tally.peers;
  view.first = tally.first;
  view.last = tally.last;
  view.last_run = tally.last_run;
  view.last_seq = tally.last_seq;
  add_facts(store, tally, view);
  return view;
}

std::vector<VantageView> vantages_of(const Store& store, Tally& tally) {
  std::vector<VantageView> vantages;
  for (const RowId id : tally.vantages) {
    VantageView& one = vantages.emplace_back();
    one.name = store.vantage(id);
  }
  std::vector<std::uint32_t> order(vantages.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](std::uint32_t one, std::uint32_t other) {
    return vantages[one].name < vantages[other].name;
  });
  for (EndpointTally& endpoint : tally.endpoints) {
    endpoint.pairs.resize(order.size());
    std::vector<PairTally> sorted;
    sorted.reserve(order.size());
    for (const std::uint32_t place : order) sorted.push_back(std::move(endpoint.pairs[place]));
    endpoint.pairs = std::move(sorted);
  }
  std::vector<VantageView> sorted;
  sorted.reserve(order.size());
  for (const std::uint32_t place : order) sorted.push_back(std::move(vantages[place]));
  return sorted;
}

std::map<std::uint32_t, Sight> sights_of(const std::vector<PairTally>& pairs) {
  std::map<std::uint32_t, Sight> sights;
  for (std::uint32_t i = 0; i < pairs.size(); ++i) {
    if (!pairs[i].empty()) sights.emplace(i, pairs[i].sight());
  }
  return sights;
}

std::vector<Seen> seen_endpoints(const Store& store, std::vector<EndpointTally> tallies) {
  std::vector<Seen> seen;
  seen.reserve(tallies.size());
  for (EndpointTally& tally : tallies) {
    EndpointView view = view_of(store, tally);
    view.sights = sights_of(tally.pairs);
    seen.push_back({std::move(view), std::move(tally)});
  }
  const auto place = [](const Seen& one) {
    const Endpoint& endpoint = one.view.endpoint;
    return std::tuple(std::string_view(endpoint.host), endpoint.port, endpoint.transport);
  };
  std::sort(seen.begin(), seen.end(),
            [&](const Seen& one, const Seen& other) { return place(one) < place(other); });
  return seen;
}

// Rules C2 and C3, for those that rule C1 leaves without a chain.
void settle_chains(std::vector<Seen>& seen) {
  std::map<std::string_view, std::set<std::string>> by_host;
  for (const Seen& one : seen) {
    if (!one.view.genesis.empty()) by_host[one.view.endpoint.host].insert(one.view.genesis);
  }
  for (Seen& one : seen) {
    if (!one.view.genesis.empty()) continue;
    const auto host = by_host.find(one.view.endpoint.host);
    if (host == by_host.end()) {
      one.view.genesis = one.tally.listed.genesis();
    } else if (host->second.size() == 1) {
      one.view.genesis = *host->second.begin();
    }
  }
}

// Takes the endpoints of other chains out and counts their servers (rule C5).
std::map<std::string, std::uint64_t> set_aside(const std::string& genesis,
                                               std::vector<Seen>& seen) {
  const auto others = std::stable_partition(seen.begin(), seen.end(), [&](const Seen& one) {
    return one.view.genesis.empty() || one.view.genesis == genesis;
  });
  std::map<std::string, std::vector<EndpointView>> by_chain;
  for (auto one = others; one != seen.end(); ++one) {
    std::vector<EndpointView>& chain = by_chain[one->view.genesis];
    chain.push_back(std::move(one->view));
  }
  seen.erase(others, seen.end());
  std::map<std::string, std::uint64_t> servers;
  for (auto& [chain, endpoints] : by_chain) servers[chain] = join_servers(endpoints).size();
  return servers;
}

std::vector<EndpointView> views_of(const std::vector<Seen>& seen) {
  std::vector<EndpointView> views;
  views.reserve(seen.size());
  for (const Seen& one : seen) views.push_back(one.view);
  return views;
}

void add_sights(const std::vector<Seen>& seen, std::vector<Server>& servers) {
  for (Server& server : servers) {
    std::vector<PairTally> together;
    for (const std::uint32_t endpoint : server.endpoints) {
      const std::vector<PairTally>& pairs = seen[endpoint].tally.pairs;
      together.resize(pairs.size());
      for (std::size_t i = 0; i < pairs.size(); ++i) together[i].merge(pairs[i]);
    }
    server.sights = sights_of(together);
  }
}

void add_places(Enricher& enricher, std::vector<Server>& servers) {
  static const Place nowhere;
  for (Server& server : servers) {
    if (!server.addresses.empty()) {
      server.place = &enricher.place(server.addresses.front());
    } else {
      server.place = server.onion ? &enricher.onion() : &nowhere;
    }
  }
}

void drop_unreached(const std::vector<Server>& servers, std::vector<Seen>& seen) {
  std::vector<Seen> kept;
  std::vector<bool> keep(seen.size());
  for (const Server& server : servers) {
    for (const std::uint32_t endpoint : server.endpoints) keep[endpoint] = server.reached_any;
  }
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (keep[i]) kept.push_back(std::move(seen[i]));
  }
  seen = std::move(kept);
}

// Endpoints and servers, with what follows from the observations alone.
void put_servers(const std::vector<Seen>& seen, Snapshot& into) {
  into.observations = std::accumulate(
      seen.begin(), seen.end(), std::uint64_t{0},
      [](std::uint64_t sum, const Seen& one) { return sum + one.tally.observations; });
  into.endpoints = views_of(seen);
  count_reach(into.endpoints, into.vantages);
  into.servers = join_servers(into.endpoints);
  add_sights(seen, into.servers);
  count_reach(into.vantages, into.servers);
}

}  // namespace

Snapshot take_snapshot(const Store& store, Enricher& enricher, const Question& question) {
  const std::optional<std::string> genesis = genesis_of(question.chain);
  if (!genesis) {
    throw std::runtime_error("no chain \"" + question.chain +
                             "\" is known; a genesis hash has 64 hexadecimal digits");
  }
  Snapshot snapshot;
  snapshot.selection = question.selection;
  snapshot.chain = question.chain;
  snapshot.reached_only = question.reached_only;
  snapshot.runs = store.runs(question.selection);
  snapshot.undated = store.undated(question.selection.vantages);
  snapshot.known = store.known_endpoints();

  Tally tally(store, question.selection);
  snapshot.vantages = vantages_of(store, tally);
  std::vector<Seen> seen = seen_endpoints(store, std::move(tally.endpoints));
  settle_chains(seen);
  snapshot.other_chains = set_aside(*genesis, seen);
  suspect_vantages(views_of(seen), snapshot.vantages);
  put_servers(seen, snapshot);
  if (question.reached_only) {
    drop_unreached(snapshot.servers, seen);
    put_servers(seen, snapshot);
  }
  add_places(enricher, snapshot.servers);
  snapshot.operators = find_operators(snapshot.endpoints, snapshot.servers, enricher);
  return snapshot;
}

}  // namespace observatory::host
