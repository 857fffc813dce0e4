// SPDX-License-Identifier: MIT
// Servers whose operators do not want to be visited, in a fixed piece of memory.
#pragma once

#include <array>

#include "core/base/ip_network.h"
#include "core/base/limits.h"
#include "platform/interface/bytes.h"

namespace observatory {

class OptOut {
 public:
  OptOut() = default;
  OptOut(const OptOut&) = delete;
  OptOut& operator=(const OptOut&) = delete;

  // Takes one line of a list:
  //
  //   electrum.example.org     that name
  //   .example.org             that name and all names below it; *.example.org is the same
  //   192.0.2.7  2001:db8::7   an address, whatever name leads there
  //   192.0.2.0/24             a network, whatever name leads there
  //
  // Case and a dot at the end of a name make no difference; blank lines and what follows a `#` say
  // nothing. Returns what is wrong in words, and empty when nothing is. A line that was not taken
  // would mean visits that somebody asked us not to make: the run must not begin.
  std::string_view add_line(std::string_view line);

  // Whether a host, by name or as an address, is left out.
  bool covers(std::string_view host) const;

  // Whether an address is left out, in whatever form of it.
  bool covers(const IpAddress& ip) const;

 private:
  // An entry is its kind, its size (bytes of a name, bits of a network), and the bytes.
  enum class Kind : std::uint8_t { kName, kDomain, kV4, kV6 };

  bool append(const IpNetwork& network);
  bool append(Kind kind, std::size_t size, ByteView bytes);

  std::array<std::uint8_t, limits::kOptOut> pool_;
  std::size_t used_ = 0;
};

}  // namespace observatory
