// SPDX-License-Identifier: MIT
#include "targets/observatory/snapshot/median.h"

#include <algorithm>
#include <bit>

namespace observatory::host {
namespace {

constexpr std::uint32_t kClasses = 256;  // for each doubling of the value

}  // namespace

void Median::add(std::uint32_t value) {
  if (classes_.empty() && exact_.size() == kExact) give_up_exactness();
  ++count_;
  if (classes_.empty()) {
    exact_.push_back(value);
  } else {
    count_in_class(class_of(value), 1);
  }
}

void Median::merge(const Median& other) {
  if (other.classes_.empty()) {
    for (const std::uint32_t value : other.exact_) add(value);
    return;
  }
  if (classes_.empty()) give_up_exactness();
  for (const Class& one : other.classes_) count_in_class(one.number, one.count);
  count_ += other.count_;
}

std::optional<std::uint32_t> Median::value() const {
  if (count_ == 0) return std::nullopt;
  const std::uint32_t lower = (count_ - 1) / 2;
  const std::uint32_t upper = count_ / 2;
  std::uint64_t sum = 0;
  if (classes_.empty()) {
    std::vector<std::uint32_t> sorted = exact_;
    std::sort(sorted.begin(), sorted.end());
    sum = std::uint64_t{sorted[lower]} + sorted[upper];
  } else {
    sum = std::uint64_t{at(lower)} + at(upper);
  }
  return static_cast<std::uint32_t>(sum / 2);
}

// Values below 2 * kClasses are classes of their own; those above keep their first nine bits.
std::uint32_t Median::class_of(std::uint32_t value) {
  if (value < 2 * kClasses) return value;
  const auto dropped = static_cast<std::uint32_t>(std::bit_width(value) - 9);
  return dropped * kClasses + (value >> dropped);
}

std::uint32_t Median::middle_of(std::uint32_t class_number) {
  if (class_number < 2 * kClasses) return class_number;
  const std::uint32_t dropped = class_number / kClasses - 1;
  const std::uint32_t first = (class_number - dropped * kClasses) << dropped;
  return first + (1u << dropped) / 2;
}

void Median::count_in_class(std::uint32_t number, std::uint32_t count) {
  const auto place =
      std::lower_bound(classes_.begin(), classes_.end(), number,
                       [](const Class& one, std::uint32_t wanted) { return one.number < wanted; });
  if (place != classes_.end() && place->number == number) {
    place->count += count;
  } else {
    classes_.insert(place, {number, count});
  }
}

void Median::give_up_exactness() {
  for (const std::uint32_t value : exact_) count_in_class(class_of(value), 1);
  exact_ = {};
}

std::uint32_t Median::at(std::uint32_t rank) const {
  for (const Class& one : classes_) {
    if (rank < one.count) return middle_of(one.number);
    rank -= one.count;
  }
  return middle_of(classes_.back().number);
}

}  // namespace observatory::host
