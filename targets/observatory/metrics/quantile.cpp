// SPDX-License-Identifier: MIT
#include "targets/observatory/metrics/quantile.h"

#include <cmath>
#include <cstddef>

namespace observatory::host {

std::optional<double> quantile(std::span<const double> ascending, double p) {
  if (ascending.empty()) return std::nullopt;
  const double place = static_cast<double>(ascending.size() - 1) * p;
  const auto below = static_cast<std::size_t>(place);
  if (below + 1 >= ascending.size()) return ascending.back();
  const double part = place - std::floor(place);
  return ascending[below] + part * (ascending[below + 1] - ascending[below]);
}

}  // namespace observatory::host
