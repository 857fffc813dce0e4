// SPDX-License-Identifier: MIT
// An X.509 certificate (RFC 5280), read without a TLS library, so that every library gives the same
// facts and a certificate that a library dislikes is still described.
#pragma once

#include <cstdint>
#include <optional>

#include "core/base/status.h"
#include "core/tls/der.h"

namespace observatory {

// Views into the DER, each empty when its part is not there. Of an extension that stands there
// twice the first one counts. A part whose content has a wrong form is absent and nothing else.
struct Certificate {
  std::optional<std::uint8_t> version;     // as people count: 1, 2, 3
  ByteView serial;                         // content of the INTEGER, two's complement
  ByteView signature;                      // OID of the algorithm
  ByteView signature_parameters;           // DER behind it
  std::optional<ByteView> issuer;          // content of the Name
  std::optional<std::int64_t> not_before;  // seconds since 1970-01-01 UTC
  std::optional<std::int64_t> not_after;
  std::optional<ByteView> subject;
  ByteView key;             // SubjectPublicKeyInfo, whole
  ByteView key_algorithm;   // OID
  ByteView key_parameters;  // DER behind it
  ByteView key_bits;        // content of the BIT STRING without the count of unused bits
  ByteView extensions;      // for ExtensionReader

  std::optional<ByteView> names;            // content of the subjectAltName's GeneralNames
  std::optional<bool> authority;            // cA of basicConstraints
  ByteView subject_key_id;                  // section 4.2.1.2
  ByteView authority_key_id;                // keyIdentifier of section 4.2.1.1
  std::optional<std::uint32_t> timestamps;  // signed certificate timestamps (RFC 6962 section 3.3)
};

// kMalformed when `der` is no certificate; what was read until then stays. Bytes behind the
// certificate are not looked at.
Status read_certificate(ByteView der, Certificate& into);

// An extension: SEQUENCE { OID, critical BOOLEAN DEFAULT FALSE, OCTET STRING }.
struct Extension {
  ByteView oid;
  ByteView value;  // content of the OCTET STRING
};

// Reads Certificate::extensions in order, up to the first that is malformed.
class ExtensionReader {
 public:
  explicit ExtensionReader(ByteView extensions) : rest_(extensions) {}

  [[nodiscard]] bool next(Extension& extension);

 private:
  DerReader rest_;
};

}  // namespace observatory
