// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace observatory::demo {

// The server's side of one connection, as a conversation sees it. Everything sent comes out in
// order, each send() as a packet of its own, after the delay of its server.
class Wire {
 public:
  virtual ~Wire() = default;
  virtual void send(std::string_view bytes) = 0;
  virtual void close() = 0;  // in good order, after what was sent; nothing may be sent afterwards
  virtual void reset() = 0;  // RST after what was sent
  virtual void later(double milliseconds, int token) = 0;  // on_timer(token), unless closed before
  virtual double now_ms() const = 0;                       // of a clock that never goes back
};

// What a server says on one connection. Lives as long as the connection.
class Conversation {
 public:
  virtual ~Conversation() = default;
  virtual void on_open(Wire& /*wire*/) {}
  // Bytes of the client, without TLS. `last`: it will send no more.
  virtual void on_bytes(Wire& wire, std::string_view bytes, bool last) = 0;
  virtual void on_timer(Wire& /*wire*/, int /*token*/) {}
};

}  // namespace observatory::demo
