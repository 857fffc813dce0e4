// SPDX-License-Identifier: MIT
#pragma once

#include "platform/interface/digest.h"

namespace observatory {

// SHA-256 (FIPS 180-4) without a library: for the host and for tests. A device has that of its TLS
// library.
class SoftwareSha256 final : public Digest {
 public:
  SoftwareSha256() { start(); }

  void start() override;
  void update(ByteView bytes) override;
  void finish(Sha256& into) override;

 private:
  static constexpr std::size_t kBlock = 64;

  void take_block(ByteView block);

  std::array<std::uint32_t, 8> state_;
  std::array<std::uint8_t, kBlock> waiting_;
  std::size_t used_;      // bytes of waiting_
  std::uint64_t length_;  // bytes of the message
};

}  // namespace observatory
