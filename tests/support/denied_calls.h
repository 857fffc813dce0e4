// SPDX-License-Identifier: MIT
// Kernels that can do less than this one, by a seccomp filter (Linux alone: seccomp(2)).
#pragma once

#include <span>

namespace observatory::test {

enum class Denied {
  kIpv6,         // socket(AF_INET6) fails with EAFNOSUPPORT, as without the module
  kGetrandom,    // getrandom() with ENOSYS, as before Linux 3.17
  kSeed,         // getrandom() with EAGAIN, as before the kernel has gathered its seed
  kClockStatus,  // adjtimex() and clock_adjtime() with EPERM, as in a container
};

// For the calling thread, and whatever it starts or executes, for ever: system calls of this
// program's own processor. False where the kernel has no such filters.
[[nodiscard]] bool deny(std::span<const Denied> calls);

}  // namespace observatory::test
