// SPDX-License-Identifier: MIT
#include "core/dns/name.h"

#include <algorithm>

namespace observatory {
namespace {

constexpr std::size_t kLongestLabel = 63;

std::uint8_t lower(std::uint8_t byte) {
  return byte >= 'A' && byte <= 'Z' ? static_cast<std::uint8_t>(byte + ('a' - 'A')) : byte;
}

}  // namespace

bool read_dns_name(std::string_view text, DnsName& into) {
  if (!text.empty() && text.back() == '.') text.remove_suffix(1);
  // Each dot becomes a length; the first length and the last zero come on top.
  if (text.empty() || text.size() + 2 > into.bytes.size()) return false;
  std::size_t length_at = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] != '.') {
      if (text[i] == '\0') return false;
      into.bytes[i + 1] = static_cast<std::uint8_t>(text[i]);
      continue;
    }
    const std::size_t length = i - length_at;
    if (length == 0 || length > kLongestLabel) return false;
    into.bytes[length_at] = static_cast<std::uint8_t>(length);
    length_at = i + 1;
  }
  into.bytes[length_at] = 0;
  into.size = static_cast<std::uint8_t>(length_at + 1);
  return true;
}

bool same_without_case(ByteView a, ByteView b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](std::uint8_t x, std::uint8_t y) { return lower(x) == lower(y); });
}

}  // namespace observatory
