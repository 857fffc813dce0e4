// SPDX-License-Identifier: MIT
#include "core/tls/alternative_names.h"

#include <algorithm>

#include "core/base/ip_text.h"
#include "core/base/text_buffer.h"
#include "core/tls/der.h"
#include "core/tls/host_match.h"

namespace observatory {
namespace {

// GeneralName, context-specific and primitive.
constexpr std::uint8_t kDnsName = 0x82;
constexpr std::uint8_t kIpAddress = 0x87;

}  // namespace

std::uint32_t list_names(ByteView names, ListField& list) {
  DerReader reader(names);
  DerElement name;
  std::uint32_t count = 0;
  for (; reader.next(name); ++count) {
    if (name.tag == kDnsName) {
      list.add(as_text(name.content));
    } else if (name.tag == kIpAddress && (name.content.size() == 4 || name.content.size() == 16)) {
      TextBuffer<kLongestIpText> text;
      put_ip(ip_of_bytes(name.content), text);
      list.add(text.text());
    }
  }
  return count;
}

bool names_host(ByteView names, std::string_view host) {
  IpAddress ip;
  const bool is_ip = read_ip(host, ip);
  DerReader reader(names);
  DerElement name;
  while (reader.next(name)) {
    if (is_ip && name.tag == kIpAddress) {
      const std::size_t length = ip.family == IpAddress::Family::kV4 ? 4 : 16;
      const ByteView bytes = ByteView(ip.bytes).first(length);
      if (std::equal(bytes.begin(), bytes.end(), name.content.begin(), name.content.end())) {
        return true;
      }
    }
    if (!is_ip && name.tag == kDnsName && host_matches(as_text(name.content), host)) return true;
  }
  return false;
}

}  // namespace observatory
