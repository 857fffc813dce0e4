// SPDX-License-Identifier: MIT
// Whatever a peer does not do costs exactly the time that was set aside for it.
#include <string>

#include "tests/catch2.h"
#include "tests/scenario/scenario.h"

namespace observatory::scenario {
namespace {

using sim::Connection;

constexpr Micros kTrip = 20 * kMillisecond;  // what a simulated server has unless told otherwise

// Passes lines on, and notes when the first line of the second write came.
sim::LineHandler noting_second_write(ElectrumServer server, Instant& at) {
  return [server = std::move(server), &at](Connection& client, std::string_view line) {
    if (line.find("server.features") != std::string_view::npos) at = client.now();
    server(client, line);
  };
}

TEST_CASE("a lookup that never ends costs a third of a visit") {
  const Micros visit = GENERATE(1, 15, 120) * kSecond;
  Scenario scenario;
  scenario.options.visit = visit;
  scenario.world.lookup_hangs("example.org");
  scenario.visit("example.org:50001:t");
  scenario.run();
  CHECK(scenario.only().outcome() == "dns_timeout");
  CHECK(scenario.only().phases().empty());
  CHECK(scenario.elapsed() == visit / 3);
}

TEST_CASE("a resolver without a free place is asked again until the lookup's time is over") {
  Scenario scenario;
  scenario.world.lookup_places(1);
  scenario.world.name("example.org", {"127.0.2.1"_ip});
  scenario.world.listen("127.0.2.1"_ip, 50001).on_line(electrumx());
  scenario.visit("example.org:50001:t");
  const LookupId other = scenario.world.start("elsewhere.example");

  SECTION("it gets one when the place is given back") {
    scenario.world.after(kSecond, [&] { scenario.world.release(other); });
    scenario.run();
    CHECK(scenario.only().outcome() == "ok");
    CHECK(scenario.elapsed() >= kSecond + kTcpTrips * kTrip);
    CHECK(scenario.elapsed() <=
          kSecond + limits::kRetry + sim::SimWorld::kLookupTime + kTcpTrips * kTrip);
  }
  SECTION("it never gets one") {
    scenario.run_until([&] { return scenario.scheduler().done(); });
    CHECK(scenario.only().outcome() == "exhausted");  // no name server was asked
    CHECK(scenario.elapsed() == limits::kVisit / 3);
    scenario.world.release(other);
  }
}

TEST_CASE("a lost SYN costs a third of a visit") {
  const Micros visit = GENERATE(1, 15, 120) * kSecond;
  Scenario scenario;
  scenario.options.visit = visit;
  scenario.world.listen("127.0.2.1"_ip, 50001).ignore();
  scenario.visit("127.0.2.1:50001:t");
  scenario.run();
  CHECK(scenario.only().outcome() == "connect_timeout");
  CHECK(scenario.only().phases().empty());
  CHECK(scenario.elapsed() == visit / 3);
}

TEST_CASE("eight dead addresses share the time of one") {
  Scenario scenario;
  std::vector<IpAddress> addresses;
  for (int i = 1; i <= 8; ++i) addresses.push_back(sim::ip("127.0.2." + std::to_string(i)));
  for (const IpAddress& address : addresses) scenario.world.listen(address, 50001).ignore();
  scenario.world.name("example.org", addresses);
  scenario.visit("example.org:50001:t");
  scenario.run();

  CHECK(scenario.only().outcome() == "connect_timeout");
  CHECK(scenario.only().phases() == "dns");
  CHECK(scenario.only().number(FieldId::kAddresses) == 8);
  CHECK(scenario.elapsed() == sim::SimWorld::kLookupTime + limits::kVisit / 3);
  const Instant first = scenario.world.listen(addresses[0], 50001).connect_times().at(0);
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto& times = scenario.world.listen(addresses[i], 50001).connect_times();
    REQUIRE(times.size() == 1);
    CHECK(times[0] - first == static_cast<Micros>(i) * limits::kVisit / 3 / 8);
  }
}

TEST_CASE("what an address leaves of its time goes to those behind it") {
  Scenario scenario;
  scenario.world.listen("127.0.2.1"_ip, 50001).refuse();
  scenario.world.listen("127.0.2.2"_ip, 50001).ignore();
  scenario.world.name("example.org", {"127.0.2.1"_ip, "127.0.2.2"_ip});
  scenario.visit("example.org:50001:t");
  scenario.run();
  // A refusal says more of the server than silence.
  CHECK(scenario.only().outcome() == "refused");
  CHECK(scenario.only().json().find("\"ip\":\"127.0.2.1\"") != std::string::npos);
  CHECK(scenario.elapsed() == sim::SimWorld::kLookupTime + limits::kVisit / 3);
}

TEST_CASE("a dead first address costs its share, and the second is observed in full") {
  Scenario scenario;
  scenario.world.listen("127.0.2.1"_ip, 50001).ignore();
  scenario.world.listen("127.0.2.2"_ip, 50001).on_line(electrumx());
  scenario.world.name("example.org", {"127.0.2.1"_ip, "127.0.2.2"_ip});
  scenario.visit("example.org:50001:t");
  scenario.run();
  const Kept& seen = scenario.only();
  CHECK(seen.outcome() == "ok");
  CHECK(seen.json().find("\"ip\":\"127.0.2.2\"") != std::string::npos);
  CHECK(seen.number(FieldId::kUsConnect) == kTrip);
  CHECK_FALSE(seen.number(FieldId::kConnections));
  CHECK(scenario.elapsed() == sim::SimWorld::kLookupTime + limits::kVisit / 6 + kTcpTrips * kTrip);
}

TEST_CASE("a device without IPv6 loses no time over IPv6 addresses") {
  Scenario scenario;
  scenario.world.without_ipv6();
  scenario.world.listen("2001:db8::1"_ip, 50001).on_line(electrumx());
  scenario.world.listen("127.0.2.1"_ip, 50001).on_line(electrumx());
  scenario.world.name("example.org", {"2001:db8::1"_ip, "2001:db8::2"_ip, "127.0.2.1"_ip});
  scenario.visit("example.org:50001:t");
  scenario.run();
  CHECK(scenario.only().outcome() == "ok");
  CHECK(scenario.only().json().find("\"ip\":\"127.0.2.1\"") != std::string::npos);
  CHECK(scenario.elapsed() == sim::SimWorld::kLookupTime + kTcpTrips * kTrip);
}

TEST_CASE("a TLS server that says nothing costs half a visit") {
  const Micros visit = GENERATE(1, 15, 120) * kSecond;
  Scenario scenario;
  scenario.options.visit = visit;
  scenario.world.listen("127.0.2.1"_ip, 50002).on_bytes(tls_server(fulcrum()).silent());
  scenario.visit("127.0.2.1:50002:s");
  scenario.run();
  CHECK(scenario.only().outcome() == "tls_timeout");
  CHECK(scenario.only().phases() == "connect");
  CHECK(scenario.elapsed() == kTrip + visit / 2);
}

TEST_CASE("a server that never answers costs half a visit behind its handshake") {
  const Micros visit = GENERATE(1, 15, 120) * kSecond;
  const bool tls = GENERATE(false, true);
  Scenario scenario;
  scenario.options.visit = visit;
  if (tls) {
    scenario.world.listen("127.0.2.1"_ip, 1).on_bytes(tls_server([](Connection&, auto) {}));
    scenario.visit("127.0.2.1:1:s");
  } else {
    scenario.world.listen("127.0.2.1"_ip, 1);
    scenario.visit("127.0.2.1:1:t");
  }
  scenario.run();
  CHECK(scenario.only().outcome() == "reply_timeout");
  CHECK(scenario.only().phases() == (tls ? "connect,tls" : "connect"));
  CHECK(scenario.elapsed() == kTrip + (tls ? kTrip : 0) + visit / 2);
}

TEST_CASE("who answers server.version alone gets the second write after four seconds") {
  const bool tls = GENERATE(false, true);
  Scenario scenario;
  Instant second_write;
  const sim::LineHandler handler = noting_second_write(electrumx().only_version(), second_write);
  auto& server = scenario.world.listen("127.0.2.1"_ip, 1);
  if (tls) {
    server.on_bytes(tls_server(handler));
  } else {
    server.on_line(handler);
  }
  scenario.visit(tls ? "127.0.2.1:1:s" : "127.0.2.1:1:t");
  scenario.run();

  const Micros open = kTrip + (tls ? kTrip : 0);
  CHECK(scenario.only().outcome() == "ok");
  CHECK(scenario.only().phases() ==
        (tls ? "connect,tls,version,replies" : "connect,version,replies"));
  CHECK(scenario.only().number(FieldId::kUsReplies) == kTrip);
  CHECK(second_write - server.connect_times().at(0) == open + limits::kFirstReplies + kTrip / 2);
  CHECK(scenario.elapsed() == open + limits::kFirstReplies + limits::kSecondReplies);
}

TEST_CASE("who is late with server.version gets the second write one second after that") {
  Scenario scenario;
  Instant second_write;
  auto& server = scenario.world.listen("127.0.2.1"_ip, 1);
  server.on_line(noting_second_write(
      electrumx().only_version().takes("server.version", 6 * kSecond), second_write));
  scenario.visit("127.0.2.1:1:t");
  scenario.run();
  CHECK(scenario.only().outcome() == "ok");
  CHECK(scenario.only().number(FieldId::kUsVersion) == 6 * kSecond + kTrip);
  CHECK(second_write - server.connect_times().at(0) ==
        kTrip + 6 * kSecond + kTrip + limits::kStragglers + kTrip / 2);
}

TEST_CASE("a server silent on the second write costs three seconds more") {
  Scenario scenario;
  scenario.world.listen("127.0.2.1"_ip, 1)
      .on_line(electrumx().silent("server.features").silent("mempool.get_info"));
  scenario.visit("127.0.2.1:1:t");
  scenario.run();
  CHECK(scenario.only().outcome() == "ok");
  CHECK(scenario.only().text(FieldId::kWireArrival) == "1,2,3,4,5,6");
  CHECK(scenario.elapsed() == 2 * kTrip + limits::kSecondReplies);
}

TEST_CASE("no visit takes longer than its limit, whatever each phase has left") {
  // Connecting and the handshake stay just below their own deadlines.
  constexpr Micros kSlow = 4900 * kMillisecond;
  Scenario scenario;
  auto& server = scenario.world.listen("127.0.2.1"_ip, 1).round_trip(kSlow);
  scenario.visit("127.0.2.1:1:s");

  SECTION("nothing was answered in time") {
    server.on_bytes(tls_server(electrumx().silent("server.version")));
    scenario.run();
    CHECK(scenario.only().phases() == "connect,tls,replies");
    CHECK(scenario.only().outcome() == "reply_timeout");
    CHECK(scenario.elapsed() == limits::kVisit);
  }
  SECTION("the first write was answered in time") {
    server.on_bytes(tls_server(electrumx()));
    scenario.run();
    CHECK(scenario.only().phases() == "connect,tls,version,replies");
    CHECK(scenario.only().outcome() == "ok");
    CHECK(scenario.only().text(FieldId::kWireArrival) == "1,2,3,4,5,6");
    CHECK(scenario.elapsed() == limits::kVisit);
  }
  SECTION("a lookup before it has its own time") {
    server.on_bytes(tls_server(electrumx()));
    scenario.world.name("example.org", {"127.0.2.1"_ip}, 4 * kSecond);
    scenario.list = {};
    scenario.visit("example.org:1:s");
    scenario.run();
    CHECK(scenario.only().outcome() == "ok");
    CHECK(scenario.elapsed() == 4 * kSecond + limits::kVisit);
  }
}

TEST_CASE("a short limit cuts an observation short and keeps what it has") {
  Scenario scenario;
  scenario.options.visit = kSecond;
  scenario.world.listen("127.0.2.1"_ip, 1).on_line(electrumx().only_version());
  scenario.visit("127.0.2.1:1:t");
  scenario.run();
  CHECK(scenario.only().outcome() == "ok");
  CHECK(scenario.only().phases() == "connect,version,replies");
  CHECK(scenario.elapsed() == kSecond);
}

TEST_CASE("a trickle of bytes does not prolong a visit") {
  // One byte each 100 ms, and never a whole line.
  Scenario scenario;
  scenario.world.listen("127.0.2.1"_ip, 1)
      .pieces(1, 100 * kMillisecond)
      .on_line([](Connection& client, std::string_view) { client.send(std::string(1000, ' ')); });
  scenario.visit("127.0.2.1:1:t");
  scenario.run();
  CHECK(scenario.only().outcome() == "reply_timeout");
  CHECK(scenario.elapsed() == kTrip + limits::kVisit / 2);
}

}  // namespace
}  // namespace observatory::scenario
