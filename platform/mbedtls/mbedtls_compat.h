// SPDX-License-Identifier: MIT
// What differs between mbedTLS 2.28 and 3.6, and between their build configurations, under one
// name each. No other file of the project asks for the version or looks into the library's
// structures.
#pragma once

#include <mbedtls/md.h>
#include <mbedtls/oid.h>
#include <mbedtls/pk.h>
#include <mbedtls/platform.h>
#include <mbedtls/rsa.h>
#include <mbedtls/sha256.h>
#include <mbedtls/ssl.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>

#if MBEDTLS_VERSION_NUMBER >= 0x03000000 && defined(MBEDTLS_PSA_CRYPTO_C)
#include <psa/crypto.h>
#endif

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "platform/interface/bytes.h"
#include "platform/interface/tls.h"

#if MBEDTLS_VERSION_NUMBER < 0x021C0000 || MBEDTLS_VERSION_NUMBER >= 0x04000000
#error "mbedTLS 2.28 or 3.x is needed"
#endif
#if !defined(MBEDTLS_SSL_KEEP_PEER_CERTIFICATE)
#error "mbedTLS needs MBEDTLS_SSL_KEEP_PEER_CERTIFICATE: the chain is what is observed"
#endif

// 3.x wraps the names of members that it may rename.
#ifndef MBEDTLS_PRIVATE
#define MBEDTLS_PRIVATE(member) member
#endif

namespace observatory::mbedtls::compat {

// TLS 1.3 as a client. Before 3.6.1 it insists on verifying the chain, whatever the configured
// authentication mode (3.6.1 ChangeLog), so those releases are held at TLS 1.2.
#if defined(MBEDTLS_SSL_PROTO_TLS1_3) && MBEDTLS_VERSION_NUMBER >= 0x03060100
inline constexpr bool kSpeaksTls13 = true;
#else
inline constexpr bool kSpeaksTls13 = false;
#endif

#if MBEDTLS_VERSION_NUMBER >= 0x03000000
inline constexpr int kBadProtocolVersion = MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION;
inline constexpr int kBadCertificate = MBEDTLS_ERR_SSL_BAD_CERTIFICATE;
#else
inline constexpr int kBadProtocolVersion = MBEDTLS_ERR_SSL_BAD_HS_PROTOCOL_VERSION;
inline constexpr int kBadCertificate = MBEDTLS_ERR_SSL_BAD_HS_CERTIFICATE;
#endif

// What parsing says of a certificate that is passed over (library/ssl_tls.c).
inline constexpr int kUnknownSignature =
    MBEDTLS_ERR_X509_UNKNOWN_SIG_ALG + MBEDTLS_ERR_OID_NOT_FOUND;

// The refusal behind TlsPeer::retry_with_tls12. 2.28 uses the number for something else and has
// no TLS 1.3 to retreat from.
inline bool goes_away_with_tls12([[maybe_unused]] int code) {
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
  return kSpeaksTls13 && code == MBEDTLS_ERR_SSL_ILLEGAL_PARAMETER;
#else
  return false;
#endif
}

// What mbedtls_ssl_read() returns beside data when something arrived that is neither data nor an
// error: a session ticket of TLS 1.3 (3.6.0, and later on request).
inline bool is_only_news([[maybe_unused]] int code) {
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
  return code == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET;
#else
  return false;
#endif
}

// mbedtls_ssl_read() has met a ticket and returned MBEDTLS_ERR_SSL_WANT_READ; the next call looks
// into it, without any more bytes.
inline bool ticket_waits([[maybe_unused]] const mbedtls_ssl_context& ssl) {
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
  return ssl.MBEDTLS_PRIVATE(state) == MBEDTLS_SSL_TLS1_3_NEW_SESSION_TICKET;
#else
  return false;
#endif
}

// The ticket that it told of. Read where it lies: mbedtls_ssl_get_session() would copy the whole
// session, certificates included.
inline TlsTicket received_ticket([[maybe_unused]] const mbedtls_ssl_context& ssl) {
  TlsTicket ticket;
#if defined(MBEDTLS_SSL_SESSION_TICKETS)
  const mbedtls_ssl_session* session = ssl.MBEDTLS_PRIVATE(session);
  if (session == nullptr || session->MBEDTLS_PRIVATE(ticket) == nullptr) return ticket;
  const ByteView bytes(session->MBEDTLS_PRIVATE(ticket), session->MBEDTLS_PRIVATE(ticket_len));
  ticket.lifetime = session->MBEDTLS_PRIVATE(ticket_lifetime);
  ticket.bytes = static_cast<std::uint16_t>(bytes.size());
  std::copy_n(bytes.begin(), std::min(bytes.size(), kTicketStart), ticket.start.begin());
#endif
  return ticket;
}

// The number of the library that runs (a shared one may be newer than its headers):
// major << 24 | minor << 16 | patch << 8.
inline std::uint32_t running_version() {
#if defined(MBEDTLS_VERSION_C)
  return static_cast<std::uint32_t>(mbedtls_version_get_number());
#else
  return MBEDTLS_VERSION_NUMBER;
#endif
}

// Prepares the cryptography that TLS 1.3 is built on; repeated calls are harmless. 0, or an error
// code of the library.
inline int start_crypto() {
#if MBEDTLS_VERSION_NUMBER >= 0x03000000 && defined(MBEDTLS_PSA_CRYPTO_C)
  return static_cast<int>(psa_crypto_init());
#else
  return 0;
#endif
}

// The code psa_crypto_init() has for a lack of memory; not part of 2.28's numbering.
#if MBEDTLS_VERSION_NUMBER >= 0x03000000 && defined(MBEDTLS_PSA_CRYPTO_C)
inline constexpr int kPsaOutOfMemory = static_cast<int>(PSA_ERROR_INSUFFICIENT_MEMORY);
#else
inline constexpr int kPsaOutOfMemory = MBEDTLS_ERR_SSL_ALLOC_FAILED;
#endif

// Offers TLS 1.2, and TLS 1.3 too where `newest` is asked for and there is one. Older versions are
// never offered, although 2.28 has them: a vantage point must see the same whichever library it
// runs, and RFC 8996 has retired them.
inline void offer_versions(mbedtls_ssl_config& config, [[maybe_unused]] bool newest) {
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
  mbedtls_ssl_conf_min_tls_version(&config, MBEDTLS_SSL_VERSION_TLS1_2);
  mbedtls_ssl_conf_max_tls_version(
      &config, newest && kSpeaksTls13 ? MBEDTLS_SSL_VERSION_TLS1_3 : MBEDTLS_SSL_VERSION_TLS1_2);
#else
  mbedtls_ssl_conf_min_version(&config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
  mbedtls_ssl_conf_max_version(&config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
#endif
}

// 3.6.6 offers rsa_pss_rsae_* and then refuses the TLS 1.2 server that picks it (Mbed-TLS/mbedtls
// issue 10668). Servers that keep to the client's order find a PKCS #1 scheme first and are saved
// a second connection. TLS 1.3 is indifferent: it may not sign with PKCS #1 (RFC 8446 4.2.3).
// 2.28 offers no PSS.
inline void order_signature_algorithms([[maybe_unused]] mbedtls_ssl_config& config) {
#if MBEDTLS_VERSION_NUMBER >= 0x03020000
  static constexpr std::uint16_t kOrder[] = {
      MBEDTLS_TLS1_3_SIG_ECDSA_SECP256R1_SHA256, MBEDTLS_TLS1_3_SIG_ECDSA_SECP384R1_SHA384,
      MBEDTLS_TLS1_3_SIG_ECDSA_SECP521R1_SHA512, MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA256,
      MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA384,       MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA512,
      MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA256,    MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA384,
      MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA512,    MBEDTLS_TLS1_3_SIG_NONE};
  mbedtls_ssl_conf_sig_algs(&config, kOrder);
#endif
}

// Offers session tickets, as an ordinary client does, asks to be told of those that come, and never
// renegotiates.
inline void set_session_habits([[maybe_unused]] mbedtls_ssl_config& config) {
#if defined(MBEDTLS_SSL_SESSION_TICKETS)
  mbedtls_ssl_conf_session_tickets(&config, MBEDTLS_SSL_SESSION_TICKETS_ENABLED);
#if defined(MBEDTLS_SSL_PROTO_TLS1_3) && MBEDTLS_VERSION_NUMBER >= 0x03060100
  mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(
      &config, MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED);
#endif
#endif
#if defined(MBEDTLS_SSL_RENEGOTIATION)
  mbedtls_ssl_conf_renegotiation(&config, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
#endif
}

// Whether a handshake is complete.
inline bool is_open(const mbedtls_ssl_context& ssl) {
  return ssl.MBEDTLS_PRIVATE(state) == MBEDTLS_SSL_HANDSHAKE_OVER;
}

// Whether the handshake stands at the server's certificates: they are what the next step reads,
// or what the last one failed at.
inline bool at_certificates(const mbedtls_ssl_context& ssl) {
  return ssl.MBEDTLS_PRIVATE(state) == MBEDTLS_SSL_SERVER_CERTIFICATE;
}

// Whether the next step looks for a CertificateRequest; and once it has been taken, whether the
// message that it looked at was one, or the next one because the server sent none.
inline bool at_certificate_request(const mbedtls_ssl_context& ssl) {
  return ssl.MBEDTLS_PRIVATE(state) == MBEDTLS_SSL_CERTIFICATE_REQUEST;
}
inline bool has_certificate_request(const mbedtls_ssl_context& ssl) {
  const unsigned char* message = ssl.MBEDTLS_PRIVATE(in_msg);
  return message != nullptr && message[0] == MBEDTLS_SSL_HS_CERTIFICATE_REQUEST;
}

// Whether MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE tells of an alert that was received: 3.6 returns it
// for a server without certificates too. The description of the alert: the message, level and
// description, is still where it was read.
inline bool has_received_alert(const mbedtls_ssl_context& ssl) {
  return ssl.MBEDTLS_PRIVATE(in_msgtype) == MBEDTLS_SSL_MSG_ALERT;
}
inline std::uint8_t received_alert(const mbedtls_ssl_context& ssl) {
  return ssl.MBEDTLS_PRIVATE(in_msg)[1];
}

// Whether TLS 1.3 was agreed on.
inline bool is_tls13([[maybe_unused]] const mbedtls_ssl_context& ssl) {
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
  return ssl.MBEDTLS_PRIVATE(tls_version) == MBEDTLS_SSL_VERSION_TLS1_3;
#else
  return false;
#endif
}

// The Certificate message, its header left out, where that is what the library has read last; it
// stays in the library's buffer until the next message is read.
struct Message {
  ByteView body;
  bool whole =
      false;  // else the first part: it came in more records than the library puts together
  std::size_t announced = 0;  // length that the header tells, header included
};

inline Message certificate_message(const mbedtls_ssl_context& ssl) {
  constexpr std::size_t kHeader = 4;  // type and length
  const unsigned char* start = ssl.MBEDTLS_PRIVATE(in_msg);
  std::size_t there = ssl.MBEDTLS_PRIVATE(in_msglen);
#if MBEDTLS_VERSION_NUMBER >= 0x03060300
  // Parts of a message are gathered where the first record's content began (library/ssl_msg.c,
  // mbedtls_ssl_prepare_handshake_record()); `in_msg` then is where the next record is to go.
  if (ssl.MBEDTLS_PRIVATE(badmac_seen_or_in_hsfraglen) != 0) {
    constexpr std::size_t kRecordHeader = 5;
    start = ssl.MBEDTLS_PRIVATE(in_buf) + MBEDTLS_SSL_SEQUENCE_NUMBER_LEN + kRecordHeader;
    there = ssl.MBEDTLS_PRIVATE(badmac_seen_or_in_hsfraglen);
  }
#endif
  if (ssl.MBEDTLS_PRIVATE(in_msgtype) != MBEDTLS_SSL_MSG_HANDSHAKE || there < kHeader ||
      start[0] != MBEDTLS_SSL_HS_CERTIFICATE) {
    return {};
  }
  Message message;
  message.announced =
      kHeader + (std::size_t{start[1]} << 16 | std::size_t{start[2]} << 8 | start[3]);
  message.whole = message.announced <= there;
  message.body = {start + kHeader, (message.whole ? message.announced : there) - kHeader};
  return message;
}

// The chain as received, also that of a handshake that failed after it. Null when there is none.
// The first and the last of a chain that could not be parsed may be empty (raw.len 0).
inline const mbedtls_x509_crt* peer_chain(const mbedtls_ssl_context& ssl) {
  const mbedtls_x509_crt* chain = mbedtls_ssl_get_peer_cert(&ssl);
  if (chain != nullptr) return chain;
  const mbedtls_ssl_session* unfinished = ssl.MBEDTLS_PRIVATE(session_negotiate);
  return unfinished == nullptr ? nullptr : unfinished->MBEDTLS_PRIVATE(peer_cert);
}

// Whether a certificate may issue others. A trusted root of version 1 or 2 may, for want of
// extensions.
inline bool may_issue(const mbedtls_x509_crt& certificate, bool trusted) {
  if (trusted && certificate.version < 3) return true;
  if (certificate.MBEDTLS_PRIVATE(ca_istrue) == 0) return false;
#if MBEDTLS_VERSION_NUMBER >= 0x03000000 || defined(MBEDTLS_X509_CHECK_KEY_USAGE)
  return mbedtls_x509_crt_check_key_usage(&certificate, MBEDTLS_X509_KU_KEY_CERT_SIGN) == 0;
#else
  return true;
#endif
}

// A certificate's signature: what mbedtls_pk_verify_ext() asks for.
struct Signature {
  mbedtls_md_type_t hash;
  mbedtls_pk_type_t kind;
  const void* options;
  ByteView bytes;
};

inline Signature signature_of(const mbedtls_x509_crt& certificate) {
  const mbedtls_x509_buf& bytes = certificate.MBEDTLS_PRIVATE(sig);
  return {certificate.MBEDTLS_PRIVATE(sig_md), certificate.MBEDTLS_PRIVATE(sig_pk),
          certificate.MBEDTLS_PRIVATE(sig_opts), ByteView(bytes.p, bytes.len)};
}

// calloc() and free() of the library can be ours. No distribution's package has the hook.
#if defined(MBEDTLS_PLATFORM_C) && defined(MBEDTLS_PLATFORM_MEMORY) && \
    !defined(MBEDTLS_PLATFORM_CALLOC_MACRO)
inline constexpr bool kHasMemoryHook = true;
inline void set_memory_hook(void* (*allocate)(std::size_t, std::size_t), void (*release)(void*)) {
  mbedtls_platform_set_calloc_free(allocate, release);
}
#else
inline constexpr bool kHasMemoryHook = false;
inline void set_memory_hook(void* (*)(std::size_t, std::size_t), void (*)(void*)) {}
#endif

// What a session allocates is released with that session. It is not so with PSA keys in a list
// that grows, with PSA's own random generator, which renews its hash when it reseeds
// (library/entropy.c), or with the tables that 2.28 computes for a curve and keeps in the key,
// which may be a trusted root's (library/ecp.c).
#if MBEDTLS_VERSION_NUMBER < 0x03000000
inline constexpr bool kSessionsKeepApart = MBEDTLS_ECP_FIXED_POINT_OPTIM == 0;
#elif defined(MBEDTLS_PSA_KEY_STORE_DYNAMIC) || \
    (defined(MBEDTLS_PSA_CRYPTO_C) && !defined(MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG))
inline constexpr bool kSessionsKeepApart = false;
#else
inline constexpr bool kSessionsKeepApart = true;
#endif

// How many sessions can be between their hello and the server's at a time: the key that TLS 1.3
// offers lies in PSA's table. Those that come next find no memory.
#if MBEDTLS_VERSION_NUMBER >= 0x03000000 && defined(MBEDTLS_PSA_CRYPTO_C) && \
    !defined(MBEDTLS_PSA_KEY_STORE_DYNAMIC)
inline constexpr std::size_t kMostHandshakes = MBEDTLS_PSA_KEY_SLOT_COUNT;
#else
inline constexpr std::size_t kMostHandshakes = SIZE_MAX;
#endif

// Frees R^2 mod N, which checking a signature with an RSA key leaves in the key (library/rsa.c):
// a trusted root is common to all sessions and must not keep what one of them allocated.
inline void forget_cached_numbers(mbedtls_x509_crt* certificates) {
  for (; certificates != nullptr; certificates = certificates->next) {
    if (mbedtls_pk_get_type(&certificates->pk) != MBEDTLS_PK_RSA) continue;
    mbedtls_mpi_free(&mbedtls_pk_rsa(certificates->pk)->MBEDTLS_PRIVATE(RN));
  }
}

// SHA-256; 0 or an error code.
inline int sha256_start(mbedtls_sha256_context& context) {
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
  return mbedtls_sha256_starts(&context, 0);
#else
  return mbedtls_sha256_starts_ret(&context, 0);
#endif
}

inline int sha256_update(mbedtls_sha256_context& context, ByteView bytes) {
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
  return mbedtls_sha256_update(&context, bytes.data(), bytes.size());
#else
  return mbedtls_sha256_update_ret(&context, bytes.data(), bytes.size());
#endif
}

inline int sha256_finish(mbedtls_sha256_context& context, std::uint8_t* into) {
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
  return mbedtls_sha256_finish(&context, into);
#else
  return mbedtls_sha256_finish_ret(&context, into);
#endif
}

}  // namespace observatory::mbedtls::compat
