// SPDX-License-Identifier: MIT
// Byte streams over TCP, and the one place where the program sleeps.
//
// A port of this interface is tested by tests/conformance; the same cases run against the
// simulated network (tests/sim) and against real sockets (platform/posix).
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "platform/interface/address.h"
#include "platform/interface/bytes.h"
#include "platform/interface/time.h"

namespace observatory {

// What the network did. A closed list of facts, not of error numbers.
enum class NetError : std::uint8_t {
  kNone,
  kRefused,      // somebody answered: nothing listens there
  kReset,        // an established stream was torn down
  kUnreachable,  // no route, no network, forbidden on the way
  kTimedOut,     // the network layer itself gave up
  kClosed,       // the peer ended the stream in good order
  kExhausted,    // this device has no handle or buffer to spare
  kOther,
};

// The answer to a read or a write. `count == 0` with kNone means "not now": ask again once
// wait() has marked the stream ready.
struct [[nodiscard]] IoResult {
  std::size_t count = 0;
  NetError error = NetError::kNone;
};

using StreamId = std::int32_t;
inline constexpr StreamId kNoStream = -1;

// What one stream is waited for, and what was found.
struct Interest {
  StreamId stream = kNoStream;
  bool want_read = false;
  bool want_write = false;
  bool ready = false;  // set by wait(): at least one wish is granted, or the stream has failed
};

// What the kernel knows of a connection (Linux TCP_INFO). What it does not tell is 0, or nothing;
// a measured 0 is told from that by `known`.
struct TcpFacts {
  bool known = false;             // the kernel has told what follows, as far as its version goes
  std::uint32_t rtt_us = 0;       // smoothed; 0 before the first sample
  std::uint32_t rttvar_us = 0;    // mean deviation
  std::uint32_t min_rtt_us = 0;   // the smallest so far
  std::uint32_t mss = 0;          // bytes of the largest segment that may be sent
  std::uint32_t path_mtu = 0;     // bytes
  std::uint32_t retransmits = 0;  // segments sent again so far, SYNs included
  // What both ends agreed on in the handshake.
  bool timestamps = false;
  bool sack = false;
  bool ecn = false;
  std::optional<std::uint8_t> wscale;   // the peer's window scale; nothing if none was agreed on
  std::optional<std::uint32_t> window;  // bytes that the peer is ready to take now
};

class Network {
 public:
  // Starts connecting; never blocks. The stream becomes ready to write once it is connected or
  // has failed; connected() then tells which. kNoStream with the reason in `why` when nothing
  // could be started at all; `why` is kNone otherwise. Small writes go out at once (no Nagle),
  // received bytes are acknowledged at once where the device can do that.
  virtual StreamId connect(const SocketAddress& peer, NetError& why) = 0;

  // How connecting ended: count 1 = connected; count 0 with kNone = not yet; else the error. The
  // reason is told once: asked again, a failed stream answers some error.
  virtual IoResult connected(StreamId stream) = 0;

  // Both never block and never raise a signal. A read of 0 bytes at the end of the stream is
  // kClosed.
  virtual IoResult write(StreamId stream, ByteView bytes) = 0;
  virtual IoResult read(StreamId stream, MutableByteView into) = 0;

  // The kernel's view of a connected stream; nothing known where the device cannot tell. Until
  // something was read, `window` is the one of the peer's SYN/ACK.
  virtual TcpFacts tcp_facts(StreamId stream) = 0;

  // Releases the handle. Every handle from connect() is closed exactly once.
  virtual void close(StreamId stream) = 0;

  // Sleeps until a stream is ready, a lookup of the platform's Resolver has ended, the program
  // was asked to stop, or `deadline` has come; may also return early for no reason. Entries with
  // kNoStream are skipped.
  virtual void wait(std::span<Interest> interests, Instant deadline) = 0;

 protected:
  ~Network() = default;
};

}  // namespace observatory
