// SPDX-License-Identifier: MIT
#include "platform/socks5/socks5_network.h"

#include <algorithm>

namespace observatory::socks5 {
namespace {

bool failed(const Tunnel& tunnel) { return tunnel.error != NetError::kNone; }

bool under_way(const Tunnel& tunnel) { return !failed(tunnel) && !tunnel.negotiation.open(); }

// True when something was moved; else it has to wait, or has failed.
bool move_bytes(Tunnel& tunnel, Network& network) {
  Negotiation& negotiation = tunnel.negotiation;
  Negotiation::Message room;
  const ByteView message = negotiation.to_send(room);
  IoResult result;
  if (!message.empty()) {
    result = network.write(tunnel.stream, message);
    negotiation.sent(result.count);
  } else {
    const MutableByteView into(room);
    result = network.read(tunnel.stream, into.first(std::min(into.size(), negotiation.wanted())));
    negotiation.received(into.first(result.count));
  }
  tunnel.error = result.error;
  return result.count > 0;
}

}  // namespace

Tunnel* Socks5Network::tunnel_of(StreamId stream) const {
  const auto found = std::find_if(tunnels_.begin(), tunnels_.end(), [stream](const Tunnel& tunnel) {
    return tunnel.stream == stream;
  });
  return found == tunnels_.end() ? nullptr : &*found;
}

StreamId Socks5Network::connect(const RemotePeer& peer, NetError& why) {
  Tunnel* const tunnel = tunnel_of(kNoStream);
  if (tunnel == nullptr) {
    why = NetError::kExhausted;
    return kNoStream;
  }
  *tunnel = {};
  tunnel->stream = inner_.connect(proxy_, why);
  tunnel->negotiation.start(peer);
  return tunnel->stream;
}

ProxyProgress Socks5Network::progress(StreamId stream) const {
  const Tunnel* const tunnel = tunnel_of(stream);
  return tunnel == nullptr ? ProxyProgress{} : tunnel->negotiation.progress();
}

// Goes as far as possible without waiting.
void Socks5Network::negotiate(Tunnel& tunnel) {
  while (under_way(tunnel)) {
    if (!tunnel.dialled) {
      const IoResult result = inner_.connected(tunnel.stream);
      tunnel.dialled = result.count > 0;
      tunnel.error = result.error;
      if (!tunnel.dialled) return;
    }
    if (!move_bytes(tunnel, inner_)) return;
    if (tunnel.negotiation.failed()) tunnel.error = tunnel.negotiation.error();
  }
}

StreamId Socks5Network::connect(const SocketAddress& peer, NetError& why) {
  return inner_.connect(peer, why);
}

IoResult Socks5Network::connected(StreamId stream) {
  Tunnel* const tunnel = tunnel_of(stream);
  if (tunnel == nullptr) return inner_.connected(stream);
  negotiate(*tunnel);
  return {tunnel->negotiation.open() ? std::size_t{1} : 0, tunnel->error};
}

IoResult Socks5Network::write(StreamId stream, ByteView bytes) {
  const Tunnel* const tunnel = tunnel_of(stream);
  if (tunnel == nullptr || tunnel->negotiation.open()) return inner_.write(stream, bytes);
  return {0, tunnel->error};
}

IoResult Socks5Network::read(StreamId stream, MutableByteView into) {
  const Tunnel* const tunnel = tunnel_of(stream);
  if (tunnel == nullptr || tunnel->negotiation.open()) return inner_.read(stream, into);
  return {0, tunnel->error};
}

TcpFacts Socks5Network::tcp_facts(StreamId stream) {
  return tunnel_of(stream) == nullptr ? inner_.tcp_facts(stream) : TcpFacts{};
}

void Socks5Network::close(StreamId stream) {
  if (Tunnel* const tunnel = tunnel_of(stream)) tunnel->stream = kNoStream;
  inner_.close(stream);
}

void Socks5Network::wait(std::span<Interest> interests, Instant deadline) {
  for (Interest& interest : interests) {
    Tunnel* const tunnel = tunnel_of(interest.stream);
    if (interest.stream == kNoStream || tunnel == nullptr || tunnel->negotiation.open()) continue;
    if (failed(*tunnel)) deadline = Instant{};  // it is ready already
    const bool reads = tunnel->dialled && tunnel->negotiation.wanted() > 0;
    tunnel->wishes = interest;
    interest.want_read = reads;
    interest.want_write = !reads;
  }
  inner_.wait(interests, deadline);
  for (Interest& interest : interests) {
    Tunnel* const tunnel = tunnel_of(interest.stream);
    if (interest.stream == kNoStream || tunnel == nullptr) continue;
    // One that was open before has no wishes put aside.
    if (tunnel->wishes.stream != interest.stream) continue;
    interest.want_read = tunnel->wishes.want_read;
    interest.want_write = tunnel->wishes.want_write;
    tunnel->wishes = {};
    if (interest.ready) negotiate(*tunnel);
    interest.ready = failed(*tunnel) || (tunnel->negotiation.open() && interest.want_write);
  }
}

}  // namespace observatory::socks5
