// SPDX-License-Identifier: MIT
// What a ServerHello says (RFC 8446 section 4.1.3, RFC 5246 section 7.4.1.3).
#pragma once

#include <cstdint>

#include "core/base/byte_reader.h"
#include "core/base/byte_sink.h"
#include "core/base/status.h"

namespace observatory {

// Views into the message. Versions, suites and groups are the numbers of IANA's registries.
struct ServerHello {
  bool has_choices = false;   // the fixed part, up to the compression method, was read
  std::uint16_t version = 0;  // the legacy field: 0x0303 for TLS 1.3, too
  std::uint16_t cipher_suite = 0;
  std::uint8_t session_id_bytes = 0;   // 0 to 32
  bool retry = false;                  // a HelloRetryRequest, which its random tells
  ByteView extensions;                 // the whole ones of the block, without its length
  std::uint16_t selected_version = 0;  // of supported_versions; 0 when there is none
  std::uint16_t key_share = 0;         // group of key_share; 0 when there is none
  ByteView alpn;                       // the protocol chosen; empty when there is none
};

// `body` is the handshake message without its four bytes of header. kMalformed when it ends too
// early or its lengths contradict each other; what was read until then stays.
Status read_server_hello(ByteView body, ServerHello& into);

// Walks the extensions of a ServerHello.
class HelloExtensions {
 public:
  explicit HelloExtensions(const ServerHello& hello) : rest_(hello.extensions) {}

  // The next one; false at the end.
  bool next(std::uint16_t& type, ByteView& value);

 private:
  ByteReader rest_;
};

// Puts the string of which JA3S is the MD5: legacy version, suite, and the types of the extensions
// in the order of the wire, all decimal: "771,4866,43-51". Without extensions the last comma stays.
// Nothing is filtered or sorted. Source: salesforce/ja3 (BSD-3-Clause), python/ja3s.py.
void put_ja3s(const ServerHello& hello, ByteSink& into);

}  // namespace observatory
