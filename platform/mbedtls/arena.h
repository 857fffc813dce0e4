// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "platform/interface/bytes.h"

namespace observatory::mbedtls {

// A heap within one piece of memory that belongs to the caller: what one TLS session allocates is
// bounded, and no session can take what is another's.
//
// First fit from the front, neighbours merged when they become free; the time of an allocation
// grows with the number of blocks behind the first free one. A TLS session has 50 to 200 blocks,
// most of them in front of it. Each block has 8 bytes in front of it. Blocks are aligned to 8
// bytes, which is enough for every type but vectors and `long double`; mbedTLS stores neither.
//
// A search checks the blocks that it passes, and giving a block back checks that one and the next.
// What is found written beyond its end, was given back twice or never handed out ends the program.
// AddressSanitizer sees what is free as poisoned.
class Arena final {
 public:
  static constexpr std::size_t kBlockOverhead = 8;

  // `memory` outlives the arena. At least 24 bytes; of what lies beyond 2 GiB no use is made.
  explicit Arena(MutableByteView memory);
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // `count` times `size` bytes, all zero, as calloc() gives them. Null when there is no room, or no
  // such number; exhausted() tells of it from then on. Nothing asked for is a block all the same.
  [[nodiscard]] void* allocate(std::size_t count, std::size_t size);

  // Takes a block back; null is allowed.
  void release(void* block);

  // Forgets all blocks, whoever holds them, the marks below, and that a request was refused.
  void clear();

  // True once a request was refused.
  bool exhausted() const { return exhausted_; }

  // Bytes in blocks, with what stands in front of them: now, and the most there were at a time.
  std::size_t in_use() const { return in_use_; }
  std::size_t most_in_use() const { return most_in_use_; }
  // Where the last block ended that reached farthest: what an arena needs if nothing else changes.
  std::size_t farthest() const { return farthest_; }
  std::size_t size() const { return size_; }

 private:
  struct Block;

  Block* first() const;
  Block* last() const;
  std::size_t offset_of(const void* place) const;
  void check(Block* block) const;
  static void make_free(Block* block, std::uint32_t size);

  std::uint8_t* start_;
  std::uint32_t size_;
  std::uint32_t in_use_ = 0;
  std::uint32_t most_in_use_ = 0;
  std::uint32_t farthest_ = 0;
  std::uint32_t search_from_ = 0;  // offset of a block, before which none is free
  bool exhausted_ = false;
};

// An arena with memory of its own, or none at all: get() is null with 0 bytes.
template <std::size_t kBytes>
class OwnArena final {
 public:
  Arena* get() { return &arena_; }

 private:
  // The memory is left as it is: pages that no handshake reaches are never touched.
  alignas(8) std::array<std::uint8_t, kBytes> memory_;
  Arena arena_{memory_};
};

template <>
class OwnArena<0> final {
 public:
  static Arena* get() { return nullptr; }
};

}  // namespace observatory::mbedtls
