// SPDX-License-Identifier: MIT
#include "platform/mbedtls/mbedtls_memory.h"

#include <cstdlib>

namespace observatory::mbedtls {
namespace {

// The library hands its hooks no context of ours.
Arena* current = nullptr;

void* allocate(std::size_t count, std::size_t size) {
  if (current != nullptr) return current->allocate(count, size);
  if constexpr (kEngineArena == 0) return std::calloc(count, size);
  return nullptr;
}

void release(void* block) {
  if (current != nullptr) return current->release(block);
  if constexpr (kEngineArena == 0) std::free(block);
}

}  // namespace

void take_over_memory() { compat::set_memory_hook(allocate, release); }

MemoryScope::MemoryScope(Arena* arena) : before_(current) { current = arena; }

MemoryScope::~MemoryScope() { current = before_; }

}  // namespace observatory::mbedtls
