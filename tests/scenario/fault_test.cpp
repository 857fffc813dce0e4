// SPDX-License-Identifier: MIT
// A network that fails at every single call, and one that moves bytes in the smallest portions.
#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "tests/catch2.h"
#include "tests/scenario/scenario.h"

namespace observatory::scenario {
namespace {

using sim::Connection;
using sim::FaultyNetwork;

constexpr NetError kErrors[] = {NetError::kRefused,  NetError::kReset,  NetError::kUnreachable,
                                NetError::kTimedOut, NetError::kClosed, NetError::kExhausted,
                                NetError::kOther};
constexpr FaultyNetwork::Call kCalls[] = {FaultyNetwork::Call::kConnect,
                                          FaultyNetwork::Call::kConnected,
                                          FaultyNetwork::Call::kRead, FaultyNetwork::Call::kWrite};

// Three servers: TCP behind a name with two addresses, TLS with both fallbacks, TLS 1.2.
void add_servers(Scenario& scenario) {
  scenario.world.listen("192.0.2.1"_ip, 1).ignore();
  scenario.world.listen("192.0.2.2"_ip, 1).on_line(electrumx());
  scenario.world.name("two.example", {"192.0.2.1"_ip, "192.0.2.2"_ip});
  scenario.world.listen("192.0.2.3"_ip, 1)
      .on_bytes(tls_server(electrs().refuses_lists()).needs_tls12());
  scenario.world.listen("192.0.2.4"_ip, 1)
      .on_bytes(tls_server(fulcrum()).version(sim::SimTlsServer::Version::kTls12));
  scenario.visit("two.example:1:t");
  scenario.visit("192.0.2.3:1:s");
  scenario.visit("192.0.2.4:1:s");
}

// The outcomes in JSON Lines, in their order.
std::vector<std::string> outcomes_of(const std::string& text) {
  constexpr std::string_view kMember = "\"outcome\":\"";
  std::vector<std::string> found;
  for (std::size_t at = text.find(kMember); at != std::string::npos; at = text.find(kMember, at)) {
    at += kMember.size();
    found.push_back(text.substr(at, text.find('"', at) - at));
  }
  return found;
}

TEST_CASE("whichever call of the network fails, every endpoint ends in a record") {
  for (const FaultyNetwork::Call call : kCalls) {
    for (const NetError error : kErrors) {
      std::size_t harmed = 0;
      std::size_t nth = 1;
      for (;; ++nth) {
        Scenario scenario;
        FaultyNetwork network(scenario.world, nth, error, call);
        scenario.through(network);
        scenario.output.text_only();
        add_servers(scenario);
        scenario.run();
        INFO("call " << static_cast<int>(call) << " error " << static_cast<int>(error) << " n "
                     << nth);
        CHECK(ok(scenario.scheduler().status()));
        const std::vector<std::string> outcomes = outcomes_of(scenario.output.text());
        CHECK(outcomes.size() == 3);
        std::size_t not_reached = 0;
        for (const std::string& outcome : outcomes) {
          if (outcome == "ok") continue;
          ++not_reached;
          // What failed below TLS or Electrum is never blamed on them.
          CHECK(outcome != "tls_failed");
          CHECK(outcome != "not_electrum");
          CHECK(outcome != "malformed_reply");
        }
        CHECK(not_reached <= 1);  // one call harms one visit
        harmed += not_reached;
        if (!network.failed()) break;
        REQUIRE(nth < 1000);
      }
      CHECK(harmed >= 1);
      CHECK(nth > 5);
    }
  }
}

TEST_CASE("whichever call fails of several visits at once, no other visit is harmed") {
  for (const NetError error : {NetError::kReset, NetError::kClosed}) {
    for (std::size_t nth = 1;; ++nth) {
      Scenario scenario(3);
      FaultyNetwork network(scenario.world, nth, error);
      scenario.through(network);
      scenario.output.text_only();
      add_servers(scenario);
      scenario.run();
      const std::vector<std::string> outcomes = outcomes_of(scenario.output.text());
      CHECK(outcomes.size() == 3);
      CHECK(std::count(outcomes.begin(), outcomes.end(), "ok") >= 2);
      if (!network.failed()) break;
      REQUIRE(nth < 1000);
    }
  }
}

// A JSON object without this member, which is not its first.
std::string without(std::string json, const std::string& member) {
  const std::size_t at = json.find(",\"" + member + "\":");
  if (at == std::string::npos) return json;
  const bool list = json[at + member.size() + 4] == '[';
  const std::size_t end = list ? json.find(']', at) + 1 : json.find_first_of(",}", at + 1);
  return json.erase(at, end - at);
}

std::string facts_of(const std::function<void(Scenario&, sim::ScriptedServer&)>& prepare, bool tls,
                     std::size_t record_size = 16384) {
  Scenario scenario;
  auto& server = scenario.world.listen("192.0.2.1"_ip, 1);
  if (tls) {
    server.on_bytes(tls_server(electrumx()).record_size(record_size));
  } else {
    server.on_line(electrumx());
  }
  prepare(scenario, server);
  scenario.visit(tls ? "192.0.2.1:1:s" : "192.0.2.1:1:t");
  scenario.run();
  CHECK(scenario.only().outcome() == "ok");
  return scenario.only().facts();
}

TEST_CASE("an observation does not depend on how bytes are cut") {
  const bool tls = GENERATE(false, true);
  const std::string whole = facts_of([](Scenario&, sim::ScriptedServer&) {}, tls);
  for (const std::size_t size : {1u, 2u, 7u, 63u}) {
    INFO(size);
    CHECK(facts_of([&](Scenario&, auto& server) { server.pieces(size, 0); }, tls) == whole);
    CHECK(facts_of([&](Scenario& scenario, auto&) { scenario.world.read_limit(size); }, tls) ==
          whole);
    CHECK(facts_of([&](Scenario& scenario, auto&) { scenario.world.write_limit(size); }, tls) ==
          whole);
    // Records are cut as well: the trace tells of it, and nothing else does.
    const std::string cut = facts_of(
        [&](Scenario& scenario, auto& server) {
          server.pieces(size, 0);
          scenario.world.read_limit(size).write_limit(size);
          scenario.tls(0).buffers(64, 64);
        },
        tls, size);
    const std::size_t marks = cut.find(",\"truncated\":[\"tls.records\"]");
    CHECK((marks != std::string::npos) == (tls && size < 63));
    const auto rest = [](const std::string& facts) {
      return without(without(without(facts, "truncated"), "encrypted_extensions"), "records");
    };
    CHECK(rest(cut) == rest(whole));
  }
}

TEST_CASE("replies that trickle in are put together") {
  const bool tls = GENERATE(false, true);
  Scenario scenario;
  auto& server = scenario.world.listen("192.0.2.1"_ip, 1).pieces(7, kMillisecond);
  if (tls) {
    server.on_bytes(tls_server(electrumx()));
  } else {
    server.on_line(electrumx());
  }
  scenario.visit(tls ? "192.0.2.1:1:s" : "192.0.2.1:1:t");
  scenario.run();
  CHECK(scenario.only().outcome() == "ok");
  CHECK(scenario.only().text(FieldId::kWireArrival) == "1,2,3,4,5,6,7,8");
  CHECK(scenario.only().number(FieldId::kUsReplies) > scenario.only().number(FieldId::kUsVersion));
}

TEST_CASE("a network with hardly any room is waited for") {
  const bool tls = GENERATE(false, true);
  const std::string facts =
      facts_of([](Scenario& scenario, auto&) { scenario.world.buffers(50, 50); }, tls);
  CHECK(facts.find("\"arrival\":\"1,2,3,4,5,6,7,8\"") != std::string::npos);
}

}  // namespace
}  // namespace observatory::scenario
