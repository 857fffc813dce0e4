// SPDX-License-Identifier: MIT
// The messages of SOCKS 5, written down by hand after RFC 1928 sections 3 to 6 and RFC 1929.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "platform/socks5/negotiation.h"
#include "tests/catch2.h"

using namespace observatory;
using socks5::Negotiation;
using std::string_view_literals::operator""sv;

namespace {

constexpr std::string_view kGreeting = "\x05\x02\x02\x00"sv;
constexpr std::string_view kLogin =
    "\x01\x10"
    "0123456789abcdef"
    "\x01"
    "0"sv;
constexpr std::string_view kRequest =
    "\x05\x01\x00\x03\x09"
    "abc.onion"
    "\xc3\x52"sv;  // 50002
constexpr std::string_view kConnected = "\x05\x00\x00\x01\x7f\x00\x00\x01\x23\x5a"sv;

RemotePeer onion() {
  RemotePeer peer;
  peer.name = "abc.onion";
  peer.port = 50002;
  peer.isolation = 0x0123456789abcdef;
  return peer;
}

// Takes what is to be sent, so many bytes at a time.
std::string take(Negotiation& negotiation, std::size_t piece = 1000) {
  std::string all;
  Negotiation::Message room;
  for (ByteView bytes; !(bytes = negotiation.to_send(room)).empty();) {
    const ByteView part = bytes.first(std::min(piece, bytes.size()));
    all += as_text(part);
    negotiation.sent(part.size());
  }
  return all;
}

// Gives what is wanted of `bytes`, so many at a time; the rest is what it left alone.
std::string_view give(Negotiation& negotiation, std::string_view bytes, std::size_t piece = 1000) {
  while (!bytes.empty() && negotiation.wanted() > 0) {
    const std::size_t count = std::min({negotiation.wanted(), piece, bytes.size()});
    negotiation.received(as_bytes(bytes.substr(0, count)));
    bytes.remove_prefix(count);
  }
  return bytes;
}

// One that has sent its request, and waits for the reply.
Negotiation asking() {
  Negotiation negotiation;
  negotiation.start(onion());
  take(negotiation);
  give(negotiation, "\x05\x00"sv);
  take(negotiation);
  return negotiation;
}

TEST_CASE("a way to a name with user and password, byte by byte") {
  const std::size_t piece = GENERATE(1U, 2U, 3U, 1000U);
  Negotiation negotiation;
  negotiation.start(onion());
  CHECK(take(negotiation, piece) == kGreeting);
  CHECK(give(negotiation, "\x05\x02"sv, piece).empty());
  CHECK(take(negotiation, piece) == kLogin);
  CHECK_FALSE(negotiation.progress().asked);
  CHECK(give(negotiation, "\x01\x00"sv, piece).empty());
  CHECK_FALSE(negotiation.progress().asked);
  CHECK(take(negotiation, piece) == kRequest);
  CHECK(negotiation.progress().asked);
  CHECK_FALSE(negotiation.progress().replied);
  CHECK(give(negotiation, kConnected, piece).empty());
  CHECK(negotiation.open());
  CHECK(negotiation.progress().replied);
  CHECK(negotiation.progress().reply == 0);
  CHECK(negotiation.wanted() == 0);
  CHECK(take(negotiation).empty());
}

TEST_CASE("a proxy that wants no password is not told the user") {
  Negotiation negotiation;
  negotiation.start(onion());
  CHECK(take(negotiation) == kGreeting);
  give(negotiation, "\x05\x00"sv);
  CHECK(take(negotiation) == kRequest);
}

TEST_CASE("addresses are sent as addresses") {
  RemotePeer peer;
  peer.port = 1;
  std::string_view expected = "\x05\x01\x00\x01\xc0\x00\x02\x07\x00\x01"sv;
  peer.ip.bytes = {192, 0, 2, 7};
  SECTION("IPv4") {}
  SECTION("IPv6") {
    peer.ip.family = IpAddress::Family::kV6;
    peer.ip.bytes = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9};
    expected = "\x05\x01\x00\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x09\x00\x01"sv;
  }
  Negotiation negotiation;
  negotiation.start(peer);
  take(negotiation);
  give(negotiation, "\x05\x00"sv);
  CHECK(take(negotiation) == expected);
}

TEST_CASE("a name of 255 bytes is asked for whole") {
  const std::string name(255, 'n');
  RemotePeer peer;
  peer.name = name;
  peer.port = 0xffff;
  Negotiation negotiation;
  negotiation.start(peer);
  take(negotiation);
  give(negotiation, "\x05\x00"sv);
  CHECK(take(negotiation) == std::string("\x05\x01\x00\x03\xff", 5) + name + "\xff\xff");
}

TEST_CASE("what the server said right behind the reply is left in the stream") {
  const std::size_t piece = GENERATE(1U, 4U, 1000U);
  for (const std::string& bound :
       {"\x01" + std::string(6, 'x'), "\x04" + std::string(18, 'x'), std::string("\x03\x00pp", 4),
        "\x03\x05helloPP" + std::string(), "\x03\xff" + std::string(257, 'x')}) {
    Negotiation negotiation = asking();
    const std::string reply = std::string("\x05\x00\x00", 3) + bound;
    CHECK(give(negotiation, reply + "SERVER", piece) == "SERVER");
    CHECK(negotiation.open());
  }
}

TEST_CASE("a reply that says no is understood before its end") {
  const int code = GENERATE(1, 2, 3, 4, 5, 6, 7, 8, 9, 0x91, 0xf0, 0xf7, 0xff);
  Negotiation negotiation = asking();
  give(negotiation, std::string("\x05") + static_cast<char>(code));
  CHECK(negotiation.failed());
  CHECK(negotiation.progress().replied);
  CHECK(negotiation.progress().reply == code);
  const NetError expected = code == 5                ? NetError::kRefused
                            : code == 3 || code == 4 ? NetError::kUnreachable
                            : code == 6              ? NetError::kTimedOut
                                                     : NetError::kOther;
  CHECK(negotiation.error() == expected);
}

TEST_CASE("what is no SOCKS 5 fails at the first sign of it, and is no reply") {
  struct Lie {
    std::string_view what, to_greeting, to_login, to_request;
  };
  const auto lie =
      GENERATE(Lie{"HTTP", "HT"sv, ""sv, ""sv}, Lie{"SOCKS 4", "\x00\x5a"sv, ""sv, ""sv},
               Lie{"no method will do", "\x05\xff"sv, ""sv, ""sv},
               Lie{"a method that was not offered", "\x05\x01"sv, ""sv, ""sv},
               Lie{"the login is refused", "\x05\x02"sv, "\x01\x01"sv, ""sv},
               Lie{"the login has another version", "\x05\x02"sv, "\x05\x00"sv, ""sv},
               Lie{"the reply has another version", "\x05\x02"sv, "\x01\x00"sv, "\x04\x00"sv});
  INFO(lie.what);
  Negotiation negotiation;
  negotiation.start(onion());
  take(negotiation);
  give(negotiation, lie.to_greeting);
  take(negotiation);
  give(negotiation, lie.to_login);
  take(negotiation);
  give(negotiation, lie.to_request);
  CHECK(negotiation.failed());
  CHECK(negotiation.error() == NetError::kOther);
  CHECK_FALSE(negotiation.progress().replied);
  CHECK(negotiation.wanted() == 0);
}

TEST_CASE("an address of a kind that nobody knows has no end, so the stream cannot be used") {
  const int kind = GENERATE(0, 2, 5, 255);
  Negotiation negotiation = asking();
  give(negotiation, std::string("\x05\x00\x00", 3) + static_cast<char>(kind) + "abcdefgh");
  CHECK(negotiation.failed());
}

TEST_CASE("a negotiation that is begun again knows nothing of the one before") {
  Negotiation negotiation = asking();
  give(negotiation, "\x05\x05"sv);
  CHECK(negotiation.failed());
  negotiation.start(onion());
  CHECK_FALSE(negotiation.failed());
  CHECK_FALSE(negotiation.progress().asked);
  CHECK_FALSE(negotiation.progress().replied);
  CHECK(take(negotiation) == kGreeting);
}

}  // namespace
