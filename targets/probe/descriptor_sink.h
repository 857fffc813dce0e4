// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/byte_sink.h"

namespace observatory {

// Writes to a file descriptor through a buffer of its owner: what fits the buffer goes out in one
// write, and not before flush(). Short writes, interrupts by signals and a descriptor that does not
// wait are made good.
class DescriptorSink final : public ByteSink {
 public:
  // The buffer has at least one byte and outlives the sink.
  DescriptorSink(int descriptor, MutableByteView buffer)
      : descriptor_(descriptor), buffer_(buffer) {}

  void put(ByteView bytes) override;
  using ByteSink::put;

  // Writes what is held back. False when anything since the beginning could not be written;
  // posix::last_error() then tells why, if asked at once. Nothing is written after a failure.
  [[nodiscard]] bool flush();

 private:
  int descriptor_;
  MutableByteView buffer_;
  std::size_t used_ = 0;
  bool failed_ = false;
};

}  // namespace observatory
