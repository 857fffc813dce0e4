// SPDX-License-Identifier: MIT
#include "targets/observatory/metrics/bootstrap.h"

#include <algorithm>

#include "targets/observatory/metrics/concentration.h"
#include "targets/observatory/metrics/quantile.h"
#include "targets/observatory/metrics/random.h"

namespace observatory::host {

std::vector<Unit> units_of(std::span<const std::uint64_t> counts) {
  std::vector<Unit> units;
  for (std::size_t group = 0; group < counts.size(); ++group) {
    units.insert(units.end(), counts[group], Unit{static_cast<std::uint32_t>(group)});
  }
  return units;
}

std::vector<std::optional<Interval>> bootstrap(std::span<const Unit> units, std::size_t groups,
                                               std::size_t number, const Figures& compute,
                                               const Resampling& resampling) {
  std::vector<std::optional<Interval>> intervals(number);
  if (units.empty()) return intervals;

  std::vector<std::vector<double>> drawn(number);
  std::vector<std::uint64_t> counts(groups);
  std::vector<std::optional<double>> figures(number);
  Random random(resampling.seed);
  const auto bound = static_cast<std::uint32_t>(units.size());
  for (std::uint32_t resample = 0; resample < resampling.resamples; ++resample) {
    std::fill(counts.begin(), counts.end(), 0);
    for (std::uint32_t i = 0; i < bound; ++i) {
      for (const std::uint32_t group : units[random.below(bound)]) ++counts[group];
    }
    std::fill(figures.begin(), figures.end(), std::nullopt);
    compute(counts, figures);
    for (std::size_t i = 0; i < number; ++i) {
      if (figures[i]) drawn[i].push_back(*figures[i]);
    }
  }
  for (std::size_t i = 0; i < number; ++i) {
    std::sort(drawn[i].begin(), drawn[i].end());
    const std::optional<double> low = quantile(drawn[i], 0.025);
    const std::optional<double> high = quantile(drawn[i], 0.975);
    if (low && high) intervals[i] = Interval{*low, *high};
  }
  return intervals;
}

std::vector<std::pair<std::string_view, Interval>> concentration_intervals(
    std::span<const Unit> units, std::size_t groups, const Resampling& resampling) {
  const std::vector<std::optional<Interval>> intervals = bootstrap(
      units, groups, kConcentrationFigures.size(),
      [](std::span<const std::uint64_t> counts, std::span<std::optional<double>> figures) {
        const std::optional<Concentration> spread = concentration(counts);
        if (!spread) return;
        for (std::size_t i = 0; i < figures.size(); ++i) {
          figures[i] = kConcentrationFigures[i].of(*spread);
        }
      },
      resampling);
  std::vector<std::pair<std::string_view, Interval>> named;
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    if (intervals[i]) named.emplace_back(kConcentrationFigures[i].name, *intervals[i]);
  }
  return named;
}

}  // namespace observatory::host
