// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <numeric>
#include <vector>

namespace observatory::host {

// Things, by number, joined to groups. The group's head is its smallest number, so that groups do
// not depend on the order of the joins.
class UnionFind {
 public:
  explicit UnionFind(std::size_t size) : above_(size) {
    std::iota(above_.begin(), above_.end(), 0u);
  }

  std::uint32_t head(std::uint32_t one) {
    while (above_[one] != one) {
      above_[one] = above_[above_[one]];
      one = above_[one];
    }
    return one;
  }

  // False when they were in one group before.
  bool join(std::uint32_t one, std::uint32_t other) {
    one = head(one);
    other = head(other);
    if (one == other) return false;
    above_[one < other ? other : one] = one < other ? one : other;
    return true;
  }

 private:
  std::vector<std::uint32_t> above_;
};

}  // namespace observatory::host
