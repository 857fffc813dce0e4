// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "targets/observatory/snapshot/snapshot.h"

namespace observatory::host {

// The servers (places in Snapshot::servers, in their order) that `key` means: a name of one; or an
// endpoint as `host:port` or `host:port:t`; or an address, which several may have. Case of letters
// aside. Empty when there is none.
std::vector<std::uint32_t> servers_named(const Snapshot& snapshot, std::string_view key);

// Up to `most` names of servers and hosts that are most like `key`, the closest first: by
// Levenshtein distance, ties by name. Names that have little in common with it are left out.
std::vector<std::string> closest_names(const Snapshot& snapshot, std::string_view key,
                                       std::size_t most = 3);

}  // namespace observatory::host
