// SPDX-License-Identifier: MIT
// What is different about a visit that leads through a proxy.
#pragma once

#include <string_view>

#include "core/record/outcome.h"
#include "platform/interface/proxy.h"

namespace observatory {

// A name that only Tor knows (RFC 7686 section 1).
bool is_onion(std::string_view host);

// How a visit ends whose stream the proxy did not open. `why` is what the network said of it, or
// kTimedOut when the visit's time was over.
Outcome outcome_of_proxy(const ProxyProgress& progress, NetError why);

}  // namespace observatory
