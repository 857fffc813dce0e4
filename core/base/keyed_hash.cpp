// SPDX-License-Identifier: MIT
#include "core/base/keyed_hash.h"

#include <bit>

namespace observatory {
namespace {

std::uint64_t little_endian(const std::uint8_t* bytes) {
  std::uint64_t word = 0;
  for (unsigned i = 0; i < 8; ++i) word |= std::uint64_t{bytes[i]} << (8 * i);
  return word;
}

}  // namespace

KeyedHash::KeyedHash(const Key& key) {
  const std::uint64_t k0 = little_endian(key.data());
  const std::uint64_t k1 = little_endian(key.data() + 8);
  v_ = {k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261,
        k1 ^ 0x7465646279746573};
}

void KeyedHash::put(ByteView bytes) {
  for (const std::uint8_t byte : bytes) {
    word_ |= std::uint64_t{byte} << (8 * (size_ % 8));
    if (++size_ % 8 != 0) continue;
    absorb(word_);
    word_ = 0;
  }
}

std::uint64_t KeyedHash::finish() {
  absorb(word_ | size_ << 56);
  v_[2] ^= 0xff;
  for (int i = 0; i < 4; ++i) round();
  return v_[0] ^ v_[1] ^ v_[2] ^ v_[3];
}

void KeyedHash::absorb(std::uint64_t word) {
  v_[3] ^= word;
  round();
  round();
  v_[0] ^= word;
}

void KeyedHash::round() {
  v_[0] += v_[1];
  v_[2] += v_[3];
  v_[1] = std::rotl(v_[1], 13) ^ v_[0];
  v_[3] = std::rotl(v_[3], 16) ^ v_[2];
  v_[0] = std::rotl(v_[0], 32);
  v_[2] += v_[1];
  v_[0] += v_[3];
  v_[1] = std::rotl(v_[1], 17) ^ v_[2];
  v_[3] = std::rotl(v_[3], 21) ^ v_[0];
  v_[2] = std::rotl(v_[2], 32);
}

}  // namespace observatory
