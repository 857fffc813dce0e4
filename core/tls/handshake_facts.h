// SPDX-License-Identifier: MIT
// What a HandshakeTap saw, as fields of the record.
#pragma once

#include "core/record/record.h"
#include "core/tls/handshake_tap.h"

namespace observatory {

// Where the facts of one ServerHello stand, so that a second one may stand elsewhere; kRoot: not
// recorded.
struct HelloFields {
  FieldId version = FieldId::kRoot;
  FieldId selected_version = FieldId::kRoot;
  FieldId cipher_suite = FieldId::kRoot;
  FieldId extension_identifiers = FieldId::kRoot;
  FieldId session_id_bytes = FieldId::kRoot;
  FieldId key_share = FieldId::kRoot;
  FieldId alpn = FieldId::kRoot;
  FieldId hello_retry_request = FieldId::kRoot;
  FieldId malformed = FieldId::kRoot;
  FieldId ja3s = FieldId::kRoot;
};

// `tls.server_hello` and `tls.ja3s`.
inline constexpr HelloFields kServerHelloFields{
    .version = FieldId::kHelloVersion,
    .selected_version = FieldId::kHelloSelectedVersion,
    .cipher_suite = FieldId::kHelloCipherSuite,
    .extension_identifiers = FieldId::kHelloExtensions,
    .session_id_bytes = FieldId::kHelloSessionId,
    .key_share = FieldId::kHelloKeyShare,
    .alpn = FieldId::kHelloAlpn,
    .hello_retry_request = FieldId::kHelloRetryRequest,
    .malformed = FieldId::kHelloMalformed,
    .ja3s = FieldId::kTlsJa3s,
};

// Records the ServerHello, nothing when there was none. One that did not come whole, or was longer
// than limits::kServerHello, has its extensions marked as cut and no JA3S string; nor has one that
// contradicts itself, or a HelloRetryRequest.
void record_server_hello(const HandshakeTap& tap, const HelloFields& fields, Record& record);

// Records the trace as texts, "22:122"; nothing when there was no record.
void record_trace(const HandshakeTap& tap, FieldId field, Record& record);

// Records `tls.session_ticket`; nothing when there was no ticket.
void record_tickets(const TlsTickets& tickets, Record& record);

}  // namespace observatory
