// SPDX-License-Identifier: MIT
#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/base/ip_network.h"
#include "targets/observatory/metrics/eclipse.h"
#include "targets/observatory/metrics/groups.h"
#include "targets/observatory/snapshot/addresses.h"
#include "targets/observatory/snapshot/operators.h"

namespace observatory::host {
namespace {

using EndpointTest = std::function<bool(const EndpointView&)>;
using ServerTest = std::function<bool(const Server&)>;

const EndpointView& view_of(const Snapshot& snapshot, std::uint32_t endpoint) {
  return snapshot.endpoints[endpoint];
}

bool has_endpoint(const Snapshot& snapshot, const Server& server, const EndpointTest& test) {
  return std::any_of(server.endpoints.begin(), server.endpoints.end(),
                     [&](std::uint32_t endpoint) { return test(view_of(snapshot, endpoint)); });
}

// Of the servers that pass `among`, the share that pass `test`, too.
Json share_among(const Snapshot& snapshot, const ServerTest& among, const ServerTest& test) {
  std::uint64_t whole = 0;
  std::uint64_t part = 0;
  for (const Server& server : snapshot.servers) {
    if (!among(server)) continue;
    ++whole;
    if (test(server)) ++part;
  }
  return share_of(part, whole);
}

bool is_self_signed(const EndpointView& view) {
  return view.certificate && view.certificate->self_signed.value_or(false);
}

bool is_expired(const EndpointView& view) {
  return view.certificate && view.certificate->not_after &&
         *view.certificate->not_after < view.last / 1000;
}

bool names_another(const EndpointView& view) {
  return view.certificate && !view.facts->name_matches.value_or(true);
}

bool is_issued(const EndpointView& view) {
  return view.certificate && !view.certificate->self_signed.value_or(true) && !is_expired(view) &&
         view.facts->name_matches.value_or(false);
}

bool has_onion(const EndpointView& view) { return is_onion(view.endpoint.host); }

bool has_name(const EndpointView& view) {
  return !is_onion(view.endpoint.host) && !is_address(view.endpoint.host);
}

std::string provider_key(const Server& server) {
  if (server.onion) return "onion";
  return server.place->provider.empty() ? "unknown" : server.place->provider;
}

Json single_pick_of(const Snapshot& snapshot) {
  Counts counts;
  for (const Server& server : snapshot.servers) ++counts[provider_key(server)];
  Json json = Json::object();
  for (const auto& [key, count] : ranked(counts)) {
    json[key] = share_of(count, snapshot.servers.size());
  }
  return json;
}

// Where Electrum counts a server when it spreads its connections; a server without an address is
// alone.
std::string bucket_of(const Server& server) {
  if (server.onion) return "onion";
  if (server.addresses.empty()) return server.name;
  const IpAddress& ip = server.addresses.front();
  const bool v4 = ip.family == IpAddress::Family::kV4;
  const IpNetwork network = network_of(ip, v4 ? 16 : 48);
  return (v4 ? "4" : "6") + std::string(network.ip.bytes.begin(), network.ip.bytes.end());
}

Json exposure_json(const std::optional<Exposure>& exposure) {
  if (!exposure) return nullptr;
  return {
      {"expected", exposure->expected}, {"at_least_one", exposure->any}, {"all", exposure->all}};
}

// What of a client's connections the servers of the largest group hold.
Json exposure_to(const Snapshot& snapshot, const Counts& counts,
                 const std::function<std::string(const Server&)>& group) {
  if (counts.empty()) return nullptr;
  const auto [key, count] = ranked(counts).front();
  std::map<std::string, Bucket> buckets;
  for (const Server& server : snapshot.servers) {
    Bucket& bucket = buckets[bucket_of(server)];
    ++bucket.servers;
    if (group(server) == key) ++bucket.of_group;
    bucket.most = server.onion ? kElectrumOnions : 1;
  }
  std::vector<Bucket> list;
  list.reserve(buckets.size());
  for (const auto& [name, bucket] : buckets) list.push_back(bucket);
  Json json{{"key", key}, {"count", count}};
  json.update(exposure_json(
      exposure_without_buckets(snapshot.servers.size(), count, kElectrumConnections)));
  json["bucketed"] = exposure_json(exposure(list, kElectrumConnections));
  return json;
}

Json eclipse_of(const Snapshot& snapshot) {
  const auto provider = [](const Server& server) { return server.place->provider; };
  const auto operated = [&](const Server& server) {
    return snapshot.operators[server.operated_by].name;
  };
  Counts providers;
  Counts operators;
  for (const Server& server : snapshot.servers) {
    if (!provider(server).empty()) ++providers[provider(server)];
    ++operators[operated(server)];
  }
  return {{"picks", kElectrumConnections},
          {"servers", snapshot.servers.size()},
          {"provider", exposure_to(snapshot, providers, provider)},
          {"operator", exposure_to(snapshot, operators, operated)}};
}

Json transparency_of(const Snapshot& snapshot) {
  const auto share = [&](const EndpointTest& test) {
    return share_among(
        snapshot, [](const Server& one) { return one.reached_any; },
        [&](const Server& one) { return has_endpoint(snapshot, one, test); });
  };
  Json json;
  json["donation"] = share([](const EndpointView& view) {
    return view.facts && looks_like_donation(view.facts->donation);
  });
  json["banner"] = share(
      [](const EndpointView& view) { return view.facts && !view.facts->banner_sha256.empty(); });
  json["name"] = share(has_name);
  json["issued_certificate"] = share(is_issued);
  json["onion_pair"] = share_among(
      snapshot, [](const Server& one) { return one.reached_any; },
      [&](const Server& one) {
        return has_endpoint(snapshot, one, has_onion) &&
               has_endpoint(snapshot, one,
                            [](const EndpointView& view) { return !has_onion(view); });
      });
  json["operator"] = share_among(
      snapshot, [](const Server& one) { return one.reached_any; },
      [&](const Server& one) { return snapshot.operators[one.operated_by].annotated; });
  return json;
}

}  // namespace

Json risk_of(const Snapshot& snapshot) {
  const auto any = [&](const Server& server, const EndpointTest& test) {
    return has_endpoint(snapshot, server, test);
  };
  const auto reached_over = [&](const Server& server, Transport transport) {
    return any(server, [&](const EndpointView& view) {
      return view.endpoint.transport == transport && view.reached();
    });
  };
  const ServerTest is_reached = [](const Server& one) { return one.reached_any; };
  const ServerTest certified = [&](const Server& one) {
    return any(one, [](const EndpointView& view) { return view.certificate.has_value(); });
  };
  const auto share_certified = [&](const EndpointTest& test) {
    return share_among(snapshot, certified, [&](const Server& one) { return any(one, test); });
  };

  Json json;
  json["single_pick"] = single_pick_of(snapshot);
  json["eclipse"] = eclipse_of(snapshot);
  json["self_signed_share"] = share_certified(is_self_signed);
  json["plain_tcp_share"] = share_among(
      snapshot, is_reached, [&](const Server& one) { return reached_over(one, Transport::kTcp); });
  json["tcp_only_share"] = share_among(
      snapshot, is_reached, [&](const Server& one) { return !reached_over(one, Transport::kTls); });
  json["expired_share"] = share_certified(is_expired);
  json["name_mismatch_share"] = share_certified(names_another);
  json["transparency"] = transparency_of(snapshot);
  return json;
}

}  // namespace observatory::host
