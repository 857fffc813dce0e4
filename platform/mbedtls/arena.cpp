// SPDX-License-Identifier: MIT
#include "platform/mbedtls/arena.h"

#include <algorithm>
#include <cstring>

#if defined(__SANITIZE_ADDRESS__)
#define OBSERVATORY_POISON
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define OBSERVATORY_POISON
#endif
#endif
#if defined(OBSERVATORY_POISON)
#include <sanitizer/asan_interface.h>
#endif

namespace observatory::mbedtls {
namespace {

constexpr std::uint32_t kAlignment = 8;
constexpr std::uint32_t kUsed = 1;
constexpr std::uint32_t kHeader = Arena::kBlockOverhead;
constexpr std::uint32_t kSmallest = kHeader + kAlignment;
constexpr std::size_t kLargest = 0x8000'0000;

void require(bool holds) {
  if (!holds) __builtin_trap();
}

void poison([[maybe_unused]] const void* start, [[maybe_unused]] std::size_t size) {
#if defined(OBSERVATORY_POISON)
  ASAN_POISON_MEMORY_REGION(start, size);
#endif
}

void unpoison([[maybe_unused]] const void* start, [[maybe_unused]] std::size_t size) {
#if defined(OBSERVATORY_POISON)
  ASAN_UNPOISON_MEMORY_REGION(start, size);
#endif
}

}  // namespace

// What stands in front of a block. The blocks fill the memory without a gap, free ones never side
// by side; behind the last stands a header alone, of size 0 and in use.
//
// Sizes count the header. Each is known twice, to its block and to the next one, where it comes
// first: a write beyond the end spoils it.
struct Arena::Block {
  std::uint32_t before;  // size of the block before; 0 for the first
  std::uint32_t tag;     // size, a multiple of kAlignment, and kUsed

  std::uint32_t size() const { return tag & ~kUsed; }
  bool used() const { return (tag & kUsed) != 0; }
  std::uint8_t* payload() { return reinterpret_cast<std::uint8_t*>(this) + kHeader; }
  Block* next() { return reinterpret_cast<Block*>(reinterpret_cast<std::uint8_t*>(this) + size()); }
  Block* previous() {
    return reinterpret_cast<Block*>(reinterpret_cast<std::uint8_t*>(this) - before);
  }
};

Arena::Arena(MutableByteView memory) {
  static_assert(sizeof(Block) == kBlockOverhead);
  const std::size_t skipped = -reinterpret_cast<std::uintptr_t>(memory.data()) % kAlignment;
  require(memory.size() >= skipped + kSmallest + kHeader);
  start_ = memory.data() + skipped;
  size_ =
      static_cast<std::uint32_t>(std::min(memory.size() - skipped, kLargest)) & ~(kAlignment - 1);
  clear();
}

Arena::~Arena() { unpoison(start_, size_); }

Arena::Block* Arena::first() const { return reinterpret_cast<Block*>(start_); }

Arena::Block* Arena::last() const { return reinterpret_cast<Block*>(start_ + size_ - kHeader); }

// Of a place before the memory it is beyond size_.
std::size_t Arena::offset_of(const void* place) const {
  return reinterpret_cast<std::uintptr_t>(place) - reinterpret_cast<std::uintptr_t>(start_);
}

// Ends the program unless `block`, which starts within the memory, and the next one agree.
void Arena::check(Block* block) const {
  const std::uint32_t size = block->size();
  require(size >= kSmallest && size <= size_ - kHeader - offset_of(block));
  require(block->next()->before == size);
}

void Arena::clear() {
  unpoison(start_, size_);
  in_use_ = most_in_use_ = farthest_ = search_from_ = 0;
  exhausted_ = false;
  first()->before = 0;
  make_free(first(), size_ - kHeader);
  last()->tag = kUsed;
}

void Arena::make_free(Block* block, std::uint32_t size) {
  block->tag = size;
  block->next()->before = size;
  poison(block->payload(), size - kHeader);
}

void* Arena::allocate(std::size_t count, std::size_t size) {
  if (size != 0 && count > size_ / size) {
    exhausted_ = true;
    return nullptr;
  }
  const std::size_t bytes = count * size;
  const std::uint32_t wanted =
      kHeader +
      std::max(static_cast<std::uint32_t>(bytes + kAlignment - 1) & ~(kAlignment - 1), kAlignment);
  Block* block = reinterpret_cast<Block*>(start_ + search_from_);
  const Block* passed = nullptr;  // the first free one that is too small
  for (; block != last(); block = block->next()) {
    check(block);
    if (block->used()) continue;
    if (block->size() >= wanted) break;
    if (passed == nullptr) passed = block;
  }
  if (block == last()) {
    exhausted_ = true;
    return nullptr;
  }
  const std::uint32_t rest = block->size() - wanted;
  if (rest >= kSmallest) {
    unpoison(block->payload() + wanted - kHeader, kHeader);
    block->tag = wanted;
    block->next()->before = wanted;
    make_free(block->next(), rest);
  }
  block->tag |= kUsed;
  search_from_ = static_cast<std::uint32_t>(offset_of(passed == nullptr ? block->next() : passed));
  in_use_ += block->size();
  most_in_use_ = std::max(most_in_use_, in_use_);
  farthest_ = std::max(farthest_, static_cast<std::uint32_t>(offset_of(block->next())));
  unpoison(block->payload(), bytes);
  std::memset(block->payload(), 0, bytes);
  return block->payload();
}

void Arena::release(void* payload) {
  if (payload == nullptr) return;
  const std::size_t offset = offset_of(payload);
  require(offset >= kHeader && offset < size_ && offset % kAlignment == 0);
  Block* block = reinterpret_cast<Block*>(static_cast<std::uint8_t*>(payload) - kHeader);
  require(block->used());
  check(block);
  std::uint32_t size = block->size();
  in_use_ -= size;
  const Block* next = block->next();
  if (!next->used()) size += next->size();
  if (block->before != 0) {
    require(block->before <= offset - kHeader);
    Block* previous = block->previous();
    require(previous->size() == block->before);
    if (!previous->used()) {
      block->tag = 0;  // so that a second release() finds nothing in use here
      size += previous->size();
      block = previous;
    }
  }
  make_free(block, size);
  search_from_ = std::min(search_from_, static_cast<std::uint32_t>(offset_of(block)));
}

}  // namespace observatory::mbedtls
