// SPDX-License-Identifier: MIT
// SHA-256 (FIPS 180-4) for tests that run where no TLS library is: small, not fast.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "platform/interface/digest.h"

namespace observatory::test {

class Sha256Digest final : public Digest {
 public:
  Sha256Digest() { restart(); }

  void start() override { restart(); }
  void update(ByteView bytes) override;
  void finish(Sha256& into) override;

 private:
  static constexpr std::size_t kBlock = 64;

  void restart();
  void put(std::uint8_t byte);
  void take_block();

  std::array<std::uint32_t, 8> state_;
  std::array<std::uint8_t, kBlock> block_;
  std::size_t used_;      // bytes of block_
  std::uint64_t length_;  // bytes of the message
};

}  // namespace observatory::test
