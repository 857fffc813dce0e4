// SPDX-License-Identifier: MIT
#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "targets/observatory/metrics/groups.h"

namespace observatory::host {
namespace {

// GROUPS by what `key` says of a server; empty is unknown.
Json grouped(const Snapshot& snapshot, const std::function<std::string(const Server&)>& key) {
  Counts counts;
  std::uint64_t unknown = 0;
  for (const Server& server : snapshot.servers) {
    const std::string group = key(server);
    if (group.empty()) {
      ++unknown;
    } else {
      ++counts[group];
    }
  }
  return groups_of(counts, unknown);
}

struct Reuse {
  std::string_view by;
  std::string value;
  std::vector<std::string> servers;
};

Json certificate_reuse_of(const Snapshot& snapshot) {
  std::map<std::pair<std::string_view, std::string>, std::set<std::uint32_t>> shown;
  for (const EndpointView& view : snapshot.endpoints) {
    if (!view.certificate) continue;
    shown[{"sha256", view.certificate->sha256}].insert(view.server);
    shown[{"spki", view.certificate->spki_sha256}].insert(view.server);
  }
  std::vector<Reuse> list;
  for (const auto& [what, servers] : shown) {
    if (what.second.empty() || servers.size() < 2) continue;
    Reuse& one = list.emplace_back(Reuse{what.first, what.second, {}});
    for (const std::uint32_t server : servers) {
      one.servers.push_back(snapshot.servers[server].name);
    }
  }
  std::stable_sort(list.begin(), list.end(), [](const Reuse& one, const Reuse& other) {
    return one.servers.size() > other.servers.size();
  });
  Json json = Json::array();
  for (const Reuse& one : list) {
    json.push_back({{"by", one.by}, {"value", one.value}, {"servers", one.servers}});
  }
  return json;
}

}  // namespace

Json infrastructure_of(const Snapshot& snapshot) {
  Counts kinds;
  for (const Server& server : snapshot.servers) {
    ++kinds[std::string(kind_name(server.place->kind))];
  }
  const std::uint64_t whole = snapshot.servers.size();
  const auto of_kind = [&](ProviderKind kind) {
    const auto found = kinds.find(std::string(kind_name(kind)));
    return found == kinds.end() ? std::uint64_t{0} : found->second;
  };
  const std::uint64_t cloud = of_kind(ProviderKind::kCloud);

  Json json;
  json["provider"] = grouped(snapshot, [](const Server& one) { return one.place->provider; });
  json["asn"] = grouped(snapshot, [](const Server& one) {
    return one.place->asn == 0 ? std::string() : "AS" + std::to_string(one.place->asn);
  });
  json["country"] = grouped(snapshot, [](const Server& one) { return one.place->country; });
  json["operator"] = grouped(
      snapshot, [&](const Server& one) { return snapshot.operators[one.operated_by].name; });
  json["cloud_share"] = {{"known", share_of(cloud, whole)},
                         {"upper", share_of(cloud + of_kind(ProviderKind::kUnknown), whole)}};
  json["kinds"] = list_of(kinds, whole);
  json["certificate_reuse"] = certificate_reuse_of(snapshot);
  return json;
}

}  // namespace observatory::host
