// SPDX-License-Identifier: MIT
#pragma once

#include "platform/interface/bytes.h"

namespace observatory {

// Reads big-endian numbers and slices from the front of a view. A read beyond the end answers
// zero or an empty view and makes failed() true from then on.
class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : rest_(bytes) {}

  bool failed() const { return failed_; }
  bool at_end() const { return rest_.empty(); }
  ByteView rest() const { return rest_; }

  ByteView take(std::size_t count) {
    if (failed_ || count > rest_.size()) {
      failed_ = true;
      return {};
    }
    const ByteView taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }

  // `width` bytes, 1 to 8, most significant first.
  std::uint64_t take_unsigned(std::size_t width) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : take(width)) value = value << 8 | byte;
    return value;
  }

  // A length of `width` bytes, 1 to 4.
  std::size_t take_length(std::size_t width) {
    return static_cast<std::size_t>(take_unsigned(width));
  }

  std::uint8_t take_byte() { return static_cast<std::uint8_t>(take_unsigned(1)); }

 private:
  ByteView rest_;
  bool failed_ = false;
};

}  // namespace observatory
