// SPDX-License-Identifier: MIT
#include "platform/socks5/negotiation.h"

#include <algorithm>

namespace observatory::socks5 {
namespace {

constexpr std::uint8_t kVersion = 5;
constexpr std::uint8_t kLoginVersion = 1;  // RFC 1929 section 2

// Methods: nothing to show, user and password.
constexpr std::uint8_t kNothing = 0;
constexpr std::uint8_t kUserAndPassword = 2;

constexpr std::uint8_t kConnect = 1;

// Kinds of address.
constexpr std::uint8_t kIpv4 = 1;
constexpr std::uint8_t kName = 3;
constexpr std::uint8_t kIpv6 = 4;
constexpr std::size_t kIpv4Bytes = 4;
constexpr std::size_t kIpv6Bytes = 16;
constexpr std::size_t kPortBytes = 2;

constexpr std::uint8_t kSucceeded = 0;

constexpr std::size_t kGreetingBytes = 4;
constexpr std::size_t kUserBytes = 16;  // a number of 64 bits in hexadecimal digits
constexpr std::size_t kLoginBytes = 1 + 1 + kUserBytes + 1 + 1;
constexpr std::size_t kRequestHead = 4;

// Puts bytes one behind the other; the messages' bounds are known.
class Writer {
 public:
  explicit Writer(Negotiation::Message& room) : room_(room) {}
  void byte(std::size_t value) { room_[size_++] = static_cast<std::uint8_t>(value); }
  void bytes(ByteView more) {
    std::copy(more.begin(), more.end(), room_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += more.size();
  }
  ByteView all() const { return ByteView(room_).first(size_); }

 private:
  Negotiation::Message& room_;
  std::size_t size_ = 0;
};

void put_login(std::uint64_t isolation, Writer& put) {
  put.byte(kLoginVersion);
  put.byte(kUserBytes);
  for (std::size_t digit = kUserBytes; digit-- > 0;) {
    put.byte(static_cast<std::uint8_t>("0123456789abcdef"[isolation >> (4 * digit) & 15]));
  }
  // A password has at least one byte.
  put.byte(1);
  put.byte('0');
}

std::size_t address_bytes(const RemotePeer& peer) {
  if (!peer.name.empty()) return 1 + peer.name.size();
  return peer.ip.family == IpAddress::Family::kV4 ? kIpv4Bytes : kIpv6Bytes;
}

void put_request(const RemotePeer& peer, Writer& put) {
  put.byte(kVersion);
  put.byte(kConnect);
  put.byte(0);
  if (!peer.name.empty()) {
    put.byte(kName);
    put.byte(peer.name.size());
    put.bytes(as_bytes(peer.name));
  } else {
    put.byte(peer.ip.family == IpAddress::Family::kV4 ? kIpv4 : kIpv6);
    put.bytes(ByteView(peer.ip.bytes).first(address_bytes(peer)));
  }
  put.byte(peer.port >> 8);
  put.byte(peer.port & 0xff);
}

}  // namespace

void Negotiation::start(const RemotePeer& peer) {
  peer_ = peer;
  asked_ = replied_ = false;
  reply_ = 0;
  enter(Stage::kGreeting, kGreetingBytes);
}

void Negotiation::enter(Stage stage, std::size_t bytes) {
  stage_ = stage;
  left_ = static_cast<std::uint16_t>(bytes);
}

void Negotiation::enter_request() {
  enter(Stage::kRequest, kRequestHead + address_bytes(peer_) + kPortBytes);
}

bool Negotiation::sends() const {
  return stage_ == Stage::kGreeting || stage_ == Stage::kLogin || stage_ == Stage::kRequest;
}

ByteView Negotiation::to_send(Message& room) const {
  if (!sends()) return {};
  Writer put(room);
  if (stage_ == Stage::kGreeting) {
    put.byte(kVersion);
    put.byte(2);
    put.byte(kUserAndPassword);
    put.byte(kNothing);
  } else if (stage_ == Stage::kLogin) {
    put_login(peer_.isolation, put);
  } else {
    put_request(peer_, put);
  }
  return put.all().last(left_);
}

void Negotiation::sent(std::size_t count) {
  left_ = static_cast<std::uint16_t>(left_ - count);
  if (left_ > 0) return;
  if (stage_ == Stage::kGreeting) return enter(Stage::kMethod, 2);
  if (stage_ == Stage::kLogin) return enter(Stage::kLoginStatus, 2);
  asked_ = true;
  enter(Stage::kReply, 2);
}

std::size_t Negotiation::wanted() const { return sends() ? 0 : left_; }

void Negotiation::received(ByteView bytes) {
  for (const std::uint8_t byte : bytes) {
    before_ = last_;
    last_ = byte;
    if (--left_ == 0) understand();
  }
}

// The bytes of a stage are all there.
void Negotiation::understand() {
  const Stage heard = stage_;
  stage_ = Stage::kFailed;  // unless they make sense
  switch (heard) {
    case Stage::kMethod:
      if (before_ != kVersion) return;
      if (last_ == kNothing) enter_request();
      if (last_ == kUserAndPassword) enter(Stage::kLogin, kLoginBytes);
      return;
    case Stage::kLoginStatus:
      if (before_ == kLoginVersion && last_ == 0) enter_request();
      return;
    case Stage::kReply:
      if (before_ != kVersion) return;
      // Of a refusal the rest says nothing more, and not every proxy sends it.
      if (last_ == kSucceeded) return enter(Stage::kBoundType, 2);
      reply_ = last_;
      replied_ = true;
      return;
    case Stage::kBoundType:
      if (last_ == kIpv4) enter(Stage::kBound, kIpv4Bytes + kPortBytes);
      if (last_ == kIpv6) enter(Stage::kBound, kIpv6Bytes + kPortBytes);
      if (last_ == kName) enter(Stage::kBoundLength, 1);
      return;
    case Stage::kBoundLength:
      return enter(Stage::kBound, last_ + kPortBytes);
    case Stage::kBound:
      stage_ = Stage::kOpen;
      replied_ = true;
      return;
    case Stage::kGreeting:
    case Stage::kLogin:
    case Stage::kRequest:
    case Stage::kOpen:
    case Stage::kFailed:
      return;
  }
}

NetError Negotiation::error() const {
  switch (reply_) {
    case 3:  // network unreachable
    case 4:  // host unreachable; Tor: the name could not be resolved
      return NetError::kUnreachable;
    case 5:
      return NetError::kRefused;
    case 6:  // TTL expired; Tor: no answer in time
      return NetError::kTimedOut;
    default:
      return NetError::kOther;
  }
}

}  // namespace observatory::socks5
