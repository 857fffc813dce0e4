// SPDX-License-Identifier: MIT
#include "core/run/tls_facts.h"

#include <algorithm>

#include "core/tls/certificate_record.h"
#include "core/tls/handshake_facts.h"

namespace observatory {

void TlsFacts::begin() {
  tap_.reset();
  stage_ = Stage::kHandshake;
  heard_ = false;
}

std::size_t TlsFacts::arrived(Instant at, ByteView bytes) {
  if (!heard_) {
    heard_ = true;
    const Micros waited = std::max<Micros>(0, at - sent_);
    record_.set(FieldId::kUsTlsFirstByte, static_cast<std::uint64_t>(waited));
  }
  return tap_.feed(bytes);
}

void TlsFacts::data(const TlsPeer& peer) {
  if (stage_ != Stage::kOpen) return;
  tap_.stop();
  record_flight(peer);
  stage_ = Stage::kRecorded;
}

void TlsFacts::handshake_over(const TlsPeer& peer, std::string_view host) {
  if (!peer.version.empty()) record_.set_text(FieldId::kTlsVersion, peer.version);
  if (!peer.cipher.empty()) record_.set_text(FieldId::kTlsCipher, peer.cipher);
  if (peer.failure == TlsFailure::kAlertReceived) record_.set(FieldId::kTlsAlert, peer.alert);
  if (peer.failure != TlsFailure::kNone) record_.set_signed(FieldId::kTlsError, peer.engine_error);
  if (peer.certificate_requested || tap_.certificate_requested()) {
    record_.set(FieldId::kTlsClientCert, 1);
  }
  record_hello();
  record_certificates(peer, host, digest_, record_);
  stage_ = Stage::kOpen;
}

void TlsFacts::over(const TlsPeer& peer) {
  if (stage_ == Stage::kHandshake) record_hello();
  if (stage_ != Stage::kRecorded) record_flight(peer);
  stage_ = Stage::kRecorded;
}

void TlsFacts::record_hello() {
  record_server_hello(tap_, kServerHelloFields, record_);
  // The engine does not tell of every alert: some end as an outcome of their own.
  if (tap_.has_alert()) record_.set(FieldId::kTlsAlert, tap_.alert());
  if (tap_.has_warning()) record_.set(FieldId::kTlsWarning, tap_.warning());
}

// What is complete once the first data has come.
void TlsFacts::record_flight(const TlsPeer& peer) {
  record_trace(tap_, FieldId::kTlsRecords, record_);
  if (tap_.encrypted_extensions() != 0) {
    record_.set(FieldId::kTlsEncryptedExtensions, tap_.encrypted_extensions());
  }
  record_tickets(tap_.tickets().count > 0 ? tap_.tickets() : peer.tickets, record_);
}

}  // namespace observatory
