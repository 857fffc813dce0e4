// SPDX-License-Identifier: MIT
#include "tests/servers/chain.h"

#include <openssl/sha.h>

#include <algorithm>
#include <string_view>

#include "tests/servers/hex.h"
#include "tests/servers/prng.h"

namespace observatory::demo {
namespace {

constexpr const char* kMainnetGenesis =
    "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c"
    "3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c";
constexpr const char* kTestnetGenesis =
    "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c"
    "3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4adae5494dffff001d1aa4ae18";

using Hash = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

Hash double_sha256(const unsigned char* data, size_t size) {
  Hash once{};
  Hash twice{};
  SHA256(data, size, once.data());
  SHA256(once.data(), once.size(), twice.data());
  return twice;
}

void put_little_endian(uint32_t value, unsigned char* out) {
  for (int i = 0; i < 4; ++i) out[i] = static_cast<unsigned char>((value >> (8 * i)) & 0xffU);
}

Chain::Header make_header(Prng* prng, uint32_t time, const Hash& previous) {
  static constexpr std::array<uint32_t, 4> kVersions = {0x20000000, 0x27ffe000, 0x2e1c2000,
                                                        0x20400000};
  Chain::Header header{};
  put_little_endian(kVersions[prng->below(kVersions.size())], header.data());
  std::copy(previous.begin(), previous.end(), header.begin() + 4);
  for (size_t i = 36; i < 68; ++i) header[i] = static_cast<unsigned char>(prng->below(256));
  put_little_endian(time, header.data() + 68);
  put_little_endian(0x17023a04, header.data() + 72);
  put_little_endian(static_cast<uint32_t>(prng->next()), header.data() + 76);
  return header;
}

}  // namespace

Chain Chain::mainnet(uint64_t seed) { return {seed, "mainnet", 900000, kMainnetGenesis}; }
Chain Chain::testnet(uint64_t seed) { return {seed, "testnet", 4000000, kTestnetGenesis}; }

Chain::Chain(uint64_t seed, const char* label, int base, const char* genesis_hex)
    : seed_(Prng(seed, label).next()), tip_(base), genesis_hex_(genesis_hex) {
  const std::string genesis = from_hex(genesis_hex_);
  Hash hash = double_sha256(reinterpret_cast<const unsigned char*>(genesis.data()), genesis.size());
  std::reverse(hash.begin(), hash.end());
  genesis_hash_ = to_hex(hash.data(), hash.size());

  Prng prng(seed_);
  tip_ += static_cast<int>(prng.below(1000));
  uint32_t time = 1749000000U + static_cast<uint32_t>(tip_ - base) * 600U;
  Hash previous{};
  for (size_t i = 0; i < 24; ++i) previous[i] = static_cast<unsigned char>(prng.below(256));
  headers_.reserve(kLinked);
  for (int i = 0; i < kLinked; ++i) {
    time += static_cast<uint32_t>(prng.between(60, 1140));
    headers_.push_back(make_header(&prng, time, previous));
    previous = double_sha256(headers_.back().data(), headers_.back().size());
  }
}

std::string Chain::header_hex(int height) const {
  if (height < 0 || height > tip_) return {};
  if (height == 0) return genesis_hex_;
  const int index = height - (tip_ - kLinked + 1);
  if (index >= 0) return to_hex(headers_[static_cast<size_t>(index)].data(), sizeof(Header));
  Prng prng(seed_ ^ static_cast<uint64_t>(height));
  const Header filler = make_header(&prng, 1231006505U + static_cast<uint32_t>(height) * 600U, {});
  return to_hex(filler.data(), filler.size());
}

}  // namespace observatory::demo
