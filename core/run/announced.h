// SPDX-License-Identifier: MIT
// What a server says of others: the rows of its peers list, as endpoints. Untrusted, every byte.
#pragma once

#include "core/record/record.h"
#include "core/run/endpoint.h"

namespace observatory {

// Reads the endpoints of electrum.peers.list, row by row: [address, host, words].
//
// The host is visited, or the address where the row has none; it is a name or an address such as
// read_host() takes, without a dot at its end, and an address is written anew, so that two ways to
// write it are one endpoint. Of the words, `t` and `s` with a port or without (the default port)
// are an endpoint each; others (`v1.6`, `p100`) say nothing of one. Source of this grammar: what
// ElectrumX and Fulcrum send, and electrum/network.py parse_servers() reads.
//
// Each such word is one endpoint that was announced, and gives one Announcement. Those with a
// problem are not to be visited: a host or port that is none, a second port of a kind (the third
// party would be scanned at the server's wish), or words that were cut on their way into the
// record.
struct Announcement {
  Endpoint endpoint;        // worth nothing with a problem
  bool is_address = false;  // the host is the address `ip`
  IpAddress ip;
  std::string_view problem;  // in words; empty when there is none
};

class Announcements {
 public:
  // A finished observation, with a peers list or without, that outlives this.
  Announcements(const Record& observation, const DefaultPorts& ports);

  // False at the end.
  bool next(Announcement& into);

 private:
  bool next_row();
  void read_row_host(std::string_view address, std::string_view host);

  DefaultPorts ports_;
  Items rows_;
  Announcement row_;  // what the words of a row have in common
  std::string_view words_;
  bool cut_ = false;
  bool has_tcp_ = false;
  bool has_tls_ = false;
};

}  // namespace observatory
