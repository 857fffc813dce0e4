// SPDX-License-Identifier: MIT
// Chains by the hash of their first block, which a server gives in server.features.
//
// Hashes: Bitcoin Core, src/kernel/chainparams.cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace observatory::host {

// The genesis hash, in lower case, that `chain` means: a name ("bitcoin", "testnet3" or "testnet",
// "testnet4", "signet", "regtest") or a hash of 64 hexadecimal digits; absent for anything else.
std::optional<std::string> genesis_of(std::string_view chain);

// The name of a chain; empty for a hash that has none here.
std::string_view chain_name(std::string_view genesis);

// `text` in lower case when it is 64 hexadecimal digits; else empty. A server may write anything.
std::string genesis_hash(std::string_view text);

}  // namespace observatory::host
