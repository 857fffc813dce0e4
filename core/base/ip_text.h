// SPDX-License-Identifier: MIT
// IP addresses as text: dotted quads, and RFC 5952 for IPv6.
#pragma once

#include <string_view>

#include "core/base/byte_sink.h"
#include "platform/interface/address.h"

namespace observatory {

inline constexpr std::size_t kLongestIpText = 45;

// The address of 4 or 16 bytes in network order.
IpAddress ip_of_bytes(ByteView bytes);

void put_ip(const IpAddress& ip, ByteSink& into);

// Reads a dotted quad (four decimal numbers, no leading zeros) or an IPv6 address of RFC 4291
// section 2.2, without brackets or zone. False, and `into` undefined, for anything else.
[[nodiscard]] bool read_ip(std::string_view text, IpAddress& into);

}  // namespace observatory
