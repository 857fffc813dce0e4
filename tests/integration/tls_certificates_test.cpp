// SPDX-License-Identifier: MIT
// Certificate messages that lie: handed to MbedtlsEngine as a server of TLS 1.2 sends them, in the
// clear. No network, no server.
#include <algorithm>
#include <array>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "platform/mbedtls/certificate_message.h"
#include "platform/mbedtls/mbedtls_engine.h"
#include "platform/mbedtls/mbedtls_memory.h"
#include "platform/mbedtls/mbedtls_shared.h"
#include "platform/posix/posix_random.h"
#include "tests/catch2.h"

namespace observatory::mbedtls {
namespace {

using Part = TlsUnreadable::Part;
using Why = TlsUnreadable::Why;

std::string number(std::size_t value, int width) {
  std::string bytes;
  while (width-- > 0) bytes += static_cast<char>(value >> (8 * width) & 0xff);
  return bytes;
}

std::string vector_of(const std::string& content, int width) {
  return number(content.size(), width) + content;
}

std::string der_of(unsigned tag, const std::string& content) {
  const std::string length = content.size() < 128     ? number(content.size(), 1)
                             : content.size() < 65536 ? "\x82" + number(content.size(), 2)
                                                      : "\x83" + number(content.size(), 3);
  return std::string(1, static_cast<char>(tag)) + length + content;
}

// A certificate of version 3 with an RSA key that mbedTLS takes; `padding` makes it longer.
std::string certificate(std::size_t padding = 0, const std::string& serial = "\x05") {
  using namespace std::string_literals;
  const std::string algorithm =
      der_of(0x30, der_of(6, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b") + der_of(5, ""));
  const std::string name =
      der_of(0x30, der_of(0x31, der_of(0x30, der_of(6, "\x55\x04\x03") + der_of(12, "server"))));
  const std::string validity =
      der_of(0x30, der_of(0x17, "260101000000Z") + der_of(0x17, "360101000000Z"));
  const std::string rsa =
      der_of(0x30, der_of(2, "\0\xb5"s + std::string(126, '\x35') + "\x01") + der_of(2, "\1\0\1"s));
  const std::string key =
      der_of(0x30, der_of(0x30, der_of(6, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01") + der_of(5, "")) +
                       der_of(3, "\0"s + rsa));
  const std::string extension =
      der_of(0x30, der_of(6, "\x2b\x06\x01") + der_of(4, std::string(padding, 'x')));
  const std::string tbs =
      der_of(0x30, der_of(0xa0, der_of(2, "\2")) + der_of(2, serial) + algorithm + name + validity +
                       name + key + der_of(0xa3, der_of(0x30, extension)));
  return der_of(0x30, tbs + algorithm + der_of(3, "\0"s + std::string(128, 's')));
}

std::string entry(const std::string& der) { return vector_of(der, 3); }

// A ServerHello of TLS 1.2 with TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, and the message behind it,
// whose header says `announced`, in records of `record` bytes.
std::string flight(const std::string& body, std::size_t announced, std::size_t record = 16384) {
  using namespace std::string_literals;
  const std::string hello =
      "\x02"s + vector_of("\x03\x03"s + std::string(32, 'r') + "\0\xc0\x2f\0"s, 3);
  const std::string messages[] = {hello, "\x0b" + number(announced, 3) + body};
  std::string bytes;
  for (std::string message : messages) {
    while (!message.empty()) {
      const std::string piece = message.substr(0, record);
      message.erase(0, piece.size());
      bytes += "\x16\x03\x03" + vector_of(piece, 2);
    }
  }
  return bytes;
}

// An engine that has been sent a flight.
class Client {
 public:
  Client() { REQUIRE(shared_.start()); }

  const TlsPeer& meet(const std::string& bytes) {
    REQUIRE(engine_.reset("electrum.example", TlsOffer::kTls12));
    for (ByteView rest = as_bytes(bytes); !rest.empty();) {
      const std::size_t taken =
          engine_.put_ciphertext(rest.first(std::min<std::size_t>(rest.size(), 1024)));
      REQUIRE(taken > 0);
      rest = rest.subspan(taken);
    }
    return engine_.peer();
  }
  const TlsPeer& meet_message(const std::string& body) { return meet(flight(body, body.size())); }

  TlsState state() const { return engine_.state(); }

 private:
  posix::PosixRandom random_;
  MbedtlsShared shared_{random_};
  EngineArena arena_;
  MbedtlsEngine engine_{shared_, arena_.get()};
};

std::string told(const TlsPeer& peer) {
  return std::to_string(int(peer.unreadable.part)) + "." + std::to_string(int(peer.unreadable.why));
}
std::string words(Part part, Why why) {
  return std::to_string(int(part)) + "." + std::to_string(int(why));
}

}  // namespace

TEST_CASE("a message of sound certificates is read, and the handshake goes on") {
  Client client;
  const std::string one = certificate();
  const TlsPeer& peer = client.meet_message(vector_of(entry(one) + entry(one), 3));
  INFO("engine error " << peer.engine_error);
  CHECK(client.state() == TlsState::kHandshake);
  CHECK(peer.chain_sent == 2);
}

TEST_CASE("lengths that lie end in a failure that names the message, with what came before them") {
  Client client;
  const std::string one = certificate();
  const auto broken = [&](const std::string& body, std::size_t kept) {
    const TlsPeer& peer = client.meet_message(body);
    CHECK(client.state() == TlsState::kFailed);
    CHECK(peer.failure == TlsFailure::kBadCertificate);
    CHECK(told(peer) == words(Part::kMessage, Why::kLength));
    REQUIRE(peer.chain_size == kept);
    CHECK(peer.chain_sent == kept);
    for (std::size_t i = 0; i < kept; ++i) CHECK(as_text(peer.chain[i]) == one);
  };
  const std::string two = entry(one) + entry(one);
  broken(number(two.size() + 1, 3) + two, 2);
  broken(number(two.size() - 1, 3) + two, 1);
  broken(number(0xffffff, 3) + two, 2);
  broken(vector_of(two, 3) + "behind", 2);
  broken(vector_of(entry(one) + number(one.size() + 1, 3) + one, 3), 1);
  broken(vector_of(entry(one) + number(0xffffff, 3) + one, 3), 1);
  broken(vector_of(entry(one) + "\x01", 3), 1);
  broken(vector_of(entry(one) + std::string(3, '\0') + entry(one), 3), 1);
  broken(vector_of(std::string(16000, '\0'), 3), 0);
  broken(vector_of(std::string(16000, '\xff'), 3), 0);
}

TEST_CASE("16 KiB of random entries always end, and what is listed lies within them") {
  Client client;
  std::mt19937 random(20260101);
  for (int round = 0; round < 300; ++round) {
    std::string list;
    while (list.size() < 15000) {
      const std::size_t size = random() % 600;
      const std::size_t told = random() % 4 == 0 ? random() % 70000 : size;
      std::string content = random() % 2 == 0 ? certificate() : std::string();
      content.resize(size, static_cast<char>(random()));
      list += number(told, 3) + content;
    }
    const TlsPeer& peer = client.meet_message(vector_of(list, 3));
    REQUIRE(client.state() == TlsState::kFailed);
    REQUIRE(peer.failure == TlsFailure::kBadCertificate);
    REQUIRE(peer.unreadable.part != Part::kNone);
    REQUIRE(peer.chain_size <= peer.chain_sent);
    for (std::size_t i = 0; i < peer.chain_size; ++i) {
      REQUIRE(list.find(as_text(peer.chain[i])) != std::string::npos);
    }
  }
}

TEST_CASE("a message that says nothing: none, no list, no certificate") {
  Client client;
  CHECK(told(client.meet_message(vector_of("", 3))) == words(Part::kMessage, Why::kEmpty));
  CHECK(client.state() == TlsState::kFailed);
  CHECK(told(client.meet_message("")) == words(Part::kMessage, Why::kLength));
  CHECK(client.state() == TlsState::kFailed);
}

TEST_CASE("what is wrong with a certificate has a name, and its bytes are kept") {
  Client client;
  const auto changed = [](const std::string& from, const std::string& to) {
    std::string der = certificate();
    const std::size_t at = der.find(from);
    REQUIRE(at != std::string::npos);
    return der.replace(at, from.size(), to);
  };
  const std::string serial = der_of(2, "\x05");
  using namespace std::string_literals;
  const struct {
    std::string der;
    std::string words;
  } table[] = {
      {changed("\xa0\x03\x02\x01\x02", "\xa0\x03\x02\x01\x07"),
       words(Part::kVersion, Why::kUnsupported)},
      {changed(serial, "\x04\x01\x05"), words(Part::kSerial, Why::kTag)},
      {changed("260101000000Z", "261301000000Z"), words(Part::kValidity, Why::kInvalid)},
      {changed("\x17\x0d"s + "260101", "\x16\x0d"s + "260101"), words(Part::kValidity, Why::kTag)},
      {changed("\x01\x01\x01\x05", "\x01\x01\x7f\x05"), words(Part::kKey, Why::kUnsupported)},
      {changed("\x31\x0f\x30\x0d", "\x31\x0f\x30\x7f"), words(Part::kName, Why::kCut)},
      {std::string(200, 'x'), words(Part::kCertificate, Why::kInvalid)},
      {certificate().substr(0, 300), words(Part::kCertificate, Why::kInvalid)},
  };
  for (const auto& row : table) {
    const TlsPeer& peer = client.meet_message(vector_of(entry(row.der) + entry(certificate()), 3));
    CHECK(client.state() == TlsState::kFailed);
    CHECK(peer.failure == TlsFailure::kBadCertificate);
    CHECK(told(peer) == row.words);
    REQUIRE(peer.chain_size == 2);
    CHECK(as_text(peer.chain[0]) == row.der);
    CHECK(as_text(peer.chain[1]) == certificate());
    CHECK_FALSE(peer.self_signed.has_value());
    CHECK(peer.trust == TlsTrust::kNotAsked);
  }
}

TEST_CASE("a certificate of 64 KiB, and a chain too long, end as such, with what was whole") {
  Client client;
  const std::string large = certificate(65000);
  CHECK(large.size() > 65000);
  std::string body = vector_of(entry(certificate()) + entry(large), 3);
  const TlsPeer* peer = &client.meet(flight(body, body.size()));
  CHECK(client.state() == TlsState::kFailed);
  CHECK(peer->failure == TlsFailure::kBadCertificate);
  CHECK(told(*peer) == words(Part::kMessage, Why::kTooLong));
  REQUIRE(peer->chain_size == 1);
  CHECK(as_text(peer->chain[0]) == certificate());

  std::string list;
  for (int i = 0; i < 40; ++i) list += entry(certificate());
  body = vector_of(list, 3);
  REQUIRE(body.size() > 16384);
  peer = &client.meet(flight(body, body.size()));
  CHECK(told(*peer) == words(Part::kMessage, Why::kTooLong));
  CHECK(peer->chain_size == kMaxChain);
  CHECK(peer->chain_sent > kMaxChain);
  CHECK(as_text(peer->chain[kMaxChain - 1]) == certificate());
}

TEST_CASE("a message in many records is put together, or told apart as far as it came") {
  Client client;
  const std::string body = vector_of(entry(certificate()) + entry(certificate()), 3);
  const TlsPeer& peer = client.meet(flight(body, body.size(), 600));
  CHECK(peer.chain_sent >= 1);
  if (client.state() == TlsState::kHandshake) return;
  CHECK(told(peer) == words(Part::kMessage, Why::kUnsupported));
  CHECK(as_text(peer.chain[0]) == certificate());
}

TEST_CASE("a list cut at any byte, in both forms, gives its whole entries and no more") {
  const std::string small = "abc";
  const std::string other(300, 'o');
  const struct {
    MessageForm form;
    std::string body;
    std::vector<std::size_t> ends;  // where each certificate ends
  } table[] = {
      {MessageForm::kTls12, vector_of(entry(small) + entry(other), 3), {9, 312}},
      // A context of two bytes; the first entry has extensions of five.
      {MessageForm::kTls13,
       std::string("\2") + "ct" +
           vector_of(entry(small) + vector_of("exten", 2) + entry(other) + vector_of("", 2), 3),
       {12, 322}},
  };
  for (const auto& row : table) {
    for (std::size_t length = 0; length <= row.body.size(); ++length) {
      // In memory of exactly its size, so that a sanitizer sees a read beyond it.
      const std::vector<std::uint8_t> exact(row.body.begin(),
                                            row.body.begin() + std::ptrdiff_t(length));
      const CertificateList list = list_certificates(exact, row.form);
      const auto whole = std::size_t(std::count_if(row.ends.begin(), row.ends.end(),
                                                   [&](std::size_t end) { return end <= length; }));
      CAPTURE(length);
      REQUIRE(list.size == whole);
      REQUIRE(list.sent == whole);
      REQUIRE(list.whole == (length == row.body.size()));
      if (whole > 0) REQUIRE(as_text(list.certificates[0]) == small);
      if (whole > 1) REQUIRE(as_text(list.certificates[1]) == other);
    }
  }
}

}  // namespace observatory::mbedtls
