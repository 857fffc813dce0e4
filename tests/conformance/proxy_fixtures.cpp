// SPDX-License-Identifier: MIT
#include "tests/conformance/proxy_fixtures.h"

namespace observatory::conformance {

StreamId ThroughProxy::connect(const SocketAddress& peer, NetError& why) {
  RemotePeer remote;
  remote.ip = peer.ip;
  remote.port = peer.port;
  return network_.connect(remote, why);
}

}  // namespace observatory::conformance
