// SPDX-License-Identifier: MIT
// How far a figure could have come out otherwise, had chance given us other servers of the same
// kind: the percentile bootstrap (Efron 1979, "Bootstrap methods"). As many units as there are get
// drawn with replacement, again and again, and the figure is taken each time; the middle 95 % of
// what comes out is the interval. The same input and seed give the same bits on every machine.
//
// Drawing again repeats servers and leaves others out. Where most groups have one server alone, the
// resamples are more concentrated than the servers were, and the interval may lie beside the
// figure: then it says that n is too small for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "targets/observatory/metrics/interval.h"

namespace observatory::host {

// What is drawn as one: the groups of its members, counted from 0, one entry a member. A server is
// a unit of one; the servers of an operator are a unit when it is operators that come and go.
using Unit = std::vector<std::uint32_t>;

// Each server a unit of its own: counts[i] of them in group i.
std::vector<Unit> units_of(std::span<const std::uint64_t> counts);

struct Resampling {
  std::uint32_t resamples = 2000;
  std::uint64_t seed = 1;
};

// Puts its figures of these counts, one for each group, into `figures`, all absent when called.
using Figures = std::function<void(std::span<const std::uint64_t> counts,
                                   std::span<std::optional<double>> figures)>;

// For each of the `number` figures the 2.5 and 97.5 % quantiles (quantile.h) of those resamples
// that have it; absent where none has. `groups` is more than any group that a unit names. Without
// units, all are absent. At most 2^32 - 1 units.
std::vector<std::optional<Interval>> bootstrap(std::span<const Unit> units, std::size_t groups,
                                               std::size_t number, const Figures& compute,
                                               const Resampling& resampling);

// Of the figures in concentration.h those that have an interval, with their names, in their order.
std::vector<std::pair<std::string_view, Interval>> concentration_intervals(
    std::span<const Unit> units, std::size_t groups, const Resampling& resampling);

}  // namespace observatory::host
