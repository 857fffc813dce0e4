// SPDX-License-Identifier: MIT
#include <algorithm>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "targets/observatory/metrics/groups.h"

namespace observatory::host {
namespace {

// Cities by name and country.
using Cities = std::map<std::pair<std::string, std::string>, std::uint64_t>;

Json cities_of(const Cities& cities, std::uint64_t whole) {
  std::vector<std::pair<std::pair<std::string, std::string>, std::uint64_t>> list(cities.begin(),
                                                                                  cities.end());
  std::stable_sort(list.begin(), list.end(),
                   [](const auto& one, const auto& other) { return one.second > other.second; });
  Json json = Json::array();
  for (const auto& [city, count] : list) {
    json.push_back({{"key", city.first},
                    {"country", city.second.empty() ? Json() : Json(city.second)},
                    {"count", count},
                    {"share", share_of(count, whole)}});
  }
  return json;
}

Json networks_of(const Counts& networks, const std::map<std::string, std::string>& names,
                 std::uint64_t whole) {
  Json json = Json::array();
  for (const auto& [key, count] : ranked(networks)) {
    const std::string& name = names.at(key);
    json.push_back({{"key", key},
                    {"name", name.empty() ? Json() : Json(name)},
                    {"count", count},
                    {"share", share_of(count, whole)}});
  }
  return json;
}

}  // namespace

Json geography_of(const Snapshot& snapshot) {
  Counts countries;
  Cities cities;
  Counts networks;
  std::map<std::string, std::string> network_names;
  Counts organisations;
  std::uint64_t onions = 0;
  std::uint64_t in_country = 0;
  std::uint64_t in_city = 0;
  std::uint64_t in_network = 0;
  std::uint64_t in_organisation = 0;
  for (const Server& server : snapshot.servers) {
    if (server.onion) {
      ++onions;
      continue;
    }
    const Place& place = *server.place;
    if (!place.country.empty()) {
      ++in_country;
      ++countries[place.country];
    }
    if (!place.city.empty()) {
      ++in_city;
      ++cities[{place.city, place.country}];
    }
    if (place.asn != 0) {
      ++in_network;
      const std::string key = "AS" + std::to_string(place.asn);
      ++networks[key];
      std::string& name = network_names[key];
      if (name.empty()) name = place.as_name;
    }
    if (!place.as_name.empty()) {
      ++in_organisation;
      ++organisations[place.as_name];
    }
  }
  const std::uint64_t whole = snapshot.servers.size();
  const std::uint64_t located = whole - onions;
  Json json;
  json["country"] = list_of(countries, whole);
  json["city"] = cities_of(cities, whole);
  json["asn"] = networks_of(networks, network_names, whole);
  json["organisation"] = list_of(organisations, whole);
  json["unlocated"] = located - in_country;
  json["onion"] = onions;
  json["unknown"] = {{"country", located - in_country},
                     {"city", located - in_city},
                     {"asn", located - in_network},
                     {"organisation", located - in_organisation}};
  return json;
}

}  // namespace observatory::host
