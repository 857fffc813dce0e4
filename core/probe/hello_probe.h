// SPDX-License-Identifier: MIT
// What is asked of a server by ClientHellos that are never followed up: one a connection.
//
// Sans-IO, like ElectrumProbe. For each connection, in turn, until done():
//
//   open                  the hello to send on it
//   receive               bytes in, in any split
//   close                 it is over
//
// What is learned goes into the record, at the latest when done().
#pragma once

#include "core/tls/client_hello.h"
#include "platform/interface/network.h"

namespace observatory {

class HelloProbe {
 public:
  // The bytes to send on the next connection, valid until close(). REQUIRES !done().
  virtual ByteView open(const HelloRandom& bytes) = 0;

  // Bytes arrived. True once nothing more is wanted of this connection.
  [[nodiscard]] virtual bool receive(ByteView bytes) = 0;

  // The connection that open() was called for is over, or never came about. `why` is kNone when it
  // was we who wanted nothing more.
  virtual void close(NetError why) = 0;

  // There will be no further connection. REQUIRES that none is open.
  virtual void give_up() = 0;

  virtual bool done() const = 0;

 protected:
  ~HelloProbe() = default;
};

}  // namespace observatory
