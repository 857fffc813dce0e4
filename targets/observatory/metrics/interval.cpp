// SPDX-License-Identifier: MIT
#include "targets/observatory/metrics/interval.h"

#include <cmath>

namespace observatory::host {

std::optional<Interval> wilson(std::uint64_t successes, std::uint64_t trials) {
  if (trials == 0) return std::nullopt;
  const auto n = static_cast<double>(trials);
  const double p = static_cast<double>(successes) / n;
  const double z2 = kNormal95 * kNormal95;
  const double centre = p + z2 / (2 * n);
  const double reach = kNormal95 * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n));
  const double scale = 1 + z2 / n;
  // At both ends the interval touches the end, where rounding would leave it short or beyond.
  return Interval{successes == 0 ? 0.0 : (centre - reach) / scale,
                  successes == trials ? 1.0 : (centre + reach) / scale};
}

}  // namespace observatory::host
