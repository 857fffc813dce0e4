// SPDX-License-Identifier: MIT
#include "platform/mbedtls/arena.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <iterator>
#include <limits>
#include <map>
#include <random>
#include <vector>

#include "tests/catch2.h"

namespace observatory::mbedtls {
namespace {

template <std::size_t kBytes>
struct Memory {
  Memory() { bytes.fill(0xA5); }

  alignas(8) std::array<std::uint8_t, kBytes> bytes;
};

std::uint8_t* bytes_of(void* block) { return static_cast<std::uint8_t*>(block); }

// True if a process that does this comes to a bad end.
bool ends_the_program(const std::function<void()>& what) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::dup2(::open("/dev/null", O_WRONLY), STDERR_FILENO);
    for (const int signal : {SIGILL, SIGTRAP, SIGABRT, SIGSEGV}) ::signal(signal, SIG_DFL);
    what();
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

TEST_CASE("what an arena gives is zero, aligned, and its own") {
  Memory<1024> memory;
  Arena arena(memory.bytes);
  std::vector<std::uint8_t*> blocks;
  for (const std::size_t size : {1U, 8U, 13U, 64U, 100U}) {
    std::uint8_t* block = bytes_of(arena.allocate(size, 1));
    REQUIRE(block != nullptr);
    CHECK(reinterpret_cast<std::uintptr_t>(block) % 8 == 0);
    CHECK(std::count(block, block + size, 0) == static_cast<std::ptrdiff_t>(size));
    CHECK(block >= memory.bytes.data());
    CHECK(block + size <= memory.bytes.data() + memory.bytes.size());
    for (const std::uint8_t* other : blocks) CHECK(block > other);
    std::memset(block, 0xFF, size);
    blocks.push_back(block);
  }
  CHECK(arena.in_use() == 16 + 16 + 24 + 72 + 112);
  for (std::uint8_t* block : blocks) arena.release(block);
  CHECK(arena.in_use() == 0);
  CHECK(arena.most_in_use() == 240);
  CHECK(arena.farthest() == 240);
  CHECK_FALSE(arena.exhausted());
}

TEST_CASE("memory that was used and given back is zero again") {
  Memory<256> memory;
  Arena arena(memory.bytes);
  void* block = arena.allocate(10, 10);
  std::memset(block, 0xFF, 100);
  arena.release(block);
  std::uint8_t* again = bytes_of(arena.allocate(1, 200));
  REQUIRE(again == block);
  CHECK(std::count(again, again + 200, 0) == 200);
}

TEST_CASE("neighbours grow together whatever the order in which they are given back") {
  std::array<std::size_t, 4> order = {0, 1, 2, 3};
  do {
    Memory<4 * 72 + 8> memory;
    Arena arena(memory.bytes);
    std::array<void*, 4> blocks{};
    for (void*& block : blocks) block = arena.allocate(64, 1);
    REQUIRE(blocks[3] != nullptr);
    CHECK_FALSE(arena.exhausted());
    for (const std::size_t i : order) arena.release(blocks[i]);
    CHECK(arena.allocate(4 * 72 - 8, 1) == blocks[0]);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("all of the memory can be had, and a byte more is refused") {
  for (const std::size_t size : {24U, 32U, 1000U}) {
    Memory<1000> memory;
    Arena arena{std::span(memory.bytes).first(size)};
    void* all = arena.allocate(size - 16, 1);
    REQUIRE(all != nullptr);
    CHECK_FALSE(arena.exhausted());
    arena.release(all);
    CHECK(arena.allocate(size - 15, 1) == nullptr);
    CHECK(arena.exhausted());
    CHECK(arena.allocate(size - 16, 1) == all);
    CHECK(arena.exhausted());
    arena.clear();
    CHECK_FALSE(arena.exhausted());
    CHECK(arena.in_use() == 0);
    CHECK(arena.most_in_use() == 0);
    CHECK(arena.allocate(size - 16, 1) == all);
  }
}

TEST_CASE("memory that starts and ends anywhere") {
  for (std::size_t skipped = 0; skipped < 8; ++skipped) {
    for (std::size_t cut = 0; cut < 8; ++cut) {
      Memory<128> memory;
      Arena arena{std::span(memory.bytes).subspan(skipped, 128 - skipped - cut)};
      void* block = arena.allocate(arena.size() - 16, 1);
      REQUIRE(block != nullptr);
      CHECK(reinterpret_cast<std::uintptr_t>(block) % 8 == 0);
      CHECK(arena.size() > 128 - 24);
      std::memset(block, 0, arena.size() - 16);
      CHECK(std::count(memory.bytes.begin(), memory.bytes.begin() + std::ptrdiff_t(skipped),
                       0xA5) == std::ptrdiff_t(skipped));
      CHECK(std::count(memory.bytes.end() - std::ptrdiff_t(cut), memory.bytes.end(), 0xA5) ==
            std::ptrdiff_t(cut));
    }
  }
}

TEST_CASE("numbers whose product is no number are refused") {
  constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();
  Memory<256> memory;
  const std::pair<std::size_t, std::size_t> table[] = {
      {kMost, 1},     {1, kMost},         {kMost, kMost},       {kMost / 2 + 1, 2},
      {2, kMost / 2}, {kMost / 8 + 2, 8}, {kMost - 7, 1},       {1, kMost - 15},
      {257, 1},       {16, 17},           {kMost / 16 + 1, 16}, {std::size_t{1} << 31, 2}};
  for (const auto& [count, size] : table) {
    INFO(count << " times " << size);
    Arena arena(memory.bytes);
    CHECK(arena.allocate(count, size) == nullptr);
    CHECK(arena.exhausted());
    CHECK(arena.in_use() == 0);
  }
}

TEST_CASE("nothing is a block too, and giving back nothing does nothing") {
  Memory<256> memory;
  Arena arena(memory.bytes);
  void* one = arena.allocate(0, 100);
  void* two = arena.allocate(100, 0);
  CHECK(one != nullptr);
  CHECK(two != nullptr);
  CHECK(one != two);
  arena.release(nullptr);
  arena.release(one);
  arena.release(two);
  CHECK(arena.in_use() == 0);
}

TEST_CASE("misuse ends the program") {
  Memory<512> memory;
  Memory<64> elsewhere;
  Arena arena(memory.bytes);
  std::uint8_t* one = bytes_of(arena.allocate(64, 1));
  std::uint8_t* two = bytes_of(arena.allocate(64, 1));
  std::uint8_t* three = bytes_of(arena.allocate(64, 1));
  REQUIRE(three != nullptr);
  CHECK_FALSE(ends_the_program([&] { arena.release(two); }));
  CHECK(ends_the_program([&] {
    arena.release(two);
    arena.release(two);
  }));
  CHECK(ends_the_program([&] {
    arena.release(one);
    arena.release(two);
    arena.release(two);
  }));
  CHECK(ends_the_program([&] {
    arena.release(three);
    arena.release(three);
  }));
  CHECK(ends_the_program([&] { arena.release(two + 8); }));
  CHECK(ends_the_program([&] { arena.release(two + 1); }));
  CHECK(ends_the_program([&] { arena.release(memory.bytes.data()); }));
  CHECK(ends_the_program([&] { arena.release(memory.bytes.data() + 512); }));
  CHECK(ends_the_program([&] { arena.release(elsewhere.bytes.data() + 8); }));
  CHECK(ends_the_program([&] { arena.release(reinterpret_cast<void*>(8)); }));
  CHECK(ends_the_program([&] {
    std::memset(two, 0xFF, 65);
    arena.release(two);
  }));
  CHECK(ends_the_program([&] {
    std::memset(two, 0, 72);
    arena.release(three);
  }));
  CHECK(ends_the_program([&] {
    arena.release(one);
    std::memset(two, 0, 72);
    if (arena.allocate(65, 1) == nullptr) ::_exit(0);  // the first hole is too small
  }));
  CHECK(ends_the_program([] {
    std::array<std::uint8_t, 16> little{};
    const Arena refused(little);
  }));
}

// First fit as the header file tells it, out of nothing but the blocks in use.
class Model {
 public:
  explicit Model(std::size_t size) : size_(size - 8) {}

  // Where a block goes, counted from the start of the memory; nowhere is `size`.
  std::size_t allocate(std::size_t bytes) {
    const std::size_t wanted = 8 + std::max<std::size_t>(8, (bytes + 7) / 8 * 8);
    std::size_t at = 0;
    for (auto next = blocks_.begin();; ++next) {
      const std::size_t end = next == blocks_.end() ? size_ : next->first;
      if (end - at >= wanted) {
        // What is left must hold a block.
        blocks_[at] = end - at - wanted < 16 ? end - at : wanted;
        return at + 8;
      }
      if (next == blocks_.end()) return size_;
      at = next->first + next->second;
    }
  }

  void release(std::size_t at) { blocks_.erase(at - 8); }

  std::size_t in_use() const {
    std::size_t sum = 0;
    for (const auto& [at, size] : blocks_) sum += size;
    return sum;
  }

 private:
  std::size_t size_;
  std::map<std::size_t, std::size_t> blocks_;
};

TEST_CASE("an arena does what its model does") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    Memory<8192> memory;
    Arena arena(memory.bytes);
    Model model(memory.bytes.size());
    std::map<std::size_t, std::pair<std::size_t, std::uint8_t>> live;  // place: size, content
    std::size_t most = 0;
    bool refused = false;
    for (int i = 0; i < 3000; ++i) {
      INFO("seed " << seed << ", step " << i);
      // Fills up and empties again, in waves.
      if (random() % 100 < (i / 300 % 2 == 0 ? 65U : 35U)) {
        const std::size_t size = random() % (random() % 8 == 0 ? 2000 : 120);
        std::uint8_t* block = bytes_of(arena.allocate(1, size));
        const std::size_t place = model.allocate(size);
        if (place == memory.bytes.size() - 8) {
          REQUIRE(block == nullptr);
          refused = true;
        } else {
          REQUIRE(block == memory.bytes.data() + place);
          REQUIRE(std::count(block, block + size, 0) == static_cast<std::ptrdiff_t>(size));
          const auto content = static_cast<std::uint8_t>(random());
          std::memset(block, content, size);
          live[place] = {size, content};
        }
      } else if (!live.empty()) {
        const auto chosen =
            std::next(live.begin(), static_cast<std::ptrdiff_t>(random() % live.size()));
        const auto [size, content] = chosen->second;
        std::uint8_t* block = memory.bytes.data() + chosen->first;
        REQUIRE(std::count(block, block + size, content) == static_cast<std::ptrdiff_t>(size));
        arena.release(block);
        model.release(chosen->first);
        live.erase(chosen);
      }
      most = std::max(most, model.in_use());
      REQUIRE(arena.in_use() == model.in_use());
      REQUIRE(arena.most_in_use() == most);
      REQUIRE(arena.exhausted() == refused);
    }
    CHECK(refused);
    for (const auto& [place, what] : live) arena.release(memory.bytes.data() + place);
    CHECK(arena.in_use() == 0);
    CHECK(arena.allocate(memory.bytes.size() - 16, 1) != nullptr);
  }
}

TEST_CASE("an arena of no bytes is none") {
  OwnArena<0> none;
  CHECK(none.get() == nullptr);
  OwnArena<1024> own;
  REQUIRE(own.get() != nullptr);
  CHECK(own.get()->size() == 1024);
  CHECK(sizeof(own) <= 1024 + 40);
}

}  // namespace
}  // namespace observatory::mbedtls
