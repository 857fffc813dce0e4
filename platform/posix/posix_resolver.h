// SPDX-License-Identifier: MIT
#pragma once

#include <poll.h>

#include <array>
#include <span>

#include "core/base/limits.h"
#include "core/dns/addresses.h"
#include "core/dns/lookup.h"
#include "platform/interface/clock.h"
#include "platform/interface/random.h"
#include "platform/interface/resolver.h"

namespace observatory::posix {

// Where a resolver finds what it needs. The paths are kept, not copied.
struct ResolverSettings {
  const char* resolv_conf = "/etc/resolv.conf";
  const char* hosts = "/etc/hosts";
  std::uint16_t port = 53;  // of the name servers
};

// A stub resolver of our own in place of getaddrinfo(), which blocks, allocates and needs a thread
// for each lookup. A name is looked for where the name alone tells (core/dns/special_names.h), then
// in the hosts file, then in the DNS (core/dns/lookup.h) by way of the name servers in resolv.conf.
// Both files are read at each lookup, so that a router that has just got its name servers has them.
// Without any in the file the server is 127.0.0.1, as for the C library. Search domains are not
// used: names in lists of servers are complete.
//
// It has a UDP socket for each name server of a running lookup, connected to it: nobody else's
// datagrams come in, a server that is not there is noticed at once, and each has a source port of
// the kernel's choice (RFC 5452 section 9.2). They are closed when the lookup ends.
//
// Nothing moves but in PosixNetwork::wait(). No threads, no heap; about 19 KB, which is why the
// object had better not stand on a small stack.
class PosixResolver final : public Resolver {
 public:
  // Lookups that can be held at once: a scheduler has one for each slot.
  static constexpr std::size_t kMaxLookups = limits::kMostSlots;
  static constexpr std::size_t kMaxSockets = (kMaxLookups + 1) * limits::kNameServers;

  PosixResolver(Clock& clock, Random& random) : PosixResolver(clock, random, ResolverSettings()) {}
  PosixResolver(Clock& clock, Random& random, const ResolverSettings& settings);
  // Gives up every lookup.
  ~PosixResolver();
  PosixResolver(const PosixResolver&) = delete;
  PosixResolver& operator=(const PosixResolver&) = delete;

  // Whether resolv.conf names a server now; so that a program can say why no name is found.
  bool has_name_server() const;

  // --- Resolver

  // kNoLookup when the places are taken, or the device has no socket to spare. What cannot be a
  // name (see read_dns_name()) ends as kNotFound.
  LookupId start(std::string_view name) override;
  LookupId start_seed(std::string_view name) override;

  // limits::kAddresses of a family at the most (kSeedAddresses of a seed), duplicates dropped,
  // IPv4-mapped IPv6 addresses as IPv4. IPv6 comes first where the device has a route and a
  // suitable source address to the first of them (RFC 6724 section 6, rules 1 and 5), else last.
  //
  // kNotFound when the name does not exist or has no address; kFailed when no name server could
  // tell, when the device has no randomness, and for an id that is not held.
  LookupResult poll(LookupId lookup, std::span<IpAddress> into) override;

  void release(LookupId lookup) override;

  // --- For PosixNetwork::wait() alone.

  // Writes what to poll for; how many. `into` has room for kMaxSockets.
  std::size_t wishes(std::span<pollfd> into) const;
  // When to call service() though nothing was found; the past when a lookup has ended already.
  Instant deadline() const;
  // Takes what has come and does what is due. `found` is what wishes() wrote last, answered by
  // poll(), with no call of another function between. Says whether a lookup has ended since it was
  // last asked.
  bool service(std::span<const pollfd> found);

 private:
  struct Place {
    LookupState state = LookupState::kPending;
    bool held = false;
    bool v6_first = false;
    std::uint8_t servers = 0;
    std::array<int, limits::kNameServers> sockets;  // of as many as there are servers
    DnsAddressesUpTo<limits::kAddresses> few;
    DnsAddresses* addresses = &few;
    DnsLookup dns;

    bool asking() const { return held && state == LookupState::kPending; }
  };

  enum class Opened : std::uint8_t { kYes, kNone, kExhausted };

  LookupId start_at(Place& place, std::string_view name);
  Place* held_place(LookupId lookup);
  bool ask_dns(Place& place, std::string_view name);
  Opened open_sockets(Place& place);
  void send_queries(Place& place);
  void receive(Place& place, std::size_t server);
  void follow_up(Place& place);
  void end(Place& place, LookupState state);

  Clock& clock_;
  Random& random_;
  ResolverSettings settings_;
  bool news_ = false;  // a lookup has ended, and wait() has not returned for it yet
  std::array<Place, kMaxLookups + 1> places_;  // the last is the seed's
  DnsAddressesUpTo<limits::kSeedAddresses> seed_addresses_;
  std::array<std::uint8_t, limits::kDnsMessage> datagram_;
};

}  // namespace observatory::posix
