// SPDX-License-Identifier: MIT
#pragma once

#include "platform/interface/random.h"
#include "platform/interface/time.h"

namespace observatory::posix {

// Whether the device can give randomness.
enum class Seed : std::uint8_t {
  kReady,   // and will from now on
  kNotYet,  // the kernel is still gathering it, as in the first seconds after the device's start
  kNone,    // there is no getrandom(2), and the devices cannot be read: last_error() says why
};

// Where a kernel without getrandom(2) has its randomness. The paths are kept, not copied.
struct RandomDevices {
  const char* random = "/dev/random";    // turns readable once the pool has been seeded
  const char* urandom = "/dev/urandom";  // is read from then on
};

// getrandom(2); on a kernel without it, /dev/urandom once /dev/random says that the pool has
// been seeded.
class PosixRandom final : public Random {
 public:
  explicit PosixRandom(const RandomDevices& devices = {}) : devices_(devices) {}
  ~PosixRandom();
  PosixRandom(const PosixRandom&) = delete;
  PosixRandom& operator=(const PosixRandom&) = delete;

  // Never waits; false also where wait_for_seed() would.
  [[nodiscard]] bool fill(MutableByteView into) override;

  // Waits until fill() can succeed, but no longer than `longest`, and not beyond a signal.
  [[nodiscard]] Seed wait_for_seed(Micros longest);

 private:
  Seed try_to_fill(MutableByteView into);
  Seed fill_from_device(MutableByteView into);

  RandomDevices devices_;
  int device_ = -1;  // open once the pool has been seeded
};

}  // namespace observatory::posix
