// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <compare>
#include <cstdint>

namespace observatory {

// An IP address. IPv4 uses the first four of `bytes`, the rest is zero. Network byte order.
struct IpAddress {
  enum class Family : std::uint8_t { kV4, kV6 };

  Family family = Family::kV4;
  std::array<std::uint8_t, 16> bytes{};

  friend constexpr bool operator==(const IpAddress&, const IpAddress&) = default;
};

// Where a stream leads: an address and a TCP port.
struct SocketAddress {
  IpAddress ip;
  std::uint16_t port = 0;

  friend constexpr bool operator==(const SocketAddress&, const SocketAddress&) = default;
};

}  // namespace observatory
