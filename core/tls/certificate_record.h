// SPDX-License-Identifier: MIT
// Certificates as a record has them.
#pragma once

#include <string_view>

#include "core/record/record.h"
#include "platform/interface/digest.h"
#include "platform/interface/tls.h"

namespace observatory {

// Records what a handshake, completed or not, brought of certificates: the chain, the leaf, what
// the engine says of signatures and trust, and why it could not read what came. Sets fields of
// `tls` and `tls.leaf` only; nothing when the peer sent no certificate. `host` is what was asked
// for: a name or an IP literal.
void record_certificates(const TlsPeer& peer, std::string_view host, Digest& digest,
                         Record& record);

// Records the facts of the leaf's DER alone, in `tls.leaf`. What is no certificate has a digest and
// a length. The host must match a subjectAltName (RFC 9525; a common name is no name).
void record_leaf(ByteView der, std::string_view host, Digest& digest, Record& record);

}  // namespace observatory
