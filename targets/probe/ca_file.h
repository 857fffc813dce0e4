// SPDX-License-Identifier: MIT
#pragma once

#include "platform/mbedtls/mbedtls_shared.h"

namespace observatory {

inline constexpr std::size_t kLargestCaFile = std::size_t{1024} * 1024;

// Reads a whole file of trusted certificates, of at most 1 MiB, and gives it to the TLS library.
// False, with the reason on standard error, when it cannot be read or holds none. Takes memory for
// the file meanwhile: to be called before the first visit.
[[nodiscard]] bool add_ca_file(const char* name, mbedtls::MbedtlsShared& shared);

}  // namespace observatory
