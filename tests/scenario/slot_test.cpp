// SPDX-License-Identifier: MIT
// Several visits at a time: what one slot meets is no other slot's affair.
#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "tests/catch2.h"
#include "tests/scenario/scenario.h"

namespace observatory::scenario {
namespace {

using sim::Connection;

constexpr Micros kTrip = 20 * kMillisecond;
constexpr Micros kQuickVisit = kTcpTrips * kTrip;  // to a TCP server that answers everything

std::string address(int number) { return "127.0.2." + std::to_string(number); }

// Healthy servers at 127.0.2.1 to 127.0.2.<count>, port 50001.
void add_quick_servers(Scenario& scenario, int count) {
  for (int i = 1; i <= count; ++i) {
    scenario.world.listen(sim::ip(address(i)), 50001).on_line(electrumx());
    scenario.visit(address(i) + ":50001:t");
  }
}

Micros finished_after(Scenario& scenario, std::string_view endpoint) {
  const Instant begun = scenario.output.records().front().written_at();
  return scenario.at(endpoint).written_at() - begun;
}

TEST_CASE("a lookup that hangs holds up its own slot alone") {
  Scenario scenario(3);
  scenario.world.lookup_hangs("example.org");
  scenario.visit("example.org:50001:t");
  add_quick_servers(scenario, 10);
  scenario.run();
  for (int i = 1; i <= 10; ++i) {
    CHECK(finished_after(scenario, address(i) + ":50001:t") == (i + 1) / 2 * kQuickVisit);
  }
  CHECK(finished_after(scenario, "example.org:50001:t") == limits::kVisit / 3);
}

TEST_CASE("a server that is silent holds up its own slot alone") {
  const bool tls = GENERATE(false, true);
  Scenario scenario(3);
  auto& silent = scenario.world.listen("127.0.2.100"_ip, 1);
  if (tls) silent.on_bytes(sim::SimTlsServer().silent());
  scenario.visit(tls ? "127.0.2.100:1:s" : "127.0.2.100:1:t");
  add_quick_servers(scenario, 10);
  scenario.run();
  for (int i = 1; i <= 10; ++i) {
    CHECK(finished_after(scenario, address(i) + ":50001:t") == (i + 1) / 2 * kQuickVisit);
  }
}

TEST_CASE("a server that floods holds up nobody") {
  Scenario scenario(2);
  scenario.world.listen("127.0.2.100"_ip, 1).flood(100);
  scenario.visit("127.0.2.100:1:t");
  add_quick_servers(scenario, 4);
  scenario.run();
  for (int i = 1; i <= 4; ++i) {
    CHECK(finished_after(scenario, address(i) + ":50001:t") <= i * kQuickVisit);
  }
}

TEST_CASE("one slot visits one endpoint after the other") {
  Scenario scenario;
  add_quick_servers(scenario, 5);
  scenario.run();
  CHECK(scenario.world.max_open_streams() == 1);
  const auto seen = scenario.observations();
  REQUIRE(seen.size() == 5);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    CHECK(seen[i]->host() == address(static_cast<int>(i) + 1));
    CHECK(finished_after(scenario, seen[i]->endpoint()) ==
          static_cast<Micros>(i + 1) * kQuickVisit);
  }
}

TEST_CASE("every slot is used, and no more than there are") {
  const auto slots = GENERATE(std::size_t{2}, std::size_t{8}, limits::kMostSlots);
  Scenario scenario(slots);
  add_quick_servers(scenario, 64);
  scenario.run();
  CHECK(scenario.world.max_open_streams() == slots);
  CHECK(scenario.elapsed() == kQuickVisit * static_cast<Micros>(64 / slots));
}

TEST_CASE("what is seen does not depend on how many slots there are") {
  std::multiset<std::string> first;
  for (const std::size_t slots : {1u, 2u, 5u, 8u, 32u}) {
    Scenario scenario(slots);
    scenario.world.lookup_hangs("hangs.example");
    scenario.world.name("two.example", {"127.0.2.50"_ip, "127.0.2.51"_ip});
    scenario.world.listen("127.0.2.50"_ip, 1).ignore();
    scenario.world.listen("127.0.2.51"_ip, 1).on_line(electrs().refuses_lists());
    scenario.world.listen("127.0.2.52"_ip, 1).on_bytes(tls_server(fulcrum()).needs_tls12());
    scenario.world.listen("127.0.2.53"_ip, 1).on_bytes(sim::SimTlsServer().alert(80));
    scenario.world.listen("127.0.2.54"_ip, 1).on_line(electrumx().only_version());
    scenario.world.listen("127.0.2.55"_ip, 1).flood();
    scenario.world.listen("127.0.2.56"_ip, 1).refuse();
    for (const std::string_view endpoint :
         {"hangs.example:1:t", "two.example:1:t", "127.0.2.52:1:s", "127.0.2.53:1:s",
          "127.0.2.54:1:t", "127.0.2.55:1:t", "127.0.2.56:1:t", "abc.onion:1:t"}) {
      scenario.visit(endpoint);
    }
    add_quick_servers(scenario, 6);
    scenario.run();
    std::multiset<std::string> facts;
    for (const Kept* kept : scenario.observations()) facts.insert(kept->facts());
    CHECK(facts.size() == 14);
    if (first.empty()) first = facts;
    CHECK(facts == first);
  }
}

TEST_CASE("no address ever has two visits at once, and none of its endpoints starves") {
  Scenario scenario(8);
  // Twenty endpoints, names and addresses mixed, on three addresses.
  std::map<int, int> listed;
  for (int i = 0; i < 20; ++i) {
    const int number = i % 3 + 1;
    const auto port = static_cast<std::uint16_t>(1000 + i);
    scenario.world.listen(sim::ip(address(number)), port).on_line(electrumx());
    const std::string name = "h" + std::to_string(i) + ".example";
    scenario.world.name(name, {sim::ip(address(number))}, (i % 4) * kMillisecond);
    scenario.visit((i % 2 == 0 ? name : address(number)) + ":" + std::to_string(port) + ":t");
    ++listed[number];
  }
  scenario.run();
  CHECK(scenario.observations().size() == 20);
  for (const Kept* kept : scenario.observations()) CHECK(kept->outcome() == "ok");
  for (int number = 1; number <= 3; ++number) {
    CHECK(scenario.world.max_simultaneous(sim::ip(address(number))) == 1);
  }
  CHECK(scenario.world.max_open_streams() == 3);
  // Seven visits follow each other at an address, and lookups cost little beside them.
  CHECK(scenario.elapsed() <= 7 * kQuickVisit + 20 * kMillisecond);
}

TEST_CASE("visits to one address follow each other without a pause, first come first served") {
  Scenario scenario(4);
  for (int i = 0; i < 12; ++i) {
    const auto port = static_cast<std::uint16_t>(1 + i);
    scenario.world.listen("127.0.2.1"_ip, port).on_line(electrumx());
    scenario.visit("127.0.2.1:" + std::to_string(port) + ":t");
  }
  scenario.run();
  const auto seen = scenario.observations();
  REQUIRE(seen.size() == 12);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    CHECK(seen[i]->record().number(FieldId::kPort) == i + 1);
    CHECK(finished_after(scenario, seen[i]->endpoint()) ==
          static_cast<Micros>(i + 1) * kQuickVisit);
  }
}

TEST_CASE("an address that a visit leaves for the next one is free at once") {
  Scenario scenario(2);
  scenario.world.listen("127.0.2.1"_ip, 1).ignore();
  scenario.world.listen("127.0.2.1"_ip, 2).on_line(electrumx());
  scenario.world.listen("127.0.2.2"_ip, 1);
  scenario.world.name("two.example", {"127.0.2.1"_ip, "127.0.2.2"_ip}, 0);
  // The one that waits stands in the slot before the one it waits for, so it has been asked
  // already when the address becomes free.
  scenario.world.name("waits.example", {"127.0.2.1"_ip}, 30 * kMillisecond);
  scenario.visit("waits.example:2:t");
  scenario.visit("two.example:1:t");
  scenario.run();
  CHECK(scenario.at("waits.example:2:t").outcome() == "ok");
  CHECK(finished_after(scenario, "waits.example:2:t") == limits::kVisit / 6 + kQuickVisit);
}

TEST_CASE("waiting for another visit to leave an address takes nothing from the time for it") {
  Scenario scenario(2);
  // Held until the reply timeout, far beyond the time for connecting.
  scenario.world.listen("127.0.2.2"_ip, 9).round_trip(0);
  scenario.world.listen("127.0.2.1"_ip, 1).ignore();
  scenario.world.listen("127.0.2.2"_ip, 1).round_trip(kSecond).on_line(electrumx());
  scenario.world.name("two.example", {"127.0.2.1"_ip, "127.0.2.2"_ip}, 0);
  scenario.visit("127.0.2.2:9:t");
  scenario.visit("two.example:1:t");
  scenario.run();
  CHECK(scenario.at("127.0.2.2:9:t").outcome() == "reply_timeout");
  CHECK(scenario.at("two.example:1:t").outcome() == "ok");
  CHECK(scenario.at("two.example:1:t").number(FieldId::kUsConnect) == kSecond);
  // Three pings fit into their time.
  CHECK(finished_after(scenario, "two.example:1:t") == limits::kVisit / 2 + (3 + 3) * kSecond);
  CHECK(scenario.world.max_simultaneous("127.0.2.2"_ip) == 1);
}

TEST_CASE("a fallback does not let another visit in between") {
  Scenario scenario(2);
  scenario.world.listen("127.0.2.1"_ip, 1).on_bytes(tls_server(electrumx()).needs_tls12());
  scenario.world.listen("127.0.2.1"_ip, 2).on_line(electrumx());
  scenario.visit("127.0.2.1:1:s");
  scenario.visit("127.0.2.1:2:t");
  scenario.run();
  CHECK(scenario.world.max_simultaneous("127.0.2.1"_ip) == 1);
  CHECK(scenario.observations().at(0)->endpoint() == "127.0.2.1:1:s");
  CHECK(scenario.observations().at(1)->outcome() == "ok");
}

TEST_CASE("records are numbered in the order in which they are written, without a gap") {
  Scenario scenario(4);
  add_quick_servers(scenario, 9);
  scenario.world.listen("127.0.2.100"_ip, 1);
  scenario.visit("127.0.2.100:1:t");
  scenario.world.listen("127.0.2.101"_ip, 1).refuse();
  scenario.visit("127.0.2.101:1:t");
  scenario.run();
  const auto& records = scenario.output.records();
  REQUIRE(records.size() == 13);
  CHECK_FALSE(records[0].number(FieldId::kSeq));
  for (std::size_t i = 1; i < records.size(); ++i) {
    CHECK(records[i].record().number(FieldId::kSeq) == i);
    CHECK(records[i].written_at() >= records[i - 1].written_at());
  }
}

}  // namespace
}  // namespace observatory::scenario
