// SPDX-License-Identifier: MIT
#include "tests/conformance/sim_fixture.h"

namespace observatory::conformance {

using sim::Connection;
using namespace sim::literals;

SimFixture::SimFixture() {
  world_.name(known_name(), {"127.0.0.1"_ip, "::1"_ip});
  world_.name_not_found(unknown_name());
  world_.lookup_hangs(slow_name());
}

SocketAddress SimFixture::serve(Peer peer) {
  const SocketAddress address{"127.0.0.1"_ip, next_port_++};
  behave(world_.listen(address.ip, address.port), peer);
  return address;
}

std::optional<SocketAddress> SimFixture::serve_v6(Peer peer) {
  const SocketAddress address{"::1"_ip, next_port_++};
  behave(world_.listen(address.ip, address.port), peer);
  return address;
}

void SimFixture::behave(sim::ScriptedServer& server, Peer peer) {
  const auto send = [peer](Connection& client) { client.send(pattern(peer.bytes)); };
  switch (peer.does) {
    case Peer::Does::kNothing:
      server.stall();
      return;
    case Peer::Does::kEcho:
      server.on_bytes([](Connection& client, ByteView bytes) { client.send(bytes); });
      return;
    case Peer::Does::kResetOnBytes:
      server.reset_after_receiving(1);
      return;
    case Peer::Does::kSend:
      server.on_accept(send);
      return;
    case Peer::Does::kSendAndClose:
      server.on_accept([send](Connection& client) {
        send(client);
        client.close();
      });
      return;
    case Peer::Does::kSendAndReset:
      server.on_accept(send).reset_after_receiving(1);
      return;
    case Peer::Does::kFlood:
      server.flood();
      return;
  }
}

SocketAddress SimFixture::refusing() {
  const SocketAddress address{"127.0.0.1"_ip, next_port_++};
  world_.listen(address.ip, address.port).refuse();
  return address;
}

std::optional<SocketAddress> SimFixture::unanswering() {
  const SocketAddress address{"127.0.0.1"_ip, next_port_++};
  world_.listen(address.ip, address.port).ignore();
  return address;
}

void SimFixture::leave_handles(std::size_t count) {
  world_.stream_limit(world_.open_streams() + count);
}

void SimFixture::wake_in(Micros length) {
  world_.after(length, [this] { world_.wake(); });
}

}  // namespace observatory::conformance
