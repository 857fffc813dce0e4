// SPDX-License-Identifier: MIT
// TLS as a transformer of bytes with four ports: ciphertext in and out on the network's side,
// plaintext in and out on the application's. It never touches a socket or a clock, so a test
// can stand in its place and the session can measure it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "platform/interface/bytes.h"

namespace observatory {

enum class TlsState : std::uint8_t {
  kHandshake,
  kOpen,
  kClosed,  // the peer said goodbye (close_notify)
  kFailed,  // see TlsPeer::failure
};

enum class TlsFailure : std::uint8_t {
  kNone,
  kAlertReceived,    // the peer refused: TlsPeer::alert
  kNoCommonVersion,  // no protocol version that both sides speak
  kNotTls,           // the first bytes were no TLS record
  kPeerMisbehaved,   // what came breaks the protocol, or this engine's reading of it
  kBadCertificate,   // the certificate message cannot be parsed
  kOutOfMemory,      // this device's bounds, not the peer's fault
  kInternal,
};

// The newest TLS version to offer. kTls12 exists for one defect: mbedTLS 3.6.6 offers
// rsa_pss_rsae_* and then refuses a TLS 1.2 server that picks it (Mbed-TLS/mbedtls issue 10668).
enum class TlsOffer : std::uint8_t { kNewest, kTls12 };

// Whether a chain leads to a trusted root.
enum class TlsTrust : std::uint8_t {
  kNotAsked,  // no CA file was given
  kTrusted,
  kUntrusted,
};

inline constexpr std::size_t kMaxChain = 8;  // certificates kept of one chain, leaf first

inline constexpr std::size_t kMaxTickets = 4;    // session tickets kept of one connection
inline constexpr std::size_t kTicketStart = 16;  // OpenSSL's, GnuTLS's and Go's name of the key

// A session ticket (RFC 5077 section 3.3, RFC 8446 section 4.6.1).
struct TlsTicket {
  std::uint32_t lifetime = 0;                      // seconds, as the server hints
  std::uint16_t bytes = 0;                         // length of the ticket
  std::array<std::uint8_t, kTicketStart> start{};  // its first bytes, zeros behind a shorter one
};

// The tickets of one connection, the first kMaxTickets of them whole.
struct TlsTickets {
  std::array<TlsTicket, kMaxTickets> kept;
  std::uint16_t count = 0;  // also of those that were not kept; stays at its end

  void add(const TlsTicket& ticket) {
    if (count < kMaxTickets) kept[count] = ticket;
    if (count < 0xFFFF) ++count;
  }
};

// What the engine knows of the other side. Views stay valid until the next reset().
struct TlsPeer {
  std::string_view version;   // "TLSv1.3", as in RFC names; empty until known
  std::string_view cipher;    // IANA name, "TLS_AES_256_GCM_SHA384"; empty until known
  ByteView chain[kMaxChain];  // DER of each certificate, leaf first
  std::uint8_t chain_size = 0;
  bool chain_truncated = false;          // the peer sent more than kMaxChain
  bool self_signed = false;              // the leaf's own key verifies the leaf's signature
  TlsTrust trust = TlsTrust::kNotAsked;  // the chain alone: names and dates are judged apart
  TlsFailure failure = TlsFailure::kNone;
  std::uint8_t alert = 0;              // the alert received, when failure is kAlertReceived
  std::int32_t engine_error = 0;       // the engine's own code, for the record only
  bool retry_with_tls12 = false;       // this failure is known to go away with TlsOffer::kTls12
  bool certificate_requested = false;  // the peer asked for a client's certificate
  // Of TLS 1.3, where they come encrypted, once take_plaintext() has met them. Before that version
  // they are in clear for whoever watches the ciphertext.
  TlsTickets tickets;
};

// Never refuses a peer for its certificate: what is wrong with it is a fact to record.
class TlsEngine {
 public:
  // Forgets the previous session and prepares a new one. `server_name` is sent as SNI; empty, or
  // an IP literal, sends none (RFC 6066 section 3). False when the device lacks the memory.
  [[nodiscard]] virtual bool reset(std::string_view server_name, TlsOffer offer) = 0;

  // Network side. Each returns how many bytes it moved; 0 means "not now".
  virtual std::size_t put_ciphertext(ByteView from_network) = 0;
  virtual std::size_t take_ciphertext(MutableByteView to_network) = 0;

  // Application side. Plaintext is taken only once state() is kOpen.
  virtual std::size_t put_plaintext(ByteView from_probe) = 0;
  virtual std::size_t take_plaintext(MutableByteView to_probe) = 0;

  // Queues a close_notify, to be taken as ciphertext.
  virtual void close() = 0;

  virtual TlsState state() const = 0;
  virtual const TlsPeer& peer() const = 0;

 protected:
  ~TlsEngine() = default;
};

}  // namespace observatory
