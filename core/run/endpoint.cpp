// SPDX-License-Identifier: MIT
#include "core/run/endpoint.h"

#include "core/base/ip_text.h"
#include "core/base/number.h"

namespace observatory {
namespace {

constexpr std::size_t kLongestLabel = 63;  // RFC 1035 section 2.3.4

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

bool all_digits_and_dots(std::string_view text) {
  return text.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace

std::string_view read_host(std::string_view text, FixedString<limits::kHost>& into) {
  into.clear();
  if (text.empty()) return "no host";
  IpAddress ip;
  if (text.front() == '[' || text.find(':') != std::string_view::npos) {
    const bool bracketed = text.size() > 2 && text.front() == '[' && text.back() == ']';
    if (bracketed) text = text.substr(1, text.size() - 2);
    if (!read_ip(text, ip) || ip.family != IpAddress::Family::kV6) return "not an IPv6 address";
  } else if (all_digits_and_dots(text) && !read_ip(text, ip)) {
    return "not an IPv4 address";
  }
  std::size_t label = 0;
  for (const char c : text) {
    const char small = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (small == '.') {
      if (label == 0) return "a host name with an empty part";
      label = 0;
    } else if (is_name_character(small) || small == ':') {
      if (++label > kLongestLabel) return "a host name with a part longer than 63 characters";
    } else {
      return "a host name with a character that no name has";
    }
    if (!into.append(small)) return "a host name longer than 255 characters";
  }
  return {};
}

bool read_port(std::string_view text, std::uint16_t& port) {
  std::uint64_t value = 0;
  if (!read_unsigned(text, value, 65535) || value == 0) return false;
  port = static_cast<std::uint16_t>(value);
  return true;
}

}  // namespace observatory
