// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace observatory {

// How much a visit finds out about a server's TLS. Each includes those before it.
enum class TlsFingerprint : std::uint8_t {
  kHello,   // what the handshake of the visit shows; no further connection
  kHello2,  // one more hello, of TLS 1.2 at most
  kJarm,    // JARM's ten
};

}  // namespace observatory
