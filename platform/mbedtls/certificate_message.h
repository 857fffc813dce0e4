// SPDX-License-Identifier: MIT
// The Certificate message of a handshake, read apart from the library: what the library cannot
// parse was sent all the same.
#pragma once

#include "platform/interface/tls.h"

namespace observatory::mbedtls {

// How the message is laid out.
enum class MessageForm : std::uint8_t {
  kTls12,  // RFC 5246 section 7.4.2: a list of certificates
  kTls13,  // RFC 8446 section 4.4.2: a context before it, extensions behind each of them
};

// Views into the message.
struct CertificateList {
  ByteView certificates[kMaxChain];  // the first ones
  std::uint8_t size = 0;
  std::uint16_t sent = 0;  // how many there are in all
  bool whole = false;      // every length in the message fits what surrounds it
};

// `body` is what stands behind the message's header, as far as it is there. No length in it is
// trusted: the list ends before the first that does not fit, and of those that do fit nothing is
// known but where they stand.
CertificateList list_certificates(ByteView body, MessageForm form);

}  // namespace observatory::mbedtls
