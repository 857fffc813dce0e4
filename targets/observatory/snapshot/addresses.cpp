// SPDX-License-Identifier: MIT
#include "targets/observatory/snapshot/addresses.h"

#include "core/base/ip_text.h"
#include "core/base/text_buffer.h"

namespace observatory::host {
namespace {

constexpr std::string_view kOnion = ".onion";

int rank_of(std::string_view host) { return is_onion(host) ? 2 : is_address(host) ? 1 : 0; }

}  // namespace

bool is_before(const IpAddress& one, const IpAddress& other) {
  if (one.family != other.family) return one.family == IpAddress::Family::kV4;
  return one.bytes < other.bytes;
}

std::string address_text(const IpAddress& address) {
  TextBuffer<kLongestIpText> text;
  put_ip(address, text);
  return std::string(text.text());
}

bool is_address(std::string_view host) {
  IpAddress ip;
  return read_ip(host, ip);
}

bool is_onion(std::string_view host) {
  return host.size() > kOnion.size() && host.substr(host.size() - kOnion.size()) == kOnion;
}

bool is_better_name(std::string_view one, std::string_view other) {
  const int rank = rank_of(one);
  const int other_rank = rank_of(other);
  return rank != other_rank ? rank < other_rank : one < other;
}

}  // namespace observatory::host
