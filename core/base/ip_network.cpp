// SPDX-License-Identifier: MIT
#include "core/base/ip_network.h"

#include <algorithm>

#include "core/base/ip_text.h"
#include "core/base/number.h"

namespace observatory {
namespace {

using Prefix = std::array<std::uint8_t, 12>;

constexpr Prefix kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr Prefix kNat64 = {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};

bool starts_with(const IpAddress& ip, const Prefix& prefix) {
  return ip.family == IpAddress::Family::kV6 &&
         std::equal(prefix.begin(), prefix.end(), ip.bytes.begin());
}

IpAddress last_four(const IpAddress& ip) { return ip_of_bytes(ByteView(ip.bytes).last(4)); }

unsigned longest(const IpAddress& ip) { return ip.family == IpAddress::Family::kV4 ? 32 : 128; }

}  // namespace

IpNetwork network_of(const IpAddress& ip, unsigned bits) {
  IpNetwork network{ip, bits};
  for (unsigned i = 0; i < 16; ++i) {
    const unsigned kept = bits <= 8 * i ? 0 : std::min(8U, bits - 8 * i);
    network.ip.bytes[i] = static_cast<std::uint8_t>(ip.bytes[i] & (0xff00U >> kept));
  }
  return network;
}

bool contains(const IpNetwork& network, const IpAddress& ip) {
  return network_of(ip, network.bits).ip == network.ip;
}

bool read_network(std::string_view text, IpNetwork& into) {
  const std::size_t slash = text.find('/');
  IpAddress ip;
  if (!read_ip(text.substr(0, slash), ip)) return false;
  std::uint64_t bits = longest(ip);
  if (slash != std::string_view::npos && !read_unsigned(text.substr(slash + 1), bits, bits)) {
    return false;
  }
  into = network_of(ip, static_cast<unsigned>(bits));
  return true;
}

bool is_loopback(const IpAddress& ip) {
  if (ip.family == IpAddress::Family::kV4) return ip.bytes[0] == 127;
  if (starts_with(ip, kMapped)) return ip.bytes[12] == 127;
  return std::all_of(ip.bytes.begin(), ip.bytes.end() - 1, [](auto byte) { return byte == 0; }) &&
         ip.bytes[15] == 1;
}

IpAddress plain_form(const IpAddress& ip) {
  return starts_with(ip, kMapped) || starts_with(ip, kNat64) ? last_four(ip) : ip;
}

}  // namespace observatory
