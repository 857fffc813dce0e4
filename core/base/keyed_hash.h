// SPDX-License-Identifier: MIT
#pragma once

#include <array>

#include "core/base/byte_sink.h"

namespace observatory {

// SipHash-2-4 (Aumasson, Bernstein: "SipHash: a fast short-input PRF", 2012): 64 bits that nobody
// who does not know the key can steer. For tables of what strangers name: with a plain hash they
// could choose names that fall together.
class KeyedHash final : public ByteSink {
 public:
  static constexpr std::size_t kKeySize = 16;
  using Key = std::array<std::uint8_t, kKeySize>;

  explicit KeyedHash(const Key& key);

  void put(ByteView bytes) override;
  using ByteSink::put;

  // Of all that was put. To be called once.
  std::uint64_t finish();

 private:
  void absorb(std::uint64_t word);
  void round();

  std::array<std::uint64_t, 4> v_;
  std::uint64_t word_ = 0;  // the bytes that do not fill a word yet, the first one lowest
  std::uint64_t size_ = 0;
};

}  // namespace observatory
