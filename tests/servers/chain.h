// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace observatory::demo {

// A made-up block chain. The newest 2,016 headers are linked: each holds the double SHA-256 of the
// one before. Nobody mined them, so their hashes do not meet their target. Height 0 is the real
// genesis header; headers in between are filler without links.
class Chain {
 public:
  static constexpr int kLinked = 2016;
  using Header = std::array<unsigned char, 80>;

  static Chain mainnet(uint64_t seed);  // tip: 900,000 + 0..999 blocks
  static Chain testnet(uint64_t seed);  // tip: 4,000,000 + 0..999 blocks

  int tip() const { return tip_; }
  const std::string& genesis_hash() const { return genesis_hash_; }  // as features write it

  // 160 hexadecimal characters; empty above the tip and below 0.
  std::string header_hex(int height) const;

 private:
  Chain(uint64_t seed, const char* label, int base, const char* genesis_hex);

  uint64_t seed_;
  int tip_;
  std::string genesis_hex_;
  std::string genesis_hash_;
  std::vector<Header> headers_;  // heights tip_ - kLinked + 1 .. tip_
};

}  // namespace observatory::demo
