// SPDX-License-Identifier: MIT
#include "core/tls/handshake_tap.h"

#include <algorithm>
#include <cstring>

#include "core/base/byte_reader.h"
#include "core/tls/server_hello.h"

namespace observatory {
namespace {

constexpr std::uint8_t kChangeCipherSpec = 20;
constexpr std::uint8_t kAlert = 21;
constexpr std::uint8_t kHandshake = 22;
constexpr std::uint8_t kApplicationData = 23;

constexpr std::uint8_t kServerHello = 2;
constexpr std::uint8_t kNewSessionTicket = 4;
constexpr std::uint8_t kServerKeyExchange = 12;
constexpr std::uint8_t kCertificateRequest = 13;
constexpr std::uint8_t kServerHelloDone = 14;

constexpr std::uint8_t kFatal = 2;
constexpr std::uint8_t kNamedCurve = 3;  // ECCurveType
constexpr std::uint16_t kTls13 = 0x0304;

// Appends what fits; the new size.
template <typename Size, std::size_t kCapacity>
Size append(ByteView bytes, std::array<std::uint8_t, kCapacity>& into, Size size) {
  const std::size_t count = std::min(bytes.size(), kCapacity - size);
  if (count > 0) std::memcpy(into.data() + size, bytes.data(), count);
  return static_cast<Size>(size + count);
}

}  // namespace

// Whether a byte may stand at its place in a record's header: type 20 to 23, major version 3,
// length at most 2^14 + 2048 (RFC 5246 section 6.2), of which only the first byte is looked at.
bool HandshakeTap::header_fits(std::uint8_t byte) const {
  static constexpr std::uint8_t kLowest[kRecordHeader] = {20, 3, 0, 0, 0};
  static constexpr std::uint8_t kHighest[kRecordHeader] = {23, 3, 4, 0x48, 0xFF};
  return kLowest[header_size_] <= byte && byte <= kHighest[header_size_];
}

std::size_t HandshakeTap::feed(ByteView bytes) {
  std::size_t taken = 0;
  for (; !off_ && header_size_ < kRecordHeader; ++taken) {
    if (taken == bytes.size()) return taken;
    off_ = !header_fits(bytes[taken]);
    header_[header_size_++] = bytes[taken];
  }
  if (off_) return bytes.size();
  const std::size_t left = record_length() - payload_size_;
  const ByteView payload = bytes.subspan(taken, std::min(left, bytes.size() - taken));
  payload_size_ = static_cast<std::uint16_t>(payload_size_ + payload.size());
  if (record_type() == kHandshake && clear_) take_handshake(payload);
  if (record_type() == kAlert) alert_size_ = append(payload, alert_record_, alert_size_);
  if (payload.size() == left) end_record();
  return taken + payload.size();
}

void HandshakeTap::stop() {
  if (off_) return;
  off_ = true;
  if (header_size_ > 0) return;  // it is still on its way, and so not in the trace
  if (records_dropped_ > 0) {
    --records_dropped_;
  } else if (record_count_ > 0) {
    --record_count_;
  }
}

void HandshakeTap::end_record() {
  const auto length = static_cast<std::uint16_t>(record_length());
  if (record_count_ < records_.size()) {
    records_[record_count_++] = {record_type(), length};
  } else {
    ++records_dropped_;
  }
  switch (record_type()) {
    case kChangeCipherSpec:
      // In TLS 1.3 it means nothing and may stand before the second hello.
      if (!awaits_hello_) clear_ = false;
      break;
    case kAlert:
      end_alert();
      break;
    case kApplicationData:
      if (tls13_ && encrypted_extensions_ == 0) encrypted_extensions_ = length;
      break;
    default:
      break;
  }
  header_size_ = 0;
  payload_size_ = 0;
}

void HandshakeTap::end_alert() {
  alert_size_ = 0;
  if (!clear_ || record_length() != alert_record_.size()) return;
  if (alert_record_[0] == kFatal) {
    has_alert_ = true;
    alert_ = alert_record_[1];
  } else if (!has_warning_) {
    has_warning_ = true;
    warning_ = alert_record_[1];
  }
}

void HandshakeTap::take_handshake(ByteView bytes) {
  while (!bytes.empty() && clear_) {
    if (message_header_size_ < kMessageHeader) {
      message_header_[message_header_size_++] = bytes.front();
      bytes = bytes.subspan(1);
      if (message_header_size_ == kMessageHeader) begin_message();
      continue;
    }
    const ByteView body = bytes.first(std::min<std::size_t>(message_left_, bytes.size()));
    bytes = bytes.subspan(body.size());
    message_left_ -= static_cast<std::uint32_t>(body.size());
    if (keeps_hello_) {
      hello_size_ = append(body, hello_, hello_size_);
    } else {
      head_size_ = append(body, head_, head_size_);
    }
    if (message_left_ == 0) end_message();
  }
}

void HandshakeTap::begin_message() {
  message_left_ = static_cast<std::uint32_t>(message_length());
  head_size_ = 0;
  keeps_hello_ = message_type() == kServerHello && (hello_length_ == 0 || awaits_hello_);
  if (keeps_hello_) {
    hello_size_ = 0;
    hello_length_ = message_left_;
  }
  if (message_left_ == 0) end_message();
}

void HandshakeTap::end_message() {
  message_header_size_ = 0;
  switch (message_type()) {
    case kServerHello:
      if (keeps_hello_) end_hello();
      break;
    case kNewSessionTicket:
      end_ticket();
      break;
    case kServerKeyExchange:
      end_key_exchange();
      break;
    case kCertificateRequest:
      certificate_requested_ = true;
      break;
    case kServerHelloDone:
      hello_done_ = true;
      break;
    default:
      break;
  }
}

void HandshakeTap::end_hello() {
  keeps_hello_ = false;
  ServerHello hello;
  static_cast<void>(read_server_hello(this->hello(), hello));  // what could be read is of use
  awaits_hello_ = hello.retry;
  retry_requested_ = retry_requested_ || hello.retry;
  tls13_ = hello.selected_version >= kTls13 && !hello.retry;
  if (tls13_) clear_ = false;
}

// With finite-field groups the message begins with the length of a prime (RFC 5246 section 7.4.3),
// whose first byte is kNamedCurve from 768 bytes on; a public key of that length follows.
void HandshakeTap::end_key_exchange() {
  constexpr std::size_t kLongestWithCurve = 2 * 768;
  ByteReader reader(ByteView(head_).first(head_size_));
  const bool named = reader.take_byte() == kNamedCurve && message_length() < kLongestWithCurve;
  const std::uint64_t curve = reader.take_unsigned(2);
  if (named) named_curve_ = static_cast<std::uint16_t>(curve);
}

void HandshakeTap::end_ticket() {
  ByteReader reader(ByteView(head_).first(head_size_));
  TlsTicket ticket;
  ticket.lifetime = static_cast<std::uint32_t>(reader.take_unsigned(4));
  ticket.bytes = static_cast<std::uint16_t>(reader.take_unsigned(2));
  if (reader.failed() || message_length() != kTicketHead + ticket.bytes) return;
  const ByteView start = reader.rest();
  std::copy(start.begin(), start.end(), ticket.start.begin());
  tickets_.add(ticket);
}

}  // namespace observatory
