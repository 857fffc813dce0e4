// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstring>

#include "core/base/byte_sink.h"
#include "core/base/status.h"

namespace observatory {

// A sink over a buffer of the caller's. Remembers overflow instead of reporting it at each put,
// and counts on, so a writer over an empty buffer measures.
class ByteWriter final : public ByteSink {
 public:
  explicit ByteWriter(MutableByteView buffer) : buffer_(buffer) {}

  void put(ByteView bytes) override {
    if (needed_ < buffer_.size()) {
      const std::size_t room = std::min(bytes.size(), buffer_.size() - needed_);
      if (room > 0) std::memcpy(buffer_.data() + needed_, bytes.data(), room);
    }
    needed_ += bytes.size();
  }
  using ByteSink::put;

  Status status() const { return needed_ <= buffer_.size() ? Status::kOk : Status::kOverflow; }

  // How many bytes were put, whether they fitted or not.
  std::size_t needed() const { return needed_; }

  // Everything that was put; empty after an overflow.
  ByteView written() const { return ok(status()) ? ByteView(buffer_.first(needed_)) : ByteView(); }
  std::string_view text() const { return as_text(written()); }

 private:
  MutableByteView buffer_;
  std::size_t needed_ = 0;
};

}  // namespace observatory
