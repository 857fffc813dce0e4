// SPDX-License-Identifier: MIT
// What one TLS connection tells of its server, brought into the record: what the engine knows of
// its peer, and what stands in clear in the bytes on their way to the engine.
#pragma once

#include "core/record/record.h"
#include "core/tls/handshake_tap.h"
#include "platform/interface/digest.h"
#include "platform/interface/time.h"
#include "platform/interface/tls.h"

namespace observatory {

class TlsFacts {
 public:
  // Both belong to the caller and outlive this.
  TlsFacts(Record& record, Digest& digest) : record_(record), digest_(digest) {}

  // For another visit, and for another connection of it.
  void clear() { stage_ = Stage::kRecorded; }
  void begin();

  // Ciphertext has left: the ClientHello, until the server's first byte.
  void sent(Instant at) { sent_ = at; }

  // Ciphertext has arrived. How many of the bytes belong to one record and are to be given to the
  // engine before the next ones: then data() names the record that brought the first data.
  std::size_t arrived(Instant at, ByteView bytes);
  void data(const TlsPeer& peer);

  // The handshake is over, well or not. `host` is the endpoint's, for the certificate.
  void handshake_over(const TlsPeer& peer, std::string_view host);

  // The connection is at its end: records what was not recorded yet.
  void over(const TlsPeer& peer);

 private:
  enum class Stage : std::uint8_t { kHandshake, kOpen, kRecorded };

  void record_hello();
  void record_flight(const TlsPeer& peer);

  Record& record_;
  Digest& digest_;
  HandshakeTap tap_;
  Stage stage_ = Stage::kRecorded;
  bool heard_ = false;  // anything from the server
  Instant sent_;
};

}  // namespace observatory
