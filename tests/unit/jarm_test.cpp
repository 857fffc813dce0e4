// SPDX-License-Identifier: MIT
#include "core/tls/jarm.h"

#include <algorithm>
#include <string>
#include <vector>

#include "core/base/utf8.h"
#include "core/tls/client_hello.h"
#include "tests/catch2.h"
#include "tests/support/jarm_vectors.h"
#include "tests/support/sha256.h"
#include "tests/unit/vectors.h"

using namespace observatory;
using vectors::text_of;

namespace {

std::string jarm_hello(std::size_t probe, std::string_view host, const HelloRandom& bytes) {
  std::array<std::uint8_t, kLongestHello> buffer{};
  return std::string(as_text(write_jarm_hello(probe, host, bytes, buffer)));
}

std::string tls12_hello(std::string_view name, const HelloRandom& bytes = {}) {
  std::array<std::uint8_t, kLongestHello> buffer{};
  return std::string(as_text(write_tls12_hello(name, bytes, buffer)));
}

// In memory of exactly its size.
std::string read_reply(std::string_view reply) {
  const std::vector<std::uint8_t> exact(reply.begin(), reply.end());
  return text_of([&](ByteSink& into) { put_jarm_reply(exact, into); });
}

std::string hash_of(std::string_view raw) {
  test::Sha256Digest digest;
  return text_of([&](ByteSink& into) { put_jarm_hash(raw, digest, into); });
}

bool is_read(std::string_view reply) {
  const std::vector<std::uint8_t> exact(reply.begin(), reply.end());
  return jarm_reply_is_read(exact);
}

// A reply with this ALPN answer, which is not empty.
std::string reply_with_alpn(std::string_view alpn) {
  const auto pair = [](std::size_t value) {
    return std::string{static_cast<char>(value >> 8), static_cast<char>(value & 0xff)};
  };
  const std::string extension = std::string("\0\x10", 2) + pair(alpn.size() + 3) +
                                pair(alpn.size() + 1) + static_cast<char>(alpn.size()) +
                                std::string(alpn);
  const std::string hello = "\x03\x03" + std::string(32, 'r') + std::string(1, '\0') + "\xc0\x2f" +
                            std::string(1, '\0') + pair(extension.size()) + extension;
  const std::string message = std::string("\x02\x00", 2) + pair(hello.size()) + hello;
  return "\x16\x03\x03" + pair(message.size()) + message;
}

}  // namespace

TEST_CASE("each of JARM's hellos is byte for byte that of the reference") {
  std::size_t hellos = 0;
  for (const std::string& server : test::jarm_servers()) {
    const test::JarmVector vector = test::jarm_vector(server);
    for (std::size_t i = 0; i < kJarmProbes; ++i) {
      CAPTURE(server, i);
      const test::JarmExchange& exchange = vector.exchanges[i];
      REQUIRE(jarm_hello(i, vector.host, exchange.injected) == exchange.hello);
      ++hellos;
    }
  }
  CHECK(hellos == 480);
}

TEST_CASE("the longest hello of JARM fills its buffer and no hello is cut") {
  const std::string host(limits::kHost, 'h');
  std::size_t longest = 0;
  for (std::size_t i = 0; i < kJarmProbes; ++i) {
    const std::string hello = jarm_hello(i, host, {});
    longest = std::max(longest, hello.size());
    // The lengths that the hello itself names.
    CHECK(hello.size() ==
          5u + static_cast<std::uint8_t>(hello[3]) * 256u + static_cast<std::uint8_t>(hello[4]));
    CHECK(hello.find(host) != std::string::npos);
  }
  CHECK(longest == kLongestHello);
  CHECK(tls12_hello(host).size() < kLongestHello);
}

TEST_CASE("every byte that is random in a hello comes from the caller") {
  HelloRandom bytes;
  bytes.random.fill(0xa1);
  bytes.session_id.fill(0xb2);
  bytes.key_share.fill(0xc3);
  bytes.grease = {0xf0, 0x71, 0x05, 0x3a};  // the low four bits count: 0a0a 1a1a 5a5a aaaa
  const std::string hello = jarm_hello(9, "localhost", bytes);
  CHECK(hello.substr(11, 32) == std::string(32, '\xa1'));
  CHECK(hello.substr(44, 32) == std::string(32, '\xb2'));
  CHECK(hello.find(std::string(32, '\xc3')) != std::string::npos);
  CHECK(hello.substr(78, 2) == "\x0a\x0a");
  CHECK(hello.substr(222, 2) == "\x1a\x1a");
  CHECK(hello.substr(376, 2) == "\x5a\x5a");
  CHECK(hello.substr(428, 2) == "\xaa\xaa");
}

TEST_CASE("the raw text and the hash of every recorded server are those of the reference") {
  std::size_t hashes = 0;
  for (const std::string& server : test::jarm_servers()) {
    CAPTURE(server);
    const test::JarmVector vector = test::jarm_vector(server);
    std::string raw;
    for (const test::JarmExchange& exchange : vector.exchanges) {
      if (!raw.empty()) raw += ",";
      raw += read_reply(exchange.reply);
      CHECK(read_reply(exchange.reply) == exchange.raw);
    }
    CHECK(raw == vector.raw);
    CHECK(hash_of(raw) == vector.jarm);
    ++hashes;
  }
  CHECK(hashes == 48);
}

TEST_CASE("a reply that arrives in pieces is read no further than it counts") {
  std::size_t replies = 0;
  for (const std::string& server : test::jarm_servers()) {
    for (const test::JarmExchange& exchange : test::jarm_vector(server).exchanges) {
      CAPTURE(server, replies);
      const std::string& flight = exchange.flight;
      std::size_t enough = 0;
      while (enough < flight.size() && !is_read(flight.substr(0, enough))) ++enough;
      CHECK(enough <= kJarmReply);
      CHECK(read_reply(flight.substr(0, enough)) == exchange.raw);
      CHECK(read_reply(flight) == exchange.raw);
      if (enough < flight.size()) CHECK(is_read(flight));
      ++replies;
    }
  }
  CHECK(replies == 480);
}

TEST_CASE("odd and broken replies are read as the reference reads them") {
  const auto edges = test::jarm_edges();
  CHECK(edges.size() == 39);
  for (const test::JarmEdge& edge : edges) {
    CAPTURE(edge.name);
    CHECK(read_reply(edge.reply) == edge.raw);
    // As the first of ten; the other nine are silent.
    std::string raw = edge.raw;
    for (int i = 0; i < 9; ++i) raw += ",|||";
    CHECK(hash_of(raw).substr(0, 3) == edge.hash);
  }
}

TEST_CASE("raw texts are hashed as the reference hashes them") {
  const auto cases = test::jarm_hash_cases();
  CHECK(cases.size() == 5);
  for (const test::JarmHashCase& edge : cases) CHECK(hash_of(edge.raw) == edge.jarm);
}

TEST_CASE("a reply that is cut anywhere has four parts and is valid text") {
  for (const std::string server : {"nginx-http2-rsa", "openssl3-default-rsa"}) {
    for (const test::JarmExchange& exchange : test::jarm_vector(server).exchanges) {
      const std::size_t most = std::min<std::size_t>(exchange.reply.size(), 200);
      for (std::size_t cut = 0; cut <= most; ++cut) {
        CAPTURE(server, cut);
        const std::string raw = read_reply(exchange.reply.substr(0, cut));
        CHECK(std::count(raw.begin(), raw.end(), '|') == 3);
        CHECK(is_valid_utf8(raw));
        CHECK((cut > 43 || raw == kNoJarmReply));
        CHECK(hash_of(raw).size() == kJarmHash);
      }
    }
  }
}

TEST_CASE("an ALPN answer is kept as it is unless it would tear the raw text apart") {
  CHECK(read_reply(reply_with_alpn("h2")) == "c02f|0303|h2|0010");
  CHECK(read_reply(reply_with_alpn("\"\n\x01")) == "c02f|0303|\"\n\x01|0010");
  CHECK(read_reply(reply_with_alpn(std::string(253, 'a'))) ==
        "c02f|0303|" + std::string(253, 'a') + "|0010");
  CHECK(read_reply(reply_with_alpn("a|b")) == kNoJarmReply);
  CHECK(read_reply(reply_with_alpn("a,b")) == kNoJarmReply);
  CHECK(read_reply(reply_with_alpn("\xed\xa0\x80")) == kNoJarmReply);  // a surrogate
}

TEST_CASE("raw texts of any number of parts have a hash of 62 characters") {
  CHECK(hash_of("").size() == kJarmHash);
  CHECK(hash_of("c02f|0303").size() == kJarmHash);
  CHECK(hash_of(std::string(20, ',')).size() == kJarmHash);
  CHECK(hash_of("zz|030z|").substr(0, 3) == "460");
  CHECK(hash_of("c02f|0309|").substr(0, 3) == "290");
}

TEST_CASE("the hello of TLS 1.2 is what its description says") {
  HelloRandom bytes;
  bytes.random.fill(0x5a);
  const std::string hello = tls12_hello("a.example", bytes);
  // By hand, after RFC 5246 section 7.4.1.2.
  CHECK(vectors::hex(hello.substr(0, 11)) == "16030100c2010000be0303");
  CHECK(hello.substr(11, 32) == std::string(32, '\x5a'));
  CHECK(vectors::hex(hello.substr(43, 3)) == "000032");
  CHECK(vectors::hex(hello.substr(96, 4)) == "01000063");
  CHECK(vectors::hex(hello.substr(100, 18)) == "0000000e000c000009612e6578616d706c65");
  // Extensions in their order.
  std::vector<std::string> types;
  for (std::size_t at = 100; at < hello.size();) {
    types.push_back(vectors::hex(hello.substr(at, 2)));
    at += 4 + static_cast<std::uint8_t>(hello[at + 2]) * 256u +
          static_cast<std::uint8_t>(hello[at + 3]);
  }
  CHECK(types ==
        std::vector<std::string>{"0000", "0017", "ff01", "000a", "000b", "0023", "0010", "000d"});
  CHECK(tls12_hello("").size() == hello.size() - 18);
}
