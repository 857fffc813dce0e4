// SPDX-License-Identifier: MIT
#include "platform/posix/name_files.h"

#include <net/if.h>

#include <cstring>

#include "core/base/ip_text.h"
#include "core/dns/name.h"
#include "platform/posix/word_file.h"

namespace observatory::posix {
namespace {

std::string_view without_last_dot(std::string_view name) {
  if (!name.empty() && name.back() == '.') name.remove_suffix(1);
  return name;
}

// "fe80::1%br-lan": on which interface a link-local address is meant (RFC 4007 section 11).
bool read_name_server(std::string_view text, NameServer& into) {
  const std::size_t percent = text.find('%');
  if (!read_ip(text.substr(0, percent), into.ip)) return false;
  into.scope = 0;
  if (percent == std::string_view::npos) return true;
  const std::string_view zone = text.substr(percent + 1);
  char name[IF_NAMESIZE] = {};
  if (zone.size() >= sizeof(name)) return false;
  std::memcpy(name, zone.data(), zone.size());
  into.scope = if_nametoindex(name);
  return into.scope != 0;
}

}  // namespace

bool find_in_hosts(const char* path, std::string_view name, DnsAddresses& into) {
  const ByteView wanted = as_bytes(without_last_dot(name));
  WordFile file(path, limits::kNameFile);
  bool found = false;
  bool has_address = false;
  IpAddress ip;
  while (file.next()) {
    if (file.starts_line()) {
      has_address = read_ip(file.word(), ip);
    } else if (has_address && same_without_case(as_bytes(without_last_dot(file.word())), wanted)) {
      into.add(ByteView(ip.bytes).first(ip.family == IpAddress::Family::kV4 ? 4 : 16));
      found = true;
    }
  }
  return found;
}

std::size_t read_name_servers(const char* path, std::span<NameServer> into) {
  WordFile file(path, limits::kNameFile);
  std::size_t count = 0;
  bool wanted = false;
  while (count < into.size() && file.next()) {
    const bool first = file.starts_line();
    if (wanted && !first && read_name_server(file.word(), into[count])) ++count;
    wanted = first && file.word() == "nameserver";
  }
  return count;
}

}  // namespace observatory::posix
