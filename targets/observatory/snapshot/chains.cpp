// SPDX-License-Identifier: MIT
#include "targets/observatory/snapshot/chains.h"

#include <algorithm>
#include <array>

#include "targets/observatory/snapshot/snapshot.h"

namespace observatory::host {
namespace {

struct Chain {
  std::string_view name;
  std::string_view genesis;
};

constexpr std::array<Chain, 5> kChains = {{
    {"bitcoin", kBitcoinGenesis},
    {"testnet3", "000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943"},
    {"testnet4", "00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043"},
    {"signet", "00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6"},
    {"regtest", "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206"},
}};

}  // namespace

std::optional<std::string> genesis_of(std::string_view chain) {
  const std::string_view wanted = chain == "testnet" ? "testnet3" : chain;
  for (const Chain& one : kChains) {
    if (one.name == wanted) return std::string(one.genesis);
  }
  std::string hash = genesis_hash(chain);
  if (hash.empty()) return std::nullopt;
  return hash;
}

std::string_view chain_name(std::string_view genesis) {
  const auto* const found = std::find_if(kChains.begin(), kChains.end(),
                                         [&](const Chain& one) { return one.genesis == genesis; });
  return found == kChains.end() ? std::string_view() : found->name;
}

std::string genesis_hash(std::string_view text) {
  if (text.size() != 64) return {};
  std::string lower;
  lower.reserve(text.size());
  for (const char c : text) {
    const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    const bool upper = c >= 'A' && c <= 'F';
    if (!digit && !upper) return {};
    lower += upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return lower;
}

}  // namespace observatory::host
