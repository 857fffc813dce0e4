// SPDX-License-Identifier: MIT
// What is different about a visit that leads through a proxy.
#pragma once

#include <string_view>

#include "core/record/outcome.h"
#include "platform/interface/digest.h"
#include "platform/interface/proxy.h"

namespace observatory {

// A name that only Tor knows (RFC 7686 section 1).
bool is_onion(std::string_view host);

// What stands for a name wherever servers are told apart by their address, and the name has none
// here because the proxy looks it up. Always the same for a name, and different from other names'
// within the first 48 bits; never a server's own address, since 100::/8 is reserved (IANA, Internet
// Protocol Version 6 Address Space).
IpAddress stand_in(std::string_view name, Digest& digest);

// How a visit ends whose stream the proxy did not open. `why` is what the network said of it, or
// kTimedOut when the visit's time was over.
Outcome outcome_of_proxy(const ProxyProgress& progress, NetError why);

}  // namespace observatory
