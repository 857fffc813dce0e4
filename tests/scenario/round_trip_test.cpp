// SPDX-License-Identifier: MIT
// How many round trips a complete observation costs, and how they are told apart.
#include <functional>
#include <string>

#include "tests/catch2.h"
#include "tests/scenario/scenario.h"

namespace observatory::scenario {
namespace {

constexpr Micros kTrip = 100 * kMillisecond;

TEST_CASE("a TCP server is observed in two round trips, one more for the second write, and pings") {
  Scenario scenario;
  auto& server = scenario.world.listen("192.0.2.1"_ip, 50001).round_trip(kTrip);
  server.on_line(electrumx());
  scenario.visit("192.0.2.1:50001:t");
  scenario.run();

  const Kept& seen = scenario.only();
  CHECK(seen.outcome() == "ok");
  CHECK(seen.phases() == "connect,version,replies,pings");
  CHECK(seen.number(FieldId::kUsConnect) == kTrip);
  CHECK(seen.number(FieldId::kUsVersion) == kTrip);
  CHECK(seen.number(FieldId::kUsReplies) == 2 * kTrip);
  CHECK(seen.written_at() - server.connect_times().at(0) == 3 * kTrip + 5 * kTrip);
  CHECK(server.client_flights() == 2 + 5);
  CHECK(server.server_flights() == 2 + 5);
  CHECK(scenario.elapsed() == kTcpTrips * kTrip);
}

TEST_CASE("TLS 1.3 costs one round trip more than TCP") {
  Scenario scenario;
  auto& server = scenario.world.listen("192.0.2.1"_ip, 50002).round_trip(kTrip);
  server.on_bytes(tls_server(fulcrum()));
  scenario.visit("192.0.2.1:50002:s");
  scenario.run();

  const Kept& seen = scenario.only();
  CHECK(seen.outcome() == "ok");
  CHECK(seen.phases() == "connect,tls,version,replies,pings");
  CHECK(seen.number(FieldId::kUsConnect) == kTrip);
  CHECK(seen.number(FieldId::kUsTls) == kTrip);
  CHECK(seen.number(FieldId::kUsVersion) == kTrip);
  CHECK(seen.number(FieldId::kUsReplies) == 2 * kTrip);
  CHECK(seen.written_at() - server.connect_times().at(0) == (1 + kTcpTrips) * kTrip);
  // Hello, first write, second write, pings, goodbye.
  CHECK(server.client_flights() == 3 + 5 + 1);
  CHECK(server.server_flights() == 3 + 5);
}

TEST_CASE("TLS 1.2 costs two round trips more than TCP") {
  Scenario scenario;
  auto& server = scenario.world.listen("192.0.2.1"_ip, 50002).round_trip(kTrip);
  server.on_bytes(tls_server(fulcrum()).version(sim::SimTlsServer::Version::kTls12));
  scenario.visit("192.0.2.1:50002:s");
  scenario.run();

  const Kept& seen = scenario.only();
  CHECK(seen.outcome() == "ok");
  CHECK(seen.number(FieldId::kUsConnect) == kTrip);
  CHECK(seen.number(FieldId::kUsTls) == 2 * kTrip);
  CHECK(seen.number(FieldId::kUsVersion) == kTrip);
  CHECK(seen.number(FieldId::kUsReplies) == 2 * kTrip);
  CHECK(seen.written_at() - server.connect_times().at(0) == (2 + kTcpTrips) * kTrip);
  CHECK(server.client_flights() == 4 + 5 + 1);
  CHECK(server.server_flights() == 4 + 5);
}

TEST_CASE("a name costs its lookup, and the lookup is told apart") {
  Scenario scenario;
  scenario.world.name("example.org", {"192.0.2.1"_ip, "192.0.2.2"_ip}, 30 * kMillisecond);
  auto& server = scenario.world.listen("192.0.2.1"_ip, 50001).round_trip(kTrip);
  server.on_line(electrs());
  scenario.visit("example.org:50001:t");
  scenario.run();

  const Kept& seen = scenario.only();
  CHECK(seen.outcome() == "ok");
  CHECK(seen.phases() == "dns,connect,version,replies,pings");
  CHECK(seen.number(FieldId::kUsDns) == 30 * kMillisecond);
  CHECK(seen.number(FieldId::kUsConnect) == kTrip);
  CHECK(seen.number(FieldId::kAddresses) == 2);
  CHECK_FALSE(seen.number(FieldId::kConnections));
  CHECK(scenario.elapsed() == 30 * kMillisecond + kTcpTrips * kTrip);
}

TEST_CASE("a server's own delay shows in the replies and in nothing else") {
  Scenario scenario;
  scenario.world.listen("192.0.2.1"_ip, 50002)
      .round_trip(kTrip)
      .on_bytes(tls_server(electrumx()
                               .takes("server.version", 700 * kMillisecond)
                               .takes("server.features", 200 * kMillisecond)));
  scenario.visit("192.0.2.1:50002:s");
  scenario.run();

  const Kept& seen = scenario.only();
  CHECK(seen.number(FieldId::kUsConnect) == kTrip);
  CHECK(seen.number(FieldId::kUsTls) == kTrip);
  CHECK(seen.number(FieldId::kUsVersion) == kTrip + 700 * kMillisecond);
  CHECK(seen.number(FieldId::kUsReplies) == 2 * kTrip + 900 * kMillisecond);
  CHECK(seen.number(FieldId::kTcpRtt) == kTrip);
}

TEST_CASE("a complete observation holds what the server said and how it said it") {
  Scenario scenario;
  scenario.world.listen("192.0.2.1"_ip, 1).on_line(electrumx());
  scenario.world.listen("192.0.2.2"_ip, 2).on_line(fulcrum());
  scenario.world.listen("192.0.2.3"_ip, 3).on_line(electrs());
  scenario.visit("192.0.2.1:1:t");
  scenario.visit("192.0.2.2:2:t");
  scenario.visit("192.0.2.3:3:t");
  scenario.run();

  const Kept& x = scenario.at("192.0.2.1:1:t");
  CHECK(x.text(FieldId::kServerSoftware) == "ElectrumX 1.20.0");
  CHECK(x.text(FieldId::kWireOrder) == "jsonrpc,result,id");
  CHECK(x.text(FieldId::kWireEchoFloat) == "2.0");
  CHECK(x.text(FieldId::kWireArrival) == "1,2,3,4,5,6,7,8");
  CHECK(x.number(FieldId::kTipHeight) == 0);
  CHECK(x.number(FieldId::kTipTime) == 1231006505);
  CHECK(x.json().find("\"hash\":\"000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"
                      "\"") != std::string::npos);
  CHECK(x.text(FieldId::kBannerText) == "Welcome to \u00fcber-Electrum\n");
  CHECK(x.number(FieldId::kPeersCount) == 1);
  CHECK(x.text(FieldId::kFeaturesServerVersion) == "ElectrumX 1.20.0");

  const Kept& f = scenario.at("192.0.2.2:2:t");
  CHECK(f.text(FieldId::kWireOrder) == "id,jsonrpc,result");
  CHECK(f.text(FieldId::kWireEchoFloat) == "2");
  CHECK(f.json().find("\"eol\":\"crlf\"") != std::string::npos);

  const Kept& e = scenario.at("192.0.2.3:3:t");
  CHECK(e.text(FieldId::kProtocol) == "1.4");
  CHECK(e.json().find("\"donation\":null") != std::string::npos);
  CHECK(e.number(FieldId::kUnknownMethodCode) == -32601);
}

TEST_CASE("what is sent is the session that was agreed on, byte for byte") {
  Scenario scenario;
  auto& server = scenario.world.listen("192.0.2.1"_ip, 50001).on_line(electrumx());
  scenario.visit("192.0.2.1:50001:t");
  scenario.run();
  CHECK(std::string(server.received(0)) ==
        R"({"jsonrpc":"2.0","id":1,"method":"server.version","params":[)"
        R"-("observatory/test (+https://example.org)",["1.4","1.7"]]})-"
        "\n"
        R"({"jsonrpc":"2.0","id":2.0,"method":"blockchain.headers.subscribe","params":[]})"
        "\n"
        R"({"jsonrpc":"2.0","id":"3\u00e9</&\u007f\u2028","method":"server.donation_address",)"
        R"("params":[]})"
        "\n"
        R"({"jsonrpc":"2.0","id":9007199254740993,"method":"server.ping","params":[]})"
        "\n"
        R"({"jsonrpc":"2.0","id":5,"method":"server.banner","params":[]})"
        "\n"
        R"({"jsonrpc":"2.0","id":6,"method":"server.peers.subscribe","params":[]})"
        "\n"
        R"({"jsonrpc":"2.0","id":7,"method":"server.features","params":[]})"
        "\n"
        R"({"jsonrpc":"2.0","id":8,"method":"mempool.get_info","params":[]})"
        "\n"
        R"({"jsonrpc":"2.0","id":11,"method":"server.ping","params":[]})"
        "\n"
        R"({"jsonrpc":"2.0","id":12,"method":"server.ping","params":[]})"
        "\n"
        R"({"jsonrpc":"2.0","id":13,"method":"server.ping","params":[]})"
        "\n"
        R"({"jsonrpc":"2.0","id":14,"method":"server.ping","params":[]})"
        "\n"
        R"({"jsonrpc":"2.0","id":15,"method":"server.ping","params":[]})"
        "\n");
}

// What ElectrumX charges, in thousandths of its unit: src/electrumx/server/session.py (the calls of
// bump_cost, error_base_cost) and aiorpcX aiorpcx/session.py.
Micros cost_of(std::string_view method) {
  if (method == "server.version") return 500;
  if (method == "blockchain.headers.subscribe") return 250;
  if (method == "server.donation_address") return 100;
  if (method == "server.ping") return 100;
  if (method == "server.banner") return 500;
  if (method == "server.peers.subscribe") return 1000;
  if (method == "server.features") return 200;
  if (method == "mempool.get_info") return 1000;
  return 100'000;
}

TEST_CASE("a visit costs an ElectrumX less than twenty units, and the bytes") {
  constexpr Micros kConnection = 5000;
  constexpr std::string_view kMethod = "\"method\":\"";
  Scenario scenario;
  auto& server = scenario.world.listen("192.0.2.1"_ip, 50001).on_line(electrumx());
  scenario.visit("192.0.2.1:50001:t");
  scenario.run();
  Micros cost = kConnection;
  const std::string sent(server.received(0));
  for (std::size_t at = 0; (at = sent.find(kMethod, at)) != std::string::npos;) {
    at += kMethod.size();
    cost += cost_of(std::string_view(sent).substr(at, sent.find('"', at) - at));
  }
  CHECK(cost == 8650 + 5 * 100);
  CHECK(cost < 20'000);
  // 5,000 bytes, sent or received, are one unit; these are our own.
  CHECK(sent.size() < 1'100);
}

TEST_CASE("pings show the path and the server, and nothing else of the record") {
  Scenario scenario;
  scenario.world.listen("192.0.2.1"_ip, 50001)
      .round_trip(kTrip)
      .on_line(electrs().takes("server.ping", 30 * kMillisecond));
  scenario.visit("192.0.2.1:50001:t");
  scenario.run();
  const Kept& seen = scenario.only();
  CHECK(seen.json().find("\"pings\":[130000,130000,130000,130000,130000]") != std::string::npos);
  CHECK(seen.number(FieldId::kUsReplies) == 2 * kTrip + 30 * kMillisecond);
  CHECK(seen.text(FieldId::kWireArrival) == "1,2,3,4,5,6,7,8");
}

TEST_CASE("a server that pads is pinged twice, after a quiet second each") {
  Scenario scenario;
  auto& server = scenario.world.listen("192.0.2.1"_ip, 50001).round_trip(kTrip);
  server.on_line(
      electrumx().line("mempool.get_info", "{\"jsonrpc\":\"2.0\",\"result\":{},\"id\":8    }\n"));
  scenario.visit("192.0.2.1:50001:t");
  scenario.run();
  CHECK(scenario.only().json().find("\"pings\":[100000,100000]") != std::string::npos);
  CHECK(scenario.elapsed() == (1 + 2 + 2) * kTrip + 2 * 1050 * kMillisecond);
}

TEST_CASE("a server that ends the stream at a ping was observed in full") {
  Scenario scenario;
  std::size_t pings = 0;
  scenario.world.listen("192.0.2.1"_ip, 50001)
      .on_line([&, inside = electrumx()](sim::Connection& client, std::string_view line) {
        const bool is_ping = line.find("server.ping") != std::string_view::npos;
        if (is_ping && ++pings == 3) return client.reset();
        inside(client, line);
      });
  scenario.visit("192.0.2.1:50001:t");
  scenario.run();
  CHECK(scenario.only().outcome() == "ok");
  CHECK(scenario.only().json().find("\"pings\":[20000]") != std::string::npos);
  CHECK_FALSE(scenario.only().number(FieldId::kWireHangup));
}

TEST_CASE("pings end with the visit") {
  Scenario scenario;
  scenario.options.visit = 4 * kSecond;
  std::size_t pings = 0;
  scenario.world.listen("192.0.2.1"_ip, 50001)
      .on_line([&, inside = electrumx().takes("mempool.get_info", 2 * kSecond)](
                   sim::Connection& client, std::string_view line) {
        const bool is_ping = line.find("server.ping") != std::string_view::npos;
        if (!is_ping || ++pings < 3) inside(client, line);  // goes silent then
      });
  scenario.visit("192.0.2.1:50001:t");
  scenario.run();
  CHECK(scenario.only().outcome() == "ok");
  CHECK(scenario.elapsed() == 4 * kSecond);
  CHECK(scenario.only().json().find("\"pings\":[20000]") != std::string::npos);
}

TEST_CASE("the kernel's view is told of the beginning and of the end") {
  Scenario scenario;
  scenario.world.listen("192.0.2.1"_ip, 1).round_trip(kTrip).on_line(electrs());
  scenario.visit("192.0.2.1:1:t");
  scenario.run();
  const Kept& seen = scenario.only();
  CHECK(seen.json().find(
            R"("tcp":{"rtt_us":100000,"rttvar_us":50000,"min_rtt_us":100000,"mss":1448,)"
            R"("connect_rtt_us":100000,"timestamps":true,"sack":true,"wscale":10,"window":65160,)"
            R"("path_mtu":1500})") != std::string::npos);
  Scenario without;
  without.world.without_tcp_facts().listen("192.0.2.1"_ip, 1).on_line(electrs());
  without.visit("192.0.2.1:1:t");
  without.run();
  CHECK(without.only().outcome() == "ok");
  CHECK(without.only().json().find("\"tcp\":") == std::string::npos);
}

}  // namespace
}  // namespace observatory::scenario
