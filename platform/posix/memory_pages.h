// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

#include "platform/interface/bytes.h"

namespace observatory::posix {

// Memory straight from the kernel, zeroed, in place of an allocator: what a program takes once at
// its start needs none. Pages count against the machine's memory when they are first written to.
class MemoryPages {
 public:
  explicit MemoryPages(std::size_t size);
  ~MemoryPages();
  MemoryPages(const MemoryPages&) = delete;
  MemoryPages& operator=(const MemoryPages&) = delete;

  // Null when the kernel refused, or for no bytes.
  std::uint8_t* data() const { return data_; }
  MutableByteView bytes() const { return {data_, data_ == nullptr ? 0 : size_}; }

 private:
  std::uint8_t* data_ = nullptr;
  std::size_t size_;
};

}  // namespace observatory::posix
