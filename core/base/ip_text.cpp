// SPDX-License-Identifier: MIT
#include "core/base/ip_text.h"

#include <algorithm>

#include "core/base/number.h"

namespace observatory {
namespace {

void put_quad(ByteView bytes, ByteSink& into) {
  for (std::size_t i = 0; i < 4; ++i) {
    if (i > 0) into.put(".");
    put_unsigned(bytes[i], into);
  }
}

void put_group(std::uint32_t group, ByteSink& into) {
  static constexpr char kDigits[] = "0123456789abcdef";
  bool leading = true;
  for (int shift = 12; shift >= 0; shift -= 4) {
    const std::uint32_t digit = group >> shift & 15;
    leading = leading && digit == 0 && shift > 0;
    if (!leading) into.put(std::string_view(&kDigits[digit], 1));
  }
}

bool read_quad(std::string_view text, MutableByteView into) {
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t dot = i < 3 ? text.find('.') : text.size();
    std::uint64_t value = 0;
    if (dot == std::string_view::npos || !read_unsigned(text.substr(0, dot), value, 255)) {
      return false;
    }
    into[i] = static_cast<std::uint8_t>(value);
    text.remove_prefix(i < 3 ? dot + 1 : dot);
  }
  return true;
}

bool read_v6(std::string_view text, std::array<std::uint8_t, 16>& into) {
  std::size_t filled = 0;
  std::size_t gap = 17;  // where "::" stands; 17: nowhere
  if (text.substr(0, 2) == "::") {
    gap = 0;
    text.remove_prefix(2);
  }
  while (!text.empty()) {
    if (filled >= 16) return false;
    const std::size_t colon = std::min(text.find(':'), text.size());
    const std::string_view group = text.substr(0, colon);
    if (group.find('.') != std::string_view::npos) {
      if (colon != text.size() || filled > 12) return false;
      if (!read_quad(group, MutableByteView(into).subspan(filled, 4))) return false;
      filled += 4;
      break;
    }
    if (group.empty() || group.size() > 4) return false;
    unsigned value = 0;
    for (const char c : group) {
      const int digit = hex_digit(c);
      if (digit < 0) return false;
      value = value << 4 | static_cast<unsigned>(digit);
    }
    into[filled++] = static_cast<std::uint8_t>(value >> 8);
    into[filled++] = static_cast<std::uint8_t>(value & 0xff);
    text.remove_prefix(colon);
    if (text.empty()) break;
    text.remove_prefix(1);
    if (text.empty()) return false;  // ends in a single colon
    if (text.front() == ':') {
      if (gap != 17) return false;
      gap = filled;
      text.remove_prefix(1);
    }
  }
  if (gap == 17) return filled == 16;
  if (filled > 14) return false;
  std::copy_backward(into.begin() + static_cast<std::ptrdiff_t>(gap),
                     into.begin() + static_cast<std::ptrdiff_t>(filled), into.end());
  std::fill_n(into.begin() + static_cast<std::ptrdiff_t>(gap), 16 - filled, std::uint8_t{0});
  return true;
}

}  // namespace

IpAddress ip_of_bytes(ByteView bytes) {
  IpAddress ip;
  ip.family = bytes.size() == 4 ? IpAddress::Family::kV4 : IpAddress::Family::kV6;
  std::copy_n(bytes.begin(), std::min(bytes.size(), ip.bytes.size()), ip.bytes.begin());
  return ip;
}

void put_ip(const IpAddress& ip, ByteSink& into) {
  if (ip.family == IpAddress::Family::kV4) return put_quad(ip.bytes, into);

  std::array<std::uint32_t, 8> groups;
  for (std::size_t i = 0; i < 8; ++i) {
    groups[i] = static_cast<std::uint32_t>(ip.bytes[2 * i] << 8 | ip.bytes[2 * i + 1]);
  }
  // RFC 5952 section 4.2: the longest run of two or more zero groups, the first of equals.
  std::size_t run_start = 8;
  std::size_t run_length = 1;
  for (std::size_t i = 0; i < 8; ++i) {
    std::size_t length = 0;
    while (i + length < 8 && groups[i + length] == 0) ++length;
    if (length > run_length) {
      run_start = i;
      run_length = length;
    }
  }
  for (std::size_t i = 0; i < 8; ++i) {
    if (i == run_start) {
      into.put("::");
      i += run_length - 1;
      continue;
    }
    if (i > 0 && i != run_start + run_length) into.put(":");
    put_group(groups[i], into);
  }
}

bool read_ip(std::string_view text, IpAddress& into) {
  into = {};
  if (text.find(':') == std::string_view::npos) {
    into.family = IpAddress::Family::kV4;
    return read_quad(text, into.bytes);
  }
  into.family = IpAddress::Family::kV6;
  return read_v6(text, into.bytes);
}

}  // namespace observatory
