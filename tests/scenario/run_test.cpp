// SPDX-License-Identifier: MIT
// A run as a whole: what it writes, and how it ends.
#include <string>

#include "tests/catch2.h"
#include "tests/scenario/scenario.h"

namespace observatory::scenario {
namespace {

constexpr Micros kQuickVisit = kTcpTrips * 20 * kMillisecond;

// Endpoints of every sort: quick, silent, hanging in the resolver, behind TLS. One each.
void add_mixed(Scenario& scenario) {
  scenario.world.listen("127.0.2.1"_ip, 1).on_line(electrumx());
  scenario.world.listen("127.0.2.2"_ip, 1);
  scenario.world.listen("127.0.2.3"_ip, 1).on_bytes(tls_server(fulcrum()));
  scenario.world.listen("127.0.2.4"_ip, 1).on_bytes(sim::SimTlsServer().silent());
  scenario.world.listen("127.0.2.5"_ip, 1).ignore();
  scenario.world.listen("127.0.2.1"_ip, 2).on_line(electrs());
  scenario.world.lookup_hangs("hangs.example");
  for (const std::string_view endpoint :
       {"127.0.2.1:1:t", "127.0.2.2:1:t", "hangs.example:1:t", "127.0.2.3:1:s", "127.0.2.4:1:s",
        "127.0.2.5:1:t", "127.0.2.1:2:t", "abc.onion:1:s"}) {
    scenario.visit(endpoint);
  }
}

TEST_CASE("a run is a header, its observations, and an end that counts them") {
  Scenario scenario(3);
  scenario.world.wall_clock_is(1'795'327'000'123, WallClock::kUnset);
  scenario.options.chain = "bitcoin";
  add_mixed(scenario);
  scenario.run();
  CHECK(ok(scenario.scheduler().status()));
  const auto& records = scenario.output.records();
  REQUIRE(records.size() == 10);
  CHECK(records.front().type() == RecordType::kRun);
  CHECK(records.front().number(FieldId::kTime) == 1'795'327'000'123);
  CHECK(records.front().text(FieldId::kSoftware) == "electrum-probe test");
  CHECK(records.front().text(FieldId::kTlsNewest) == "TLSv1.3");
  CHECK(records.front().text(FieldId::kChain) == "bitcoin");
  CHECK(records.front().json().find("\"clock\":\"unset\"") != std::string::npos);
  for (std::size_t i = 1; i + 1 < records.size(); ++i) {
    CHECK(records[i].type() == RecordType::kObservation);
  }
  CHECK(scenario.end().number(FieldId::kObservations) == 8);
  CHECK(scenario.end().number(FieldId::kReached) == 3);
  CHECK_FALSE(scenario.end().number(FieldId::kDuplicates));
  CHECK_FALSE(scenario.end().number(FieldId::kBadLines));
  CHECK_FALSE(scenario.end().number(FieldId::kInterrupted));
  CHECK(scenario.end().written_at() == scenario.world.now());

  const ByteView run = records.front().record().bytes(FieldId::kRun);
  CHECK(run.size() == 8);
  for (const Kept& kept : records) {
    CHECK(kept.text(FieldId::kVantage) == "test");
    CHECK(as_text(kept.record().bytes(FieldId::kRun)) == as_text(run));
  }
}

TEST_CASE("each record is stamped with the time when its visit began") {
  Scenario scenario;
  scenario.world.wall_clock_is(1'000'000);
  scenario.world.listen("127.0.2.1"_ip, 1).on_line(electrumx());
  scenario.world.listen("127.0.2.1"_ip, 2).on_line(electrumx());
  scenario.visit("127.0.2.1:1:t");
  scenario.visit("127.0.2.1:2:t");
  scenario.run();
  CHECK(scenario.at("127.0.2.1:1:t").number(FieldId::kTime) == 1'000'000);
  CHECK(scenario.at("127.0.2.1:2:t").number(FieldId::kTime) == 1'000'160);
  CHECK(scenario.end().number(FieldId::kTime) == 1'000'320);
}

TEST_CASE("two runs have different names") {
  Scenario one(1, 1);
  Scenario two(1, 2);
  one.run();
  two.run();
  CHECK(as_text(one.end().record().bytes(FieldId::kRun)) !=
        as_text(two.end().record().bytes(FieldId::kRun)));
}

TEST_CASE("an endpoint that is listed again is visited once and counted") {
  Scenario scenario(2);
  auto& server = scenario.world.listen("127.0.2.1"_ip, 1).on_line(electrumx());
  scenario.world.name("example.org", {"127.0.2.1"_ip});
  for (const std::string_view endpoint :
       {"127.0.2.1:1:t", "127.0.2.1:1:t", "example.org:1:t", "Example.Org:1:t", "127.0.2.1:1:t",
        "127.0.2.1:1:s", "127.0.2.1:2:t"}) {
    scenario.visit(endpoint);
  }
  scenario.list.bad_lines(3);
  scenario.run();
  // Another name, another transport and another port are other endpoints.
  CHECK(scenario.observations().size() == 4);
  CHECK(scenario.output.visits() == 4);
  CHECK(server.connect_times().size() == 3);
  CHECK(scenario.end().number(FieldId::kObservations) == 4);
  CHECK(scenario.end().number(FieldId::kReached) == 2);
  CHECK(scenario.end().number(FieldId::kDuplicates) == 3);
  CHECK(scenario.end().number(FieldId::kBadLines) == 3);
}

TEST_CASE("an empty list is a run all the same") {
  Scenario scenario(4);
  scenario.list.bad_lines(1);
  scenario.run();
  CHECK(ok(scenario.scheduler().status()));
  CHECK(scenario.output.records().size() == 2);
  CHECK(scenario.end().number(FieldId::kSeq) == 1);
  CHECK(scenario.end().number(FieldId::kObservations) == 0);
  CHECK(scenario.end().number(FieldId::kBadLines) == 1);
  CHECK_FALSE(scenario.end().number(FieldId::kInterrupted));
  CHECK(scenario.elapsed() == 0);
}

TEST_CASE("a list that has nothing to read yet is asked again") {
  Scenario scenario;
  scenario.world.listen("127.0.2.1"_ip, 1).on_line(electrumx());
  scenario.list.pause(20);
  scenario.visit("127.0.2.1:1:t");
  scenario.list.pause(10);
  scenario.run();
  CHECK(scenario.only().outcome() == "ok");
  CHECK(scenario.elapsed() == 30 * limits::kRetry + kQuickVisit);
}

TEST_CASE("an idle slot asks the list again while another slot is busy") {
  Scenario scenario(2);
  // Nothing happens in the other slot that would wake anybody.
  scenario.world.lookup_hangs("hangs.example");
  scenario.world.listen("127.0.2.2"_ip, 1).on_line(electrumx());
  scenario.list.pause(1);
  scenario.visit("hangs.example:1:t");
  scenario.visit("127.0.2.2:1:t");
  scenario.run();
  CHECK(scenario.at("127.0.2.2:1:t").written_at() -
            scenario.output.records().front().written_at() ==
        limits::kRetry + kQuickVisit);
}

TEST_CASE("a device without randomness runs nothing and writes nothing") {
  Scenario scenario;
  scenario.world.no_randomness();
  add_mixed(scenario);
  scenario.run();
  CHECK(scenario.scheduler().status() == Status::kFailed);
  CHECK(scenario.output.writes() == 0);
  CHECK(scenario.output.visits() == 0);
  CHECK(scenario.world.max_open_streams() == 0);
}

TEST_CASE("a run that is stopped drops the visits under way whole and says so") {
  const std::size_t slots = GENERATE(1, 3, 8);
  // At every moment of the run: before it began, in a lookup, connecting, in TLS, waiting.
  for (Micros when = 0; when < 7 * kSecond; when += 430 * kMillisecond) {
    Scenario scenario(slots);
    add_mixed(scenario);
    std::size_t written = 0;
    scenario.world.after(when, [&] {
      written = scenario.observations().size();
      scenario.stop();
      scenario.world.wake();
    });
    scenario.run();
    CHECK(ok(scenario.scheduler().status()));
    CHECK(scenario.scheduler().interrupted());
    CHECK(scenario.elapsed() == when);
    CHECK(scenario.observations().size() == written);
    CHECK(scenario.end().number(FieldId::kInterrupted) == 1);
    CHECK(scenario.end().number(FieldId::kObservations) == written);
    CHECK(scenario.end().number(FieldId::kSeq) == static_cast<Micros>(written) + 1);
  }
}

TEST_CASE("a run that is stopped before its first step is a header and an end") {
  Scenario scenario;
  add_mixed(scenario);
  scenario.stop();
  scenario.run();
  CHECK(scenario.output.records().size() == 2);
  CHECK(scenario.end().number(FieldId::kInterrupted) == 1);
  CHECK(scenario.output.visits() == 0);
}

TEST_CASE("stopping a run that is done changes nothing") {
  Scenario scenario;
  add_mixed(scenario);
  scenario.run();
  const std::string text = scenario.output.text();
  scenario.stop();
  scenario.scheduler().step();
  CHECK(scenario.output.text() == text);
  CHECK_FALSE(scenario.scheduler().interrupted());
}

TEST_CASE("an output that refuses a record ends the run at once, whichever it is") {
  for (const std::size_t slots : {1u, 3u}) {
    for (std::size_t nth = 1;; ++nth) {
      Scenario scenario(slots);
      add_mixed(scenario);
      scenario.output.refuse(nth);
      scenario.run();
      if (scenario.output.writes() < nth) {
        CHECK(nth == 11);  // header, eight observations, end: all were refused in turn
        CHECK(ok(scenario.scheduler().status()));
        break;
      }
      CHECK(scenario.scheduler().status() == Status::kFailed);
      CHECK(scenario.output.writes() == nth);
      CHECK(scenario.output.records().size() == nth - 1);
    }
  }
}

TEST_CASE("waking up for no reason changes nothing") {
  std::string expected;
  for (const std::size_t every : {0u, 1u, 2u, 3u}) {
    Scenario scenario(3);
    add_mixed(scenario);
    scenario.world.spurious_wakes(every);
    // Every other wait() sleeps, else time would stand still.
    if (every == 1) scenario.world.spurious_wakes(2);
    scenario.run();
    if (expected.empty()) expected = scenario.output.text();
    CHECK(scenario.output.text() == expected);
  }
}

}  // namespace
}  // namespace observatory::scenario
