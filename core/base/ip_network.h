// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "platform/interface/address.h"

namespace observatory {

// All addresses that have their first `bits` bits in common with `ip`.
struct IpNetwork {
  IpAddress ip;  // the other bits are zero
  unsigned bits = 0;
};

// The network of that size which an address lies in. `bits` is at most 32 or 128.
IpNetwork network_of(const IpAddress& ip, unsigned bits);

bool contains(const IpNetwork& network, const IpAddress& ip);

// Reads `a.b.c.d/n`, `v6/n`, or an address alone, which is a network of one. False, and `into`
// undefined, for anything else.
[[nodiscard]] bool read_network(std::string_view text, IpNetwork& into);

// This machine itself: 127.0.0.0/8 and ::1 (RFC 6890), and the IPv6 form of the former.
bool is_loopback(const IpAddress& ip);

// The IPv4 address that an IPv6 address leads to, where it is one in other clothes: IPv4-mapped
// (::ffff:0:0/96, RFC 4291 section 2.5.5.2) or through a NAT64 (64:ff9b::/96, RFC 6052). Any other
// address as it is.
IpAddress plain_form(const IpAddress& ip);

}  // namespace observatory
