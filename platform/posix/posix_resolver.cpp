// SPDX-License-Identifier: MIT
#include "platform/posix/posix_resolver.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "core/dns/special_names.h"
#include "platform/posix/errno_mapping.h"
#include "platform/posix/name_files.h"
#include "platform/posix/native_address.h"

namespace observatory::posix {
namespace {

// Datagrams taken from one socket before the others have their turn.
constexpr int kDatagramsAtOnce = 8;

int open_udp(const NativeAddress& peer) {
  const int socket =
      ::socket(peer.family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP);
  if (socket < 0) return -1;
  // Connecting a datagram socket sends nothing: it picks the route and the source address.
  if (::connect(socket, peer.get(), peer.length) == 0) return socket;
  const int error = last_error();
  ::close(socket);
  restore_error(error);
  return -1;
}

// Unique local addresses (RFC 4193) are not for the world outside (RFC 6724 section 2.1, label 13).
bool is_local(const std::uint8_t* v6) { return (v6[0] & 0xFE) == 0xFC; }

// Whether this device has what it takes to reach that address: a route, and a source address that
// belongs to the same world.
bool can_reach(const IpAddress& v6) {
  const int socket = open_udp(to_native({v6, 9}));
  if (socket < 0) return false;
  sockaddr_in6 source{};
  socklen_t length = sizeof(source);
  const bool known = ::getsockname(socket, reinterpret_cast<sockaddr*>(&source), &length) == 0;
  ::close(socket);
  return known && (is_local(v6.bytes.data()) || !is_local(source.sin6_addr.s6_addr));
}

}  // namespace

PosixResolver::PosixResolver(Clock& clock, Random& random, const ResolverSettings& settings)
    : clock_(clock), random_(random), settings_(settings) {
  places_.back().addresses = &seed_addresses_;
}

PosixResolver::~PosixResolver() {
  for (std::size_t i = 0; i < places_.size(); ++i) release(static_cast<LookupId>(i));
}

bool PosixResolver::has_name_server() const {
  NameServer server;
  return read_name_servers(settings_.resolv_conf, {&server, 1}) == 1;
}

LookupId PosixResolver::start(std::string_view name) {
  const auto last = places_.end() - 1;
  const auto place =
      std::find_if(places_.begin(), last, [](const Place& candidate) { return !candidate.held; });
  return place == last ? kNoLookup : start_at(*place, name);
}

LookupId PosixResolver::start_seed(std::string_view name) {
  return places_.back().held ? kNoLookup : start_at(places_.back(), name);
}

LookupId PosixResolver::start_at(Place& place, std::string_view name) {
  place.held = true;
  place.servers = 0;
  place.addresses->clear();
  LookupState state = known_without_asking(name, *place.addresses);
  if (state == LookupState::kPending && find_in_hosts(settings_.hosts, name, *place.addresses)) {
    state = LookupState::kFound;
  }
  place.state = LookupState::kPending;
  if (state != LookupState::kPending) {
    end(place, state);
  } else if (!ask_dns(place, name)) {
    place.held = false;
    return kNoLookup;
  }
  return static_cast<LookupId>(&place - places_.data());
}

// False when it should be tried again later.
bool PosixResolver::ask_dns(Place& place, std::string_view name) {
  DnsName wanted;
  if (!read_dns_name(name, wanted)) {
    end(place, LookupState::kNotFound);
    return true;
  }
  const Opened opened = open_sockets(place);
  if (opened == Opened::kExhausted) return false;
  std::uint8_t random[2 * DnsLookup::kQuestions];
  if (opened == Opened::kNone || !random_.fill(random)) {
    end(place, LookupState::kFailed);
    return true;
  }
  std::array<std::uint16_t, DnsLookup::kQuestions> ids;
  std::memcpy(ids.data(), random, sizeof(random));
  place.dns.start(wanted, place.servers, ids, clock_.now());
  follow_up(place);
  return true;
}

PosixResolver::Opened PosixResolver::open_sockets(Place& place) {
  static constexpr NameServer kOwn = {{IpAddress::Family::kV4, {127, 0, 0, 1}}, 0};
  std::array<NameServer, limits::kNameServers> servers;
  std::size_t count = read_name_servers(settings_.resolv_conf, servers);
  if (count == 0) servers[count++] = kOwn;
  bool exhausted = false;
  for (std::size_t i = 0; i < count; ++i) {
    const int socket = open_udp(to_native({servers[i].ip, settings_.port}, servers[i].scope));
    if (socket >= 0) {
      place.sockets[place.servers++] = socket;
    } else {
      exhausted = exhausted || net_error(last_error()) == NetError::kExhausted;
    }
  }
  if (place.servers > 0) return Opened::kYes;
  return exhausted ? Opened::kExhausted : Opened::kNone;
}

void PosixResolver::send_queries(Place& place) {
  std::uint8_t buffer[kDnsQuery];
  std::size_t server = 0;
  for (;;) {
    const ByteView query = place.dns.take_query(buffer, server);
    if (query.empty()) return;
    const ssize_t sent =
        ::send(place.sockets[server], query.data(), query.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    // A query for which there is no room now is lost like any other datagram, and sent again.
    if (sent < 0 && net_error(last_error()) != NetError::kNone) {
      place.dns.unreachable(server, clock_.now());
    }
  }
}

void PosixResolver::receive(Place& place, std::size_t server) {
  for (int i = 0; i < kDatagramsAtOnce && place.dns.state() == LookupState::kPending; ++i) {
    const ssize_t count =
        ::recv(place.sockets[server], datagram_.data(), datagram_.size(), MSG_DONTWAIT);
    if (count >= 0) {
      place.dns.receive(server, ByteView(datagram_).first(static_cast<std::size_t>(count)),
                        clock_.now(), *place.addresses);
    } else if (net_error(last_error()) != NetError::kNone) {
      return place.dns.unreachable(server, clock_.now());
    } else if (!is_interrupted(last_error())) {
      return;
    }
  }
}

// After anything that has moved a lookup on.
void PosixResolver::follow_up(Place& place) {
  send_queries(place);
  if (place.dns.state() != LookupState::kPending) end(place, place.dns.state());
}

void PosixResolver::end(Place& place, LookupState state) {
  for (; place.servers > 0; --place.servers) ::close(place.sockets[place.servers - 1]);
  using Family = IpAddress::Family;
  const DnsAddresses& found = *place.addresses;
  place.v6_first =
      found.has(Family::kV6) && found.has(Family::kV4) && can_reach(found.first(Family::kV6));
  place.state = state;
  news_ = true;
}

PosixResolver::Place* PosixResolver::held_place(LookupId lookup) {
  if (lookup < 0 || static_cast<std::size_t>(lookup) >= places_.size()) return nullptr;
  Place& place = places_[static_cast<std::size_t>(lookup)];
  return place.held ? &place : nullptr;
}

LookupResult PosixResolver::poll(LookupId lookup, std::span<IpAddress> into) {
  const Place* place = held_place(lookup);
  if (place == nullptr) return {LookupState::kFailed, 0};
  if (place->state != LookupState::kFound) return {place->state, 0};
  const auto first = place->v6_first ? IpAddress::Family::kV6 : IpAddress::Family::kV4;
  return {LookupState::kFound, place->addresses->copy(first, into)};
}

void PosixResolver::release(LookupId lookup) {
  Place* place = held_place(lookup);
  if (place == nullptr) return;
  for (; place->servers > 0; --place->servers) ::close(place->sockets[place->servers - 1]);
  place->held = false;
}

std::size_t PosixResolver::wishes(std::span<pollfd> into) const {
  std::size_t count = 0;
  for (const Place& place : places_) {
    if (!place.asking()) continue;
    for (std::size_t i = 0; i < place.servers; ++i) into[count++] = {place.sockets[i], POLLIN, 0};
  }
  return count;
}

Instant PosixResolver::deadline() const {
  if (news_) return {};
  Instant earliest = Instant::never();
  for (const Place& place : places_) {
    if (place.asking()) earliest = std::min(earliest, place.dns.deadline());
  }
  return earliest;
}

bool PosixResolver::service(std::span<const pollfd> found) {
  for (Place& place : places_) {
    if (!place.asking()) continue;
    const std::span<const pollfd> own = found.first(place.servers);
    found = found.subspan(place.servers);
    for (std::size_t i = 0; i < own.size(); ++i) {
      if (own[i].revents != 0) receive(place, i);
    }
    place.dns.expire(clock_.now());
    follow_up(place);
  }
  const bool news = news_;
  news_ = false;
  return news;
}

}  // namespace observatory::posix
