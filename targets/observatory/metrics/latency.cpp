// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numbers>
#include <set>

#include "targets/observatory/metrics/groups.h"

namespace observatory::host {
namespace {

constexpr std::uint32_t kNear = 2000;  // us
constexpr std::size_t kFewestCommon = 4;
constexpr double kKilometresPerMicrosecond = 0.09993;  // half of 2/3 of the speed of light
constexpr double kCoordinatesOff = 100;                // km
constexpr double kEarthRadius = 6371;                  // km

// What does not change from visit to visit on one machine.
constexpr std::array<std::string_view, 9> kOfOneMachine = {
    "ip", "stack", "tls", "server_hello", "certificate", "hello2", "jarm", "software", "features"};

Json pairs_of(const Snapshot& snapshot) {
  Json list = Json::array();
  for (const Server& server : snapshot.servers) {
    for (const auto& [vantage, sight] : server.sights) {
      if (!sight.min_us) continue;
      list.push_back({{"server", server.name},
                      {"vantage", snapshot.vantages[vantage].name},
                      {"min_us", *sight.min_us},
                      {"median_us", *sight.median_us},
                      {"n", sight.samples}});
    }
  }
  return list;
}

// The largest difference of two servers at vantages that both have; absent with too few of them.
std::optional<std::uint32_t> spread_of(const Server& one, const Server& other) {
  std::uint32_t spread = 0;
  std::size_t common = 0;
  for (const auto& [vantage, sight] : one.sights) {
    const auto found = other.sights.find(vantage);
    if (!sight.min_us || found == other.sights.end() || !found->second.min_us) continue;
    ++common;
    const auto [less, more] = std::minmax(*sight.min_us, *found->second.min_us);
    spread = std::max(spread, more - less);
  }
  if (common < kFewestCommon) return std::nullopt;
  return spread;
}

struct Cluster {
  std::vector<const Server*> servers;
  std::uint32_t spread_us = 0;
};

bool takes(Cluster& cluster, const Server& server) {
  std::uint32_t widest = cluster.spread_us;
  for (const Server* const one : cluster.servers) {
    const std::optional<std::uint32_t> spread = spread_of(*one, server);
    if (!spread || *spread >= kNear) return false;
    widest = std::max(widest, *spread);
  }
  cluster.servers.push_back(&server);
  cluster.spread_us = widest;
  return true;
}

Json clusters_of(const Snapshot& snapshot) {
  std::vector<Cluster> clusters;
  for (const Server& server : snapshot.servers) {
    const auto measured = std::count_if(server.sights.begin(), server.sights.end(),
                                        [](const auto& one) { return one.second.min_us; });
    if (static_cast<std::size_t>(measured) < kFewestCommon) continue;
    const bool taken = std::any_of(clusters.begin(), clusters.end(),
                                   [&](Cluster& cluster) { return takes(cluster, server); });
    if (!taken) clusters.push_back({{&server}, 0});
  }
  Json list = Json::array();
  for (const Cluster& cluster : clusters) {
    if (cluster.servers.size() < 2) continue;
    Json names = Json::array();
    for (const Server* const one : cluster.servers) names.push_back(one->name);
    list.push_back({{"servers", std::move(names)}, {"spread_us", cluster.spread_us}});
  }
  return list;
}

struct Position {
  double latitude = 0;
  double longitude = 0;
};

std::optional<double> number_of(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// As the annotations have it: where a vantage stands, its owner alone can tell.
std::optional<Position> position_of(const Enricher& enricher, const std::string& vantage) {
  const std::optional<double> latitude = number_of(enricher.annotation(vantage, "latitude"));
  const std::optional<double> longitude = number_of(enricher.annotation(vantage, "longitude"));
  if (!latitude || !longitude) return std::nullopt;
  return Position{*latitude, *longitude};
}

// Haversine.
double kilometres(const Position& one, const Position& other) {
  const auto radians = [](double degrees) { return degrees * std::numbers::pi / 180; };
  const double north = std::sin(radians(other.latitude - one.latitude) / 2);
  const double east = std::sin(radians(other.longitude - one.longitude) / 2);
  const double h = north * north + std::cos(radians(one.latitude)) *
                                       std::cos(radians(other.latitude)) * east * east;
  return 2 * kEarthRadius * std::asin(std::sqrt(std::min(1.0, h)));
}

Json impossible_of(const Snapshot& snapshot, const Enricher& enricher) {
  std::vector<std::optional<Position>> positions;
  positions.reserve(snapshot.vantages.size());
  for (const VantageView& one : snapshot.vantages) {
    positions.push_back(position_of(enricher, one.name));
  }
  Json list = Json::array();
  for (const Server& server : snapshot.servers) {
    if (!server.place->latitude || !server.place->longitude) continue;
    const Position place{*server.place->latitude, *server.place->longitude};
    for (const auto& [vantage, sight] : server.sights) {
      if (!positions[vantage] || !sight.min_us) continue;
      const double distance = kilometres(*positions[vantage], place);
      const double furthest = *sight.min_us * kKilometresPerMicrosecond;
      if (distance <= furthest + kCoordinatesOff) continue;
      list.push_back({{"server", server.name},
                      {"vantage", snapshot.vantages[vantage].name},
                      {"min_us", *sight.min_us},
                      {"distance_km", std::round(distance)},
                      {"furthest_km", std::round(furthest)}});
    }
  }
  return list;
}

Json pools_of(const Snapshot& snapshot) {
  Json list = Json::array();
  for (const Server& server : snapshot.servers) {
    std::set<std::string> changed;
    for (const std::uint32_t endpoint : server.endpoints) {
      for (const std::string& fact : snapshot.endpoints[endpoint].changed) {
        if (std::find(kOfOneMachine.begin(), kOfOneMachine.end(), fact) != kOfOneMachine.end()) {
          changed.insert(fact);
        }
      }
    }
    if (changed.empty() && server.addresses.size() < 2) continue;
    list.push_back(
        {{"server", server.name}, {"addresses", server.addresses.size()}, {"changed", changed}});
  }
  return list;
}

}  // namespace

Json latency_of(const Snapshot& snapshot, const Enricher& enricher) {
  Json pairs = pairs_of(snapshot);
  Json json;
  json["pairs"] = pairs.size();
  json["by_server"] = std::move(pairs);
  json["clusters"] = clusters_of(snapshot);
  json["impossible_geo"] = impossible_of(snapshot, enricher);
  json["pools"] = pools_of(snapshot);
  return json;
}

}  // namespace observatory::host
