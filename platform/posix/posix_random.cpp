// SPDX-License-Identifier: MIT
#include "platform/posix/posix_random.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/random.h>
#include <unistd.h>

#include "platform/posix/errno_mapping.h"
#include "platform/posix/posix_clock.h"

namespace observatory::posix {
namespace {

constexpr int kPauseMs = 100;  // between two looks at a pool that is being seeded

// Reading /dev/urandom never waits, even when the pool was never seeded; /dev/random turns
// readable only afterwards. libsodium asks the same way (jedisct1/libsodium:
// src/libsodium/randombytes/sysrandom/randombytes_sysrandom.c).
Seed seed_of(const char* random) {
  const int device = ::open(random, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (device < 0) return Seed::kNone;
  pollfd wish{device, POLLIN, 0};
  const bool readable = ::poll(&wish, 1, 0) == 1 && (wish.revents & POLLIN) != 0;
  ::close(device);
  return readable ? Seed::kReady : Seed::kNotYet;
}

}  // namespace

PosixRandom::~PosixRandom() {
  if (device_ >= 0) ::close(device_);
}

bool PosixRandom::fill(MutableByteView into) { return try_to_fill(into) == Seed::kReady; }

Seed PosixRandom::wait_for_seed(Micros longest) {
  const Instant deadline = monotonic_now() + longest;
  std::uint8_t byte = 0;
  for (;;) {
    const Seed seed = try_to_fill({&byte, 1});
    if (seed != Seed::kNotYet || monotonic_now() >= deadline) return seed;
    if (::poll(nullptr, 0, kPauseMs) < 0) return seed;
  }
}

Seed PosixRandom::try_to_fill(MutableByteView into) {
  while (!into.empty()) {
    const ssize_t count = ::getrandom(into.data(), into.size(), GRND_NONBLOCK);
    if (count > 0) {
      into = into.subspan(static_cast<std::size_t>(count));
    } else if (count == 0 || !is_interrupted(last_error())) {
      if (count < 0 && is_not_now(last_error())) return Seed::kNotYet;
      return count < 0 && is_missing_call(last_error()) ? fill_from_device(into) : Seed::kNone;
    }
  }
  return Seed::kReady;
}

// The pool of an old kernel runs low after it was seeded, which is no reason to wait again: it is
// asked about once.
Seed PosixRandom::fill_from_device(MutableByteView into) {
  if (device_ < 0) {
    const Seed seed = seed_of(devices_.random);
    if (seed != Seed::kReady) return seed;
    device_ = ::open(devices_.urandom, O_RDONLY | O_CLOEXEC);
    if (device_ < 0) return Seed::kNone;
  }
  while (!into.empty()) {
    const ssize_t count = ::read(device_, into.data(), into.size());
    if (count > 0) {
      into = into.subspan(static_cast<std::size_t>(count));
    } else if (count == 0 || !is_interrupted(last_error())) {
      return Seed::kNone;
    }
  }
  return Seed::kReady;
}

}  // namespace observatory::posix
