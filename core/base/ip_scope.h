// SPDX-License-Identifier: MIT
// Where on the internet an address leads to: everywhere, or only into somebody's own network.
#pragma once

#include "platform/interface/address.h"

namespace observatory {

// Whether the address is one of a host that everybody can reach: global unicast. Not so are
//
//   IPv4  what the IANA IPv4 Special-Purpose Address Registry (RFC 6890; as of 2024-08) calls not
//         globally reachable: "this network", private, shared (CGNAT), loopback, link-local,
//         documentation, benchmarking, reserved, broadcast; the whole of 192.0.0.0/24 and the
//         former relays of 6to4; multicast (224.0.0.0/4).
//   IPv6  all outside 2000::/3, the only block that IANA gives out for global unicast (IPv6 Address
//         Space registry): unspecified, loopback, IPv4-mapped and IPv4-compatible addresses,
//         discard-only, SRv6, unique local, link-local, site-local, multicast; and within it what
//         the IPv6 Special-Purpose Address Registry has: 2001::/23 as a whole (Teredo,
//         benchmarking, ORCHID) and documentation.
//   Both  what carries such an IPv4 address to a gateway that may be near: NAT64 (64:ff9b::/96, RFC
//         6052, which is global otherwise), 6to4 (2002::/16, RFC 3056), ISATAP (RFC 5214 section
//         6.1). The local form of NAT64, 64:ff9b:1::/48 (RFC 8215), is never global.
//
// Says nothing of whether anybody uses the address, or whether this device has a route.
bool is_global(const IpAddress& ip);

}  // namespace observatory
