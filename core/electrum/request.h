// SPDX-License-Identifier: MIT
// The eight requests of a visit and the two writes they go out in; then a few pings.
//
// Published methods only, nothing that a server has to look up for us.
// The ids are legal and unusual: how they come back tells JSON libraries apart. The second write
// holds what makes some old servers hang up (esplora 0.4.1 at server.features, bwt at any method
// it does not know), so it goes out when the rest is in.
//
// Source: Electrum protocol 1.6 (spesmilo/electrum-protocol docs/protocol-methods.rst); what
// servers do with it was read in their sources and seen on the wire (core/README.md).
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/byte_sink.h"

namespace observatory {

// Numbered as on the wire; the arrival order of replies is recorded with these numbers.
enum class Request : std::uint8_t {
  kVersion = 1,
  kHeaders = 2,
  kDonation = 3,
  kPing = 4,
  kBanner = 5,
  kPeers = 6,
  kFeatures = 7,
  kMempoolInfo = 8,
};

inline constexpr int kRequests = 8;
inline constexpr int kFirstWriteRequests = 6;

// How server.version names the versions we speak.
enum class VersionForm : std::uint8_t {
  kList,    // ["1.4","1.7"]: the range beyond 1.6 shows how a server writes its own newest
  kString,  // "1.4": for servers that refuse a list (romanz/electrs 0.8.6 to 0.9.13)
};

// Bytes that the two writes have at the most, with the longest client name.
inline constexpr std::size_t kLongestWrite = 768;
inline constexpr std::size_t kLongestSecondWrite = 160;

// `client_name` is printable ASCII without quotes and backslashes, at most
// limits::kClientName bytes; see client_name_problem().
void put_first_write(std::string_view client_name, VersionForm form, ByteSink& into);
void put_second_write(ByteSink& into);

// What is wrong with a client name, in words; empty when nothing is.
std::string_view client_name_problem(std::string_view client_name);

// Which request a reply with this `id` (its JSON text) answers; false when none. Knows how the
// ids come back from libraries that change them: 2.0 as 2, the large number rounded.
bool request_of_id(std::string_view id, Request& request);

// Pings are numbered from here on: above the eight, and no id twice on one connection.
inline constexpr unsigned kFirstPingId = 11;

void put_ping(unsigned id, ByteSink& into);

// Whether a reply with this `id` (its JSON text) answers the ping with that number; a number or a
// string, with or without a fraction of 0.
bool is_ping_id(std::string_view id, unsigned number);

}  // namespace observatory
