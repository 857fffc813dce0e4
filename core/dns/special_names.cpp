// SPDX-License-Identifier: MIT
#include "core/dns/special_names.h"

#include <array>

#include "core/base/ip_text.h"
#include "core/dns/name.h"

namespace observatory {

LookupState known_without_asking(std::string_view name, DnsAddresses& into) {
  IpAddress literal;
  if (read_ip(name, literal)) {
    into.add(ByteView(literal.bytes).first(literal.family == IpAddress::Family::kV4 ? 4 : 16));
    return LookupState::kFound;
  }
  if (!name.empty() && name.back() == '.') name.remove_suffix(1);
  const std::size_t dot = name.rfind('.');  // npos + 1 is the front
  const ByteView top = as_bytes(name.substr(dot + 1));
  if (same_without_case(top, as_bytes("localhost"))) {
    static constexpr std::array<std::uint8_t, 4> kV4Loopback = {127, 0, 0, 1};
    static constexpr std::array<std::uint8_t, 16> kV6Loopback = {0, 0, 0, 0, 0, 0, 0, 0,
                                                                 0, 0, 0, 0, 0, 0, 0, 1};
    into.add(kV4Loopback);
    into.add(kV6Loopback);
    return LookupState::kFound;
  }
  const bool nowhere =
      same_without_case(top, as_bytes("onion")) || same_without_case(top, as_bytes("invalid"));
  return nowhere ? LookupState::kNotFound : LookupState::kPending;
}

}  // namespace observatory
