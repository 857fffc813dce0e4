// SPDX-License-Identifier: MIT
// Visits through a SOCKS proxy: what it says and fails to say, and what nobody else may learn.
#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "tests/catch2.h"
#include "tests/scenario/scenario.h"

namespace observatory::scenario {
namespace {

using sim::SocksProxy;
using Message = sim::SocksProxy::Message;
using Takes = Scenario::Takes;
using std::string_view_literals::operator""sv;

constexpr Micros kTrip = 20 * kMillisecond;  // what a simulated server has unless told otherwise
constexpr std::string_view kOnion = "abcdefghijklmnop.onion";

std::string onion(std::string_view port) { return std::string(kOnion) + std::string(port); }

// What a proxy may say to a request.
std::string reply(int code) {
  return std::string("\5") + static_cast<char>(code) + std::string("\0\1\0\0\0\0\0\0", 8);
}

TEST_CASE("an onion server is visited through the proxy, which alone learns its name") {
  Scenario scenario;
  auto& server = scenario.world.listen("192.0.2.1"_ip, 50001).on_line(electrumx());
  SocksProxy& proxy = scenario.proxy().name(kOnion, "192.0.2.1"_ip);
  scenario.visit(onion(":50001:t"));
  scenario.run();
  const Kept& seen = scenario.only();
  CHECK(seen.outcome() == "ok");
  CHECK(seen.number(FieldId::kProxied) == 1);
  CHECK_FALSE(seen.record().has(FieldId::kProxyReply));
  CHECK_FALSE(seen.record().has(FieldId::kIp));
  CHECK_FALSE(seen.record().has(FieldId::kAddresses));
  CHECK(scenario.world.lookup_times(kOnion).empty());
  REQUIRE(proxy.requests().size() == 1);
  CHECK(proxy.requests()[0].name == kOnion);
  CHECK(proxy.requests()[0].port == 50001);
  CHECK(server.accepted() == 1);
}

TEST_CASE("no round trip is claimed of what lies behind a proxy") {
  Scenario scenario;
  scenario.world.listen("192.0.2.1"_ip, 50001).on_line(electrumx());
  scenario.proxy().name(kOnion, "192.0.2.1"_ip);
  scenario.visit(onion(":50001:t"));
  scenario.run();
  CHECK(scenario.only().phases() == "proxy,version,replies,pings");
  // To the proxy, greeting, login, request; and the proxy's own connect.
  CHECK(scenario.only().number(FieldId::kUsProxy) == 4 * kTrip + kTrip);
  CHECK_FALSE(scenario.only().record().has(FieldId::kTcp));
  CHECK_FALSE(scenario.only().record().has(FieldId::kTcpRtt));
}

TEST_CASE("TLS goes through the proxy, with the onion name as the server's, as wallets do it") {
  Scenario scenario;
  const sim::SimTlsServer tls = tls_server(fulcrum());
  scenario.world.listen("192.0.2.1"_ip, 50002).on_bytes(tls);
  scenario.proxy().name(kOnion, "192.0.2.1"_ip);
  scenario.visit(onion(":50002:s"));
  scenario.run();
  CHECK(scenario.only().outcome() == "ok");
  CHECK(tls.server_names() == std::vector<std::string>{std::string(kOnion)});
}

TEST_CASE("beside an onion server the others are visited directly") {
  Scenario scenario;
  scenario.world.listen("192.0.2.1"_ip, 50001).on_line(electrumx());
  scenario.world.name("example.org", {"192.0.2.1"_ip});
  SocksProxy& proxy = scenario.proxy().name(kOnion, "192.0.2.1"_ip);
  scenario.visit("example.org:50001:t");
  scenario.visit(onion(":50001:t"));
  scenario.visit("192.0.2.1:50001:t");
  scenario.run();
  CHECK(proxy.requests().size() == 1);
  CHECK(scenario.world.lookup_times("example.org").size() == 1);
  for (const std::string endpoint : {"example.org:50001:t", "192.0.2.1:50001:t"}) {
    const Kept& seen = scenario.at(endpoint);
    CHECK(seen.outcome() == "ok");
    CHECK_FALSE(seen.record().has(FieldId::kProxied));
    CHECK(seen.number(FieldId::kUsConnect) == kTrip);
    CHECK(seen.number(FieldId::kTcpRtt) == kTrip);
  }
}

TEST_CASE("with everything through the proxy nothing is looked up or connected to here") {
  Scenario scenario;
  auto& four = scenario.world.listen("192.0.2.1"_ip, 50001).on_line(electrumx());
  auto& six = scenario.world.listen("2001:db8::1"_ip, 50001).on_line(electrumx());
  scenario.world.name("example.org", {"192.0.2.1"_ip});
  SocksProxy& proxy = scenario.proxy(Takes::kAll).name("example.org", "192.0.2.1"_ip);
  scenario.visit("example.org:50001:t");
  scenario.visit("192.0.2.1:50001:t");
  scenario.visit("[2001:db8::1]:50001:t");
  scenario.run();
  CHECK(scenario.world.lookup_times("example.org").empty());
  REQUIRE(proxy.requests().size() == 3);
  CHECK(proxy.requests()[0].name == "example.org");
  CHECK(proxy.requests()[1].name.empty());
  CHECK(proxy.requests()[1].ip == "192.0.2.1"_ip);
  CHECK(proxy.requests()[2].ip == "2001:db8::1"_ip);
  CHECK(four.accepted() == 2);
  CHECK(six.accepted() == 1);
  // Each stream of the device led to the proxy.
  CHECK(proxy.server().accepted() == 3);
  for (const Kept* seen : scenario.observations()) {
    CHECK(seen->outcome() == "ok");
    CHECK(seen->number(FieldId::kProxied) == 1);
  }
  CHECK(scenario.at("192.0.2.1:50001:t").record().has(FieldId::kIp));
}

TEST_CASE("each visit has a user of its own, which its further connections keep") {
  Scenario scenario;
  scenario.world.listen("192.0.2.1"_ip, 50001).on_line(electrumx().refuses_lists());
  scenario.world.listen("192.0.2.1"_ip, 50002).on_line(electrumx());
  SocksProxy& proxy = scenario.proxy().name(kOnion, "192.0.2.1"_ip);
  scenario.visit(onion(":50001:t"));
  scenario.visit(onion(":50002:t"));
  scenario.run();
  const auto& asked = proxy.requests();
  REQUIRE(asked.size() == 3);
  CHECK(asked[0].user == asked[1].user);
  CHECK(asked[1].user != asked[2].user);
  CHECK(asked[0].user.size() == 16);
  CHECK(asked[0].user.find_first_not_of("0123456789abcdef") == std::string::npos);

  Scenario another(1, 2);
  another.world.listen("192.0.2.1"_ip, 50001).on_line(electrumx());
  SocksProxy& other = another.proxy().name(kOnion, "192.0.2.1"_ip);
  another.visit(onion(":50001:t"));
  another.run();
  CHECK(other.requests().at(0).user != asked[0].user);
}

TEST_CASE("without randomness no visit is made that others could be told from") {
  Scenario scenario;
  SocksProxy& proxy = scenario.proxy().name(kOnion, "192.0.2.1"_ip);
  scenario.output.on_visit([&](const Endpoint&) { scenario.world.no_randomness(); });
  scenario.visit(onion(":50001:t"));
  scenario.run();
  CHECK(scenario.only().outcome() == "exhausted");
  CHECK(proxy.server().connect_times().empty());
}

TEST_CASE("a name takes its turn like an address, and two names do not wait for each other") {
  Scenario scenario(3);
  scenario.world.listen("192.0.2.1"_ip, 1).on_line(electrumx());
  scenario.world.listen("192.0.2.1"_ip, 2).on_line(electrumx());
  scenario.world.listen("192.0.2.2"_ip, 1).on_line(electrumx());
  scenario.proxy().name("a.onion", "192.0.2.1"_ip).name("b.onion", "192.0.2.2"_ip);
  scenario.visit("a.onion:1:t");
  scenario.visit("a.onion:2:t");
  scenario.visit("b.onion:1:t");
  scenario.run();
  CHECK(scenario.world.max_simultaneous("192.0.2.1"_ip) == 1);
  CHECK(scenario.at("a.onion:1:t").written_at() == scenario.at("b.onion:1:t").written_at());
  CHECK(scenario.at("a.onion:2:t").written_at() > scenario.at("a.onion:1:t").written_at());
}

TEST_CASE("every reply of the proxy is an outcome, with its code") {
  struct Row {
    int code;
    const char* outcome;
  };
  const auto row = GENERATE(
      Row{1, "proxy_refused"}, Row{2, "proxy_refused"}, Row{3, "unreachable"},
      Row{4, "unreachable"}, Row{5, "refused"}, Row{6, "connect_timeout"}, Row{7, "proxy_refused"},
      Row{8, "proxy_refused"}, Row{9, "proxy_refused"}, Row{0xF0, "onion_not_found"},
      Row{0xF1, "onion_invalid"}, Row{0xF2, "onion_unreachable"}, Row{0xF3, "onion_unreachable"},
      Row{0xF4, "onion_locked"}, Row{0xF5, "onion_locked"}, Row{0xF6, "onion_invalid"},
      Row{0xF7, "onion_unreachable"}, Row{0xFF, "proxy_refused"});
  Scenario scenario;
  scenario.proxy().says(Message::kRequest, reply(row.code));
  scenario.visit(onion(":50001:t"));
  scenario.run();
  CHECK(scenario.only().outcome() == row.outcome);
  CHECK(scenario.only().number(FieldId::kProxyReply) == row.code);
  CHECK(scenario.only().number(FieldId::kProxied) == 1);
  CHECK(scenario.only().phases().empty());
  CHECK(scenario.elapsed() == 4 * kTrip);
}

TEST_CASE("whatever else the proxy does is held against the proxy, not the server") {
  struct Row {
    const char* what;
    void (*arrange)(SocksProxy&);
    const char* outcome = "proxy_failed";
  };
  const auto row = GENERATE(
      Row{"nobody listens there", [](SocksProxy& p) { p.server().refuse(); }},
      Row{"there is no way to it", [](SocksProxy& p) { p.server().unreachable(); }},
      Row{"it does not answer", [](SocksProxy& p) { p.server().ignore(); }},
      Row{"it closes at once", [](SocksProxy& p) { p.server().close_on_accept(); }},
      Row{"it resets at once", [](SocksProxy& p) { p.server().reset_on_accept(); }},
      Row{"it never reads", [](SocksProxy& p) { p.server().stall(); }},
      Row{"it is a web server", [](SocksProxy& p) { p.says(Message::kGreeting, "HTTP/1.1 400 "); }},
      Row{"it is an Electrum server",
          [](SocksProxy& p) { p.says(Message::kGreeting, "{\"id\"}"); }},
      Row{"it speaks SOCKS 4", [](SocksProxy& p) { p.says(Message::kGreeting, "\0\x5b"sv); }},
      Row{"no method is good enough", [](SocksProxy& p) { p.says(Message::kGreeting, "\5\xff"); }},
      Row{"it wants GSSAPI", [](SocksProxy& p) { p.says(Message::kGreeting, "\5\1"); }},
      Row{"it says nothing", [](SocksProxy& p) { p.says(Message::kGreeting, ""); }},
      Row{"it says half a word", [](SocksProxy& p) { p.says(Message::kGreeting, "\5"); }},
      Row{"it floods", [](SocksProxy& p) { p.server().flood(); }},
      Row{"it refuses the login", [](SocksProxy& p) { p.says(Message::kLogin, "\1\1"); }},
      Row{"it hangs up on the login", [](SocksProxy& p) { p.closes(Message::kLogin); }},
      Row{"it is silent on the login", [](SocksProxy& p) { p.says(Message::kLogin, ""); }},
      Row{"it closes on the request", [](SocksProxy& p) { p.closes(Message::kRequest); }},
      Row{"it resets on the request", [](SocksProxy& p) { p.resets(Message::kRequest); }},
      Row{"its reply is of SOCKS 4",
          [](SocksProxy& p) { p.says(Message::kRequest, "\4\0\0\1"sv); }},
      // It was asked and has not said no: what takes so long is the way to the server.
      Row{"it is silent on the request", [](SocksProxy& p) { p.says(Message::kRequest, ""); },
          "connect_timeout"});
  INFO(row.what);
  Scenario scenario;
  auto& server = scenario.world.listen("192.0.2.1"_ip, 50001).on_line(electrumx());
  SocksProxy& proxy = scenario.proxy().name(kOnion, "192.0.2.1"_ip);
  row.arrange(proxy);
  scenario.visit(onion(":50001:t"));
  scenario.run();
  CHECK(scenario.only().outcome() == row.outcome);
  CHECK_FALSE(scenario.only().record().has(FieldId::kProxyReply));
  CHECK(scenario.only().phases().empty());
  CHECK(scenario.elapsed() <= 3 * limits::kVisit / 3);
  CHECK(server.accepted() == 0);
}

TEST_CASE("a proxy that begins to say yes and does not end is waited for as if it were silent") {
  Scenario scenario;
  scenario.proxy().says(Message::kRequest, GENERATE("\5\0"sv, "\5\0\0"sv, "\5\0\0\3\xff half"sv));
  scenario.visit(onion(":50001:t"));
  scenario.run();
  CHECK(scenario.elapsed() == 3 * limits::kVisit / 3);
  CHECK_FALSE(scenario.only().record().has(FieldId::kUsProxy));
  CHECK_FALSE(scenario.only().record().has(FieldId::kProxyReply));
  CHECK(scenario.only().outcome() == "connect_timeout");
}

TEST_CASE("a proxy that breaks off behind any byte of what it says failed, and no server did") {
  const bool resets = GENERATE(false, true);
  // Method 2, status 2, reply of 10 bytes.
  for (std::size_t bytes = 0; bytes < 14; ++bytes) {
    Scenario scenario;
    scenario.world.listen("192.0.2.1"_ip, 50001).on_line(electrumx());
    SocksProxy& proxy = scenario.proxy().name(kOnion, "192.0.2.1"_ip);
    if (resets) proxy.server().reset_after(bytes);
    if (!resets) proxy.server().close_after(bytes);
    scenario.visit(onion(":50001:t"));
    scenario.run();
    INFO(bytes);
    CHECK(scenario.only().outcome() == "proxy_failed");
  }
}

TEST_CASE("what a proxy says may come in single bytes, or together with what the server says") {
  for (const std::string& bound : {std::string("\1\0\0\0\0\0\0", 7), "\4" + std::string(18, '\0'),
                                   std::string("\3\0\0\0", 4), "\3\xff" + std::string(257, '\n')}) {
    for (const bool single : {false, true}) {
      Scenario scenario;
      // It speaks first: its bytes leave right behind the reply.
      scenario.world.listen("192.0.2.1"_ip, 50001)
          .round_trip(0)
          .on_accept([](sim::Connection& client) { client.send("{\"method\":\"greeting\"}\n"); })
          .on_line(electrumx());
      SocksProxy& proxy = scenario.proxy().name(kOnion, "192.0.2.1"_ip).bound(bound);
      if (single) proxy.server().pieces(1);
      scenario.visit(onion(":50001:t"));
      scenario.run();
      CHECK(scenario.only().outcome() == "ok");
      CHECK(scenario.only().text(FieldId::kServerSoftware) == "ElectrumX 1.20.0");
    }
  }
}

TEST_CASE("a device that moves a byte at a time gets through a proxy as well") {
  Scenario scenario;
  scenario.world.read_limit(1).write_limit(1).spurious_wakes(2);
  scenario.world.listen("192.0.2.1"_ip, 50001).on_line(electrumx());
  scenario.proxy().name(kOnion, "192.0.2.1"_ip);
  scenario.visit(onion(":50001:t"));
  scenario.run();
  CHECK(scenario.only().outcome() == "ok");
}

TEST_CASE("a proxy that wants no password is used without one") {
  Scenario scenario;
  scenario.world.listen("192.0.2.1"_ip, 50001).on_line(electrumx());
  SocksProxy& proxy = scenario.proxy().name(kOnion, "192.0.2.1"_ip).open_to_all();
  scenario.visit(onion(":50001:t"));
  scenario.run();
  CHECK(scenario.only().outcome() == "ok");
  CHECK(proxy.methods() == "\2\0"sv);
  CHECK(proxy.requests().at(0).user.empty());
}

TEST_CASE("what connecting to a server gives comes back through the proxy") {
  Scenario scenario;
  scenario.world.listen("192.0.2.1"_ip, 1).refuse();
  scenario.world.listen("192.0.2.1"_ip, 2).unreachable();
  scenario.world.listen("192.0.2.1"_ip, 3).time_out(kSecond);
  scenario.world.listen("192.0.2.1"_ip, 4).ignore();
  scenario.world.listen("192.0.2.1"_ip, 5).reset_on_accept();
  scenario.world.listen("192.0.2.1"_ip, 6).on_line(electrumx());
  scenario.proxy(Takes::kAll);
  for (int port = 1; port <= 6; ++port) scenario.visit("192.0.2.1:" + std::to_string(port) + ":t");
  scenario.run();
  constexpr const char* kExpected[] = {"refused",         "unreachable", "connect_timeout",
                                       "connect_timeout", "reset",       "ok"};
  for (int port = 1; port <= 6; ++port) {
    const Kept& seen = scenario.at("192.0.2.1:" + std::to_string(port) + ":t");
    CHECK(seen.outcome() == kExpected[port - 1]);
  }
  CHECK(scenario.at("192.0.2.1:3:t").number(FieldId::kProxyReply) == 6);
  CHECK_FALSE(scenario.at("192.0.2.1:4:t").record().has(FieldId::kProxyReply));
}

TEST_CASE("a name that the proxy does not find is unreachable there") {
  Scenario scenario;
  scenario.world.name("example.org", {"192.0.2.1"_ip});
  scenario.proxy(Takes::kAll);
  scenario.visit("example.org:50001:t");
  scenario.run();
  CHECK(scenario.only().outcome() == "unreachable");
  CHECK(scenario.only().number(FieldId::kProxyReply) == 4);
  CHECK(scenario.world.lookup_times("example.org").empty());
}

TEST_CASE("through a proxy everything may take three times as long") {
  Scenario scenario;
  scenario.world.listen("192.0.2.1"_ip, 50001)
      .round_trip(2 * kSecond)
      .on_line(electrumx().takes("server.version", 10 * kSecond));
  scenario.proxy(Takes::kAll);
  scenario.visit("192.0.2.1:50001:t");
  scenario.run();
  CHECK(scenario.only().outcome() == "ok");
  CHECK(scenario.only().number(FieldId::kUsVersion) == 12 * kSecond);

  Scenario silent;
  silent.world.listen("192.0.2.1"_ip, 50001);
  silent.proxy(Takes::kAll);
  silent.visit("192.0.2.1:50001:t");
  silent.run();
  CHECK(silent.only().outcome() == "reply_timeout");
  CHECK(silent.elapsed() == 3 * limits::kVisit / 2 + 5 * kTrip);
}

TEST_CASE("whichever call of the network fails on the way through a proxy, the visit ends") {
  using sim::FaultyNetwork;
  std::set<std::string> outcomes;
  for (std::size_t nth = 1;; ++nth) {
    Scenario scenario;
    FaultyNetwork network(scenario.world, nth, NetError::kReset);
    scenario.through(network);
    scenario.world.listen("192.0.2.1"_ip, 50001).on_line(electrumx());
    scenario.proxy().name(kOnion, "192.0.2.1"_ip);
    scenario.visit(onion(":50001:t"));
    scenario.run();
    outcomes.insert(scenario.only().outcome());
    if (!network.failed()) break;
    REQUIRE(nth < 1000);
  }
  CHECK(outcomes == std::set<std::string>{"ok", "proxy_failed", "reset"});
}

TEST_CASE("a device without a handle to spare is not the proxy's fault") {
  Scenario scenario;
  scenario.world.stream_limit(0);
  scenario.proxy();
  scenario.visit(onion(":50001:t"));
  scenario.run();
  CHECK(scenario.only().outcome() == "exhausted");
}

TEST_CASE("a run that is stopped leaves no negotiation behind") {
  Scenario scenario(2);
  SocksProxy& proxy = scenario.proxy().says(Message::kGreeting, "");
  scenario.visit("a.onion:1:t");
  scenario.visit("b.onion:1:t");
  scenario.run_until([&] { return proxy.server().bytes_received() > 0; });
  scenario.stop();
  scenario.run();
  CHECK(scenario.observations().empty());
}

}  // namespace
}  // namespace observatory::scenario
