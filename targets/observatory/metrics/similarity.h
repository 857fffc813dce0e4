// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>

namespace observatory::host {

// How alike two sets of `first` and `second` members are, `both` in common: both / (first + second
// - both), from 0 to 1 (Jaccard 1912, "The distribution of the flora in the alpine zone"). Absent
// when both are empty; `both` is at most the smaller.
inline std::optional<double> jaccard(std::uint64_t first, std::uint64_t second,
                                     std::uint64_t both) {
  const std::uint64_t either = first - both + second;
  if (either == 0) return std::nullopt;
  return static_cast<double>(both) / static_cast<double>(either);
}

}  // namespace observatory::host
