// SPDX-License-Identifier: MIT
#include "tests/sim/faulty_network.h"

namespace observatory::sim {

bool FaultyNetwork::fails_now(Call call) {
  if (call_ != Call::kAny && call_ != call) return false;
  return ++count_ == nth_;
}

NetError FaultyNetwork::fault(StreamId stream, Call call) {
  const bool now = fails_now(call);
  if (now) failed_stream_ = stream;
  return stream == failed_stream_ ? error_ : NetError::kNone;
}

StreamId FaultyNetwork::connect(const SocketAddress& peer, NetError& why) {
  if (fails_now(Call::kConnect)) {
    why = error_;
    return kNoStream;
  }
  return inner_.connect(peer, why);
}

IoResult FaultyNetwork::connected(StreamId stream) {
  const NetError error = fault(stream, Call::kConnected);
  if (error != NetError::kNone) return {0, error};
  return inner_.connected(stream);
}

IoResult FaultyNetwork::write(StreamId stream, ByteView bytes) {
  const NetError error = fault(stream, Call::kWrite);
  if (error != NetError::kNone) return {0, error};
  return inner_.write(stream, bytes);
}

IoResult FaultyNetwork::read(StreamId stream, MutableByteView into) {
  const NetError error = fault(stream, Call::kRead);
  if (error != NetError::kNone) return {0, error};
  return inner_.read(stream, into);
}

TcpFacts FaultyNetwork::tcp_facts(StreamId stream) { return inner_.tcp_facts(stream); }

void FaultyNetwork::close(StreamId stream) {
  // A handle may be given out again: the fault belongs to the stream, not to its number.
  if (stream == failed_stream_) failed_stream_ = kNoStream;
  inner_.close(stream);
}

void FaultyNetwork::wait(std::span<Interest> interests, Instant deadline) {
  bool has_failed = false;
  for (const Interest& interest : interests) {
    has_failed |= interest.stream != kNoStream && interest.stream == failed_stream_;
  }
  inner_.wait(interests, has_failed ? Instant{} : deadline);
  if (!has_failed) return;
  for (Interest& interest : interests) {
    if (interest.stream == failed_stream_) interest.ready = true;
  }
}

}  // namespace observatory::sim
