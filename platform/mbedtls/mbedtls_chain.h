// SPDX-License-Identifier: MIT
// What can be said of a chain of certificates by cryptography alone.
#pragma once

#include "platform/interface/tls.h"
#include "platform/mbedtls/mbedtls_compat.h"

namespace observatory::mbedtls {

// Fills the chain of `peer`: the DER of each certificate that the library parsed. The views point
// into `chain`, which may be null.
void list_chain(const mbedtls_x509_crt* chain, TlsPeer& peer);

// Fills `self_signed`, `trust` and `distrust` of `peer` for a non-empty chain; `roots` may be null.
//
// Trust is the library's path validation (RFC 5280 section 6) from the leaf to one of `roots`
// without names and dates, which others judge: the flags EXPIRED and FUTURE are masked and no name
// is asked for. Hash, key kind and key size are not judged either (a 1024-bit chain to a trusted
// root is trusted): they are facts of the certificates. No revocation lists.
//
// 0, or the library's code if an allocation failed; `peer` then says nothing of both. It costs a
// signature check for each certificate on the path and at most kMaxChain + 1 more.
[[nodiscard]] int judge_chain(const mbedtls_x509_crt* chain, mbedtls_x509_crt* roots,
                              TlsPeer& peer);

}  // namespace observatory::mbedtls
