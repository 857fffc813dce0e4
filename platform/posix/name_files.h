// SPDX-License-Identifier: MIT
// What a system's files say about names: hosts(5) and resolv.conf(5).
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "core/dns/addresses.h"
#include "platform/interface/address.h"

namespace observatory::posix {

// Adds the addresses under which the hosts file lists `name`, compared without case and without a
// dot at its end; says whether there are any. Lines that begin with no address are passed over.
bool find_in_hosts(const char* path, std::string_view name, DnsAddresses& into);

struct NameServer {
  IpAddress ip;
  std::uint32_t scope = 0;  // see to_native()
};

// Reads the first `nameserver` lines of a resolv.conf, as many as there is room for; says how many.
// Everything else in it is passed over: `search` and `ndots` would send names to domains that are
// not in the list of servers, and timeouts have to fit into a visit.
std::size_t read_name_servers(const char* path, std::span<NameServer> into);

}  // namespace observatory::posix
