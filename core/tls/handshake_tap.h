// SPDX-License-Identifier: MIT
// A passive observer of what a server sends during a TLS handshake: it is fed the bytes from the
// network beside the TLS library (or without one) and keeps what stands there in clear.
//
//   * the record trace: content type and length of each record (RFC 8446 section 5.1);
//   * the ServerHello; a HelloRetryRequest is noted, and the ServerHello after it is the one kept;
//   * alerts in clear;
//   * up to TLS 1.2: the curve of the ServerKeyExchange (RFC 8422 section 5.4), whether there was a
//     CertificateRequest, the NewSessionTicket (RFC 5077 section 3.3), whether the server's flight
//     came to its ServerHelloDone.
//
// Messages may be split over records or share one, and arrive in any split of bytes. What a server
// says of lengths is counted down, never trusted: nothing of it decides a size.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "core/base/limits.h"
#include "platform/interface/bytes.h"
#include "platform/interface/tls.h"

namespace observatory {

struct TracedRecord {
  std::uint8_t type = 0;     // 20 change_cipher_spec, 21 alert, 22 handshake, 23 encrypted or data
  std::uint16_t length = 0;  // without the header
};

class HandshakeTap {
 public:
  // For another connection.
  void reset() { *this = {}; }

  // Takes the bytes that arrived, but none beyond the end of a record: how many it took, at least
  // one of those that there are. It takes all of them once they are no TLS, or after stop().
  std::size_t feed(ByteView bytes);

  // The bytes that were fed last brought the first application data. Their record is no part of the
  // trace, and neither is what follows.
  void stop();

  // Whole records, in order; the first limits::kTracedRecords of them.
  std::span<const TracedRecord> records() const { return std::span(records_).first(record_count_); }
  bool records_cut() const { return records_dropped_ > 0; }

  // The body of the ServerHello as far as it came and limits::kServerHello goes; of the
  // HelloRetryRequest when no other followed. Empty when there was none.
  ByteView hello() const { return ByteView(hello_).first(hello_size_); }
  bool hello_whole() const { return hello_size_ > 0 && hello_size_ == hello_length_; }
  bool hello_retry_requested() const { return retry_requested_; }

  // Length of the first encrypted record of TLS 1.3, which holds the EncryptedExtensions; 0 if none
  // came.
  std::uint16_t encrypted_extensions() const { return encrypted_extensions_; }

  // Named curve of the ServerKeyExchange; 0 when there was none.
  std::uint16_t named_curve() const { return named_curve_; }
  bool certificate_requested() const { return certificate_requested_; }
  bool hello_done() const { return hello_done_; }
  const TlsTickets& tickets() const { return tickets_; }

  // Fatal alert in clear; and the first of the other level.
  bool has_alert() const { return has_alert_; }
  std::uint8_t alert() const { return alert_; }
  bool has_warning() const { return has_warning_; }
  std::uint8_t warning() const { return warning_; }

 private:
  static constexpr std::size_t kRecordHeader = 5;
  static constexpr std::size_t kMessageHeader = 4;
  static constexpr std::size_t kTicketHead = 6;  // lifetime and length, before the ticket itself

  bool header_fits(std::uint8_t byte) const;
  void end_record();
  void end_alert();
  void take_handshake(ByteView bytes);
  void begin_message();
  void end_message();
  void end_hello();
  void end_key_exchange();
  void end_ticket();

  std::uint8_t record_type() const { return header_[0]; }
  std::size_t record_length() const { return std::size_t{header_[3]} << 8 | header_[4]; }
  std::uint8_t message_type() const { return message_header_[0]; }
  std::size_t message_length() const {
    return std::size_t{message_header_[1]} << 16 | std::size_t{message_header_[2]} << 8 |
           message_header_[3];
  }

  bool off_ = false;           // not TLS, or stopped
  bool clear_ = true;          // handshake messages and alerts are not encrypted yet
  bool tls13_ = false;         // so the ServerHello chose
  bool keeps_hello_ = false;   // the message that is read is the hello to keep
  bool awaits_hello_ = false;  // the last one was a HelloRetryRequest
  bool retry_requested_ = false;
  bool certificate_requested_ = false;
  bool hello_done_ = false;
  bool has_alert_ = false;
  bool has_warning_ = false;
  std::uint8_t alert_ = 0;
  std::uint8_t warning_ = 0;
  std::uint16_t encrypted_extensions_ = 0;
  std::uint16_t named_curve_ = 0;

  std::array<std::uint8_t, kRecordHeader> header_{};
  std::uint8_t header_size_ = 0;
  std::uint16_t payload_size_ = 0;  // of the record, so far
  std::array<std::uint8_t, kMessageHeader> message_header_{};
  std::uint8_t message_header_size_ = 0;
  std::uint32_t message_left_ = 0;
  std::array<std::uint8_t, kTicketHead + kTicketStart> head_{};  // first bytes of a message
  std::uint8_t head_size_ = 0;
  std::array<std::uint8_t, 2> alert_record_{};
  std::uint8_t alert_size_ = 0;

  std::array<std::uint8_t, limits::kServerHello> hello_{};
  std::uint16_t hello_size_ = 0;
  std::uint32_t hello_length_ = 0;
  std::array<TracedRecord, limits::kTracedRecords> records_{};
  std::uint8_t record_count_ = 0;
  std::uint32_t records_dropped_ = 0;
  TlsTickets tickets_;
};

}  // namespace observatory
