// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace observatory {

// Whether a dNSName of a certificate covers a host name (RFC 9525 section 6.3): letters match in
// either case, a final dot does not count, and a wildcard stands for exactly one label, as the
// whole left-most label of a name with two more at least.
bool host_matches(std::string_view pattern, std::string_view host);

}  // namespace observatory
