// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/limits.h"
#include "platform/interface/platform.h"

namespace observatory {

// The way that every connection of a visit takes.
struct Route {
  bool proxied = false;  // through platform.proxy
  RemotePeer peer;       // without a proxy it has an address, and no name

  // How many times what is usual a step may take.
  unsigned patience() const { return proxied ? limits::kProxyPatience : 1; }

  StreamId open(const Platform& platform, NetError& why) const {
    if (proxied) return platform.proxy->connect(peer, why);
    return platform.network.connect({peer.ip, peer.port}, why);
  }
};

}  // namespace observatory
