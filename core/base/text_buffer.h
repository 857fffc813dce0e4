// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstring>

#include "core/base/byte_sink.h"

namespace observatory {

// A sink with a buffer of its own that keeps the first kCapacity bytes and drops the rest.
template <std::size_t kCapacity>
class TextBuffer final : public ByteSink {
 public:
  void put(ByteView bytes) override {
    const std::size_t kept = std::min(bytes.size(), kCapacity - size_);
    if (kept > 0) std::memcpy(buffer_.data() + size_, bytes.data(), kept);
    size_ += kept;
    cut_ = cut_ || kept < bytes.size();
  }
  using ByteSink::put;

  void clear() {
    size_ = 0;
    cut_ = false;
  }

  std::string_view text() const { return as_text(ByteView(buffer_).first(size_)); }
  bool empty() const { return size_ == 0; }
  bool cut() const { return cut_; }

 private:
  std::array<std::uint8_t, kCapacity> buffer_;
  std::size_t size_ = 0;
  bool cut_ = false;
};

}  // namespace observatory
