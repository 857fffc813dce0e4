// SPDX-License-Identifier: MIT
// A Network with a way through a SOCKS 5 proxy, around a Network that has none. It needs nothing of
// an operating system: it stands on the interface alone.
#pragma once

#include <span>

#include "platform/interface/proxy.h"
#include "platform/socks5/negotiation.h"

namespace observatory::socks5 {

// Place for one stream through the proxy.
struct Tunnel {
  StreamId stream = kNoStream;  // kNoStream: free
  bool dialled = false;         // the stream to the proxy stands
  NetError error = NetError::kNone;
  Negotiation negotiation;
  Interest wishes;  // the caller's own, during wait()
};

// Streams from Network::connect() go to the inner network untouched. Those from Proxy::connect()
// are streams of the inner network too, to the proxy, and become ready once the proxy has opened
// the way or refused it; wait() moves their negotiations on.
//
// Nothing here has a clock: a proxy that stalls leaves the stream "not yet", and whoever waits for
// it has the deadline.
class Socks5Network final : public Network, public Proxy {
 public:
  // As many streams through the proxy at once as there are `tunnels`; one more is kExhausted.
  // `inner` and `tunnels` belong to the caller and outlive this.
  Socks5Network(Network& inner, const SocketAddress& proxy, std::span<Tunnel> tunnels)
      : inner_(inner), proxy_(proxy), tunnels_(tunnels) {}
  Socks5Network(const Socks5Network&) = delete;
  Socks5Network& operator=(const Socks5Network&) = delete;

  StreamId connect(const RemotePeer& peer, NetError& why) override;
  ProxyProgress progress(StreamId stream) const override;

  StreamId connect(const SocketAddress& peer, NetError& why) override;
  IoResult connected(StreamId stream) override;
  IoResult write(StreamId stream, ByteView bytes) override;
  IoResult read(StreamId stream, MutableByteView into) override;
  TcpFacts tcp_facts(StreamId stream) override;
  void close(StreamId stream) override;
  void wait(std::span<Interest> interests, Instant deadline) override;

 private:
  Tunnel* tunnel_of(StreamId stream) const;
  void negotiate(Tunnel& tunnel);

  Network& inner_;
  SocketAddress proxy_;
  std::span<Tunnel> tunnels_;
};

}  // namespace observatory::socks5
