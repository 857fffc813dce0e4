// SPDX-License-Identifier: MIT
#include "core/probe/hello2_probe.h"

#include "core/base/ip_text.h"
#include "core/tls/handshake_facts.h"

namespace observatory {
namespace {

constexpr HelloFields kHello2Fields{
    .version = FieldId::kHello2Version,
    .cipher_suite = FieldId::kHello2CipherSuite,
    .extension_identifiers = FieldId::kHello2Extensions,
    .session_id_bytes = FieldId::kHello2SessionId,
    .key_share = FieldId::kHello2KeyShare,
    .alpn = FieldId::kHello2Alpn,
    .malformed = FieldId::kHello2Malformed,
    .ja3s = FieldId::kHello2Ja3s,
};

// The first byte of a server that speaks TLS begins an alert or a handshake.
constexpr std::uint8_t kAlert = 21;
constexpr std::uint8_t kHandshake = 22;

}  // namespace

void Hello2Probe::start(std::string_view host) {
  IpAddress address;
  server_name_ = read_ip(host, address) ? std::string_view() : host;
  tap_.reset();
  received_ = 0;
  is_tls_ = true;
  done_ = false;
}

ByteView Hello2Probe::open(const HelloRandom& bytes) {
  return write_tls12_hello(server_name_, bytes, hello_);
}

bool Hello2Probe::receive(ByteView bytes) {
  if (received_ == 0) is_tls_ = bytes[0] == kAlert || bytes[0] == kHandshake;
  received_ += bytes.size();
  while (!bytes.empty()) bytes = bytes.subspan(tap_.feed(bytes));
  return !is_tls_ || tap_.hello_done() || tap_.has_alert() || received_ > limits::kConnectionBytes;
}

void Hello2Probe::close(NetError why) {
  done_ = true;
  record_.set(FieldId::kHello2Outcome, static_cast<std::uint64_t>(outcome(why)));
  record_server_hello(tap_, kHello2Fields, record_);
  record_trace(tap_, FieldId::kHello2Records, record_);
  if (tap_.has_alert()) record_.set(FieldId::kHello2Alert, tap_.alert());
}

Outcome Hello2Probe::outcome(NetError why) const {
  if (!is_tls_) return Outcome::kWrongProtocol;
  if (tap_.has_alert()) return Outcome::kTlsAlert;
  if (tap_.hello_done()) return Outcome::kOk;
  switch (why) {
    case NetError::kNone:  // a flood
      return Outcome::kTlsFailed;
    case NetError::kRefused:
      return Outcome::kRefused;
    case NetError::kUnreachable:
      return Outcome::kUnreachable;
    case NetError::kTimedOut:
      return Outcome::kTlsTimeout;
    case NetError::kExhausted:
      return Outcome::kExhausted;
    case NetError::kClosed:
      return Outcome::kClosed;
    case NetError::kReset:
    case NetError::kOther:
      return Outcome::kReset;
  }
  return Outcome::kReset;
}

}  // namespace observatory
