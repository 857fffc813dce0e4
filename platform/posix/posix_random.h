// SPDX-License-Identifier: MIT
#pragma once

#include "platform/interface/random.h"

namespace observatory::posix {

// getrandom(2); on a kernel without it, /dev/urandom once /dev/random says that the pool has
// been seeded. May block in the first seconds after the device's start, while the kernel
// gathers its seed; never afterwards.
class PosixRandom final : public Random {
 public:
  [[nodiscard]] bool fill(MutableByteView into) override;
};

}  // namespace observatory::posix
