// SPDX-License-Identifier: MIT
// Points and lengths of monotonic time, both in microseconds.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

namespace observatory {

// A length of time in microseconds. Signed, so that differences are safe.
using Micros = std::int64_t;

inline constexpr Micros kMillisecond = 1000;
inline constexpr Micros kSecond = 1000 * kMillisecond;

// A point on a clock that only runs forward; its zero means nothing. `never()`
// lies after every other instant.
struct Instant {
  Micros us = 0;

  static constexpr Instant never() { return {std::numeric_limits<Micros>::max()}; }

  friend constexpr auto operator<=>(Instant, Instant) = default;
  friend constexpr Instant operator+(Instant at, Micros length) { return {at.us + length}; }
  friend constexpr Micros operator-(Instant later, Instant earlier) {
    return later.us - earlier.us;
  }
};

}  // namespace observatory
