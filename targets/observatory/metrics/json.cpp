// SPDX-License-Identifier: MIT
#include "targets/observatory/metrics/json.h"

#include <algorithm>
#include <utility>

#include "targets/observatory/metrics/bootstrap.h"
#include "targets/observatory/metrics/concentration.h"

namespace observatory::host {

Json share_of(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return nullptr;
  return static_cast<double>(part) / static_cast<double>(whole);
}

Json optional_of(const std::optional<double>& value) {
  if (!value) return nullptr;
  return *value;
}

Json interval_of(const std::optional<Interval>& interval) {
  if (!interval) return nullptr;
  return Json::array({interval->low, interval->high});
}

std::vector<std::pair<std::string, std::uint64_t>> ranked(const Counts& counts) {
  std::vector<std::pair<std::string, std::uint64_t>> list(counts.begin(), counts.end());
  std::stable_sort(list.begin(), list.end(),
                   [](const auto& one, const auto& other) { return one.second > other.second; });
  return list;
}

Json list_of(const Counts& counts, std::uint64_t whole) {
  Json list = Json::array();
  for (const auto& [key, count] : ranked(counts)) {
    list.push_back({{"key", key}, {"count", count}, {"share", share_of(count, whole)}});
  }
  return list;
}

Json groups_of(const Counts& counts, std::uint64_t unknown) {
  std::vector<std::uint64_t> sizes;
  sizes.reserve(counts.size());
  for (const auto& [key, count] : ranked(counts)) sizes.push_back(count);

  const std::optional<Concentration> found = concentration(sizes);
  const Concentration none;
  const Concentration& figures = found ? *found : none;
  Json json;
  json["groups"] = figures.groups;
  json["n"] = figures.n;
  json["unknown"] = unknown;
  for (const ConcentrationFigure& figure : kConcentrationFigures) {
    Json& value = json[std::string(figure.name)];
    if (!found) {
      value = nullptr;
    } else if (figure.name == "nakamoto_50") {
      value = figures.nakamoto_50;
    } else if (figure.name == "nakamoto_33") {
      value = figures.nakamoto_33;
    } else {
      value = optional_of(figure.of(figures));
    }
  }
  Json& intervals = json["ci95"] = Json::object();
  const std::vector<Unit> units = units_of(sizes);
  for (const auto& [name, interval] : concentration_intervals(units, sizes.size(), {})) {
    intervals[std::string(name)] = interval_of(interval);
  }
  json["shares"] = list_of(counts, figures.n);
  return json;
}

}  // namespace observatory::host
