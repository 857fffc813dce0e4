// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/fixed_string.h"
#include "core/base/limits.h"
#include "core/record/schema.h"

namespace observatory {

// What is visited: a host, a port, and what is spoken there.
struct Endpoint {
  FixedString<limits::kHost> host;  // lower case, without brackets
  std::uint16_t port = 0;
  Transport transport = Transport::kTls;
};

// Electrum's default ports, used where a host is given alone.
struct DefaultPorts {
  std::uint16_t tcp = 50001;
  std::uint16_t tls = 50002;
};

// Checks a host: an IPv4 or IPv6 address, or a name of letters, digits, hyphens, underscores and
// dots whose labels have 1 to 63 characters. Returns what is wrong in words; empty when nothing
// is, and `into` then holds it in lower case.
std::string_view read_host(std::string_view text, FixedString<limits::kHost>& into);

// A port from 1 to 65535; false otherwise.
[[nodiscard]] bool read_port(std::string_view text, std::uint16_t& port);

}  // namespace observatory
