// SPDX-License-Identifier: MIT
#include "platform/posix/posix_random.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/random.h>
#include <unistd.h>

#include "platform/posix/errno_mapping.h"

namespace observatory::posix {
namespace {

// Reading /dev/urandom never waits, even when the pool was never seeded; /dev/random turns
// readable only afterwards. libsodium asks the same way (jedisct1/libsodium:
// src/libsodium/randombytes/sysrandom/randombytes_sysrandom.c).
bool pool_is_seeded() {
  const int device = ::open("/dev/random", O_RDONLY | O_CLOEXEC);
  if (device < 0) return false;
  pollfd wish{device, POLLIN, 0};
  int answer = 0;
  do {
    answer = ::poll(&wish, 1, -1);
  } while (answer < 0 && is_interrupted(last_error()));
  ::close(device);
  return answer == 1 && (wish.revents & POLLIN) != 0;
}

bool fill_from_device(MutableByteView into) {
  if (!pool_is_seeded()) return false;
  const int device = ::open("/dev/urandom", O_RDONLY | O_CLOEXEC);
  if (device < 0) return false;
  while (!into.empty()) {
    const ssize_t count = ::read(device, into.data(), into.size());
    if (count < 0 && is_interrupted(last_error())) continue;
    if (count <= 0) break;
    into = into.subspan(static_cast<std::size_t>(count));
  }
  ::close(device);
  return into.empty();
}

}  // namespace

bool PosixRandom::fill(MutableByteView into) {
  while (!into.empty()) {
    const ssize_t count = ::getrandom(into.data(), into.size(), 0);
    if (count > 0) {
      into = into.subspan(static_cast<std::size_t>(count));
      continue;
    }
    if (count < 0 && is_interrupted(last_error())) continue;
    return count < 0 && is_missing_call(last_error()) && fill_from_device(into);
  }
  return true;
}

}  // namespace observatory::posix
