// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "tests/servers/certificates.h"
#include "tests/servers/conversation.h"

namespace observatory::demo {

// How a server speaks TLS.
struct TlsPolicy {
  int min_version = TLS1_2_VERSION;
  int max_version = TLS1_3_VERSION;
  bool own_cipher_order = false;      // its preference counts, as with Python and Qt
  bool new_keys_every_time = false;   // ticket keys per connection, as Qt has them (Fulcrum)
  bool acknowledges_name = false;     // an empty server_name in the reply, as nginx sends it
  bool alert_for_plain_text = false;  // a fatal alert to what is no TLS; else a silent close
};

// One listening port.
struct Endpoint {
  std::string address;  // IPv4
  int port = 0;
  enum class Listening { kAccepting, kRefusing, kFull } listening = Listening::kAccepting;
  bool tls = false;
  Identity identity = {};
  TlsPolicy policy = {};
  double delay_ms = 0;   // from a send(), or a flight of the TLS handshake, to the packet
  double jitter_ms = 0;  // at most that much more
  uint64_t seed = 0;     // of the jitter
  std::function<std::unique_ptr<Conversation>()> converse;
};

// The event loop: one thread, epoll, memory BIOs between OpenSSL and the sockets so that
// handshake flights can be delayed too. At most 512 connections;
// a connection that has 4 MB unsent, that idles for ten minutes or whose TLS handshake takes more
// than 10 s is closed.
class Network {
 public:
  static constexpr size_t kMaxConnections = 512;

  Network();
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // Binds and listens. Throws std::runtime_error naming address and port.
  void add(Endpoint endpoint);

  // Serves for that long, or until SIGTERM or SIGINT.
  void run(double seconds);

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace observatory::demo
