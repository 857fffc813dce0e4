// SPDX-License-Identifier: MIT
#pragma once

#include <sys/resource.h>

#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "platform/posix/posix_clock.h"
#include "platform/posix/posix_network.h"
#include "platform/posix/posix_random.h"
#include "platform/posix/posix_resolver.h"
#include "platform/posix/posix_waker.h"
#include "tests/conformance/fixture.h"
#include "tests/conformance/loopback_peer.h"
#include "tests/support/dns_server.h"

namespace observatory::conformance {

// Real sockets on the loopback interface, and a name server there.
class PosixFixture : public Fixture {
 public:
  PosixFixture();
  ~PosixFixture() override;

  Clock& clock() override { return clock_; }
  Network& network() override { return *network_; }
  Resolver& resolver() override { return *resolver_; }
  SocketAddress serve(Peer peer) override;
  std::optional<SocketAddress> serve_v6(Peer peer) override;
  SocketAddress refusing() override { return refusing_loopback(); }
  std::optional<SocketAddress> unanswering() override;
  void leave_handles(std::size_t count) override;
  void wake_in(Micros length) override;
  std::string_view known_name() override { return "known.example"; }
  std::string_view unknown_name() override { return "unknown.example"; }
  std::string_view slow_name() override { return "slow.example"; }
  Micros tolerance() const override { return 150 * kMillisecond; }

 private:
  static std::vector<test::DnsServer::Datagram> answer(const test::DnsQuery& query);

  test::DnsServer dns_{answer};
  std::filesystem::path resolv_conf_;
  posix::PosixWaker waker_;
  posix::PosixClock clock_;
  posix::PosixRandom random_;
  std::unique_ptr<posix::PosixResolver> resolver_;
  std::unique_ptr<posix::PosixNetwork> network_;
  std::vector<std::unique_ptr<LoopbackPeer>> peers_;
  std::vector<std::unique_ptr<FullBacklog>> backlogs_;
  std::vector<std::thread> threads_;
  rlimit handles_before_{};
};

}  // namespace observatory::conformance
