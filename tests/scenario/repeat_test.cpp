// SPDX-License-Identifier: MIT
// Repeated visits: how often, when, to which addresses, and what is said to have changed.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/catch2.h"
#include "tests/scenario/scenario.h"

namespace observatory::scenario {
namespace {

using manners::kHour;
using manners::kMinute;

// The list `changed` as it stands in the JSON; "-" where there is none.
std::string changed(const Kept& kept) {
  const std::string_view name = "\"changed\":[";
  const std::size_t start = kept.json().find(name);
  if (start == std::string::npos) return "-";
  const std::size_t from = start + name.size();
  return kept.json().substr(from, kept.json().find(']', from) - from);
}

TEST_CASE("an endpoint is visited as often as was asked, and so far apart") {
  Scenario scenario;
  auto& server = scenario.world.listen("192.0.2.1"_ip, 1).on_line(electrumx());
  scenario.options.visits = 49;
  scenario.visit("192.0.2.1:1:t");
  scenario.run();
  const auto& times = server.connect_times();
  REQUIRE(times.size() == 49);
  // A day at two an hour: the default never runs into the ceiling.
  for (std::size_t i = 1; i < times.size(); ++i) {
    CHECK(times[i] - times[i - 1] == 1800 * kSecond);
  }
  const auto seen = scenario.observations();
  for (std::size_t i = 0; i < seen.size(); ++i) {
    CHECK(seen[i]->number(FieldId::kVisit) == static_cast<Micros>(i) + 1);
    CHECK(changed(*seen[i]) == (i == 0 ? "-" : ""));
  }
}

TEST_CASE("visits that were asked closer together than is polite come when they may") {
  Scenario scenario;
  auto& server = scenario.world.listen("192.0.2.1"_ip, 1).on_line(electrumx());
  auto& own = scenario.world.listen("127.0.0.1"_ip, 1).on_line(electrumx());
  scenario.options.visits = 6;
  scenario.options.every = 10 * kSecond;
  scenario.visit("192.0.2.1:1:t");
  scenario.visit("127.0.0.1:1:t");
  scenario.run();
  REQUIRE(server.connect_times().size() == 6);
  CHECK(server.connect_times()[2] - server.connect_times()[0] >= kHour);
  CHECK(server.connect_times()[5] - server.connect_times()[0] <= 2 * kHour + kMinute);
  REQUIRE(own.connect_times().size() == 6);
  CHECK(own.connect_times()[5] - own.connect_times()[0] == 50 * kSecond);
}

TEST_CASE("a run that visits once says nothing of visits and changes") {
  Scenario scenario;
  scenario.world.listen("192.0.2.1"_ip, 1).on_line(electrumx());
  scenario.visit("192.0.2.1:1:t");
  scenario.run();
  CHECK_FALSE(scenario.only().number(FieldId::kVisit));
  CHECK(changed(scenario.only()) == "-");
}

TEST_CASE("what changed is compared with the first observation that had it") {
  Scenario scenario;
  auto& server = scenario.world.listen("192.0.2.1"_ip, 1);
  const auto use = [&](Micros when, const ElectrumServer& behaviour) {
    scenario.world.after(when, [&server, behaviour] { server.on_line(behaviour); });
  };
  server.on_line(electrumx());
  use(15 * kMinute, electrumx().result("server.banner", "\"another\""));
  use(45 * kMinute, electrumx());
  use(75 * kMinute, fulcrum().result("server.features", R"({"hosts":{},"pruning":7})"));
  use(105 * kMinute, electrumx().only_version());
  use(135 * kMinute,
      electrumx()
          .result("server.peers.subscribe", R"([["192.0.2.9","x.example",["v1.4","t"]]])")
          .result("server.donation_address", "null")
          .error("mempool.get_info", R"({"code":-32601,"message":"unknown method"})"));
  use(165 * kMinute, electrumx().error("mempool.get_info", R"({"code":-32601,"message":"what?"})"));
  scenario.options.visits = 7;
  scenario.visit("192.0.2.1:1:t");
  scenario.run();
  const auto seen = scenario.observations();
  REQUIRE(seen.size() == 7);
  CHECK(changed(*seen[0]) == "-");
  CHECK(changed(*seen[1]) == R"("banner")");
  CHECK(changed(*seen[2]).empty());
  CHECK(changed(*seen[3]) == R"("software","features","replies")");
  // What was not seen is not said to have changed; the habits of fewer replies are others.
  CHECK(changed(*seen[4]) == R"("replies")");
  // An answer that was never there before is no change either.
  CHECK(changed(*seen[5]) == R"("donation","peers")");
  CHECK(changed(*seen[6]) == R"("unknown_method")");
}

TEST_CASE("a renewed certificate, another TLS version and a new address are changes") {
  Scenario scenario;
  auto& old_server = scenario.world.listen("192.0.2.1"_ip, 1);
  auto& new_server = scenario.world.listen("192.0.2.2"_ip, 1);
  old_server.on_bytes(tls_server(electrumx()));
  new_server.on_bytes(tls_server(electrumx()));
  scenario.world.name("example.org", {"192.0.2.1"_ip});
  scenario.world.after(15 * kMinute, [&] {
    old_server.on_bytes(tls_server(electrumx()).version(sim::SimTlsServer::Version::kTls12));
  });
  scenario.world.after(45 * kMinute, [&] { scenario.world.name("example.org", {"192.0.2.2"_ip}); });
  scenario.options.visits = 3;
  scenario.visit("example.org:1:s");
  scenario.run();
  const auto seen = scenario.observations();
  REQUIRE(seen.size() == 3);
  CHECK(changed(*seen[1]) == R"("tls","server_hello")");
  CHECK(changed(*seen[2]) == R"("ip")");
  CHECK(scenario.world.lookup_times("example.org").size() == 3);
}

TEST_CASE("of a name with several addresses each is visited by itself") {
  Scenario scenario(2);
  const sim::SimTlsServer tls = tls_server(electrumx());
  std::map<std::string, sim::ScriptedServer*> servers;
  std::vector<IpAddress> addresses;
  for (const std::string_view address : {"192.0.2.1", "198.51.100.1", "2001:db8::1"}) {
    addresses.push_back(sim::ip(address));
    servers[std::string(address)] = &scenario.world.listen(addresses.back(), 1).on_bytes(tls);
  }
  servers["198.51.100.1"]->refuse();
  scenario.world.name("pool.example", addresses);
  scenario.options.visits = 4;
  scenario.visit("pool.example:1:s");
  scenario.run();
  CHECK(scenario.observations().size() == 12);
  std::map<std::string, std::vector<Micros>> numbers;
  for (const Kept* kept : scenario.observations()) {
    CHECK(kept->host() == "pool.example");
    CHECK(kept->outcome() ==
          (kept->json().find("198.51.100.1\"") == std::string::npos ? "ok" : "refused"));
    const std::size_t start = kept->json().find("\"ip\":\"") + 6;
    numbers[kept->json().substr(start, kept->json().find('"', start) - start)].push_back(
        *kept->number(FieldId::kVisit));
  }
  REQUIRE(numbers.size() == 3);
  for (const auto& [address, of_address] : numbers) {
    INFO(address);
    CHECK(of_address == std::vector<Micros>{1, 2, 3, 4});
    CHECK(servers[address]->connect_times().size() == 4);
  }
  // The name is sent to each of them, and looked up once.
  CHECK(tls.server_names() == std::vector<std::string>(8, "pool.example"));
  CHECK(scenario.world.lookup_times("pool.example").size() == 1);
}

TEST_CASE("a list that never ends does not starve the visits that repeat") {
  Scenario scenario;
  auto& server = scenario.world.listen("127.0.0.1"_ip, 1).on_line(electrumx());
  scenario.options.visits = 5;
  scenario.options.every = 50 * kSecond;
  scenario.visit("127.0.0.1:1:t");
  // A minute of them, each of which takes 60 ms, once.
  scenario.list.generate(1000, [&](std::size_t i) {
    Endpoint endpoint;
    REQUIRE(endpoint.host.assign("127.0.1." + std::to_string(i % 200)));
    endpoint.port = static_cast<std::uint16_t>(1000 + i);
    endpoint.transport = Transport::kTcp;
    scenario.world.listen(sim::ip(endpoint.host.view()), endpoint.port).on_line(electrumx());
    return endpoint;
  });
  scenario.run();
  const auto& times = server.connect_times();
  REQUIRE(times.size() == 5);
  for (std::size_t i = 1; i < times.size(); ++i) CHECK(times[i] - times[i - 1] < 51 * kSecond);
  // There is room for the repeats of some; the rest is visited once, and counted.
  const std::optional<Micros> once = scenario.end().number(FieldId::kNotRepeated);
  REQUIRE(once);
  CHECK(*once > 300);
  CHECK(*once < 900);
  CHECK(scenario.end().number(FieldId::kObservations) == 5 * 1001 - 4 * *once);
}

}  // namespace
}  // namespace observatory::scenario
