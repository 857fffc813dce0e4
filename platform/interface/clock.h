// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "platform/interface/time.h"

namespace observatory {

// How the device knows the date.
enum class WallClock : std::uint8_t {
  kUnset,    // it does not: a router before its first NTP answer
  kUnknown,  // it has a date and cannot say how good it is
  kNtp,      // it has a date and the kernel says that it is disciplined
};

class Clock {
 public:
  // Monotonic; never goes back. Everything that is measured is measured with it.
  virtual Instant now() = 0;

  // Milliseconds since 1970-01-01 UTC, whatever the device believes; never used for a
  // timeout or a duration, only to stamp records. `wall_clock()` says how far to trust it.
  virtual std::uint64_t wall_ms() = 0;
  virtual WallClock wall_clock() = 0;

 protected:
  ~Clock() = default;  // never deleted through the interface
};

}  // namespace observatory
