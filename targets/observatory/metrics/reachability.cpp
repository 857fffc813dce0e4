// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>

#include "core/record/schema.h"
#include "targets/observatory/metrics/groups.h"
#include "targets/observatory/metrics/lists.h"
#include "targets/observatory/metrics/unseen.h"

namespace observatory::host {
namespace {

Json transport_of(const Snapshot& snapshot, Transport transport) {
  std::uint64_t tried = 0;
  std::uint64_t reached = 0;
  for (const EndpointView& view : snapshot.endpoints) {
    if (view.endpoint.transport != transport) continue;
    if (view.tried()) ++tried;
    if (view.reached()) ++reached;
  }
  return {{"tried", tried},
          {"reached", reached},
          {"ratio", share_of(reached, tried)},
          {"ci95", interval_of(wilson(reached, tried))}};
}

Json servers_of(const Snapshot& snapshot) {
  const auto count = [&](auto condition) {
    return static_cast<std::uint64_t>(
        std::count_if(snapshot.servers.begin(), snapshot.servers.end(), condition));
  };
  const std::uint64_t known = snapshot.servers.size();
  const std::uint64_t any = count([](const Server& one) { return one.reached_any; });
  return {{"known", known},
          {"untried", count([](const Server& one) { return !one.tried; })},
          {"reached_any", any},
          {"reached_majority", count([](const Server& one) { return one.reached_majority; })},
          {"reached_all", count([](const Server& one) { return one.reached_all; })},
          {"ratio", share_of(any, known)},
          {"ci95", interval_of(wilson(any, known))}};
}

Json outcomes_of(const Snapshot& snapshot, Transport transport) {
  std::array<std::uint64_t, 32> sums{};
  for (const EndpointView& view : snapshot.endpoints) {
    if (view.endpoint.transport != transport) continue;
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += view.outcomes[i];
  }
  Json json = Json::object();
  for (std::size_t i = 0; i < sums.size(); ++i) {
    if (sums[i] == 0) continue;
    const std::string_view name = outcome_name(static_cast<Outcome>(i));
    json[name.empty() ? std::to_string(i) : std::string(name)] = sums[i];
  }
  return json;
}

Json vantages_of(const Snapshot& snapshot) {
  Json list = Json::array();
  for (const VantageView& one : snapshot.vantages) {
    list.push_back({{"vantage", one.name},
                    {"tried", one.tried},
                    {"reached", one.reached},
                    {"suspect", one.suspect}});
  }
  return list;
}

Json unseen_of(const Snapshot& snapshot) {
  std::vector<std::uint32_t> seen_by;
  seen_by.reserve(snapshot.servers.size());
  for (const Server& server : snapshot.servers) {
    std::uint32_t vantages = 0;
    for (const auto& [vantage, sight] : server.sights) {
      if (sight.reached > 0 && !snapshot.vantages[vantage].suspect) ++vantages;
    }
    seen_by.push_back(vantages);
  }
  const auto units = static_cast<std::uint64_t>(
      std::count_if(snapshot.vantages.begin(), snapshot.vantages.end(),
                    [](const VantageView& one) { return !one.suspect; }));
  const Incidence seen = incidence(seen_by, units);
  const std::optional<Unseen> unseen = chao2(seen);
  return {{"method", "chao2"},
          {"observed", seen.observed},
          {"estimate", unseen ? Json(unseen->estimate) : Json()},
          {"se", unseen ? optional_of(unseen->se) : Json()},
          {"ci95", unseen ? interval_of(unseen->ci95) : Json()},
          {"coverage", optional_of(coverage(seen))}};
}

}  // namespace

Json reachability_of(const Snapshot& snapshot) {
  Json json;
  json["tcp"] = transport_of(snapshot, Transport::kTcp);
  json["tls"] = transport_of(snapshot, Transport::kTls);
  json["servers"] = servers_of(snapshot);
  json["outcomes"]["tcp"] = outcomes_of(snapshot, Transport::kTcp);
  json["outcomes"]["tls"] = outcomes_of(snapshot, Transport::kTls);
  json["by_vantage"] = vantages_of(snapshot);
  json["unseen"] = unseen_of(snapshot);
  json["lists"] = lists_of(snapshot);
  json["recapture"] = recapture_of(snapshot);
  return json;
}

}  // namespace observatory::host
