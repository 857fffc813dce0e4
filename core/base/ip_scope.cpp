// SPDX-License-Identifier: MIT
#include "core/base/ip_scope.h"

#include <algorithm>

#include "platform/interface/bytes.h"

namespace observatory {
namespace {

struct Block {
  std::uint32_t first;  // the first 32 bits of its addresses
  std::uint8_t bits;

  constexpr bool holds(std::uint32_t start) const { return (start ^ first) >> (32 - bits) == 0; }
};

constexpr Block kNotGlobalV4[] = {
    {0x00000000, 8},   // 0.0.0.0/8        this network, RFC 791
    {0x0A000000, 8},   // 10.0.0.0/8       private, RFC 1918
    {0x64400000, 10},  // 100.64.0.0/10    shared, RFC 6598
    {0x7F000000, 8},   // 127.0.0.0/8      loopback, RFC 1122
    {0xA9FE0000, 16},  // 169.254.0.0/16   link-local, RFC 3927
    {0xAC100000, 12},  // 172.16.0.0/12    private, RFC 1918
    {0xC0000000, 24},  // 192.0.0.0/24     protocol assignments, RFC 6890
    {0xC0000200, 24},  // 192.0.2.0/24     documentation, RFC 5737
    {0xC0586300, 24},  // 192.88.99.0/24   relays of 6to4, RFC 7526
    {0xC0A80000, 16},  // 192.168.0.0/16   private, RFC 1918
    {0xC6120000, 15},  // 198.18.0.0/15    benchmarking, RFC 2544
    {0xC6336400, 24},  // 198.51.100.0/24  documentation, RFC 5737
    {0xCB007100, 24},  // 203.0.113.0/24   documentation, RFC 5737
    {0xE0000000, 3},   // 224.0.0.0/3      multicast, reserved and broadcast, RFC 1112
};

constexpr Block kUnicastV6 = {0x20000000, 3};

constexpr Block kNotGlobalV6[] = {
    {0x20010000, 23},  // 2001::/23        protocol assignments, RFC 2928
    {0x20010DB8, 32},  // 2001:db8::/32    documentation, RFC 3849
    {0x3FFF0000, 20},  // 3fff::/20        documentation, RFC 9637
};

constexpr std::uint8_t kNat64[12] = {0x00, 0x64, 0xFF, 0x9B};

std::uint32_t word(ByteView bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
         std::uint32_t{bytes[2]} << 8 | bytes[3];
}

template <std::size_t kCount>
bool is_in(const Block (&blocks)[kCount], std::uint32_t start) {
  return std::any_of(blocks, blocks + kCount,
                     [=](const Block& block) { return block.holds(start); });
}

bool is_global_v4(ByteView address) { return !is_in(kNotGlobalV4, word(address)); }

bool is_global_v6(ByteView address) {
  if (std::equal(std::begin(kNat64), std::end(kNat64), address.begin())) {
    return is_global_v4(address.subspan(12));
  }
  const std::uint32_t start = word(address);
  if (!kUnicastV6.holds(start) || is_in(kNotGlobalV6, start)) return false;
  if (start >> 16 == 0x2002) return is_global_v4(address.subspan(2));
  // The "u" bit says whether the IPv4 address is meant to be unique in the world.
  const bool isatap = (word(address.subspan(8)) & ~0x02000000u) == 0x00005EFE;
  return !isatap || is_global_v4(address.subspan(12));
}

}  // namespace

bool is_global(const IpAddress& ip) {
  return ip.family == IpAddress::Family::kV4 ? is_global_v4(ip.bytes) : is_global_v6(ip.bytes);
}

}  // namespace observatory
