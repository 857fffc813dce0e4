// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string_view>

#include "core/run/endpoint.h"

namespace observatory {

// A list of servers that travels with the program (servers/*.txt, with source and date in their
// first lines).
struct BundledList {
  std::string_view chain;
  std::string_view text;
};

std::span<const BundledList> bundled_lists();

// Electrum's default ports on a chain (spesmilo/electrum electrum/constants.py).
DefaultPorts default_ports(std::string_view chain);

}  // namespace observatory
