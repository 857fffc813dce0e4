// SPDX-License-Identifier: MIT
// What people call a certificate's key and signature.
#pragma once

#include "core/base/byte_sink.h"
#include "core/tls/certificate.h"

namespace observatory {

// Kind and size of the key: `rsa-2048`, `rsa-pss-2048`, `dsa-2048` (bits of the modulus),
// `ec-p256`, `ec-` and the OID of a curve without a name here, `ec-explicit-256` (bits of the prime
// field) where the curve is spelt out (RFC 3279 section 2.3.5), `ed25519`, `ed448`, `x25519`,
// `x448`; any other key is its OID. A size that cannot be read is left out, with its dash.
void put_key(const Certificate& certificate, ByteSink& into);

// The signature algorithm by OpenSSL's name, `rsassaPss` with its hash (RFC 4055 section 3.1) as
// `rsassaPss-sha256`, or the OID.
void put_signature(const Certificate& certificate, ByteSink& into);

}  // namespace observatory
