// SPDX-License-Identifier: MIT
#include "targets/observatory/metrics/concentration.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

namespace observatory::host {
namespace {

// The fewest of the largest groups that have more than `limit` servers together.
std::uint64_t fewest_with_more_than(std::uint64_t limit,
                                    const std::vector<std::uint64_t>& descending) {
  std::uint64_t together = 0;
  std::uint64_t groups = 0;
  for (const std::uint64_t count : descending) {
    together += count;
    ++groups;
    if (together > limit) break;
  }
  return groups;
}

}  // namespace

std::optional<Concentration> concentration(std::span<const std::uint64_t> counts) {
  std::vector<std::uint64_t> descending;
  descending.reserve(counts.size());
  std::copy_if(counts.begin(), counts.end(), std::back_inserter(descending),
               [](std::uint64_t count) { return count > 0; });
  if (descending.empty()) return std::nullopt;
  std::sort(descending.begin(), descending.end(), std::greater<>());

  Concentration result;
  result.groups = descending.size();
  result.n = std::accumulate(descending.begin(), descending.end(), std::uint64_t{0});
  const auto n = static_cast<double>(result.n);
  const auto groups = static_cast<double>(result.groups);

  double pairs = 0;
  double ranked = 0;
  double weight = groups - 1;
  for (std::size_t i = 0; i < descending.size(); ++i) {
    const auto count = static_cast<double>(descending[i]);
    const double share = count / n;
    result.hhi += share * share;
    result.entropy += share * std::log(n / count);
    if (result.n > 1) pairs += share * ((count - 1) / (n - 1));
    ranked += weight * share;
    weight -= 2;
    if (i < 1) result.top1 += share;
    if (i < 3) result.top3 += share;
  }
  if (result.n > 1) result.hhi_unbiased = pairs;
  result.effective = 1 / result.hhi;
  result.effective_entropy = std::exp(result.entropy);
  if (result.groups > 1) result.evenness = std::min(1.0, result.entropy / std::log(groups));
  result.theil = std::max(0.0, std::log(groups) - result.entropy);
  result.gini = std::max(0.0, ranked / groups);
  // A whole number is more than a part of n exactly when it is more than that part rounded down.
  result.nakamoto_50 = fewest_with_more_than(result.n / 2, descending);
  result.nakamoto_33 = fewest_with_more_than(result.n / 3, descending);
  return result;
}

}  // namespace observatory::host
