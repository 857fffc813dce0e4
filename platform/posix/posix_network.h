// SPDX-License-Identifier: MIT
#pragma once

#include "platform/interface/network.h"
#include "platform/posix/posix_resolver.h"
#include "platform/posix/posix_waker.h"

namespace observatory::posix {

// Network over non-blocking BSD sockets and poll(). A StreamId is the file descriptor. IPv4 and
// IPv6; a kernel without IPv6 answers connect() with kUnreachable.
//
// TCP_NODELAY is set once per stream and TCP_QUICKACK before each read (the kernel clears it by
// itself, tcp(7)): without the two, a TLS 1.2 handshake measures 40 ms timers of both kernels
// instead of the path.
//
// Not for use by more than one thread at a time.
class PosixNetwork final : public Network {
 public:
  // Streams that one poll() call covers; the array for them and for the resolver's sockets lies on
  // the stack (8 bytes each). More interests than that still work, at the price of a look around
  // every kBlindStep.
  static constexpr std::size_t kMaxInterests = 64;

  // How long wait() sleeps at most when no single poll() call can see everything it waits for.
  static constexpr Micros kBlindStep = 10 * kMillisecond;

  // With a resolver, wait() moves its lookups on and returns when one has ended. Without one it
  // serves programs that look nothing up.
  explicit PosixNetwork(PosixWaker& waker) : waker_(waker) {}
  PosixNetwork(PosixWaker& waker, PosixResolver& resolver) : waker_(waker), resolver_(&resolver) {}
  PosixNetwork(const PosixNetwork&) = delete;
  PosixNetwork& operator=(const PosixNetwork&) = delete;

  // As the contract says. kExhausted also when every local port is taken.
  StreamId connect(const SocketAddress& peer, NetError& why) override;

  // The reason of a failure is told once (the kernel forgets SO_ERROR when asked); asked again,
  // a failed stream answers kOther.
  IoResult connected(StreamId stream) override;

  IoResult write(StreamId stream, ByteView bytes) override;
  IoResult read(StreamId stream, MutableByteView into) override;

  // Linux TCP_INFO (tcp_info.h), as much of it as the kernel gives: min_rtt_us needs 4.6,
  // window 5.4. Nothing on other systems. No privilege is needed.
  TcpFacts tcp_facts(StreamId stream) override;

  void close(StreamId stream) override;

  // A deadline is rounded up to the next millisecond, so that waking for it finds it passed. The
  // program is "asked to stop" by PosixWaker::wake(); a signal ends the wait, too.
  void wait(std::span<Interest> interests, Instant deadline) override;

 private:
  PosixWaker& waker_;
  PosixResolver* resolver_ = nullptr;
};

}  // namespace observatory::posix
