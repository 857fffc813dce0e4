// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstring>

#include "platform/interface/bytes.h"

namespace observatory::mbedtls {

// Bytes on their way between two callers of different pace: first in, first out, bounded.
template <std::size_t kCapacity>
class ByteQueue final {
 public:
  std::size_t size() const { return end_ - begin_; }
  std::size_t room() const { return kCapacity - size(); }
  bool empty() const { return begin_ == end_; }
  void clear() { begin_ = end_ = 0; }

  // Takes as much of `bytes` as fits; returns how many.
  std::size_t put(ByteView bytes) {
    const std::size_t count = std::min(bytes.size(), room());
    if (count == 0) return 0;
    if (count > kCapacity - end_) {
      std::memmove(bytes_.data(), bytes_.data() + begin_, size());
      end_ = size();
      begin_ = 0;
    }
    std::memcpy(bytes_.data() + end_, bytes.data(), count);
    end_ += count;
    return count;
  }

  // Gives as many bytes as there are and `into` holds; returns how many.
  std::size_t take(MutableByteView into) {
    const std::size_t count = std::min(into.size(), size());
    if (count == 0) return 0;
    std::memcpy(into.data(), bytes_.data() + begin_, count);
    begin_ += count;
    if (empty()) clear();
    return count;
  }

 private:
  std::array<std::uint8_t, kCapacity> bytes_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace observatory::mbedtls
