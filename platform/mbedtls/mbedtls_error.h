// SPDX-License-Identifier: MIT
// What the library's error codes mean to an observation.
#pragma once

#include <cstdint>

#include "platform/interface/tls.h"

namespace observatory::mbedtls {

// A code of any of the library's modules that says that an allocation failed. High-level codes
// are multiples of 0x80 and may carry a low-level one in the bits below (mbedtls/error.h).
bool is_out_of_memory(int code);

// The failure behind a code that ended a handshake or a read. `alert` counts only when the code is
// MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE; protocol_version (70, RFC 8446 section 6.2) among them is
// kNoCommonVersion.
TlsFailure failure_of(int code, std::uint8_t alert);

// What the library could not read of a certificate, by its code.
TlsUnreadable unreadable_of(int code);

}  // namespace observatory::mbedtls
