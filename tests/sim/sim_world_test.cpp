// SPDX-License-Identifier: MIT
#include "tests/sim/sim_world.h"

#include <array>
#include <string>
#include <vector>

#include "tests/catch2.h"
#include "tests/sim/faulty_network.h"

namespace observatory::sim {
namespace {

constexpr Micros kTrip = 100 * kMillisecond;
const SocketAddress kPeer{"192.0.2.1"_ip, 50001};

bool wait_for(SimWorld& world, Network& network, StreamId stream, bool read, Micros length) {
  const Instant deadline = world.now() + length;
  Interest interest{.stream = stream, .want_read = read, .want_write = !read};
  do {
    network.wait({&interest, 1}, deadline);
  } while (!interest.ready && world.now() < deadline);
  return interest.ready;
}

StreamId connect_to(SimWorld& world, const SocketAddress& peer) {
  NetError why = NetError::kOther;
  const StreamId stream = world.connect(peer, why);
  REQUIRE(stream != kNoStream);
  CHECK(why == NetError::kNone);
  CHECK(wait_for(world, world, stream, false, kSecond));
  return stream;
}

std::string read_now(Network& network, StreamId stream, NetError* error = nullptr) {
  std::string text;
  std::array<std::uint8_t, 4096> bytes;
  while (true) {
    const IoResult result = network.read(stream, bytes);
    if (error != nullptr) *error = result.error;
    if (result.count == 0) return text;
    text += as_text(ByteView(bytes).first(result.count));
  }
}

TEST_CASE("connecting takes one round trip and a reply another") {
  SimWorld world;
  auto& server = world.listen(kPeer.ip, kPeer.port).round_trip(kTrip);
  server.on_line([](Connection& client, std::string_view line) {
    client.send("you said " + std::string(line) + "\n");
  });

  const StreamId stream = connect_to(world, kPeer);
  CHECK(world.elapsed() == kTrip);
  CHECK(world.write(stream, as_bytes("hello\n")).count == 6);
  CHECK(wait_for(world, world, stream, true, kSecond));
  CHECK(world.elapsed() == 2 * kTrip);
  CHECK(read_now(world, stream) == "you said hello\n");
  CHECK(server.received(0) == "hello\n");
  CHECK(server.client_flights() == 1);
  CHECK(server.server_flights() == 1);
  CHECK(world.tcp_facts(stream).rtt_us == kTrip);
  world.close(stream);
  CHECK(world.open_streams() == 0);
}

TEST_CASE("flights count beginnings, not writes") {
  SimWorld world;
  auto& server = world.listen(kPeer.ip, kPeer.port);
  server.on_line([](Connection& client, std::string_view) {
    client.send("a");
    client.send("b", kMillisecond);
  });
  const StreamId stream = connect_to(world, kPeer);
  for (int round = 1; round <= 3; ++round) {
    CHECK(world.write(stream, as_bytes("1")).count == 1);
    world.run_for(kMillisecond);
    CHECK(world.write(stream, as_bytes("2\n")).count == 2);
    world.run_for(kSecond);
    CHECK(read_now(world, stream) == "ab");
  }
  CHECK(server.client_flights() == 3);
  CHECK(server.server_flights() == 3);
  world.close(stream);
}

TEST_CASE("each way of not connecting ends as it was told") {
  SimWorld world;
  auto& server = world.listen(kPeer.ip, kPeer.port).round_trip(kTrip);
  NetError expected = NetError::kNone;
  SocketAddress peer = kPeer;
  SECTION("refused") {
    server.refuse();
    expected = NetError::kRefused;
  }
  SECTION("unreachable") {
    server.unreachable();
    expected = NetError::kUnreachable;
  }
  SECTION("timed out") {
    server.time_out(kTrip);
    expected = NetError::kTimedOut;
  }
  SECTION("another port of the same host") {
    peer.port = 1;
    expected = NetError::kRefused;
  }
  SECTION("a host that does not exist") {
    peer.ip = "192.0.2.99"_ip;
    expected = NetError::kUnreachable;
  }
  NetError why = NetError::kNone;
  const StreamId stream = world.connect(peer, why);
  CHECK(wait_for(world, world, stream, false, kSecond));
  CHECK(world.connected(stream).error == expected);
  CHECK(server.accepted() == 0);
  world.close(stream);
}

TEST_CASE("an ignored connect stays open until the caller loses patience") {
  SimWorld world;
  world.listen(kPeer.ip, kPeer.port).ignore();
  NetError why = NetError::kNone;
  const StreamId stream = world.connect(kPeer, why);
  CHECK_FALSE(wait_for(world, world, stream, false, 3600 * kSecond));
  CHECK(world.elapsed() == 3600 * kSecond);
  CHECK(world.connected(stream).error == NetError::kNone);
  CHECK(world.open_streams() == 1);
  world.close(stream);
}

TEST_CASE("a stream is cut after the bytes that were told") {
  const auto cut = static_cast<std::size_t>(GENERATE(range(0, 7)));
  const bool by_reset = GENERATE(false, true);
  SimWorld world;
  auto& server = world.listen(kPeer.ip, kPeer.port);
  server.on_line([](Connection& client, std::string_view) { client.send("abcdef"); });
  if (by_reset) server.reset_after(cut);
  if (!by_reset) server.close_after(cut);

  const StreamId stream = connect_to(world, kPeer);
  CHECK(world.write(stream, as_bytes("go\n")).count == 3);
  world.run_for(kSecond);
  NetError error = NetError::kNone;
  CHECK(read_now(world, stream, &error) == std::string("abcdef").substr(0, cut));
  CHECK(error == (by_reset ? NetError::kReset : NetError::kClosed));
  CHECK(server.bytes_sent() == cut);
  world.close(stream);
}

TEST_CASE("bytes for a server that has closed are answered with a reset") {
  SimWorld world;
  world.listen(kPeer.ip, kPeer.port).close_on_accept();
  const StreamId stream = connect_to(world, kPeer);
  world.run_for(kSecond);
  CHECK(world.write(stream, as_bytes("x")).count == 1);
  world.run_for(kSecond);
  CHECK(world.write(stream, as_bytes("x")).error == NetError::kReset);
  CHECK(world.read(stream, {}).error == NetError::kNone);
  world.close(stream);
}

TEST_CASE("pieces come one by one") {
  SimWorld world;
  auto& server = world.listen(kPeer.ip, kPeer.port).pieces(2, 3 * kMillisecond);
  server.on_accept([](Connection& client) { client.send("abcde"); });
  const StreamId stream = connect_to(world, kPeer);
  std::vector<std::string> pieces;
  std::vector<Micros> times;
  while (wait_for(world, world, stream, true, kSecond)) {
    pieces.push_back(read_now(world, stream));
    times.push_back(world.elapsed());
  }
  REQUIRE(pieces == std::vector<std::string>{"ab", "cd", "e"});
  CHECK(times[1] - times[0] == 3 * kMillisecond);
  CHECK(times[2] - times[1] == 3 * kMillisecond);
  world.close(stream);
}

TEST_CASE("delayed bytes keep their order and their time") {
  SimWorld world;
  auto& server = world.listen(kPeer.ip, kPeer.port).round_trip(kTrip);
  server.on_accept([](Connection& client) {
    client.send("late ", kSecond);
    client.send("behind");
    client.close();
  });
  const StreamId stream = connect_to(world, kPeer);
  CHECK(wait_for(world, world, stream, true, 10 * kSecond));
  CHECK(world.elapsed() == 2 * kTrip + kSecond);
  NetError error = NetError::kNone;
  CHECK(read_now(world, stream, &error) == "late behind");
  CHECK(error == NetError::kClosed);
  world.close(stream);
}

TEST_CASE("writes and reads are as partial as they were told to be") {
  SimWorld world;
  world.write_limit(3).read_limit(2);
  auto& server = world.listen(kPeer.ip, kPeer.port);
  server.on_accept([](Connection& client) { client.send("abc"); });
  const StreamId stream = connect_to(world, kPeer);
  world.run_for(kSecond);
  CHECK(world.write(stream, as_bytes("12345")).count == 3);
  std::array<std::uint8_t, 8> bytes;
  CHECK(world.read(stream, bytes).count == 2);
  CHECK(world.read(stream, bytes).count == 1);
  world.close(stream);
}

TEST_CASE("a flood is held back by a client that does not read") {
  SimWorld world;
  world.buffers(1000, 500);
  auto& server = world.listen(kPeer.ip, kPeer.port).flood(10);
  const StreamId stream = connect_to(world, kPeer);
  world.run_for(kSecond);
  CHECK(server.bytes_sent() == 500);
  const std::string first = read_now(world, stream);
  CHECK(first.size() == 500);
  CHECK(first.substr(0, 12) == "xxxxxxxxx\nxx");
  world.run_for(kSecond);
  CHECK(server.bytes_sent() == 1000);
  world.close(stream);
  world.run_for(kSecond);
}

TEST_CASE("simultaneous connections are counted per port and per address") {
  SimWorld world;
  auto& one = world.listen(kPeer.ip, 1);
  auto& two = world.listen(kPeer.ip, 2);
  const StreamId first = connect_to(world, {kPeer.ip, 1});
  const StreamId second = connect_to(world, {kPeer.ip, 2});
  world.close(first);
  world.close(second);
  const StreamId third = connect_to(world, {kPeer.ip, 1});
  world.close(third);
  world.run_for(kSecond);
  CHECK(one.max_simultaneous() == 1);
  CHECK(two.max_simultaneous() == 1);
  CHECK(world.max_simultaneous(kPeer.ip) == 2);
  CHECK(one.accepted() == 2);
  CHECK(one.connect_times().size() == 2);
  CHECK(world.max_open_streams() == 2);
}

TEST_CASE("misuse of a handle fails the test") {
  SimWorld world;
  world.listen(kPeer.ip, kPeer.port);
  const StreamId stream = connect_to(world, kPeer);
  world.close(stream);
  CHECK_THROWS_AS(world.close(stream), std::logic_error);
  CHECK_THROWS_AS(world.connected(stream), std::logic_error);
  const LookupId lookup = world.start("example.org");
  world.release(lookup);
  CHECK_THROWS_AS(world.release(lookup), std::logic_error);
}

TEST_CASE("what would go on for ever throws") {
  SimWorld world;
  SECTION("sleeping without an event to come") {
    CHECK_THROWS_AS(world.wait({}, Instant::never()), EndlessLoop);
  }
  SECTION("a busy loop") {
    world.step_limit(1000);
    CHECK_THROWS_AS(
        [&] {
          while (true) world.wait({}, world.now());
        }(),
        EndlessLoop);
  }
  SECTION("an endless story") {
    world.stop_after(world.now() + kSecond);
    CHECK_THROWS_AS(
        [&] {
          while (true) world.run_for(kMillisecond);
        }(),
        EndlessLoop);
    CHECK(world.elapsed() == kSecond);
  }
}

TEST_CASE("names are found or not as they were told") {
  SimWorld world;
  world.name("Example.org", {"192.0.2.1"_ip, "2001:db8::1"_ip}, kTrip).lookup_fails("broken.test");
  world.name_not_found("gone.test", kTrip).lookup_hangs("slow.test");
  const auto look_up = [&](std::string_view name) {
    const LookupId lookup = world.start(name);
    world.wait({}, world.now() + kSecond);
    std::array<IpAddress, 4> addresses;
    const LookupResult result = world.poll(lookup, addresses);
    world.release(lookup);
    return std::pair{result.state, result.count};
  };
  CHECK(look_up("example.ORG") == std::pair{LookupState::kFound, std::size_t{2}});
  CHECK(world.elapsed() == kTrip);
  CHECK(look_up("gone.test").first == LookupState::kNotFound);
  CHECK(look_up("never.heard.of.it").first == LookupState::kNotFound);
  CHECK(look_up("broken.test").first == LookupState::kFailed);
  CHECK(look_up("192.0.2.7") == std::pair{LookupState::kFound, std::size_t{1}});
  CHECK(look_up("slow.test").first == LookupState::kPending);
  CHECK(world.lookup_times("example.org").size() == 1);
  CHECK(world.open_lookups() == 0);
}

TEST_CASE("an abandoned lookup keeps its place until it ends") {
  SimWorld world;
  world.name("example.org", {"192.0.2.1"_ip}, kSecond).lookup_places(1);
  const LookupId lookup = world.start("example.org");
  CHECK(world.start("example.org") == kNoLookup);
  world.release(lookup);
  CHECK(world.open_lookups() == 0);
  CHECK(world.start("example.org") == kNoLookup);
  world.run_for(kSecond);
  const LookupId again = world.start("example.org");
  CHECK(again != kNoLookup);
  world.release(again);
}

TEST_CASE("the date advances with virtual time") {
  SimWorld world;
  CHECK(world.wall_ms() == SimWorld::kDefaultWallMs);
  CHECK(world.wall_clock() == WallClock::kNtp);
  world.run_for(kSecond);
  CHECK(world.wall_ms() == SimWorld::kDefaultWallMs + 1000);
  world.wall_clock_is(5000, WallClock::kUnset);
  world.run_for(kSecond);
  CHECK(world.wall_ms() == 6000);
  CHECK(world.wall_clock() == WallClock::kUnset);
}

TEST_CASE("the same seed gives the same world and another seed another") {
  SimWorld one(7);
  SimWorld same(7);
  SimWorld other(8);
  std::array<std::uint8_t, 16> bytes[3];
  CHECK(one.fill(bytes[0]));
  CHECK(same.fill(bytes[1]));
  CHECK(other.fill(bytes[2]));
  CHECK(bytes[0] == bytes[1]);
  CHECK(bytes[0] != bytes[2]);
  CHECK(one.now() == same.now());
  CHECK_FALSE(one.no_randomness().fill(bytes[0]));
}

TEST_CASE("the device's own limits are answered at once") {
  SimWorld world;
  world.listen(kPeer.ip, kPeer.port);
  NetError why = NetError::kNone;
  SECTION("no handle") {
    world.stream_limit(0);
    CHECK(world.connect(kPeer, why) == kNoStream);
    CHECK(why == NetError::kExhausted);
  }
  SECTION("no network") {
    world.network_down();
    CHECK(world.connect(kPeer, why) == kNoStream);
    CHECK(why == NetError::kUnreachable);
  }
  SECTION("no IPv6") {
    world.without_ipv6();
    CHECK(world.connect({"2001:db8::1"_ip, 1}, why) == kNoStream);
    CHECK(why == NetError::kUnreachable);
    world.close(connect_to(world, kPeer));
  }
}

TEST_CASE("wait() returns for no reason when it was told to") {
  SimWorld world;
  world.spurious_wakes(2);
  const Instant deadline = world.now() + kSecond;
  world.wait({}, deadline);
  CHECK(world.now() == deadline);
  world.wait({}, deadline + kSecond);
  CHECK(world.now() == deadline);
  world.wait({}, deadline + kSecond);
  CHECK(world.now() == deadline + kSecond);
}

TEST_CASE("every call can be made to fail and then the stream stays failed") {
  std::size_t runs = 0;
  for (std::size_t n = 1;; ++n) {
    SimWorld world;
    world.listen(kPeer.ip, kPeer.port).on_bytes([](Connection& client, ByteView bytes) {
      client.send(bytes);
    });
    FaultyNetwork network(world, n, NetError::kTimedOut);
    // connect, connected, write, read: the n-th of them fails.
    NetError why = NetError::kNone;
    const StreamId stream = network.connect(kPeer, why);
    std::vector<NetError> errors{why};
    if (stream != kNoStream) {
      std::array<std::uint8_t, 8> bytes;
      CHECK(wait_for(world, network, stream, false, kSecond));
      errors.push_back(network.connected(stream).error);
      errors.push_back(network.write(stream, as_bytes("x")).error);
      CHECK(wait_for(world, network, stream, true, kSecond));
      errors.push_back(network.read(stream, bytes).error);
      network.close(stream);
    }
    CHECK(world.open_streams() == 0);
    // A failed stream is ready at once.
    CHECK(world.elapsed() < kSecond);
    if (!network.failed()) {
      CHECK(errors == std::vector<NetError>(4, NetError::kNone));
      break;
    }
    ++runs;
    REQUIRE(errors.size() >= n);
    for (std::size_t i = 0; i < errors.size(); ++i) {
      CHECK(errors[i] == (i + 1 < n ? NetError::kNone : NetError::kTimedOut));
    }
  }
  CHECK(runs == 4);
}

}  // namespace
}  // namespace observatory::sim
