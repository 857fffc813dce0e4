// SPDX-License-Identifier: MIT
#include <array>
#include <string>
#include <vector>

#include "tests/conformance/cases.h"

namespace observatory::conformance {
namespace {

using Does = Peer::Does;

CONFORMANCE_CASE("connecting succeeds and connected() keeps saying so") {
  TestType fixture;
  NetError why = NetError::kOther;
  const StreamId stream = fixture.network().connect(fixture.serve({Does::kNothing}), why);
  REQUIRE(stream != kNoStream);
  CHECK(why == NetError::kNone);
  CHECK(fixture.wait_for(stream, false, true));
  for (int asked = 0; asked < 2; ++asked) {
    const IoResult result = fixture.network().connected(stream);
    CHECK(result.count == 1);
    CHECK(result.error == NetError::kNone);
  }
  fixture.network().close(stream);
}

CONFORMANCE_CASE("connecting where nobody listens is refused") {
  TestType fixture;
  NetError why = NetError::kOther;
  const StreamId stream = fixture.network().connect(fixture.refusing(), why);
  REQUIRE(stream != kNoStream);
  CHECK(why == NetError::kNone);
  CHECK(fixture.wait_for(stream, false, true));
  CHECK(fixture.network().connected(stream).error == NetError::kRefused);
  // Asked again, it need not remember why; but it has not become a success, nor "not yet".
  CHECK(fixture.network().connected(stream).error != NetError::kNone);
  CHECK(fixture.network().write(stream, as_bytes("x")).error != NetError::kNone);
  fixture.network().close(stream);
}

CONFORMANCE_CASE("connecting where nobody answers stays not yet until the deadline") {
  TestType fixture;
  const auto peer = fixture.unanswering();
  if (!peer) {
    WARN("this kernel answers with a full backlog: nothing tested");
    return;
  }
  NetError why = NetError::kOther;
  const StreamId stream = fixture.network().connect(*peer, why);
  REQUIRE(stream != kNoStream);
  std::array<std::uint8_t, 8> bytes;
  CHECK_FALSE(fixture.wait_for(stream, true, true, 300 * kMillisecond));
  CHECK(fixture.network().connected(stream).count == 0);
  CHECK(fixture.network().connected(stream).error == NetError::kNone);
  CHECK(fixture.network().write(stream, as_bytes("x")).count == 0);
  CHECK(fixture.network().write(stream, as_bytes("x")).error == NetError::kNone);
  CHECK(fixture.network().read(stream, bytes).error == NetError::kNone);
  fixture.network().close(stream);
}

CONFORMANCE_CASE("what is written comes back from an echo") {
  TestType fixture;
  const StreamId stream = fixture.connect(fixture.serve({Does::kEcho}));
  REQUIRE(stream != kNoStream);
  CHECK(fixture.send(stream, "first ") == 6);
  CHECK(fixture.receive(stream, 6) == "first ");
  CHECK(fixture.send(stream, "second") == 6);
  CHECK(fixture.receive(stream, 6) == "second");
  fixture.network().close(stream);
}

CONFORMANCE_CASE("reads of any size give the bytes in order") {
  const std::size_t piece = GENERATE(1U, 2U, 7U, 999U, 1000U, 4096U);
  TestType fixture;
  const StreamId stream = fixture.connect(fixture.serve({Does::kSend, 1000}));
  REQUIRE(stream != kNoStream);
  CHECK(fixture.receive(stream, 1000, piece) == pattern(1000));
  fixture.network().close(stream);
}

CONFORMANCE_CASE("an empty read or write moves nothing and is no error") {
  TestType fixture;
  const StreamId stream = fixture.connect(fixture.serve({Does::kSend, 10}));
  REQUIRE(stream != kNoStream);
  CHECK(fixture.wait_for(stream, true, false));
  const IoResult read = fixture.network().read(stream, {});
  const IoResult written = fixture.network().write(stream, {});
  CHECK(read.count == 0);
  CHECK(read.error == NetError::kNone);
  CHECK(written.count == 0);
  CHECK(written.error == NetError::kNone);
  CHECK(fixture.receive(stream, 10) == pattern(10));
  fixture.network().close(stream);
}

CONFORMANCE_CASE("a read with nothing there is not now") {
  TestType fixture;
  const StreamId stream = fixture.connect(fixture.serve({Does::kNothing}));
  REQUIRE(stream != kNoStream);
  std::array<std::uint8_t, 8> bytes;
  for (int asked = 0; asked < 2; ++asked) {
    const IoResult result = fixture.network().read(stream, bytes);
    CHECK(result.count == 0);
    CHECK(result.error == NetError::kNone);
  }
  fixture.network().close(stream);
}

CONFORMANCE_CASE("the end of a stream is kClosed behind its last byte and stays so") {
  TestType fixture;
  const StreamId stream = fixture.connect(fixture.serve({Does::kSendAndClose, 100}));
  REQUIRE(stream != kNoStream);
  NetError error = NetError::kNone;
  CHECK(fixture.receive(stream, 101, 30, &error) == pattern(100));
  CHECK(error == NetError::kClosed);
  CHECK(fixture.read_to_end(stream) == NetError::kClosed);
  fixture.network().close(stream);
}

CONFORMANCE_CASE("a peer that tears the stream down is kReset") {
  TestType fixture;
  const StreamId stream = fixture.connect(fixture.serve({Does::kResetOnBytes}));
  REQUIRE(stream != kNoStream);
  CHECK(fixture.send(stream, "x") == 1);
  CHECK(fixture.read_to_end(stream) == NetError::kReset);
  fixture.network().close(stream);
}

CONFORMANCE_CASE("bytes that came before a reset can still be read") {
  TestType fixture;
  const StreamId stream = fixture.connect(fixture.serve({Does::kSendAndReset, 100}));
  REQUIRE(stream != kNoStream);
  CHECK(fixture.receive(stream, 50) == pattern(50));
  CHECK(fixture.send(stream, "x") == 1);
  // Time for the reset to come in behind the unread half.
  const Instant deadline = fixture.clock().now() + 200 * kMillisecond;
  while (fixture.clock().now() < deadline) fixture.network().wait({}, deadline);
  NetError error = NetError::kNone;
  CHECK(fixture.receive(stream, 51, 4096, &error) == pattern(100).substr(50));
  CHECK(error == NetError::kReset);
  fixture.network().close(stream);
}

CONFORMANCE_CASE("writing after the peer's reset is an error and no signal") {
  TestType fixture;
  const StreamId stream = fixture.connect(fixture.serve({Does::kResetOnBytes}));
  REQUIRE(stream != kNoStream);
  CHECK(fixture.send(stream, "x") == 1);
  CHECK(fixture.read_to_end(stream) == NetError::kReset);
  for (int written = 0; written < 2; ++written) {
    const IoResult result = fixture.network().write(stream, as_bytes("y"));
    CHECK(result.count == 0);
    CHECK(result.error == NetError::kReset);
  }
  fixture.network().close(stream);
}

CONFORMANCE_CASE("writing to a peer that has closed ends in an error and no signal") {
  TestType fixture;
  const StreamId stream = fixture.connect(fixture.serve({Does::kSendAndClose, 1}));
  REQUIRE(stream != kNoStream);
  CHECK(fixture.read_to_end(stream) == NetError::kClosed);
  NetError error = NetError::kNone;
  // The first bytes provoke the reset that a later write meets.
  for (int attempt = 0; attempt < 100 && error == NetError::kNone; ++attempt) {
    error = fixture.network().write(stream, as_bytes("x")).error;
    fixture.network().wait({}, fixture.clock().now() + 20 * kMillisecond);
  }
  CHECK(error == NetError::kReset);
  fixture.network().close(stream);
}

CONFORMANCE_CASE("a megabyte arrives whole although the client is slow to read") {
  constexpr std::size_t kSize = 1'000'000;
  TestType fixture;
  const StreamId stream = fixture.connect(fixture.serve({Does::kSendAndClose, kSize}));
  REQUIRE(stream != kNoStream);
  // The sender runs into full buffers first.
  const Instant deadline = fixture.clock().now() + 100 * kMillisecond;
  while (fixture.clock().now() < deadline) fixture.network().wait({}, deadline);
  NetError error = NetError::kNone;
  CHECK((fixture.receive(stream, kSize + 1, 10'000, &error) == pattern(kSize)));
  CHECK(error == NetError::kClosed);
  fixture.network().close(stream);
}

CONFORMANCE_CASE("a megabyte goes to an echo and comes back whole") {
  constexpr std::size_t kSize = 1'000'000;
  TestType fixture;
  const StreamId stream = fixture.connect(fixture.serve({Does::kEcho}));
  REQUIRE(stream != kNoStream);
  const std::string sent = pattern(kSize);
  std::string received;
  std::size_t written = 0;
  std::vector<std::uint8_t> bytes(7777);
  const Instant deadline = fixture.clock().now() + 30 * kSecond;
  while (received.size() < kSize && fixture.clock().now() < deadline) {
    const IoResult out = fixture.network().write(stream, as_bytes(sent).subspan(written));
    const IoResult in = fixture.network().read(stream, bytes);
    REQUIRE(out.error == NetError::kNone);
    REQUIRE(in.error == NetError::kNone);
    written += out.count;
    received += as_text(ByteView(bytes).first(in.count));
    if (out.count + in.count > 0) continue;
    Interest interest{.stream = stream, .want_read = true, .want_write = written < kSize};
    fixture.network().wait({&interest, 1}, deadline);
  }
  CHECK((received == sent));
  fixture.network().close(stream);
}

CONFORMANCE_CASE("a peer that never reads makes writing not now and the stream not ready") {
  TestType fixture;
  const StreamId stream = fixture.connect(fixture.serve({Does::kNothing}));
  REQUIRE(stream != kNoStream);
  const std::string much(64 * 1024, 'x');
  constexpr std::size_t kTooMuch = 256U * 1024 * 1024;
  std::size_t written = 0;
  bool full = false;
  // A kernel's buffers grow for a while: full is when there is no room now nor some time later.
  while (!full && written < kTooMuch) {
    const IoResult result = fixture.network().write(stream, as_bytes(much));
    REQUIRE(result.error == NetError::kNone);
    written += result.count;
    full = result.count == 0 && !fixture.wait_for(stream, false, true, 300 * kMillisecond);
  }
  CHECK(written > 0);
  CHECK(full);
  fixture.network().close(stream);
}

CONFORMANCE_CASE("a flood can be left at any time") {
  TestType fixture;
  const SocketAddress peer = fixture.serve({Does::kFlood});
  for (int visit = 0; visit < 3; ++visit) {
    const StreamId stream = fixture.connect(peer);
    REQUIRE(stream != kNoStream);
    CHECK(fixture.receive(stream, 200'000).size() == 200'000);
    fixture.network().close(stream);
  }
}

CONFORMANCE_CASE("close() releases the handle whatever the stream's state") {
  TestType fixture;
  const SocketAddress echo = fixture.serve({Does::kEcho});
  const SocketAddress refusing = fixture.refusing();
  // Room for a few only; the peer's own ends need some of it.
  fixture.leave_handles(30);
  std::size_t started = 0;
  for (int turn = 0; turn < 1000; ++turn) {
    NetError why = NetError::kNone;
    const StreamId stream = fixture.network().connect(turn % 3 == 0 ? refusing : echo, why);
    if (stream == kNoStream) continue;
    ++started;
    // Every other time without waiting for the end of connecting.
    if (turn % 2 == 0) CHECK(fixture.wait_for(stream, false, true));
    fixture.network().close(stream);
  }
  CHECK(started == 1000);
}

CONFORMANCE_CASE("connecting without a handle to spare is kExhausted at once") {
  TestType fixture;
  const SocketAddress peer = fixture.refusing();
  fixture.leave_handles(5);
  std::vector<StreamId> streams;
  NetError why = NetError::kNone;
  while (streams.size() < 100) {
    const StreamId stream = fixture.network().connect(peer, why);
    if (stream == kNoStream) break;
    CHECK(why == NetError::kNone);
    streams.push_back(stream);
  }
  CHECK(streams.size() == 5);
  CHECK(why == NetError::kExhausted);
  for (const StreamId stream : streams) fixture.network().close(stream);
  const StreamId again = fixture.network().connect(peer, why);
  CHECK(again != kNoStream);
  fixture.network().close(again);
}

CONFORMANCE_CASE("IPv6 works like IPv4") {
  TestType fixture;
  const auto peer = fixture.serve_v6({Does::kEcho});
  if (!peer) {
    WARN("no IPv6 loopback interface here: nothing tested");
    return;
  }
  const StreamId stream = fixture.connect(*peer);
  REQUIRE(stream != kNoStream);
  CHECK(fixture.send(stream, "six") == 3);
  CHECK(fixture.receive(stream, 3) == "six");
  fixture.network().close(stream);
}

CONFORMANCE_CASE("the kernel's view of a connected stream is known where there is one") {
  TestType fixture;
  const StreamId stream = fixture.connect(fixture.serve({Does::kEcho}));
  REQUIRE(stream != kNoStream);
  CHECK(fixture.send(stream, "x") == 1);
  CHECK(fixture.receive(stream, 1) == "x");
  const TcpFacts facts = fixture.network().tcp_facts(stream);
  CHECK(facts.known == fixture.knows_the_way());
  if (!fixture.knows_the_way()) {
    CHECK(facts.rtt_us == 0);
    CHECK(facts.mss == 0);
    fixture.network().close(stream);
    return;
  }
  CHECK(facts.rtt_us > 0);
  CHECK(facts.rtt_us < 1'000'000);
  CHECK(facts.min_rtt_us > 0);
  CHECK(facts.min_rtt_us <= facts.rtt_us);
  CHECK(facts.mss >= 500);
  CHECK(facts.mss <= 65535);
  CHECK(facts.path_mtu >= facts.mss);
  CHECK(facts.retransmits == 0);
  fixture.network().close(stream);
}

CONFORMANCE_CASE("what a handshake agreed on is known before anything is sent") {
  TestType fixture;
  const StreamId stream = fixture.connect(fixture.serve({Does::kEcho}));
  REQUIRE(stream != kNoStream);
  const TcpFacts facts = fixture.network().tcp_facts(stream);
  CHECK(facts.known == fixture.knows_the_way());
  CHECK((facts.rtt_us > 0) == fixture.knows_the_way());
  CHECK(facts.sack == fixture.knows_the_way());
  CHECK(facts.wscale.value_or(0) <= 14);  // RFC 7323 section 2.3
  CHECK(facts.window.value_or(1) > 0);
  CHECK(facts.window.value_or(1) <= 65535);  // the window of a SYN/ACK is not scaled
  CHECK(facts.retransmits == 0);
  fixture.network().close(stream);
}

CONFORMANCE_CASE("of a stream that is not connected the kernel tells no round trip") {
  TestType fixture;
  NetError why = NetError::kNone;
  const StreamId stream = fixture.network().connect(fixture.refusing(), why);
  REQUIRE(stream != kNoStream);
  CHECK(fixture.wait_for(stream, false, true));
  const TcpFacts facts = fixture.network().tcp_facts(stream);
  CHECK(facts.rtt_us == 0);
  CHECK(facts.min_rtt_us == 0);
  fixture.network().close(stream);
}

}  // namespace
}  // namespace observatory::conformance
