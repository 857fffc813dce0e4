// SPDX-License-Identifier: MIT
#pragma once

#include <array>

#include "platform/interface/bytes.h"

namespace observatory {

using Sha256 = std::array<std::uint8_t, 32>;

// SHA-256 (FIPS 180-4) of bytes that come in pieces: start, update any number of times, finish.
// One computation at a time; start() forgets an unfinished one.
class Digest {
 public:
  virtual void start() = 0;
  virtual void update(ByteView bytes) = 0;
  virtual void finish(Sha256& into) = 0;

 protected:
  ~Digest() = default;
};

}  // namespace observatory
