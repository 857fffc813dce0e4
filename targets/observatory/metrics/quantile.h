// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <span>

namespace observatory::host {

// The value below which the part `p` of `ascending` lies, by linear interpolation between its
// neighbours: x[h] + (h - floor h)(x[h+1] - x[h]), h = (n-1)p, counted from 0. Type 7 of Hyndman
// and Fan 1996 ("Sample quantiles in statistical packages"): the default of R, NumPy and pandas.
// The median is quantile(x, 0.5). Absent without values; `ascending` is sorted and finite, and p is
// from 0 to 1.
std::optional<double> quantile(std::span<const double> ascending, double p);

}  // namespace observatory::host
