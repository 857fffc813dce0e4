// SPDX-License-Identifier: MIT
// The arena of a TLS session. The input is a row of requests: a byte below 128 asks for so many
// bytes, times 16 if the next byte is odd; any other gives one of the blocks back.
//
// Whatever the order: blocks are zero, keep what is written to them, and leave nothing behind.
#include "platform/mbedtls/arena.h"
#include "tests/fuzz/fuzz.h"

namespace observatory::fuzz {
namespace {

struct Held {
  std::uint8_t* block;
  std::size_t size;
  std::uint8_t content;

  bool keeps() const {
    return std::all_of(block, block + size, [this](std::uint8_t byte) { return byte == content; });
  }
};

}  // namespace
}  // namespace observatory::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace observatory;
  using namespace observatory::fuzz;
  Input input(data, size);
  alignas(8) std::array<std::uint8_t, 4096> memory;
  memory.fill(0xA5);
  mbedtls::Arena arena(memory);
  std::vector<Held> held;
  std::uint8_t content = 0;
  while (!input.empty()) {
    const std::size_t request = input.byte();
    if (request >= 128) {
      if (held.empty()) continue;
      const auto chosen = held.begin() + static_cast<std::ptrdiff_t>(request % held.size());
      require(chosen->keeps(), "a block keeps what was written to it");
      arena.release(chosen->block);
      held.erase(chosen);
      continue;
    }
    const std::size_t times = input.byte() % 2 == 1 ? 16 : 1;
    Held one{static_cast<std::uint8_t*>(arena.allocate(times, request)), times * request, 0};
    if (one.block == nullptr) {
      require(arena.exhausted(), "a refusal is told");
      continue;
    }
    require(one.keeps(), "a new block is zero");
    one.content = ++content;
    std::fill_n(one.block, one.size, one.content);
    held.push_back(one);
  }
  require(arena.in_use() <= arena.most_in_use() && arena.most_in_use() <= arena.farthest() &&
              arena.farthest() <= arena.size(),
          "the marks agree");
  for (const Held& one : held) {
    require(one.keeps(), "a block keeps what was written to it");
    arena.release(one.block);
  }
  require(arena.in_use() == 0, "nothing is left behind");
  require(arena.allocate(arena.size() - 16, 1) != nullptr, "all of it is free in one piece");
  return 0;
}
