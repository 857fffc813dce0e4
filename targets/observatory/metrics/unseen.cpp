// SPDX-License-Identifier: MIT
#include "targets/observatory/metrics/unseen.h"

#include <cmath>

namespace observatory::host {
namespace {

std::optional<Interval> log_normal(double observed, double estimate, double variance) {
  const double unseen = estimate - observed;
  if (unseen <= 0) return std::nullopt;
  const double factor = std::exp(kNormal95 * std::sqrt(std::log1p(variance / (unseen * unseen))));
  return Interval{observed + unseen / factor, observed + unseen * factor};
}

}  // namespace

Incidence incidence(std::span<const std::uint32_t> seen_by, std::uint64_t units) {
  Incidence result;
  result.units = units;
  for (const std::uint32_t times : seen_by) {
    if (times > 0) ++result.observed;
    if (times == 1) ++result.once;
    if (times == 2) ++result.twice;
    result.total += times;
  }
  return result;
}

std::optional<Unseen> chao2(const Incidence& seen) {
  if (seen.units < 2 || seen.observed == 0) return std::nullopt;
  const auto units = static_cast<double>(seen.units);
  const auto observed = static_cast<double>(seen.observed);
  const auto once = static_cast<double>(seen.once);
  const auto twice = static_cast<double>(seen.twice);
  const double a = (units - 1) / units;

  Unseen result;
  result.observed = seen.observed;
  if (seen.once == 0) {
    result.estimate = observed;
    return result;
  }
  const double unseen = a * once * (once - 1) / (2 * (twice + 1));
  const double slope_once = a * (2 * once - 1) / (2 * (twice + 1));
  const double slope_twice = unseen / (twice + 1);
  const double variance =
      unseen + once * slope_once * slope_once + twice * slope_twice * slope_twice;
  result.estimate = observed + unseen;
  result.se = std::sqrt(variance);
  result.ci95 = log_normal(observed, result.estimate, variance);
  return result;
}

std::optional<double> coverage(const Incidence& seen) {
  if (seen.total == 0) return std::nullopt;
  return 1 - static_cast<double>(seen.once) / static_cast<double>(seen.total);
}

std::optional<Unseen> chapman(std::uint64_t first, std::uint64_t second, std::uint64_t both) {
  Unseen result;
  result.observed = first + second - both;
  if (result.observed == 0) return std::nullopt;
  const auto n1 = static_cast<double>(first);
  const auto n2 = static_cast<double>(second);
  const auto m = static_cast<double>(both);
  const double scale = ((n1 + 1) / (m + 1)) * ((n2 + 1) / (m + 2));
  const double variance = scale * (n1 - m) * ((n2 - m) / (m + 1));
  const auto observed = static_cast<double>(result.observed);
  // What the formula adds to `observed` is exactly this, without the rounding of large lists.
  const double unseen = (n1 - m) * (n2 - m) / (m + 1);
  result.estimate = observed + unseen;
  if (unseen > 0) result.se = std::sqrt(variance);
  result.ci95 = log_normal(observed, result.estimate, variance);
  return result;
}

}  // namespace observatory::host
