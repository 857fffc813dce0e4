// SPDX-License-Identifier: MIT
#pragma once

#include <array>

#include "platform/interface/tls.h"
#include "platform/mbedtls/byte_queue.h"
#include "platform/mbedtls/certificate_message.h"
#include "platform/mbedtls/mbedtls_compat.h"
#include "platform/mbedtls/mbedtls_memory.h"
#include "platform/mbedtls/mbedtls_shared.h"

namespace observatory::mbedtls {

// TlsEngine over mbedTLS 2.28 (TLS 1.2) or 3.6 (TLS 1.2 and 1.3). Two bounded queues of ciphertext
// stand where the library expects a socket.
//
// When things happen: reset() prepares the ClientHello; the handshake goes on within
// put_ciphertext() (and take_ciphertext(), should the hello have found no room), so state() turns
// kOpen there, and peer() is complete at that moment: the time it takes to check the chain's
// signatures is spent within that call, after the last byte of the handshake was received.
// Once open, received bytes are only opened by take_plaintext(): call it until it answers 0; what
// it returned came before the end that state() then tells of.
//
// In kFailed and kClosed put_ciphertext() swallows everything; take_ciphertext() still gives what
// was queued, the alert that tells the peer why included.
//
// After a failed handshake peer() lists the chain as far as it was received, also what the library
// could not parse (`unreadable`); `self_signed` and `trust` are left out then, since nothing has
// shown that the peer holds the leaf's key. The views point into the library's memory. `alert`
// is also given with kNoCommonVersion if it was an alert that said so.
//
// Memory: this object, and what mbedTLS allocates from reset() to destruction: two record buffers
// (some 16 KiB each unless the library was built otherwise) and the peer's chain, during the
// handshake the state of the key exchange as well. With an arena that is bounded. Once the arena
// has refused anything, whatever the library made of it, the engine is kFailed with kOutOfMemory
// and lists no chain: half of one would be no fact.
class MbedtlsEngine final : public TlsEngine {
 public:
  // What is put in within one call, at the most, is opened by the next. The library has room for a
  // whole record of its own, so a small queue costs calls, not data.
  static constexpr std::size_t kCiphertextIn = 512;

  // The longest pipelined write of the probe (limits of core/electrum/request.h: 768 bytes) in one
  // record and therefore one segment, with room for alerts; the ClientHello, about 500 bytes, fits
  // as well.
  static constexpr std::size_t kCiphertextOut = 1536;

  // What a record may need beyond its plaintext: header 5, content type 1, and for CBC suites with
  // SHA-384 an IV of 16, a MAC of 48 and padding of 16 (RFC 5246 section 6.2.3.2): 86, rounded up.
  static constexpr std::size_t kRecordOverhead = 96;

  // Kept free of application data, for alerts.
  static constexpr std::size_t kAlertReserve = 2 * kRecordOverhead;

  static constexpr std::size_t kLongestServerName = 255;  // RFC 1035 section 2.3.4
  static constexpr std::size_t kLongestCipherName = 63;   // the longest IANA has is 45 bytes

  // `arena` serves this engine alone and outlives it; null takes the C library's memory. A library
  // without the hook (compat::kHasMemoryHook) takes that in any case.
  explicit MbedtlsEngine(MbedtlsShared& shared, Arena* arena = nullptr);
  ~MbedtlsEngine();
  MbedtlsEngine(const MbedtlsEngine&) = delete;
  MbedtlsEngine& operator=(const MbedtlsEngine&) = delete;

  // A name with a trailing dot is sent without it (RFC 6066 section 3), one longer than
  // kLongestServerName is not sent. Other troubles than memory leave the engine kFailed.
  [[nodiscard]] bool reset(std::string_view server_name, TlsOffer offer) override;

  std::size_t put_ciphertext(ByteView from_network) override;
  std::size_t take_ciphertext(MutableByteView to_network) override;
  std::size_t put_plaintext(ByteView from_probe) override;
  std::size_t take_plaintext(MutableByteView to_probe) override;
  void close() override;

  // kFailed with kInternal before the first reset().
  TlsState state() const override { return state_; }
  const TlsPeer& peer() const override { return peer_; }

 private:
  static int send(void* engine, const unsigned char* bytes, std::size_t length);
  static int receive(void* engine, unsigned char* into, std::size_t length);

  bool running() const { return state_ == TlsState::kHandshake || state_ == TlsState::kOpen; }
  bool looks_like_tls(ByteView bytes);
  void advance_handshake();
  void count_certificates();
  bool list_unreadable(int code);
  void refuse_certificate();
  void keep(const CertificateList& list);
  MessageForm form() const;
  void handshake_done();
  bool lacks_memory() const { return arena_ != nullptr && arena_->exhausted(); }
  void fail(TlsFailure why, int code);
  void end(int code);
  void name_cipher();

  MbedtlsShared& shared_;
  Arena* arena_;
  mbedtls_ssl_context ssl_;
  ByteQueue<kCiphertextIn> in_;
  ByteQueue<kCiphertextOut> out_;
  std::array<char, kLongestCipherName + 1> cipher_{};
  TlsPeer peer_;
  TlsOffer offer_ = TlsOffer::kNewest;
  TlsState state_ = TlsState::kFailed;
  std::uint8_t header_seen_ = 0;  // bytes of the first record's header that were looked at
  bool closing_ = false;          // close() was called: nothing more may be written
};

}  // namespace observatory::mbedtls
