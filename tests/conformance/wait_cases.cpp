// SPDX-License-Identifier: MIT
#include <array>
#include <string>

#include "tests/conformance/cases.h"

namespace observatory::conformance {
namespace {

using Does = Peer::Does;

CONFORMANCE_CASE("wait() returns at its deadline and neither early nor in a busy loop") {
  TestType fixture;
  const Micros length = GENERATE(0, 1, 999, 1001, 50 * kMillisecond, 120 * kMillisecond);
  const StreamId stream = fixture.connect(fixture.serve({Does::kNothing}));
  REQUIRE(stream != kNoStream);
  Micros late = 0;
  // A loaded machine may be late once, not three times.
  for (int attempt = 0; attempt < 3; ++attempt) {
    const Instant deadline = fixture.clock().now() + length;
    int returns = 0;
    do {
      Interest interest{.stream = stream, .want_read = true};
      fixture.network().wait({&interest, 1}, deadline);
      CHECK_FALSE(interest.ready);
      ++returns;
    } while (fixture.clock().now() < deadline && returns < 100);
    CHECK(returns <= 3);
    late = fixture.clock().now() - deadline;
    CHECK(late >= 0);
    if (late <= fixture.tolerance()) break;
  }
  CHECK(late <= fixture.tolerance());
  fixture.network().close(stream);
}

CONFORMANCE_CASE("wait() without any stream sleeps until its deadline") {
  TestType fixture;
  const Instant deadline = fixture.clock().now() + 50 * kMillisecond;
  Interest nothing;
  int returns = 0;
  do {
    fixture.network().wait(returns == 0 ? std::span<Interest>{} : std::span(&nothing, 1), deadline);
    ++returns;
  } while (fixture.clock().now() < deadline && returns < 100);
  CHECK(returns <= 3);
  CHECK(fixture.clock().now() >= deadline);
}

CONFORMANCE_CASE("wait() with a deadline in the past only looks") {
  TestType fixture;
  const StreamId stream = fixture.connect(fixture.serve({Does::kSend, 1}));
  REQUIRE(stream != kNoStream);
  CHECK(fixture.wait_for(stream, true, false));
  Interest interest{.stream = stream, .want_read = true};
  const Instant before = fixture.clock().now();
  fixture.network().wait({&interest, 1}, Instant{0});
  CHECK(interest.ready);
  CHECK(fixture.clock().now() - before <= fixture.tolerance());
  fixture.network().close(stream);
}

CONFORMANCE_CASE("wait() calls only those streams ready that are and skips kNoStream") {
  TestType fixture;
  const StreamId silent = fixture.connect(fixture.serve({Does::kNothing}));
  const StreamId talking = fixture.connect(fixture.serve({Does::kSend, 10}));
  REQUIRE(silent != kNoStream);
  REQUIRE(talking != kNoStream);
  std::array<Interest, 4> interests;
  const Instant deadline = fixture.clock().now() + 10 * kSecond;
  do {
    interests = {Interest{.stream = kNoStream, .want_read = true, .ready = true},
                 Interest{.stream = silent, .want_read = true, .ready = true},
                 Interest{.stream = kNoStream, .want_write = true},
                 Interest{.stream = talking, .want_read = true}};
    fixture.network().wait(interests, deadline);
    CHECK_FALSE(interests[0].ready);
    CHECK_FALSE(interests[1].ready);
    CHECK_FALSE(interests[2].ready);
  } while (!interests[3].ready && fixture.clock().now() < deadline);
  CHECK(interests[3].ready);

  // Both have room to write; one of them is asked.
  interests[1].want_write = true;
  fixture.network().wait(interests, deadline);
  CHECK(interests[1].ready);
  interests[3].want_read = false;
  fixture.network().wait(interests, deadline);
  CHECK_FALSE(interests[3].ready);
  fixture.network().close(silent);
  fixture.network().close(talking);
}

CONFORMANCE_CASE("a stream that has ended or failed is ready at once and stays so") {
  TestType fixture;
  const StreamId closed = fixture.connect(fixture.serve({Does::kSendAndClose, 1}));
  const StreamId reset = fixture.connect(fixture.serve({Does::kResetOnBytes}));
  NetError why = NetError::kNone;
  const StreamId refused = fixture.network().connect(fixture.refusing(), why);
  REQUIRE(closed != kNoStream);
  REQUIRE(reset != kNoStream);
  REQUIRE(refused != kNoStream);
  CHECK(fixture.send(reset, "x") == 1);
  CHECK(fixture.read_to_end(closed) == NetError::kClosed);
  for (int asked = 0; asked < 2; ++asked) {
    CHECK(fixture.wait_for(closed, true, false));
    CHECK(fixture.wait_for(reset, true, false));
    CHECK(fixture.wait_for(refused, false, true));
  }
  // Failed, and nothing wished for: ready all the same.
  CHECK(fixture.wait_for(refused, false, false));
  fixture.network().close(closed);
  fixture.network().close(reset);
  fixture.network().close(refused);
}

CONFORMANCE_CASE("wait() finds one ready stream among two hundred") {
  TestType fixture;
  const SocketAddress silent = fixture.serve({Does::kNothing});
  std::vector<Interest> interests;
  for (int i = 0; i < 200; ++i) {
    interests.push_back({.stream = fixture.connect(silent), .want_read = true});
    REQUIRE(interests.back().stream != kNoStream);
  }
  const std::size_t chosen = GENERATE(0U, 63U, 64U, 150U, 199U);
  fixture.network().close(interests[chosen].stream);
  interests[chosen].stream = fixture.connect(fixture.serve({Does::kSend, 1}));
  REQUIRE(interests[chosen].stream != kNoStream);
  const Instant deadline = fixture.clock().now() + 10 * kSecond;
  while (!interests[chosen].ready && fixture.clock().now() < deadline) {
    fixture.network().wait(interests, deadline);
  }
  for (std::size_t i = 0; i < interests.size(); ++i) {
    CHECK(interests[i].ready == (i == chosen));
    fixture.network().close(interests[i].stream);
  }
}

CONFORMANCE_CASE("a request to stop ends wait()") {
  TestType fixture;
  const Instant before = fixture.clock().now();
  fixture.wake_in(50 * kMillisecond);
  fixture.network().wait({}, before + 20 * kSecond);
  CHECK(fixture.clock().now() - before >= 50 * kMillisecond);
  CHECK(fixture.clock().now() - before < 10 * kSecond);
  // It is forgotten then.
  const Instant deadline = fixture.clock().now() + 50 * kMillisecond;
  fixture.network().wait({}, deadline);
  CHECK(fixture.clock().now() >= deadline);
}

CONFORMANCE_CASE("the clock never goes back and follows wait()") {
  TestType fixture;
  Instant last = fixture.clock().now();
  const std::uint64_t wall = fixture.clock().wall_ms();
  for (int turn = 0; turn < 20; ++turn) {
    fixture.network().wait({}, last + 2 * kMillisecond);
    const Instant now = fixture.clock().now();
    CHECK(now >= last);
    last = now;
  }
  // 2025-01-01: no machine that builds this believes less.
  CHECK(wall > 1'735'689'600'000);
  CHECK(fixture.clock().wall_ms() >= wall);
}

}  // namespace
}  // namespace observatory::conformance
