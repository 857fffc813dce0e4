// SPDX-License-Identifier: MIT
#include "targets/observatory/metrics/lists.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "targets/observatory/metrics/unseen.h"

namespace observatory::host {
namespace {

using Hosts = std::set<std::string>;

std::map<std::string, Hosts> hosts_by_list(const Snapshot& snapshot) {
  std::map<std::string, Hosts> lists;
  for (const KnownEndpoint& known : snapshot.known) lists[known.list].insert(known.endpoint.host);
  return lists;
}

template <typename Condition>
Hosts hosts_where(const Snapshot& snapshot, Condition condition) {
  Hosts hosts;
  for (const EndpointView& view : snapshot.endpoints) {
    if (condition(view)) hosts.insert(view.endpoint.host);
  }
  return hosts;
}

Hosts reached_hosts(const Snapshot& snapshot) {
  return hosts_where(snapshot, [](const EndpointView& view) { return view.reached(); });
}

std::uint64_t in_common(const Hosts& one, const Hosts& other) {
  Hosts both;
  std::set_intersection(one.begin(), one.end(), other.begin(), other.end(),
                        std::inserter(both, both.end()));
  return both.size();
}

Json recaptured(const std::string& name, const Hosts& first, const std::string& with,
                const Hosts& second) {
  const std::uint64_t both = in_common(first, second);
  const std::optional<Unseen> unseen = chapman(first.size(), second.size(), both);
  return {{"key", name},
          {"with", with},
          {"first", first.size()},
          {"second", second.size()},
          {"both", both},
          {"estimate", unseen ? Json(unseen->estimate) : Json()},
          {"se", unseen ? optional_of(unseen->se) : Json()},
          {"ci95", unseen ? interval_of(unseen->ci95) : Json()}};
}

}  // namespace

Json lists_of(const Snapshot& snapshot) {
  const Hosts tried = hosts_where(snapshot, [](const EndpointView& view) { return view.tried(); });
  const Hosts reached = reached_hosts(snapshot);
  Json lists = Json::array();
  for (const auto& [name, hosts] : hosts_by_list(snapshot)) {
    const std::uint64_t found = in_common(hosts, reached);
    lists.push_back({{"key", name},
                     {"hosts", hosts.size()},
                     {"tried", in_common(hosts, tried)},
                     {"reached", found},
                     {"coverage", share_of(found, reached.size())}});
  }
  return lists;
}

Json recapture_of(const Snapshot& snapshot) {
  const std::map<std::string, Hosts> lists = hosts_by_list(snapshot);
  const Hosts reached = reached_hosts(snapshot);
  Json pairs = Json::array();
  for (auto one = lists.begin(); one != lists.end(); ++one) {
    pairs.push_back(recaptured(one->first, one->second, "reached", reached));
    for (auto other = std::next(one); other != lists.end(); ++other) {
      pairs.push_back(recaptured(one->first, one->second, other->first, other->second));
    }
  }
  return pairs;
}

}  // namespace observatory::host
