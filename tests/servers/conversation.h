// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace observatory::demo {

// The server's side of one connection, as a conversation sees it. Everything sent comes out in
// order, each Send as a packet of its own, after the delay of its server.
class Wire {
 public:
  virtual ~Wire() = default;
  virtual void Send(std::string_view bytes) = 0;
  virtual void Close() = 0;  // in good order, after what was sent; nothing may be sent afterwards
  virtual void Reset() = 0;  // RST after what was sent
  virtual void Later(double milliseconds, int token) = 0;  // OnTimer(token), unless closed before
  virtual double NowMs() const = 0;                        // of a clock that never goes back
};

// What a server says on one connection. Lives as long as the connection.
class Conversation {
 public:
  virtual ~Conversation() = default;
  virtual void OnOpen(Wire& /*wire*/) {}
  // Bytes of the client, without TLS. `last`: it will send no more.
  virtual void OnBytes(Wire& wire, std::string_view bytes, bool last) = 0;
  virtual void OnTimer(Wire& /*wire*/, int /*token*/) {}
};

}  // namespace observatory::demo
