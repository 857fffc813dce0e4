// SPDX-License-Identifier: MIT
// Everything the core may ask of a device: one reference to each part, passed once.
#pragma once

#include "platform/interface/clock.h"
#include "platform/interface/digest.h"
#include "platform/interface/network.h"
#include "platform/interface/proxy.h"
#include "platform/interface/random.h"
#include "platform/interface/resolver.h"

namespace observatory {

// TLS engines are not here: each slot of the scheduler has one of its own.
struct Platform {
  Clock& clock;
  Network& network;
  Resolver& resolver;
  Random& random;
  Digest& digest;
  Proxy* proxy = nullptr;      // of `network`: the way to onion names, where there is one
  bool proxy_for_all = false;  // the way to all the rest as well: no name is looked up here then
};

}  // namespace observatory
