// SPDX-License-Identifier: MIT
#pragma once

#include "platform/interface/bytes.h"

namespace observatory {

// Takes bytes in pieces of any size, in order. What happens when it is full is its own affair
// and asked of it, not of each put().
class ByteSink {
 public:
  virtual void put(ByteView bytes) = 0;
  void put(std::string_view text) { put(as_bytes(text)); }
  void put_byte(std::uint8_t byte) { put(ByteView(&byte, 1)); }

 protected:
  ~ByteSink() = default;
};

}  // namespace observatory
