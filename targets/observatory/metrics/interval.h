// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>

namespace observatory::host {

// low <= high; both are finite.
struct Interval {
  double low = 0;
  double high = 0;
};

// 97.5 % of the normal distribution lie below: two-sided intervals of 95 %.
inline constexpr double kNormal95 = 1.959963984540054;

// The 95 % interval of a share, of which `successes` in `trials` were seen, within 0 and 1
// (Wilson 1927, "Probable inference, the law of succession, and statistical inference"; Brown, Cai
// and DasGupta 2001 compare it with others):
//
//   [p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)] / [1 + z^2/n]     p = successes/n, n = trials
//
// It takes trials as independent. Absent without trials; `successes` is at most `trials`.
std::optional<Interval> wilson(std::uint64_t successes, std::uint64_t trials);

}  // namespace observatory::host
