// SPDX-License-Identifier: MIT
#include "targets/observatory/metrics/metrics.h"

#include <chrono>
#include <cstdio>
#include <set>
#include <string>

#include "targets/observatory/metrics/groups.h"
#include "targets/observatory/snapshot/addresses.h"
#include "targets/observatory/snapshot/chains.h"

namespace observatory::host {
namespace {

std::string iso_text(std::int64_t milliseconds) {
  using namespace std::chrono;
  const sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(milliseconds)};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(floor<seconds>(time - day));
  char text[48];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

std::size_t addresses_in(const Snapshot& snapshot) {
  std::set<std::pair<IpAddress::Family, std::array<std::uint8_t, 16>>> addresses;
  for (const Server& server : snapshot.servers) {
    for (const IpAddress& ip : server.addresses) addresses.emplace(ip.family, ip.bytes);
  }
  return addresses.size();
}

Json text_or_null(std::string_view text) { return text.empty() ? Json() : Json(text); }

Json description_of(const Snapshot& snapshot, const Enricher& enricher) {
  Json json;
  json["since"] = iso_text(snapshot.selection.window.since);
  json["until"] = iso_text(snapshot.selection.window.until);
  json["chain"] = snapshot.chain;
  json["reached_only"] = snapshot.reached_only;
  json["vantages"] = snapshot.vantages.size();
  json["runs"] = snapshot.runs.size();
  json["observations"] = snapshot.observations;
  json["endpoints"] = snapshot.endpoints.size();
  json["addresses"] = addresses_in(snapshot);
  json["servers"] = snapshot.servers.size();
  json["operators"] = snapshot.operators.size();
  json["undated"] = snapshot.undated;
  json["other_chains"] = Json::array();
  for (const auto& [genesis, servers] : snapshot.other_chains) {
    json["other_chains"].push_back(
        {{"genesis", genesis}, {"name", text_or_null(chain_name(genesis))}, {"servers", servers}});
  }
  json["data"] = Json::array();
  for (const DataSource& source : enricher.sources()) {
    json["data"].push_back({{"source", source.name}, {"date", text_or_null(source.date)}});
  }
  return json;
}

}  // namespace

Json metrics_of(const Snapshot& snapshot, const Enricher& enricher,
                const std::vector<MetricGroup>& groups) {
  Json json;
  json["snapshot"] = description_of(snapshot, enricher);
  for (const MetricGroup group : groups) {
    switch (group) {
      case MetricGroup::kReachability:
        json["reachability"] = reachability_of(snapshot);
        break;
      case MetricGroup::kGeography:
        json["geography"] = geography_of(snapshot);
        break;
      case MetricGroup::kConcentration:
        json["concentration"] = infrastructure_of(snapshot);
        break;
      case MetricGroup::kSoftware:
        json["software"] = software_of(snapshot);
        break;
      case MetricGroup::kLatency:
        json["latency"] = latency_of(snapshot, enricher);
        break;
      case MetricGroup::kRisk:
        json["risk"] = risk_of(snapshot);
        break;
    }
  }
  return json;
}

}  // namespace observatory::host
