// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace observatory::host {

// The median of any number of values in bounded memory. Exact up to kExact values; beyond that they
// are counted in classes of at most 1/256 of their value, and the median is off by less than 0.2 %.
// The order of values and merges changes nothing but where kExact is passed on the way.
class Median {
 public:
  static constexpr std::size_t kExact = 128;

  void add(std::uint32_t value);
  void merge(const Median& other);

  std::uint32_t count() const { return count_; }

  // Of an even number the mean of the two in the middle, rounded down. Absent without a value.
  std::optional<std::uint32_t> value() const;

 private:
  struct Class {
    std::uint32_t number = 0;
    std::uint32_t count = 0;
  };

  static std::uint32_t class_of(std::uint32_t value);
  static std::uint32_t middle_of(std::uint32_t class_number);
  void count_in_class(std::uint32_t number, std::uint32_t count);
  void give_up_exactness();
  std::uint32_t at(std::uint32_t rank) const;  // REQUIRES classes and rank < count_

  std::uint32_t count_ = 0;
  std::vector<std::uint32_t> exact_;  // all values while they are few, else none
  std::vector<Class> classes_;        // by number
};

}  // namespace observatory::host
