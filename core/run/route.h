// SPDX-License-Identifier: MIT
#pragma once

#include "platform/interface/platform.h"

namespace observatory {

// The way that every connection of a visit takes.
struct Route {
  bool proxied = false;  // through platform.proxy
  RemotePeer peer;       // without a proxy it has an address, and no name

  StreamId open(const Platform& platform, NetError& why) const {
    if (proxied) return platform.proxy->connect(peer, why);
    return platform.network.connect({peer.ip, peer.port}, why);
  }
};

}  // namespace observatory
