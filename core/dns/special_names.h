// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "core/dns/addresses.h"
#include "platform/interface/resolver.h"

namespace observatory {

// What is known of a name without asking anybody:
//   an IP literal                kFound, itself
//   localhost and all below it   kFound, 127.0.0.1 and ::1 (RFC 6761 section 6.3)
//   invalid and all below it     kNotFound (RFC 6761 section 6.4)
//   onion and all below it       kNotFound: no name for the DNS, and asking would tell it (RFC 7686
//                                section 2)
// kPending for every other name. Addresses are added to `into`.
LookupState known_without_asking(std::string_view name, DnsAddresses& into);

}  // namespace observatory
