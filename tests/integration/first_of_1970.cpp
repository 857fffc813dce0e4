// SPDX-License-Identifier: MIT
// To be preloaded: a device without a battery, which believes that it is 1970 until it has heard of
// the date. All other clocks stay what they are.
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

namespace {

constexpr time_t kSeconds = 41;  // since 1970-01-01T00:00:00Z

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* into) noexcept {
  if (clock != CLOCK_REALTIME) return static_cast<int>(::syscall(SYS_clock_gettime, clock, into));
  *into = {kSeconds, 0};
  return 0;
}

int gettimeofday(timeval* into, void*) noexcept {
  *into = {kSeconds, 0};
  return 0;
}

time_t time(time_t* into) noexcept {
  if (into != nullptr) *into = kSeconds;
  return kSeconds;
}

}  // extern "C"
