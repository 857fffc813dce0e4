// SPDX-License-Identifier: MIT
#pragma once

#include <sys/resource.h>

#include <memory>
#include <thread>
#include <vector>

#include "platform/posix/posix_clock.h"
#include "platform/posix/posix_network.h"
#include "platform/posix/posix_resolver.h"
#include "platform/posix/posix_waker.h"
#include "tests/conformance/fixture.h"
#include "tests/conformance/loopback_peer.h"

namespace observatory::conformance {

// Real sockets on the loopback interface, and the system's own resolver.
class PosixFixture final : public Fixture {
 public:
  PosixFixture();
  ~PosixFixture() override;

  Clock& clock() override { return clock_; }
  Network& network() override { return network_; }
  Resolver& resolver() override { return resolver_; }
  SocketAddress serve(Peer peer) override;
  std::optional<SocketAddress> serve_v6(Peer peer) override;
  SocketAddress refusing() override { return refusing_loopback(); }
  std::optional<SocketAddress> unanswering() override;
  void leave_handles(std::size_t count) override;
  void wake_in(Micros length) override;
  std::string_view known_name() override { return "localhost"; }
  std::string_view unknown_name() override;
  // Whatever becomes of it: it takes at least a thread's start to know.
  std::string_view slow_name() override { return "nobody.invalid"; }
  Micros tolerance() const override { return 150 * kMillisecond; }

 private:
  posix::PosixWaker waker_;
  posix::PosixClock clock_;
  posix::PosixNetwork network_{waker_};
  posix::PosixResolver resolver_{waker_};
  std::vector<std::unique_ptr<LoopbackPeer>> peers_;
  std::vector<std::unique_ptr<FullBacklog>> backlogs_;
  std::vector<std::thread> threads_;
  rlimit handles_before_{};
};

}  // namespace observatory::conformance
