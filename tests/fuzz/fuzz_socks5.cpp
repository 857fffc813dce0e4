// SPDX-License-Identifier: MIT
// What a SOCKS proxy says, whatever it says: the first byte chooses how bytes come, the rest is the
// proxy's, and behind its reply the server's.
//
// A second reading of RFC 1928, over all of the bytes at once, says how it has to end; nothing of
// the server is lost, and nothing is asked of a proxy that has failed.
#include <optional>

#include "platform/socks5/socks5_network.h"
#include "tests/fuzz/fuzz.h"

namespace observatory::fuzz {
namespace {

constexpr StreamId kStream = 7;

// The stream to the proxy: says its bytes in pieces, then ends.
class Wire final : public Network {
 public:
  Wire(ByteView says, std::size_t piece, bool slow) : rest_(says), piece_(piece), slow_(slow) {}

  StreamId connect(const SocketAddress&, NetError& why) override {
    why = NetError::kNone;
    return kStream;
  }
  IoResult connected(StreamId) override { return {not_now() ? 0U : 1U, NetError::kNone}; }
  IoResult write(StreamId, ByteView bytes) override {
    if (not_now()) return {};
    const ByteView taken = bytes.first(std::min(bytes.size(), piece_));
    written += as_text(taken);
    return {taken.size(), NetError::kNone};
  }
  IoResult read(StreamId, MutableByteView into) override {
    require(!into.empty(), "a read asks for something");
    if (not_now()) return {};
    if (rest_.empty()) return {0, NetError::kClosed};
    const ByteView given = rest_.first(std::min({rest_.size(), piece_, into.size()}));
    std::copy(given.begin(), given.end(), into.begin());
    rest_ = rest_.subspan(given.size());
    ++reads;
    return {given.size(), NetError::kNone};
  }
  TcpFacts tcp_facts(StreamId) override { return {.rtt_us = 1}; }
  void close(StreamId) override {}
  void wait(std::span<Interest> interests, Instant deadline) override {
    sleeps_until = deadline;
    for (Interest& interest : interests) interest.ready = interest.want_read || interest.want_write;
  }

  std::string written;
  std::size_t reads = 0;
  Instant sleeps_until;
  ByteView rest() const { return rest_; }

 private:
  // Every other call, if at all.
  bool not_now() { return slow_ && (odd_ = !odd_); }

  ByteView rest_;
  std::size_t piece_;
  bool slow_;
  bool odd_ = false;
};

// How long the proxy's own part is, when it leads to an open stream.
std::optional<std::size_t> length_of_success(ByteView says) {
  std::size_t at = 0;
  const auto is = [&](std::size_t place, unsigned value) {
    return says.size() > place && says[place] == value;
  };
  if (!is(0, 5) || (!is(1, 0) && !is(1, 2))) return std::nullopt;
  at = 2;
  if (is(1, 2)) {
    if (!is(2, 1) || !is(3, 0)) return std::nullopt;
    at = 4;
  }
  if (!is(at, 5) || !is(at + 1, 0) || says.size() < at + 5) return std::nullopt;
  std::size_t end = 0;
  if (is(at + 3, 1)) end = at + 4 + 4 + 2;
  if (is(at + 3, 4)) end = at + 4 + 16 + 2;
  if (is(at + 3, 3)) end = at + 5 + says[at + 4] + 2;
  if (end == 0 || says.size() < end) return std::nullopt;
  return end;
}

}  // namespace
}  // namespace observatory::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace observatory;
  fuzz::Input input(data, size);
  const unsigned how = input.byte();
  const ByteView says = input.rest();
  fuzz::Wire wire(says, 1 + (how >> 2), (how & 1) != 0);
  std::array<socks5::Tunnel, 2> tunnels;
  socks5::Socks5Network network(wire, {}, tunnels);

  RemotePeer peer;
  if ((how & 2) != 0) peer.name = "abc.onion";
  peer.port = 50002;
  NetError why = NetError::kOther;
  const StreamId stream = network.connect(peer, why);
  fuzz::require(stream == fuzz::kStream && why == NetError::kNone, "it is begun");

  const std::size_t most = 8 * (says.size() + 100);
  IoResult result;
  std::size_t waits = 0;
  for (; waits < most && result.count == 0 && result.error == NetError::kNone; ++waits) {
    Interest interest{.stream = stream, .want_write = true};
    network.wait({&interest, 1}, Instant::never());
    fuzz::require(interest.want_write && !interest.want_read, "wishes are the caller's own");
    if (interest.ready) result = network.connected(stream);
    fuzz::require(!interest.ready || result.count > 0 || result.error != NetError::kNone,
                  "a stream is ready when it is open or has failed");
  }
  fuzz::require(waits < most, "a negotiation ends");

  const auto expected = fuzz::length_of_success(says);
  fuzz::require(expected.has_value() == (result.count == 1), "it opens when the proxy says so");
  fuzz::require(network.tcp_facts(stream).rtt_us == 0, "nothing is claimed of the way");
  std::array<std::uint8_t, 16> byte;
  if (expected) {
    fuzz::require(wire.rest().size() == says.size() - *expected, "the server's bytes are left");
    fuzz::require(network.progress(stream).replied, "it has replied");
    const IoResult read = network.read(stream, byte);
    fuzz::require(read.count > 0 || read.error == NetError::kClosed || (how & 1) != 0,
                  "and can be read");
  } else {
    const std::size_t reads = wire.reads;
    fuzz::require(network.read(stream, byte).error != NetError::kNone, "a failure stays one");
    fuzz::require(network.write(stream, as_bytes("x")).error != NetError::kNone, "both ways");
    Interest interest{.stream = stream, .want_read = true};
    network.wait({&interest, 1}, Instant::never());
    fuzz::require(interest.ready, "a failed stream is ready");
    fuzz::require(wire.sleeps_until == Instant{}, "and not slept on");
    fuzz::require(wire.reads == reads, "and nothing more is asked of it");
  }
  fuzz::require(wire.written.starts_with(std::string_view("\5\2\2\0", 4)), "it greets");
  network.close(stream);
  fuzz::require(tunnels[0].stream == kNoStream, "its place is free again");
  return 0;
}
