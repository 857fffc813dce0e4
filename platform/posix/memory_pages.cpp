// SPDX-License-Identifier: MIT
#include "platform/posix/memory_pages.h"

#include <sys/mman.h>

namespace observatory::posix {

MemoryPages::MemoryPages(std::size_t size) : size_(size) {
  if (size == 0) return;
  void* const pages =
      mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages != MAP_FAILED) data_ = static_cast<std::uint8_t*>(pages);
}

MemoryPages::~MemoryPages() {
  if (data_ != nullptr) munmap(data_, size_);
}

}  // namespace observatory::posix
