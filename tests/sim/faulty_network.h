// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "platform/interface/network.h"

namespace observatory::sim {

// A network whose n-th call fails. A test runs the same thing for n = 1, 2, ... until nothing
// failed any more, and checks each time that it ended well and left nothing open:
//
//   for (std::size_t n = 1;; ++n) {
//     SimWorld world;
//     FaultyNetwork network(world, n, NetError::kReset);
//     ...
//     CHECK(world.open_streams() == 0);
//     if (!network.failed()) break;
//   }
//
// A stream that has failed stays failed: later calls give the same error, wait() calls it ready.
class FaultyNetwork final : public Network {
 public:
  enum class Call : std::uint8_t { kAny, kConnect, kConnected, kWrite, kRead };

  // Fails the n-th call (from 1) of that kind; kAny counts the four kinds together. A failed
  // connect() starts nothing. `inner` must outlive this.
  FaultyNetwork(Network& inner, std::size_t nth, NetError error, Call call = Call::kAny)
      : inner_(inner), nth_(nth), error_(error), call_(call) {}

  // Whether the n-th call has come, and failed.
  bool failed() const { return count_ >= nth_; }
  // Calls of the chosen kind so far.
  std::size_t calls() const { return count_; }

  StreamId connect(const SocketAddress& peer, NetError& why) override;
  IoResult connected(StreamId stream) override;
  IoResult write(StreamId stream, ByteView bytes) override;
  IoResult read(StreamId stream, MutableByteView into) override;
  TcpFacts tcp_facts(StreamId stream) override;
  void close(StreamId stream) override;
  void wait(std::span<Interest> interests, Instant deadline) override;

 private:
  bool fails_now(Call call);
  // The error of a stream that fails now or has failed before; kNone otherwise.
  NetError fault(StreamId stream, Call call);

  Network& inner_;
  std::size_t nth_;
  NetError error_;
  Call call_;
  std::size_t count_ = 0;
  StreamId failed_stream_ = kNoStream;
};

}  // namespace observatory::sim
