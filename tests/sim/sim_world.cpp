// SPDX-License-Identifier: MIT
#include "tests/sim/sim_world.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <limits>

#include "tests/sim/link.h"

namespace observatory::sim {
namespace {

bool parse_ip(std::string_view literal, IpAddress& into) {
  const std::string text(literal);
  into = {};
  if (inet_pton(AF_INET, text.c_str(), into.bytes.data()) == 1) return true;
  into = {.family = IpAddress::Family::kV6};
  return inet_pton(AF_INET6, text.c_str(), into.bytes.data()) == 1;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& letter : result) {
    letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  return result;
}

}  // namespace

IpAddress ip(std::string_view literal) {
  IpAddress address;
  if (parse_ip(literal, address)) return address;
  throw std::invalid_argument("no IP address: " + std::string(literal));
}

SimWorld::SimWorld(std::uint64_t seed) : random_(seed) {
  // Far from 0, and not round: nobody can take the start of the world for "no time at all".
  start_ = {3600 * kSecond + static_cast<Micros>(random_() % 1'000'000'000)};
  now_ = start_;
}

SimWorld::~SimWorld() = default;

// --- Time.

void SimWorld::step() {
  if (++steps_ > step_limit_) throw EndlessLoop("SimWorld: step_limit() reached");
}

void SimWorld::move_to(Instant when) {
  if (when <= now_) return;
  if (when > stop_after_) throw EndlessLoop("SimWorld: beyond stop_after()");
  now_ = when;
}

// Runs all events of the next instant that has any, if it is not after `limit`.
bool SimWorld::run_events_until(Instant limit) {
  if (events_.empty() || events_.begin()->first.first > limit) return false;
  move_to(events_.begin()->first.first);
  while (!events_.empty() && events_.begin()->first.first <= now_) {
    step();
    const auto event = events_.extract(events_.begin());
    event.mapped()();
  }
  return true;
}

void SimWorld::run_for(Micros length) {
  const Instant until = now_ + length;
  while (run_events_until(until)) continue;
  move_to(until);
}

void SimWorld::at(Instant when, std::function<void()> action) {
  events_.emplace(std::pair{std::max(when, now_), event_count_++}, std::move(action));
}

SimWorld& SimWorld::wall_clock_is(std::uint64_t ms, WallClock kind) {
  wall_base_ms_ = ms - static_cast<std::uint64_t>(elapsed() / kMillisecond);
  wall_kind_ = kind;
  return *this;
}

SimWorld& SimWorld::stop_after(Instant when) {
  stop_after_ = when;
  return *this;
}

SimWorld& SimWorld::step_limit(std::uint64_t steps) {
  step_limit_ = steps;
  return *this;
}

Instant SimWorld::now() {
  step();
  return now_;
}

std::uint64_t SimWorld::wall_ms() {
  return wall_base_ms_ + static_cast<std::uint64_t>(elapsed() / kMillisecond);
}

WallClock SimWorld::wall_clock() { return wall_kind_; }

// --- Servers and the device's network.

ScriptedServer& SimWorld::listen(const IpAddress& address, std::uint16_t port) {
  hosts_.try_emplace({address.family, address.bytes});
  auto& server = servers_[{address.family, address.bytes, port}];
  if (!server) server = std::make_unique<ScriptedServer>(*this);
  return *server;
}

std::size_t SimWorld::max_simultaneous(const IpAddress& address) const {
  const auto host = hosts_.find({address.family, address.bytes});
  return host == hosts_.end() ? 0 : host->second.max_open;
}

ScriptedServer& SimWorld::server_at(const SocketAddress& peer) {
  const PortKey key{peer.ip.family, peer.ip.bytes, peer.port};
  if (const auto found = servers_.find(key); found != servers_.end()) return *found->second;

  auto& closed = closed_ports_[key];
  if (!closed) closed = std::make_unique<ScriptedServer>(*this);
  closed->unreachable();
  for (const auto& [other, server] : servers_) {
    if (std::get<0>(other) != peer.ip.family || std::get<1>(other) != peer.ip.bytes) continue;
    closed->refuse().round_trip(server->round_trip_);
    break;
  }
  return *closed;
}

SimWorld& SimWorld::write_limit(std::size_t bytes) {
  write_limit_ = bytes;
  return *this;
}

SimWorld& SimWorld::read_limit(std::size_t bytes) {
  read_limit_ = bytes;
  return *this;
}

SimWorld& SimWorld::buffers(std::size_t send, std::size_t receive) {
  send_buffer_ = send;
  receive_buffer_ = receive;
  return *this;
}

SimWorld& SimWorld::stream_limit(std::size_t streams) {
  stream_limit_ = streams;
  return *this;
}

SimWorld& SimWorld::network_down(bool down) {
  network_down_ = down;
  return *this;
}

SimWorld& SimWorld::without_ipv6(bool without) {
  without_ipv6_ = without;
  return *this;
}

SimWorld& SimWorld::without_tcp_facts(bool without) {
  without_tcp_facts_ = without;
  return *this;
}

SimWorld& SimWorld::spurious_wakes(std::size_t every_nth) {
  spurious_every_ = every_nth;
  return *this;
}

Link& SimWorld::link(StreamId stream) {
  const auto found = streams_.find(stream);
  if (found == streams_.end()) {
    throw std::logic_error("SimWorld: stream " + std::to_string(stream) + " is not open");
  }
  return *found->second;
}

void SimWorld::count_in(ScriptedServer& server, const SocketAddress& peer) {
  server.max_open_ = std::max(server.max_open_, ++server.open_);
  Host& host = hosts_[{peer.ip.family, peer.ip.bytes}];
  host.max_open = std::max(host.max_open, ++host.open);
}

void SimWorld::count_out(ScriptedServer& server, const SocketAddress& peer) {
  --server.open_;
  --hosts_[{peer.ip.family, peer.ip.bytes}].open;
}

StreamId SimWorld::connect(const SocketAddress& peer, NetError& why) {
  step();
  const bool is_v6 = peer.ip.family == IpAddress::Family::kV6;
  why = NetError::kNone;
  if (network_down_ || (without_ipv6_ && is_v6)) why = NetError::kUnreachable;
  if (streams_.size() >= stream_limit_) why = NetError::kExhausted;
  if (why != NetError::kNone) return kNoStream;

  ScriptedServer& server = server_at(peer);
  server.connect_times_.push_back(now_);
  count_in(server, peer);

  links_.push_back(std::make_shared<Link>(*this, server, peer, links_.size()));
  links_.back()->start_connecting();
  streams_.emplace(next_stream_, links_.back());
  max_open_streams_ = std::max(max_open_streams_, streams_.size());
  return next_stream_++;
}

IoResult SimWorld::connected(StreamId stream) {
  step();
  return link(stream).connected();
}

IoResult SimWorld::write(StreamId stream, ByteView bytes) {
  step();
  return link(stream).write(bytes);
}

IoResult SimWorld::read(StreamId stream, MutableByteView into) {
  step();
  return link(stream).read(into);
}

TcpFacts SimWorld::tcp_facts(StreamId stream) {
  step();
  return link(stream).tcp_facts();
}

void SimWorld::close(StreamId stream) {
  // No step() here and in release(): destructors call them, even while EndlessLoop flies.
  Link& closed = link(stream);
  closed.client_close();
  count_out(closed.server(), closed.peer());
  streams_.erase(stream);
}

bool SimWorld::mark_ready(std::span<Interest> interests) {
  bool any = false;
  for (Interest& interest : interests) {
    interest.ready = interest.stream != kNoStream && link(interest.stream).ready(interest);
    any |= interest.ready;
  }
  return any;
}

void SimWorld::wait(std::span<Interest> interests, Instant deadline) {
  step();
  // What is due by now has happened before anybody looks.
  run_events_until(now_);
  ++waits_;
  const bool spurious = spurious_every_ != 0 && waits_ % spurious_every_ == 0;
  while (!mark_ready(interests) && !woken_ && !spurious) {
    if (run_events_until(deadline)) continue;
    if (deadline == Instant::never()) throw EndlessLoop("SimWorld: wait() would never return");
    move_to(deadline);
    break;
  }
  woken_ = false;
}

// --- Names.

SimWorld& SimWorld::name(std::string_view name, std::vector<IpAddress> addresses,
                         Micros lookup_time) {
  names_[lower(name)] = {LookupState::kFound, std::move(addresses), lookup_time, false};
  return *this;
}

SimWorld& SimWorld::name_not_found(std::string_view name, Micros lookup_time) {
  names_[lower(name)] = {LookupState::kNotFound, {}, lookup_time, false};
  return *this;
}

SimWorld& SimWorld::lookup_fails(std::string_view name, Micros lookup_time) {
  names_[lower(name)] = {LookupState::kFailed, {}, lookup_time, false};
  return *this;
}

SimWorld& SimWorld::lookup_hangs(std::string_view name) {
  names_[lower(name)] = {LookupState::kPending, {}, 0, true};
  return *this;
}

SimWorld& SimWorld::lookup_places(std::size_t places) {
  lookup_places_ = places;
  return *this;
}

std::vector<Instant> SimWorld::lookup_times(std::string_view name) const {
  const auto found = lookup_times_.find(lower(name));
  return found == lookup_times_.end() ? std::vector<Instant>{} : found->second;
}

LookupId SimWorld::start(std::string_view name) {
  step();
  if (name.size() > 255) throw std::logic_error("SimWorld: a name of more than 255 bytes");
  if (lookups_.size() + abandoned_lookups_ >= lookup_places_) return kNoLookup;

  const std::string key = lower(name);
  lookup_times_[key].push_back(now_);
  const LookupId id = next_lookup_++;
  Lookup& lookup = lookups_[id];
  max_open_lookups_ = std::max(max_open_lookups_, lookups_.size());

  IpAddress literal;
  if (parse_ip(name, literal)) {
    lookup = {LookupState::kFound, {literal}, now_};
    woken_ = true;
    return id;
  }
  const auto found = names_.find(key);
  const Name known = found == names_.end() ? Name{} : found->second;
  lookup.ends_at = now_ + (known.hangs ? kHangTime : known.lookup_time);
  if (known.hangs) return id;
  after(known.lookup_time, [this, id, known] {
    const auto pending = lookups_.find(id);
    if (pending == lookups_.end()) return;
    const bool empty = known.state == LookupState::kFound && known.addresses.empty();
    pending->second = {empty ? LookupState::kNotFound : known.state, known.addresses, now_};
    woken_ = true;
  });
  return id;
}

LookupId SimWorld::start_seed(std::string_view name) {
  if (lookups_.contains(seed_lookup_)) return kNoLookup;
  return seed_lookup_ = start(name);
}

LookupResult SimWorld::poll(LookupId lookup, std::span<IpAddress> into) {
  step();
  const auto found = lookups_.find(lookup);
  if (found == lookups_.end()) throw std::logic_error("SimWorld: poll() of no open lookup");
  const std::vector<IpAddress>& addresses = found->second.addresses;
  const std::size_t count = std::min(addresses.size(), into.size());
  std::copy_n(addresses.begin(), count, into.begin());
  return {found->second.state, count};
}

void SimWorld::release(LookupId lookup) {
  const auto found = lookups_.find(lookup);
  if (found == lookups_.end()) throw std::logic_error("SimWorld: release() of no open lookup");
  if (found->second.state == LookupState::kPending && found->second.ends_at > now_) {
    ++abandoned_lookups_;
    at(found->second.ends_at, [this] { --abandoned_lookups_; });
  }
  lookups_.erase(found);
}

// --- Randomness.

SimWorld& SimWorld::no_randomness(bool fails) {
  no_randomness_ = fails;
  return *this;
}

bool SimWorld::fill(MutableByteView into) {
  step();
  if (no_randomness_) return false;
  for (std::uint8_t& byte : into) byte = static_cast<std::uint8_t>(random_());
  return true;
}

}  // namespace observatory::sim
