// SPDX-License-Identifier: MIT
// A make-believe world for tests: a clock, a network, names and randomness, in virtual time.
//
// Nothing moves except in wait(), which jumps to the next event or to the deadline: a test of an
// hour's pacing takes microseconds. The same seed gives the same world. Misuse of the contract (a
// handle used after close(), a lookup released twice, endless loops) throws, which fails the test.
//
//   SimWorld world;
//   world.name("example.org", {"192.0.2.1"_ip});
//   auto& server = world.listen("192.0.2.1"_ip, 50001).round_trip(80 * kMillisecond);
//   ...
//   CHECK(world.elapsed() == 80 * kMillisecond);
//   CHECK(world.open_streams() == 0);
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "platform/interface/clock.h"
#include "platform/interface/network.h"
#include "platform/interface/platform.h"
#include "platform/interface/random.h"
#include "platform/interface/resolver.h"
#include "tests/sim/scripted_server.h"

namespace observatory::sim {

class Link;

// The address that `literal` spells ("192.0.2.1", "2001:db8::1"); throws std::invalid_argument.
IpAddress ip(std::string_view literal);

// Something went on without end: see SimWorld::step_limit() and stop_after().
class EndlessLoop : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

class SimWorld final : public Clock, public Network, public Resolver, public Random {
 public:
  static constexpr std::uint64_t kDefaultWallMs = 1'750'000'000'000;  // 2025-06-15

  explicit SimWorld(std::uint64_t seed = 1);
  ~SimWorld();
  SimWorld(const SimWorld&) = delete;
  SimWorld& operator=(const SimWorld&) = delete;

  // This world as a platform; with another network (a decorator of this one) in its place.
  Platform platform(Digest& digest) { return platform(digest, *this); }
  Platform platform(Digest& digest, Network& network) {
    return {*this, network, *this, *this, digest};
  }

  // --- Time. It starts at an arbitrary instant that is not 0.

  // Virtual time since the world began.
  Micros elapsed() const { return now_ - start_; }
  // Lets time pass and everything happen that falls into it.
  void run_for(Micros length);
  // Calls `action` at that time, from inside wait() or run_for().
  void at(Instant when, std::function<void()> action);
  void after(Micros length, std::function<void()> action) { at(now_ + length, std::move(action)); }
  // Makes the next wait(), or the one that is going on, return early: a request to stop does so.
  void wake() { woken_ = true; }
  // The date from now on; it advances with virtual time. Unless set: kDefaultWallMs, kNtp.
  SimWorld& wall_clock_is(std::uint64_t ms, WallClock kind = WallClock::kNtp);

  // --- Servers.

  // A server at that address and port; the same one when asked again. An address with a server has
  // refused ports otherwise; an address without any is unreachable.
  ScriptedServer& listen(const IpAddress& address, std::uint16_t port);
  // Connections to any port of that address that existed at once; see
  // ScriptedServer::max_simultaneous().
  std::size_t max_simultaneous(const IpAddress& address) const;

  // --- The device's network.

  // A write takes at most so many bytes. Unless set: no limit.
  SimWorld& write_limit(std::size_t bytes);
  // A read gives at most so many bytes. Unless set: no limit.
  SimWorld& read_limit(std::size_t bytes);
  // connected() gives the reason of a failure once and kOther afterwards, as kernels do.
  // Bytes that the network holds for one stream: sent and not yet acknowledged, arrived and not
  // yet read. Unless set: 256 KiB and 64 KiB.
  SimWorld& buffers(std::size_t send, std::size_t receive);
  // connect() fails at once with kExhausted beyond so many streams. Unless set: 1000.
  SimWorld& stream_limit(std::size_t streams);
  // connect() fails at once with kUnreachable: no network at all / no IPv6.
  SimWorld& network_down(bool down = true);
  SimWorld& without_ipv6(bool without = true);
  // tcp_facts() are all zero, as on a device that cannot tell.
  SimWorld& without_tcp_facts(bool without = true);
  // Every n-th wait() returns at once for no reason. Unless set, or 0: never.
  SimWorld& spurious_wakes(std::size_t every_nth);

  // --- Names: compared without case. IP literals are found at once; a name that was never told
  // here is not found, after kLookupTime.

  static constexpr Micros kLookupTime = 10 * kMillisecond;
  static constexpr Micros kHangTime = 20 * kSecond;

  SimWorld& name(std::string_view name, std::vector<IpAddress> addresses,
                 Micros lookup_time = kLookupTime);
  SimWorld& name_not_found(std::string_view name, Micros lookup_time = kLookupTime);
  SimWorld& lookup_fails(std::string_view name, Micros lookup_time = kLookupTime);
  SimWorld& lookup_hangs(std::string_view name);
  // Lookups that can be held at once: start() answers kNoLookup beyond. Unless set: 40. One that is
  // released while pending keeps its place until it would have ended, a hanging one for kHangTime,
  // as where a device's own lookup cannot be called off.
  SimWorld& lookup_places(std::size_t places);
  // How often start() was called with this name, and when.
  std::vector<Instant> lookup_times(std::string_view name) const;

  // --- Randomness.

  // fill() fails from now on.
  SimWorld& no_randomness(bool fails = true);

  // --- What is left over, and what would never end.

  std::size_t open_streams() const { return streams_.size(); }
  std::size_t max_open_streams() const { return max_open_streams_; }
  // Not yet released.
  std::size_t open_lookups() const { return lookups_.size(); }
  std::size_t max_open_lookups() const { return max_open_lookups_; }
  // wait() throws EndlessLoop when time gets beyond `when`. Unless set: never.
  SimWorld& stop_after(Instant when);
  // Everything throws EndlessLoop after so many calls and events. Unless set: 5 million. wait()
  // throws it at once when it would sleep forever: no event to come and no deadline.
  SimWorld& step_limit(std::uint64_t steps);

  // Clock
  Instant now() override;
  std::uint64_t wall_ms() override;
  WallClock wall_clock() override;

  // Network
  StreamId connect(const SocketAddress& peer, NetError& why) override;
  IoResult connected(StreamId stream) override;
  IoResult write(StreamId stream, ByteView bytes) override;
  IoResult read(StreamId stream, MutableByteView into) override;
  TcpFacts tcp_facts(StreamId stream) override;
  void close(StreamId stream) override;
  void wait(std::span<Interest> interests, Instant deadline) override;

  // Resolver
  LookupId start(std::string_view name) override;
  LookupId start_seed(std::string_view name) override;
  LookupResult poll(LookupId lookup, std::span<IpAddress> into) override;
  void release(LookupId lookup) override;

  // Random
  [[nodiscard]] bool fill(MutableByteView into) override;

 private:
  friend class Link;

  using PortKey = std::tuple<IpAddress::Family, std::array<std::uint8_t, 16>, std::uint16_t>;
  using HostKey = std::pair<IpAddress::Family, std::array<std::uint8_t, 16>>;

  struct Host {
    Micros round_trip = 0;
    std::size_t open = 0;
    std::size_t max_open = 0;
  };

  struct Name {
    LookupState state = LookupState::kNotFound;
    std::vector<IpAddress> addresses;
    Micros lookup_time = kLookupTime;
    bool hangs = false;
  };

  struct Lookup {
    LookupState state = LookupState::kPending;
    std::vector<IpAddress> addresses;
    Instant ends_at;
  };

  void step();
  bool run_events_until(Instant limit);
  bool mark_ready(std::span<Interest> interests);
  void move_to(Instant when);
  Link& link(StreamId stream);
  ScriptedServer& server_at(const SocketAddress& peer);
  void count_in(ScriptedServer& server, const SocketAddress& peer);
  void count_out(ScriptedServer& server, const SocketAddress& peer);

  Instant start_;
  Instant now_;
  std::uint64_t wall_base_ms_ = kDefaultWallMs;
  WallClock wall_kind_ = WallClock::kNtp;
  std::mt19937_64 random_;
  bool no_randomness_ = false;
  bool woken_ = false;

  // Ordered by time, then by the order in which they were planned.
  std::map<std::pair<Instant, std::uint64_t>, std::function<void()>> events_;
  std::uint64_t event_count_ = 0;
  std::uint64_t steps_ = 0;
  std::uint64_t step_limit_ = 5'000'000;
  Instant stop_after_ = Instant::never();

  std::map<PortKey, std::unique_ptr<ScriptedServer>> servers_;
  std::map<PortKey, std::unique_ptr<ScriptedServer>> closed_ports_;
  std::map<HostKey, Host> hosts_;
  std::vector<std::shared_ptr<Link>> links_;  // all that ever were: behaviours hold references
  std::map<StreamId, std::shared_ptr<Link>> streams_;
  StreamId next_stream_ = 3;
  std::size_t max_open_streams_ = 0;
  std::size_t write_limit_ = SIZE_MAX;
  std::size_t read_limit_ = SIZE_MAX;
  std::size_t send_buffer_ = 256 * 1024;
  std::size_t receive_buffer_ = 64 * 1024;
  std::size_t stream_limit_ = 1000;
  bool network_down_ = false;
  bool without_ipv6_ = false;
  bool without_tcp_facts_ = false;
  std::size_t spurious_every_ = 0;
  std::uint64_t waits_ = 0;

  std::map<std::string, Name, std::less<>> names_;
  std::map<std::string, std::vector<Instant>, std::less<>> lookup_times_;
  std::map<LookupId, Lookup> lookups_;
  LookupId next_lookup_ = 1;
  LookupId seed_lookup_ = kNoLookup;
  std::size_t lookup_places_ = 40;
  std::size_t abandoned_lookups_ = 0;
  std::size_t max_open_lookups_ = 0;
};

// "192.0.2.1"_ip
inline namespace literals {
inline IpAddress operator""_ip(const char* text, std::size_t size) { return ip({text, size}); }
}  // namespace literals

}  // namespace observatory::sim
