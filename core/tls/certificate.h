// SPDX-License-Identifier: MIT
// The facts of an X.509 certificate (RFC 5280), read without a TLS library, so that every library
// gives the same facts and a certificate that a library dislikes is still described.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/status.h"
#include "core/record/record.h"
#include "platform/interface/digest.h"

namespace observatory {

// Views into the DER. `not_before` and `not_after` are seconds since 1970-01-01 UTC.
struct Certificate {
  ByteView der;
  ByteView serial;     // content of the INTEGER
  ByteView signature;  // OID of the algorithm
  ByteView issuer;     // content of the Name
  ByteView subject;
  ByteView key;            // SubjectPublicKeyInfo, whole
  ByteView key_algorithm;  // OID
  ByteView key_curve;      // OID of the named curve; empty for other keys
  std::uint32_t rsa_bits = 0;
  bool has_validity = false;
  std::int64_t not_before = 0;
  std::int64_t not_after = 0;
  ByteView names;  // content of the subjectAltName's GeneralNames; empty when there is none
};

// kMalformed when `der` is no certificate; what was read until then stays.
Status read_certificate(ByteView der, Certificate& into);

// Records the leaf's facts in `tls.leaf`. `host` is what was asked for: a name or an IP literal.
// The name must match a subjectAltName (RFC 9525; a common name is no name): DNS names with a
// wildcard as the whole left-most label at most, addresses by iPAddress.
void record_leaf(ByteView der, std::string_view host, Digest& digest, Record& record);

// Puts a Name as RFC 4514 writes it, the last part first. False when it has more than 24 parts,
// of which only the first 24 are put.
bool put_name(ByteView name, ByteSink& into);

// Whether the certificate names the host.
bool names_host(const Certificate& certificate, std::string_view host);

}  // namespace observatory
