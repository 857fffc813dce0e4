// SPDX-License-Identifier: MIT
#include "platform/mbedtls/mbedtls_engine.h"

#include <algorithm>
#include <cstring>

#include "platform/mbedtls/mbedtls_chain.h"
#include "platform/mbedtls/mbedtls_error.h"

namespace observatory::mbedtls {
namespace {

// A name made of digits and dots alone is no host name (RFC 1123 section 2.1), and a colon stands
// in IPv6 literals only.
bool is_ip_literal(std::string_view name) {
  return name.find(':') != std::string_view::npos ||
         std::all_of(name.begin(), name.end(),
                     [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

// The library's name of a cipher suite against IANA's: TLS1-3-AES-128-GCM-SHA256 is
// TLS_AES_128_GCM_SHA256 there, and the older ones differ in their dashes only.
constexpr std::string_view kTls13Prefix = "TLS1-3-";
constexpr std::string_view kIanaPrefix = "TLS_";

// Whether the first certificate that the library parsed is the first that was sent.
bool same_leaf(const TlsPeer& parsed, const CertificateList& sent) {
  return parsed.chain_size > 0 && sent.size > 0 &&
         as_text(parsed.chain[0]) == as_text(sent.certificates[0]);
}

}  // namespace

MbedtlsEngine::MbedtlsEngine(MbedtlsShared& shared, Arena* arena)
    : shared_(shared), arena_(compat::kHasMemoryHook ? arena : nullptr) {
  mbedtls_ssl_init(&ssl_);
  peer_.failure = TlsFailure::kInternal;
}

MbedtlsEngine::~MbedtlsEngine() {
  const MemoryScope scope(arena_);
  mbedtls_ssl_free(&ssl_);
}

bool MbedtlsEngine::reset(std::string_view server_name, TlsOffer offer) {
  const MemoryScope scope(arena_);
  mbedtls_ssl_free(&ssl_);
  mbedtls_ssl_init(&ssl_);
  // Whatever the library may have lost on its way through an error.
  if (arena_ != nullptr) arena_->clear();
  in_.clear();
  out_.clear();
  peer_ = {};
  offer_ = offer;
  state_ = TlsState::kHandshake;
  header_seen_ = 0;
  closing_ = false;

  if (server_name.ends_with('.')) server_name.remove_suffix(1);
  char name[kLongestServerName + 1] = {};
  const bool named = !server_name.empty() && server_name.size() <= kLongestServerName &&
                     !is_ip_literal(server_name);
  if (named) std::memcpy(name, server_name.data(), server_name.size());

  int code = mbedtls_ssl_setup(&ssl_, &shared_.config(offer));
  // Also for no name: the library wants to be told that this is meant (3.6.3 ChangeLog).
  if (code == 0) code = mbedtls_ssl_set_hostname(&ssl_, named ? name : nullptr);
  if (code == 0) {
    mbedtls_ssl_set_bio(&ssl_, this, send, receive, nullptr);
    advance_handshake();
  } else {
    end(code);
  }
  return peer_.failure != TlsFailure::kOutOfMemory;
}

int MbedtlsEngine::send(void* engine, const unsigned char* bytes, std::size_t length) {
  auto& self = *static_cast<MbedtlsEngine*>(engine);
  // Once open, a record that stayed behind in the library would be taken for the next
  // put_plaintext()'s own (mbedtls_ssl_write() flushes before it looks at its argument). It cannot
  // happen to application data, which leaves a reserve, only to a peer that provokes alerts
  // without ever reading one.
  if (self.state_ != TlsState::kHandshake && self.out_.room() < length) {
    return MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL;
  }
  const std::size_t count = self.out_.put({bytes, length});
  return count > 0 ? static_cast<int>(count) : MBEDTLS_ERR_SSL_WANT_WRITE;
}

int MbedtlsEngine::receive(void* engine, unsigned char* into, std::size_t length) {
  const std::size_t count = static_cast<MbedtlsEngine*>(engine)->in_.take({into, length});
  return count > 0 ? static_cast<int>(count) : MBEDTLS_ERR_SSL_WANT_READ;
}

// Looks at the first record's header as far as it has come: content type 20 to 23, major version
// 3, length at most 2^14 + 2048 (RFC 5246 section 6.2). "HTTP/1.1", JSON and SSH fail at the first
// byte, while the library would wait for a whole record of whatever length the text spells.
bool MbedtlsEngine::looks_like_tls(ByteView bytes) {
  static constexpr std::uint8_t kLowest[] = {20, 3, 0, 0};
  static constexpr std::uint8_t kHighest[] = {23, 3, 4, 0x48};
  for (const std::uint8_t byte : bytes) {
    if (header_seen_ == sizeof(kLowest)) break;
    if (byte < kLowest[header_seen_] || byte > kHighest[header_seen_]) return false;
    ++header_seen_;
  }
  return true;
}

std::size_t MbedtlsEngine::put_ciphertext(ByteView from_network) {
  const MemoryScope scope(arena_);
  if (!looks_like_tls(from_network) && running()) fail(TlsFailure::kNotTls, 0);
  std::size_t moved = 0;
  while (moved < from_network.size()) {
    if (!running()) return from_network.size();
    const std::size_t taken = in_.put(from_network.subspan(moved));
    moved += taken;
    if (taken == 0) break;
    if (state_ == TlsState::kHandshake) advance_handshake();
  }
  return moved;
}

std::size_t MbedtlsEngine::take_ciphertext(MutableByteView to_network) {
  const MemoryScope scope(arena_);
  const bool was_full = out_.room() == 0;
  const std::size_t count = out_.take(to_network);
  if (was_full && count > 0 && state_ == TlsState::kHandshake) advance_handshake();
  return count;
}

std::size_t MbedtlsEngine::put_plaintext(ByteView from_probe) {
  const MemoryScope scope(arena_);
  constexpr std::size_t kReserved = kRecordOverhead + kAlertReserve;
  std::size_t moved = 0;
  while (state_ == TlsState::kOpen && !closing_ && moved < from_probe.size() &&
         out_.room() > kReserved) {
    const std::size_t count = std::min(from_probe.size() - moved, out_.room() - kReserved);
    const int written = mbedtls_ssl_write(&ssl_, from_probe.data() + moved, count);
    if (written <= 0) {
      end(written);
      break;
    }
    moved += static_cast<std::size_t>(written);
  }
  return moved;
}

std::size_t MbedtlsEngine::take_plaintext(MutableByteView to_probe) {
  const MemoryScope scope(arena_);
  std::size_t count = 0;
  while (state_ == TlsState::kOpen && count < to_probe.size()) {
    const std::size_t waiting = in_.size();
    const bool ticket_waiting = compat::ticket_waits(ssl_);
    const int got = mbedtls_ssl_read(&ssl_, to_probe.data() + count, to_probe.size() - count);
    if (lacks_memory()) {
      end(got);
      break;
    }
    if (got > 0) {
      count += static_cast<std::size_t>(got);
      continue;
    }
    if (compat::is_only_news(got)) {
      peer_.tickets.add(compat::received_ticket(ssl_));
      continue;
    }
    if (got != 0 && got != MBEDTLS_ERR_SSL_WANT_READ) end(got);
    // Empty records, tickets and the like are no data, but data may stand behind them.
    if (in_.size() == waiting && compat::ticket_waits(ssl_) == ticket_waiting) break;
  }
  return count;
}

void MbedtlsEngine::close() {
  if (closing_ || state_ == TlsState::kFailed) return;
  closing_ = true;
  const MemoryScope scope(arena_);
  // Failing to say goodbye changes nothing: the stream is closed next.
  static_cast<void>(mbedtls_ssl_close_notify(&ssl_));
}

void MbedtlsEngine::advance_handshake() {
  while (!compat::is_open(ssl_)) {
    const bool certificates = compat::at_certificates(ssl_);
    const bool may_ask = compat::at_certificate_request(ssl_);
    const int code = mbedtls_ssl_handshake_step(&ssl_);
    if (code == MBEDTLS_ERR_SSL_WANT_READ || code == MBEDTLS_ERR_SSL_WANT_WRITE) return;
    if (code != 0) return end(code);
    if (may_ask && compat::has_certificate_request(ssl_)) peer_.certificate_requested = true;
    if (certificates && !compat::at_certificates(ssl_)) count_certificates();
    if (state_ != TlsState::kHandshake) return;
  }
  handshake_done();
}

// The library drops a certificate whose signature algorithm it does not know, and takes the next
// one for the leaf. No such handshake can succeed; what was sent is still in the message.
void MbedtlsEngine::count_certificates() {
  const compat::Message message = compat::certificate_message(ssl_);
  const CertificateList list = list_certificates(message.body, form());
  TlsPeer parsed;
  list_chain(compat::peer_chain(ssl_), parsed);
  peer_.chain_sent = list.sent;
  const bool leaf_is_parsed = same_leaf(parsed, list);
  if (leaf_is_parsed && parsed.chain_size == list.size) return;
  peer_.unreadable = unreadable_of(compat::kUnknownSignature);
  if (leaf_is_parsed) return;
  keep(list);
  refuse_certificate();
  fail(TlsFailure::kBadCertificate, compat::kUnknownSignature);
}

// Lists what was sent where the library could not parse it. False if the certificates are not what
// it failed at. A last certificate of an unknown signature algorithm, which is passed over in TLS
// 1.2, is a failure in TLS 1.3 (library/ssl_tls13_generic.c).
bool MbedtlsEngine::list_unreadable(int code) {
  if (!compat::at_certificates(ssl_)) return false;
  const compat::Message message = compat::certificate_message(ssl_);
  if (message.announced == 0) return false;
  const CertificateList list = list_certificates(message.body, form());
  TlsPeer parsed;
  list_chain(compat::peer_chain(ssl_), parsed);
  using Part = TlsUnreadable::Part;
  using Why = TlsUnreadable::Why;
  if (!message.whole) {
    const bool too_long = message.announced > MBEDTLS_SSL_IN_CONTENT_LEN;
    peer_.unreadable = {Part::kMessage, too_long ? Why::kTooLong : Why::kUnsupported};
  } else if (list.sent == 0 && list.whole) {
    peer_.unreadable = {Part::kMessage, Why::kEmpty};
  } else if (!list.whole) {
    peer_.unreadable = {Part::kMessage, Why::kLength};
  } else {
    peer_.unreadable = unreadable_of(code);
    const bool only_in_tls13 = form() == MessageForm::kTls13 && code == compat::kUnknownSignature;
    peer_.retry_with_tls12 = only_in_tls13 && same_leaf(parsed, list);
    if (only_in_tls13) refuse_certificate();
  }
  keep(list);
  return true;
}

// For the cases in which the library sends no alert.
void MbedtlsEngine::refuse_certificate() {
  // Failing to tell the peer why changes nothing: the stream is closed next.
  static_cast<void>(mbedtls_ssl_send_alert_message(&ssl_, MBEDTLS_SSL_ALERT_LEVEL_FATAL,
                                                   MBEDTLS_SSL_ALERT_MSG_UNSUPPORTED_CERT));
}

void MbedtlsEngine::keep(const CertificateList& list) {
  std::copy_n(list.certificates, list.size, peer_.chain);
  peer_.chain_size = list.size;
  peer_.chain_sent = list.sent;
}

MessageForm MbedtlsEngine::form() const {
  return compat::is_tls13(ssl_) ? MessageForm::kTls13 : MessageForm::kTls12;
}

void MbedtlsEngine::handshake_done() {
  peer_.version = mbedtls_ssl_get_version(&ssl_);
  name_cipher();
  const mbedtls_x509_crt* chain = compat::peer_chain(ssl_);
  const int code = chain == nullptr ? 0 : judge_chain(chain, shared_.roots(), peer_);
  if (code != 0 || lacks_memory()) return end(code);
  list_chain(chain, peer_);
  state_ = TlsState::kOpen;
}

void MbedtlsEngine::name_cipher() {
  std::string_view rest = mbedtls_ssl_get_ciphersuite(&ssl_);
  std::size_t length = 0;
  const auto append = [&](std::string_view text) {
    for (const char c : text.substr(0, std::min(text.size(), kLongestCipherName - length))) {
      cipher_[length++] = c == '-' ? '_' : c;
    }
  };
  if (rest.starts_with(kTls13Prefix)) {
    rest.remove_prefix(kTls13Prefix.size());
    append(kIanaPrefix);
  }
  append(rest);
  peer_.cipher = {cipher_.data(), length};
}

void MbedtlsEngine::fail(TlsFailure why, int code) {
  state_ = TlsState::kFailed;
  peer_.failure = why;
  peer_.engine_error = code;
}

// What the library returned is not data and not patience: goodbye or failure.
void MbedtlsEngine::end(int code) {
  // The library does not pass on every failed allocation; the arena knows them all. What was
  // received until then is no fact: of a chain there may be a part.
  if (lacks_memory() || is_out_of_memory(code)) {
    return fail(TlsFailure::kOutOfMemory, code < 0 ? code : MBEDTLS_ERR_SSL_ALLOC_FAILED);
  }
  if (code == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) {
    state_ = TlsState::kClosed;
    return;
  }
  const bool in_handshake = state_ == TlsState::kHandshake;
  if (in_handshake && list_unreadable(code)) return fail(TlsFailure::kBadCertificate, code);
  if (code == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE && compat::has_received_alert(ssl_)) {
    peer_.alert = compat::received_alert(ssl_);
  }
  fail(failure_of(code, peer_.alert), code);
  if (!in_handshake) return;
  list_chain(compat::peer_chain(ssl_), peer_);
  peer_.retry_with_tls12 = offer_ == TlsOffer::kNewest && compat::goes_away_with_tls12(code);
}

}  // namespace observatory::mbedtls
