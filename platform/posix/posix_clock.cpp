// SPDX-License-Identifier: MIT
#include "platform/posix/posix_clock.h"

#include <time.h>

#ifdef __linux__
#include <sys/timex.h>
#endif

namespace observatory::posix {
namespace {

constexpr std::uint64_t kFirstPlausibleDayMs = 1'767'225'600'000;  // 2026-01-01T00:00:00Z

}  // namespace

Instant monotonic_now() {
  timespec at{};
  clock_gettime(CLOCK_MONOTONIC, &at);
  return {static_cast<Micros>(at.tv_sec) * kSecond + static_cast<Micros>(at.tv_nsec) / 1000};
}

std::uint64_t PosixClock::wall_ms() {
  timespec at{};
  clock_gettime(CLOCK_REALTIME, &at);
  if (at.tv_sec < 0) return 0;
  return static_cast<std::uint64_t>(at.tv_sec) * 1000 +
         static_cast<std::uint64_t>(at.tv_nsec) / 1'000'000;
}

WallClock PosixClock::wall_clock() {
  if (wall_ms() < kFirstPlausibleDayMs) return WallClock::kUnset;
#ifdef __linux__
  timex state{};  // modes 0: only asks, needs no privilege
  const int answer = adjtimex(&state);
  if (answer >= 0 && answer != TIME_ERROR && (state.status & STA_UNSYNC) == 0) {
    return WallClock::kNtp;
  }
#endif
  return WallClock::kUnknown;
}

}  // namespace observatory::posix
