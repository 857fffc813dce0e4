// SPDX-License-Identifier: MIT
// How much of a client one party could hold: what the servers of one provider or operator (here:
// the group) are among those that a wallet connects to. Exact probabilities, no simulation.
//
// The client is Electrum's (spesmilo/electrum:electrum/network.py and interface.py): it keeps 10
// connections (NUM_TARGET_CONNECTED_SERVERS), picks each at random among the servers that it knows
// and has none to, and drops one again whose bucket it is connected to already
// (check_interface_against_healthy_spread_of_connected_servers): the /16 of an IPv4 address, the
// /48 of an IPv6 address. Onion servers are one bucket, of which it keeps up to 6. This is a fresh
// client that knows all servers alike and reaches all of them; servers that it kept from earlier
// days, and a main server that its user chose, are not in it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace observatory::host {

inline constexpr std::uint32_t kElectrumConnections = 10;
inline constexpr std::uint32_t kElectrumOnions = 6;

// Servers of which the client connects to `most` at the same time. 1 <= servers, 1 <= most.
struct Bucket {
  std::uint32_t servers = 0;
  std::uint32_t of_group = 0;  // of these, at most `servers`
  std::uint32_t most = 1;
};

struct Exposure {
  double expected = 0;  // connections to servers of the group, on average
  double any = 0;       // probability of at least one
  double all = 0;       // probability that there is no other
};

// Of a client with `picks` connections, or as many as there can be. Absent without servers or
// picks.
//
// Each server gets an arrival time between 0 and 1, all alike: the client takes them in that order,
// and a bucket's times depend on no other bucket's. With the probabilities, for each bucket at time
// u, that so many of it are taken as coefficients of a polynomial, the product of all polynomials
// has those of the whole; the probabilities of a pick at u, given by its derivative, are integrated
// over u (Gauss-Legendre, to about 12 digits).
std::optional<Exposure> exposure(std::span<const Bucket> buckets, std::uint32_t picks);

// The same of a client without any rule on buckets, `of_group` of `servers`: the hypergeometric
// distribution. With one pick, `any` is the probability that a wallet's main server, which sees
// all of its addresses, is of the group.
std::optional<Exposure> exposure_without_buckets(std::uint64_t servers, std::uint64_t of_group,
                                                 std::uint32_t picks);

}  // namespace observatory::host
