// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <string_view>

#include "core/base/limits.h"
#include "platform/interface/bytes.h"

namespace observatory {

// A domain name as messages carry it: labels, each behind a byte with its length, and a zero byte
// (RFC 1035 section 3.1).
struct DnsName {
  std::array<std::uint8_t, limits::kHost> bytes;
  std::uint8_t size = 0;

  ByteView wire() const { return ByteView(bytes).first(size); }
};

// Reads a name as people write it, with or without a dot at its end: labels of 1 to 63 bytes, 255
// bytes in all when encoded (RFC 1035 section 2.3.4). Labels may hold any byte but zero and the
// dot, since there are servers whose names have an underscore, and the DNS does not mind (RFC 2181
// section 11). False, and `into` undefined, for anything else.
[[nodiscard]] bool read_dns_name(std::string_view text, DnsName& into);

// Equal without regard to the case of ASCII letters (RFC 4343). For text and for encoded names
// alike: no length of a label is a letter.
bool same_without_case(ByteView a, ByteView b);

}  // namespace observatory
