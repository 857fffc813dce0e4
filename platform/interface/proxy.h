// SPDX-License-Identifier: MIT
// A way to servers that leads through a proxy: it connects in this device's place, and looks names
// up in its place too.
#pragma once

#include <cstdint>
#include <string_view>

#include "platform/interface/network.h"

namespace observatory {

// Where the proxy is to connect.
struct RemotePeer {
  // At most 255 bytes; looked up by the proxy alone. Empty: `ip` is meant. Stays valid until the
  // stream is closed.
  std::string_view name;
  IpAddress ip;
  std::uint16_t port = 0;
  // Streams with different numbers are to share nothing on their way, where the proxy can do that.
  std::uint64_t isolation = 0;
};

// How far the proxy came with a stream.
struct ProxyProgress {
  bool asked = false;      // it was told where to connect, and took that
  bool replied = false;    // it said how connecting ended, whole where it had succeeded:
  std::uint8_t reply = 0;  // RFC 1928 section 6; Tor's own from 0xF0 on (proposal 304)
};

class Proxy {
 public:
  // Starts connecting; never blocks. The stream is one of the Network's that this proxy belongs to:
  // it becomes ready to write, connected(), read, written and closed like any other, and its
  // tcp_facts() are not known, since those of the way to the proxy are not the peer's. A reply that
  // has a NetError of its own comes as that; whatever else fails, progress() tells who failed.
  // kNoStream with the reason in `why` when nothing could be started; that is kExhausted, or the
  // proxy's own fault.
  virtual StreamId connect(const RemotePeer& peer, NetError& why) = 0;

  // Of a stream from connect() that is not closed yet.
  virtual ProxyProgress progress(StreamId stream) const = 0;

 protected:
  ~Proxy() = default;
};

}  // namespace observatory
