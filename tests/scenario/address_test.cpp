// SPDX-License-Identifier: MIT
// Names, addresses and what is asked of the resolver.
#include <string>

#include "tests/catch2.h"
#include "tests/scenario/scenario.h"

namespace observatory::scenario {
namespace {

TEST_CASE("of a name with twenty addresses no more are tried than the limit says") {
  Scenario scenario;
  std::vector<IpAddress> addresses;
  for (int i = 1; i <= 20; ++i) addresses.push_back(sim::ip("127.0.2." + std::to_string(i)));
  for (const IpAddress& address : addresses) scenario.world.listen(address, 1).refuse();
  scenario.world.name("example.org", addresses);
  scenario.visit("example.org:1:t");
  scenario.run();
  CHECK(scenario.only().outcome() == "refused");
  CHECK(scenario.only().number(FieldId::kAddresses) == limits::kAddresses);
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    CHECK(scenario.world.listen(addresses[i], 1).connect_times().size() ==
          (i < limits::kAddresses ? 1 : 0));
  }
}

TEST_CASE("addresses are tried in the order in which the resolver gave them") {
  Scenario scenario;
  auto& first = scenario.world.listen("127.0.2.9"_ip, 1).refuse();
  auto& second = scenario.world.listen("2001:db8::1"_ip, 1).refuse();
  auto& third = scenario.world.listen("127.0.2.1"_ip, 1).on_line(electrumx());
  auto& fourth = scenario.world.listen("127.0.2.2"_ip, 1).on_line(electrumx());
  scenario.world.name("example.org",
                      {"127.0.2.9"_ip, "2001:db8::1"_ip, "127.0.2.1"_ip, "127.0.2.2"_ip});
  scenario.visit("example.org:1:t");
  scenario.run();
  CHECK(scenario.only().outcome() == "ok");
  CHECK(first.connect_times().at(0) < second.connect_times().at(0));
  CHECK(second.connect_times().at(0) < third.connect_times().at(0));
  CHECK(fourth.connect_times().empty());
}

TEST_CASE("an address needs no lookup and sends no server name") {
  Scenario scenario;
  const bool v6 = GENERATE(false, true);
  const std::string host = v6 ? "2001:db8::1" : "127.0.2.1";
  const sim::SimTlsServer tls = tls_server(fulcrum());
  scenario.world.listen(sim::ip(host), 50002).on_bytes(tls);
  scenario.visit((v6 ? "[" + host + "]" : host) + ":50002:s");
  scenario.run();
  CHECK(scenario.only().outcome() == "ok");
  CHECK(scenario.only().host() == host);
  CHECK(scenario.only().json().find("\"ip\":\"" + host + "\"") != std::string::npos);
  CHECK_FALSE(scenario.only().number(FieldId::kUsDns));
  CHECK_FALSE(scenario.only().number(FieldId::kAddresses));
  CHECK(scenario.world.max_open_lookups() == 0);
  CHECK(tls.server_names() == std::vector<std::string>{""});
}

TEST_CASE("a name is looked up once, in lower case, and sent as the server name") {
  Scenario scenario;
  const sim::SimTlsServer tls = tls_server(fulcrum());
  scenario.world.listen("127.0.2.1"_ip, 50002).on_bytes(tls);
  scenario.world.name("example.org", {"127.0.2.1"_ip});
  scenario.visit("Example.ORG:50002:s");
  scenario.run();
  CHECK(scenario.only().host() == "example.org");
  CHECK(scenario.world.lookup_times("example.org").size() == 1);
  CHECK(tls.server_names() == std::vector<std::string>{"example.org"});
}

TEST_CASE("an onion name is neither looked up nor tried") {
  Scenario scenario;
  const std::string host = std::string(56, 'a') + ".onion";
  scenario.world.name(host, {"127.0.2.1"_ip});
  auto& server = scenario.world.listen("127.0.2.1"_ip, 50001).on_line(electrumx());
  scenario.visit(host + ":50001:t");
  scenario.run();
  CHECK(scenario.only().outcome() == "needs_proxy");
  CHECK_FALSE(scenario.only().record().has(FieldId::kIp));
  CHECK(scenario.world.lookup_times(host).empty());
  CHECK(server.connect_times().empty());
  CHECK(scenario.elapsed() == 0);
}

}  // namespace
}  // namespace observatory::scenario
