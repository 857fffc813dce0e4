// SPDX-License-Identifier: MIT
// TLS as a transformer of bytes with four ports: ciphertext in and out on the network's side,
// plaintext in and out on the application's. It never touches a socket or a clock, so a test
// can stand in its place and the session can measure it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
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

// The newest TLS version to offer. kTls12 exists for two defects of mbedTLS 3.6.6: it offers
// rsa_pss_rsae_* and then refuses a TLS 1.2 server that picks it (Mbed-TLS/mbedtls issue 10668), and
// in TLS 1.3 it refuses a chain whose last certificate has a signature algorithm it does not know.
enum class TlsOffer : std::uint8_t { kNewest, kTls12 };

// Whether a chain leads to a trusted root.
enum class TlsTrust : std::uint8_t {
  kNotAsked,  // no CA file was given
  kTrusted,
  kUntrusted,
};

// Where the way from the leaf to a trusted root ended: of the last certificate that was reached,
// what is wrong with those that bear its issuer's name. Dates and the host's name are no part of
// it: both are facts of their own, and a device's clock may be wrong. The numbers stand in records.
enum class TlsDistrust : std::uint8_t {
  kNone = 0,
  kUnknownIssuer = 1,  // there are none
  kUnknownRoot = 2,    // there are none, and it names itself as its issuer
  kBadSignature = 3,   // no key of theirs verifies its signature
  kNotAuthority = 4,   // one's key does, but that one may not issue certificates
  kPathTooLong = 5,    // an authority allows no path so long, or we follow none
};

// Why the engine could not read the certificates that were sent.
struct TlsUnreadable {
  enum class Part : std::uint8_t {
    kNone,         // nothing of the kind happened
    kMessage,      // the message around the certificates
    kCertificate,  // a certificate as a whole
    kVersion,
    kSerial,
    kAlgorithm,  // of the signature
    kName,       // issuer or subject
    kValidity,
    kKey,
    kExtensions,
    kSignature,
  };
  enum class Why : std::uint8_t {
    kInvalid,
    kUnsupported,  // well formed, but nothing that the engine knows
    kCut,          // it ends too early
    kTag,          // another ASN.1 type than there must be
    kLength,       // lengths that contradict each other
    kTooLong,      // longer than the engine reads
    kEmpty,
  };
  Part part = Part::kNone;
  Why why = Why::kInvalid;
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
  std::uint16_t chain_sent = 0;          // certificates that the peer sent: chain_size or more
  TlsUnreadable unreadable;              // the chain then has what could be told apart all the same
  std::optional<bool> self_signed;       // the leaf's own key verifies the leaf's signature
  TlsTrust trust = TlsTrust::kNotAsked;  // the chain alone: names and dates are judged apart
  TlsDistrust distrust = TlsDistrust::kNone;  // why, when kUntrusted
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
