// SPDX-License-Identifier: MIT
// The same two worlds, with a SOCKS proxy in them through which every stream is led.
#pragma once

#include <vector>

#include "platform/socks5/socks5_network.h"
#include "tests/conformance/posix_fixture.h"
#include "tests/conformance/sim_fixture.h"
#include "tests/conformance/socks_relay.h"
#include "tests/sim/socks_proxy.h"

namespace observatory::conformance {

// Asks the proxy for every address that is to be connected to.
class ThroughProxy final : public Network {
 public:
  ThroughProxy(Network& inner, const SocketAddress& proxy) : network_(inner, proxy, tunnels_) {}

  StreamId connect(const SocketAddress& peer, NetError& why) override;
  IoResult connected(StreamId stream) override { return network_.connected(stream); }
  IoResult write(StreamId stream, ByteView bytes) override { return network_.write(stream, bytes); }
  IoResult read(StreamId stream, MutableByteView into) override {
    return network_.read(stream, into);
  }
  TcpFacts tcp_facts(StreamId stream) override { return network_.tcp_facts(stream); }
  void close(StreamId stream) override { network_.close(stream); }
  void wait(std::span<Interest> interests, Instant deadline) override {
    network_.wait(interests, deadline);
  }

 private:
  std::vector<socks5::Tunnel> tunnels_{256};
  socks5::Socks5Network network_;
};

class SimProxyFixture final : public SimFixture {
 public:
  Network& network() override { return network_; }
  bool knows_the_way() const override { return false; }

 private:
  SocketAddress at_{sim::ip("127.0.0.1"), 9050};
  sim::SocksProxy proxy_{world(), at_};
  ThroughProxy network_{SimFixture::network(), at_};
};

class PosixProxyFixture final : public PosixFixture {
 public:
  Network& network() override { return network_; }
  bool knows_the_way() const override { return false; }

 private:
  SocksRelay relay_;
  ThroughProxy network_{PosixFixture::network(), relay_.address()};
};

}  // namespace observatory::conformance
