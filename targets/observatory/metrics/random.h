// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>

namespace observatory::host {

// Numbers that look random and are the same for the same seed, on every machine and with every
// standard library (whose distributions differ): xoshiro256** 1.0, its state filled by SplitMix64
// (Blackman and Vigna 2021, "Scrambled linear pseudorandom number generators"). Not for secrets.
class Random {
 public:
  explicit Random(std::uint64_t seed);

  std::uint64_t next();

  // From 0 to bound - 1, each equally likely (Lemire 2019, "Fast random integer generation in an
  // interval", on the upper half of next()). `bound` is at least 1.
  std::uint32_t below(std::uint32_t bound);

 private:
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace observatory::host
