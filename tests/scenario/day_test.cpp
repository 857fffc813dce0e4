// SPDX-License-Identifier: MIT
// A simulated day: many endpoints, each with a temper of its own, from many seeds.
#include <random>
#include <set>
#include <string>

#include "tests/catch2.h"
#include "tests/scenario/scenario.h"

namespace observatory::scenario {
namespace {

using sim::Connection;
using sim::SimTlsServer;

constexpr int kEndpoints = 100;
constexpr std::uint64_t kSeeds = 50;
// A lookup and a visit, each to its limit.
constexpr Micros kLongest = limits::kVisit / limits::kLookupShare + limits::kVisit;
// All are in one network, and the sixty visits of an hour are not enough for them.
constexpr Micros kPause = 70 * manners::kMinute;

class Day {
 public:
  Day(std::size_t slots, std::uint64_t seed) : scenario(slots, seed), random_(seed * 7919) {
    scenario.output.text_only();
    for (int i = 0; i < kEndpoints; ++i) add(i);
    if (draw(2) == 0) scenario.world.spurious_wakes(2 + draw(5));
    if (draw(3) == 0) scenario.world.lookup_places(1 + draw(4));
    scenario.world.read_limit(200 + draw(3000)).write_limit(20 + draw(700));
  }

  Scenario scenario;
  std::set<std::string> endpoints;

 private:
  std::size_t draw(std::size_t below) { return static_cast<std::size_t>(random_() % below); }
  Micros delay(Micros longest) { return static_cast<Micros>(random_()) % longest; }

  ElectrumServer electrum() {
    ElectrumServer server = draw(3) == 0 ? electrumx() : draw(2) == 0 ? fulcrum() : electrs();
    constexpr std::string_view kMethods[] = {"server.version", "server.banner",
                                             "blockchain.headers.subscribe", "server.features",
                                             "server.donation_address"};
    const std::string_view method = kMethods[draw(std::size(kMethods))];
    switch (draw(12)) {
      case 0:
        server.silent(method);
        break;
      case 1:
        server.hangs_up_on(method);
        break;
      case 2:
        server.refuses_lists();
        break;
      case 3:
        server.error(method, R"({"code":-101,"message":"excessive resource usage"})");
        break;
      case 4:
        server.only_version();
        break;
      case 5:
        server.line(method, "\xff\xfe no JSON \x01\n");
        break;
      case 6:
        server.result(method, "\"" + std::string(draw(4) == 0 ? 70'000 : draw(5000), 'y') + "\"");
        break;
      default:
        server.takes(method, delay(9 * kSecond));
    }
    return server;
  }

  SimTlsServer tls() {
    SimTlsServer server = tls_server(electrum());
    if (draw(2) == 0) server.version(SimTlsServer::Version::kTls12);
    server.record_size(1 + draw(16384));
    switch (draw(12)) {
      case 0:
        server.alert(static_cast<std::uint8_t>(1 + draw(120)));
        break;
      case 1:
        server.fail(static_cast<TlsFailure>(1 + draw(7)));
        break;
      case 2:
        server.needs_tls12();
        break;
      case 3:
        server.silent();
        break;
      case 4:
        server.rude();
        break;
      default:
        break;
    }
    return server;
  }

  void add(int number) {
    // Some share an address.
    const auto host = static_cast<int>(draw(75));
    const std::string address = "192.0.2." + std::to_string(host);
    const auto port = static_cast<std::uint16_t>(1 + number);
    auto& server = scenario.world.listen(sim::ip(address), port);
    server.round_trip(1 + delay(400 * kMillisecond));
    const bool is_tls = draw(2) == 0;
    if (is_tls == (draw(20) != 0)) {  // now and then, something else than was listed
      server.on_bytes(tls());
    } else {
      server.on_line(electrum());
    }
    if (draw(3) == 0) server.pieces(1 + draw(300), delay(3 * kMillisecond));
    break_way(server);

    std::string listed = address;
    if (draw(2) == 0) {
      listed = "host" + std::to_string(number) + ".example";
      add_name(listed, sim::ip(address), port);
    }
    listed += ":" + std::to_string(port) + (is_tls ? ":s" : ":t");
    endpoints.insert(listed);
    scenario.visit(listed);
  }

  void break_way(sim::ScriptedServer& server) {
    switch (draw(24)) {
      case 0:
        server.refuse();
        break;
      case 1:
        server.ignore();
        break;
      case 2:
        server.unreachable();
        break;
      case 3:
        server.time_out(delay(8 * kSecond));
        break;
      case 4:
        server.reset_on_accept();
        break;
      case 5:
        server.close_on_accept();
        break;
      case 6:
        server.reset_after(draw(3000));
        break;
      case 7:
        server.close_after(draw(3000));
        break;
      case 8:
        server.reset_after_receiving(1 + draw(800));
        break;
      case 9:
        server.stall();
        break;
      case 10:
        if (draw(4) == 0) server.flood(draw(2) == 0 ? 0 : 1 + draw(5000));
        break;
      default:
        break;
    }
  }

  void add_name(const std::string& name, const IpAddress& address, std::uint16_t port) {
    switch (draw(16)) {
      case 0:
        scenario.world.lookup_hangs(name);
        break;
      case 1:
        scenario.world.name_not_found(name, delay(6 * kSecond));
        break;
      case 2:
        scenario.world.listen("2001:db8::1"_ip, port).ignore();
        scenario.world.name(name, {"2001:db8::1"_ip, address}, delay(kSecond));
        break;
      default:
        scenario.world.name(name, {address}, delay(6 * kSecond));
    }
  }

  std::mt19937_64 random_;
};

// The endpoints of the observations in JSON Lines, in their order.
std::multiset<std::string> observed(const std::string& text) {
  std::multiset<std::string> found;
  const auto value = [&](std::size_t from, std::string_view name) {
    const std::size_t start = text.find(name, from) + name.size();
    return text.substr(start, text.find_first_of(",\"", start) - start);
  };
  const std::string_view host = "\"host\":\"";
  for (std::size_t at = text.find(host); at != std::string::npos; at = text.find(host, at + 1)) {
    const bool tls = value(at, "\"transport\":\"") == "tls";
    found.insert(value(at, host) + ":" + value(at, "\"port\":") + (tls ? ":s" : ":t"));
  }
  return found;
}

TEST_CASE("every day ends, with one record for each endpoint and nothing left open") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    INFO("seed " << seed);
    const std::size_t slots = 1 + seed % 8;
    Day day(slots, seed);
    day.scenario.run();
    CHECK(ok(day.scenario.scheduler().status()));
    const std::multiset<std::string> found = observed(day.scenario.output.text());
    CHECK(found == std::multiset<std::string>(day.endpoints.begin(), day.endpoints.end()));
    CHECK(day.scenario.elapsed() <= kPause + kEndpoints * kLongest);
    CHECK(day.scenario.world.max_open_streams() <= slots);
    for (int host = 0; host < 75; ++host) {
      const IpAddress address = sim::ip("192.0.2." + std::to_string(host));
      if (day.scenario.world.max_simultaneous(address) <= 1) continue;
      FAIL_CHECK("two visits at once at host " << host);
    }
  }
}

TEST_CASE("the same day twice gives the same bytes") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    Day one(static_cast<std::size_t>(1 + seed), seed);
    Day two(static_cast<std::size_t>(1 + seed), seed);
    one.scenario.run();
    two.scenario.run();
    CHECK(one.scenario.output.text() == two.scenario.output.text());
  }
  Day one(1, 1);
  Day other(1, 2);
  one.scenario.run();
  other.scenario.run();
  CHECK(one.scenario.output.text() != other.scenario.output.text());
}

}  // namespace
}  // namespace observatory::scenario
