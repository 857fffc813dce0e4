// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

namespace observatory::demo {

// SplitMix64. Everything in the demo network that varies and is not a key comes from here, so one
// seed always gives the same network. Not for secrets.
class Prng {
 public:
  explicit Prng(uint64_t seed) : state_(seed) {}

  // A stream of its own for `label`: adding a server must not move the numbers of the others.
  Prng(uint64_t seed, std::string_view label) : state_(seed) {
    for (const char c : label) {
      state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
      next();
    }
  }

  uint64_t next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

  // 0 <= result < bound; bound > 0.
  uint64_t below(uint64_t bound) { return next() % bound; }

  // low <= result <= high.
  int between(int low, int high) {
    return low + static_cast<int>(below(static_cast<uint64_t>(high - low) + 1));
  }

 private:
  uint64_t state_;
};

}  // namespace observatory::demo
