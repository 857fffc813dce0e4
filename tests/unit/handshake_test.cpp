// SPDX-License-Identifier: MIT
// What stands in clear in a TLS handshake, from real servers' flights (tests/vectors/tls) and from
// flights that no server should send.
#include <algorithm>
#include <string>
#include <vector>

#include "core/base/limits.h"
#include "core/base/number.h"
#include "core/tls/handshake_facts.h"
#include "core/tls/server_hello.h"
#include "tests/catch2.h"
#include "tests/unit/vectors.h"

using namespace observatory;
using std::string_literals::operator""s;
using vectors::text_of;

namespace {

// Feeds the bytes in pieces of this size, each in memory of exactly its length.
void feed(HandshakeTap& tap, std::string_view bytes, std::size_t piece = SIZE_MAX) {
  while (!bytes.empty()) {
    const ByteView next = as_bytes(bytes.substr(0, piece));
    const std::vector<std::uint8_t> exact(next.begin(), next.end());
    const std::size_t taken = tap.feed(exact);
    REQUIRE(taken > 0);
    REQUIRE(taken <= exact.size());
    bytes.remove_prefix(taken);
  }
}

// What a tap saw, in the words of the vector files.
class Seen {
 public:
  explicit Seen(const HandshakeTap& tap) : tap_(tap) {
    record_server_hello(tap, kServerHelloFields, record_);
    record_trace(tap, FieldId::kTlsRecords, record_);
    record_tickets(tap.tickets(), record_);
  }

  bool has(FieldId field) const { return record_.has(field); }
  bool cut(FieldId field) const { return record_.is_cut(field); }
  std::string number(FieldId field) const {
    return has(field) ? std::to_string(record_.number(field)) : "";
  }
  std::string text(FieldId field) const {
    return has(field) ? std::string(record_.text(field)) : "";
  }
  std::string hex(FieldId field) const {
    return has(field) ? vectors::hex(as_text(record_.bytes(field))) : "";
  }
  std::string numbers(FieldId field) const {
    std::string all;
    if (!has(field)) return all;
    Items items = record_.items(field);
    for (std::uint64_t item = 0; items.next(item);) {
      all += (all.empty() ? "" : "-") + std::to_string(item);
    }
    return all;
  }
  std::string texts(FieldId field) const {
    std::string all;
    if (!has(field)) return all;
    Items items = record_.items(field);
    for (std::string_view item; items.next(item);)
      all += (all.empty() ? "" : " ") + std::string(item);
    return all;
  }
  std::string tickets() const {
    std::string all;
    const TlsTickets& tickets = tap_.tickets();
    for (std::size_t i = 0; i < std::min<std::size_t>(tickets.count, kMaxTickets); ++i) {
      const TlsTicket& ticket = tickets.kept[i];
      all += std::to_string(ticket.bytes) + " " + std::to_string(ticket.lifetime) + " " +
             vectors::hex(as_text(ticket.start)) + "\n";
    }
    return all;
  }
  // Everything, to compare one with another.
  std::string all() const {
    std::string all;
    for (const FieldId field :
         {FieldId::kHelloVersion, FieldId::kHelloSelectedVersion, FieldId::kHelloCipherSuite,
          FieldId::kHelloSessionId, FieldId::kHelloKeyShare, FieldId::kHelloRetryRequest,
          FieldId::kHelloMalformed, FieldId::kTicketCount, FieldId::kTicketLifetime}) {
      all += number(field) + "|";
    }
    return all + numbers(FieldId::kHelloExtensions) + "|" + text(FieldId::kHelloAlpn) + "|" +
           text(FieldId::kTlsJa3s) + "|" + texts(FieldId::kTlsRecords) + "|" +
           hex(FieldId::kTicketKeyName) + "|" + tickets() + "|" +
           std::to_string(tap_.encrypted_extensions()) + "|" + std::to_string(tap_.named_curve()) +
           (tap_.certificate_requested() ? "|asks" : "|") + (tap_.hello_done() ? "|done" : "|") +
           (tap_.has_alert() ? "|alert " + std::to_string(tap_.alert()) : "|") +
           (tap_.has_warning() ? "|warning " + std::to_string(tap_.warning()) : "|");
  }

 private:
  const HandshakeTap& tap_;
  std::vector<std::uint8_t> pool_ = std::vector<std::uint8_t>(limits::kRecordPool);
  Record record_{pool_};
};

std::string seen_in(std::string_view bytes, std::size_t piece = SIZE_MAX) {
  HandshakeTap tap;
  feed(tap, bytes, piece);
  return Seen(tap).all();
}

struct Flight {
  explicit Flight(const std::string& file)
      : entries(vectors::read(file)),
        bytes(vectors::from_base64(vectors::joined(entries, "flight"))) {}

  std::string says(std::string_view key) const {
    return vectors::has(entries, key) ? vectors::one(entries, key) : "";
  }

  vectors::Entries entries;
  std::string bytes;
};

std::string number_of(std::uint64_t value, std::size_t width) {
  std::string bytes;
  while (width-- > 0) bytes += static_cast<char>(value >> (8 * width) & 0xFF);
  return bytes;
}

std::string counted(std::size_t width, const std::string& content) {
  return number_of(content.size(), width) + content;
}

std::string message(unsigned type, const std::string& body) {
  return number_of(type, 1) + counted(3, body);
}

std::string record_of(unsigned type, const std::string& payload) {
  return number_of(type, 1) + "\x03\x03" + counted(2, payload);
}

std::string extension(unsigned type, const std::string& value) {
  return number_of(type, 2) + counted(2, value);
}

// A ServerHello's body. Its suite is TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, 49200.
std::string hello_body(const std::string& extensions, const std::string& session_id = "") {
  return "\x03\x03" + std::string(32, 'r') + counted(1, session_id) + "\xC0\x30" +
         std::string(1, '\0') + counted(2, extensions);
}

std::string hello_record(const std::string& extensions) {
  return record_of(22, message(2, hello_body(extensions)));
}

const std::string kTls13Extensions =
    extension(43, "\x03\x04") + extension(51, "\x00\x1d"s.append(counted(2, std::string(32, 'k'))));

ServerHello read(const std::string& body, Status expected = Status::kOk) {
  static std::vector<std::uint8_t> exact;
  exact.assign(as_bytes(body).begin(), as_bytes(body).end());
  ServerHello hello;
  CHECK(read_server_hello(exact, hello) == expected);
  return hello;
}

}  // namespace

TEST_CASE("a flight says what tshark says of the same bytes") {
  std::size_t stacks = 0;
  for (const std::string& file : vectors::files("tls")) {
    INFO(file);
    ++stacks;
    const Flight flight(file);
    HandshakeTap tap;
    feed(tap, flight.bytes);
    const Seen seen(tap);
    CHECK(seen.texts(FieldId::kTlsRecords) == flight.says("records"));
    CHECK(seen.number(FieldId::kHelloVersion) == flight.says("version"));
    CHECK(seen.number(FieldId::kHelloSelectedVersion) == flight.says("selected_version"));
    CHECK(seen.number(FieldId::kHelloCipherSuite) == flight.says("cipher_suite"));
    CHECK(seen.numbers(FieldId::kHelloExtensions) == flight.says("extension_identifiers"));
    CHECK(seen.number(FieldId::kHelloSessionId) == flight.says("session_id_bytes"));
    CHECK(seen.number(FieldId::kHelloKeyShare) == flight.says("key_share"));
    CHECK(seen.text(FieldId::kHelloAlpn) == flight.says("alpn"));
    CHECK(seen.text(FieldId::kTlsJa3s) == flight.says("ja3s"));
    CHECK(seen.has(FieldId::kHelloRetryRequest) == !flight.says("hello_retry_request").empty());
    CHECK_FALSE(seen.has(FieldId::kHelloMalformed));
    CHECK(tap.certificate_requested() == !flight.says("certificate_request").empty());
    CHECK(tap.hello_done() == !flight.says("hello_done").empty());
    CHECK((tap.has_alert() ? std::to_string(tap.alert()) : "") == flight.says("alert"));
    CHECK((tap.has_warning() ? std::to_string(tap.warning()) : "") == flight.says("warning"));
    const std::string first = flight.says("encrypted_extensions");
    CHECK(std::to_string(tap.encrypted_extensions()) == (first.empty() ? "0" : first));
    const std::string ticket = flight.says("ticket");
    CHECK(seen.tickets() == (ticket.empty() ? "" : ticket + "\n"));
    if (!ticket.empty()) {
      const std::vector<std::string> parts = vectors::split(ticket, ' ');
      CHECK(seen.number(FieldId::kTicketCount) == "1");
      CHECK(seen.numbers(FieldId::kTicketLengths) == parts[0]);
      CHECK(seen.number(FieldId::kTicketLifetime) == parts[1]);
      CHECK(seen.hex(FieldId::kTicketKeyName) == parts[2]);
      CHECK_FALSE(seen.has(FieldId::kTicketSameKeyName));
    }
  }
  CHECK(stacks > 30);
}

TEST_CASE("a flight says the same however its bytes are split") {
  for (const std::string& file : vectors::files("tls")) {
    INFO(file);
    const Flight flight(file);
    const std::string whole = seen_in(flight.bytes);
    for (const std::size_t piece : {1U, 2U, 5U, 64U, 1460U}) {
      INFO(piece);
      CHECK(seen_in(flight.bytes, piece) == whole);
    }
  }
}

// The messages of a flight up to what is encrypted, in records of `size` bytes.
std::string in_records_of(std::string_view flight, std::size_t size) {
  std::string messages;
  std::string result;
  const auto flush = [&] {
    for (std::string_view rest = messages; !rest.empty();
         rest.remove_prefix(std::min(size, rest.size()))) {
      result += record_of(22, std::string(rest.substr(0, size)));
    }
    messages.clear();
  };
  for (bool clear = true; !flight.empty();) {
    const auto length = static_cast<std::size_t>(static_cast<unsigned char>(flight[3])) << 8 |
                        static_cast<unsigned char>(flight[4]);
    const std::string_view record = flight.substr(0, 5 + length);
    flight.remove_prefix(record.size());
    if (record[0] == 22 && clear) {
      messages += record.substr(5);
      continue;
    }
    flush();
    result += record;
    clear = record[0] == 21;
  }
  flush();
  return result;
}

TEST_CASE("messages are read when they share a record and when each byte has its own") {
  for (const char* file : {"tls/openssl-rsa-tls12.txt", "tls/java-tls12.txt",
                           "tls/gnutls-tls12.txt", "tls/openssl-asks-tls12.txt"}) {
    INFO(file);
    const Flight flight(file);
    for (const std::size_t size : {1U, 3U, 100U, 16384U}) {
      INFO(size);
      HandshakeTap tap;
      feed(tap, in_records_of(flight.bytes, size));
      const Seen seen(tap);
      CHECK(seen.text(FieldId::kTlsJa3s) == flight.says("ja3s"));
      CHECK(seen.number(FieldId::kHelloKeyShare) == flight.says("key_share"));
      CHECK(tap.hello_done());
      CHECK(tap.certificate_requested() == !flight.says("certificate_request").empty());
      CHECK(seen.tickets() == (flight.says("ticket").empty() ? "" : flight.says("ticket") + "\n"));
    }
  }
}

TEST_CASE("a flight that is cut anywhere gives a part of its facts and no others") {
  for (const char* file : {"tls/openssl-p256-tls13.txt", "tls/haproxy-notickets-tls12min-rsa-1.txt",
                           "tls/openssl-warns-tls12.txt"}) {
    INFO(file);
    const Flight flight(file);
    HandshakeTap whole_tap;
    feed(whole_tap, flight.bytes);
    const Seen whole(whole_tap);
    for (std::size_t size = 0; size < flight.bytes.size(); ++size) {
      HandshakeTap tap;
      feed(tap, std::string_view(flight.bytes).substr(0, size));
      const Seen seen(tap);
      INFO(size);
      const bool second = seen.number(FieldId::kHelloSelectedVersion) ==
                          whole.number(FieldId::kHelloSelectedVersion);
      for (const FieldId field : {FieldId::kHelloVersion, FieldId::kHelloCipherSuite,
                                  FieldId::kHelloSessionId, FieldId::kHelloKeyShare}) {
        CHECK((!seen.has(field) || seen.number(field) == whole.number(field)));
      }
      CHECK((second || seen.number(FieldId::kHelloSelectedVersion).empty()));
      CHECK(whole.numbers(FieldId::kHelloExtensions)
                .starts_with(seen.numbers(FieldId::kHelloExtensions)));
      CHECK((!seen.has(FieldId::kTlsJa3s) ||
             seen.text(FieldId::kTlsJa3s) == whole.text(FieldId::kTlsJa3s)));
      CHECK(whole.texts(FieldId::kTlsRecords).starts_with(seen.texts(FieldId::kTlsRecords)));
      CHECK((seen.tickets().empty() || seen.tickets() == whole.tickets()));
      // What is there but not whole says so, and is no contradiction.
      CHECK_FALSE(seen.has(FieldId::kHelloMalformed));
      if (seen.has(FieldId::kHelloVersion) && !tap.hello_whole()) {
        CHECK(seen.cut(FieldId::kHelloExtensions));
        CHECK_FALSE(seen.has(FieldId::kTlsJa3s));
      }
    }
  }
}

TEST_CASE("a ServerHello cut at every byte is malformed and keeps whole extensions") {
  const std::string body = hello_body(extension(0, "") + extension(16, "\x00\x03\x02h2"s) +
                                      extension(65281, std::string(1, '\0')));
  const ServerHello whole = read(body);
  CHECK(whole.alpn.size() == 2);
  CHECK(text_of([&](ByteSink& into) { put_ja3s(whole, into); }) == "771,49200,0-16-65281");
  const std::size_t fixed = 2 + 32 + 1 + 2 + 1;
  for (std::size_t size = 0; size < body.size(); ++size) {
    INFO(size);
    // Up to TLS 1.2 the block may be missing.
    const ServerHello part =
        read(body.substr(0, size), size == fixed ? Status::kOk : Status::kMalformed);
    CHECK(part.has_choices == (size >= fixed));
    CHECK(part.extensions.size() == (size < fixed + 6     ? 0U
                                     : size < fixed + 15  ? 4U
                                     : size < body.size() ? 13U
                                                          : 18U));
  }
}

TEST_CASE("JA3S without extensions ends in a comma") {
  const std::string bare =
      "\x03\x03" + std::string(32, 'r') + std::string(1, '\0') + "\x00\x2f"s + std::string(1, '\0');
  for (const std::string& body : {bare, bare + std::string(2, '\0')}) {
    const ServerHello hello = read(body);
    CHECK(text_of([&](ByteSink& into) { put_ja3s(hello, into); }) == "771,47,");
  }
  HandshakeTap tap;
  feed(tap, record_of(22, message(2, bare)));
  CHECK(Seen(tap).text(FieldId::kTlsJa3s) == "771,47,");
  CHECK_FALSE(Seen(tap).has(FieldId::kHelloExtensions));
}

TEST_CASE("a ServerHello whose lengths contradict each other is malformed") {
  const std::string block = extension(43, "\x03\x04") + extension(23, "");
  const std::string good = hello_body(block);
  CHECK(read(good).selected_version == 0x0304);
  // The session id: longer than it may be, and longer than the message.
  CHECK_FALSE(read(hello_body(block, std::string(33, 's')), Status::kMalformed).has_choices);
  std::string bad = good;
  bad[34] = '\xFF';
  CHECK_FALSE(read(bad, Status::kMalformed).has_choices);
  // The block: longer than the message, and shorter.
  bad = good;
  bad[38] = '\xFF';
  CHECK(read(bad, Status::kMalformed).extensions.size() == block.size());
  CHECK(read(good + "x", Status::kMalformed).extensions.size() == block.size());
  bad = good;
  bad[39] = 6;
  CHECK(read(bad, Status::kMalformed).extensions.size() == 6);
  // Inside an extension.
  for (const std::string& inside :
       {extension(43, "\x03"), extension(43, "\x03\x04\x03"),
        extension(51, "\x00\x1d\x00\x05xxxx"s), extension(51, "\x00"s),
        extension(16, "\x00\x03\x09h2"s), extension(16, "\x00\x09\x02h2"s),
        extension(16, "\x00\x06\x02h2\x02h3"s)}) {
    INFO(vectors::hex(inside));
    CHECK(read(hello_body(inside + extension(23, "")), Status::kMalformed).extensions.size() ==
          inside.size() + 4);
  }
  HandshakeTap tap;
  feed(tap, record_of(22, message(2, good + "x")));
  const Seen seen(tap);
  CHECK(seen.number(FieldId::kHelloMalformed) == "1");
  CHECK(seen.numbers(FieldId::kHelloExtensions) == "43-23");
  CHECK_FALSE(seen.cut(FieldId::kHelloExtensions));
  CHECK_FALSE(seen.has(FieldId::kTlsJa3s));
}

TEST_CASE("of an extension that comes twice the first counts, and both are listed") {
  const ServerHello hello =
      read(hello_body(extension(43, "\x03\x04") + extension(43, "\x7f\x1c") +
                      extension(51, "\x00\x1d\x00\x00"s) + extension(51, "\x00\x17\x00\x00"s)));
  CHECK(hello.selected_version == 0x0304);
  CHECK(hello.key_share == 29);
  CHECK(text_of([&](ByteSink& into) { put_ja3s(hello, into); }) == "771,49200,43-43-51-51");
}

TEST_CASE("a ServerHello beyond the bound is cut, and has no JA3S") {
  HandshakeTap tap;
  feed(tap, hello_record(extension(0, "") + extension(5, std::string(limits::kServerHello, 'x'))));
  const Seen seen(tap);
  CHECK(seen.number(FieldId::kHelloCipherSuite) == "49200");
  CHECK(seen.numbers(FieldId::kHelloExtensions) == "0");
  CHECK(seen.cut(FieldId::kHelloExtensions));
  CHECK_FALSE(seen.has(FieldId::kHelloMalformed));
  CHECK_FALSE(seen.has(FieldId::kTlsJa3s));
  // The longest that there is room for.
  const std::size_t rest = limits::kServerHello - hello_body("").size() - 4;
  HandshakeTap longest;
  feed(longest, hello_record(extension(5, std::string(rest, 'x'))));
  CHECK(Seen(longest).text(FieldId::kTlsJa3s) == "771,49200,5");
}

TEST_CASE("more extensions than are listed are cut, in JA3S too") {
  std::string many;
  for (unsigned i = 0; i < 100; ++i) many += extension(10000 + i, "");
  HandshakeTap tap;
  feed(tap, hello_record(many));
  const Seen seen(tap);
  CHECK(seen.cut(FieldId::kHelloExtensions));
  CHECK(seen.cut(FieldId::kTlsJa3s));
  CHECK(seen.numbers(FieldId::kHelloExtensions).starts_with("10000-10001-"));
}

TEST_CASE("only the first ServerHello counts, unless it asked to try again") {
  const std::string first = hello_record(extension(23, ""));
  const std::string second = hello_record(extension(0, ""));
  HandshakeTap tap;
  feed(tap, first + second);
  CHECK(Seen(tap).text(FieldId::kTlsJa3s) == "771,49200,23");
  tap.reset();
  feed(tap, second);
  CHECK(Seen(tap).text(FieldId::kTlsJa3s) == "771,49200,0");
}

TEST_CASE("what is encrypted is not taken for messages") {
  // TLS 1.3 after its hello: alerts and messages in clear would be forged.
  HandshakeTap newer;
  feed(newer, hello_record(kTls13Extensions) + record_of(21, "\x02\x28") +
                  record_of(22, message(13, "xxxx")) + record_of(23, std::string(23, 'e')) +
                  record_of(23, std::string(815, 'c')));
  CHECK_FALSE(newer.has_alert());
  CHECK_FALSE(newer.certificate_requested());
  CHECK(newer.encrypted_extensions() == 23);
  // TLS 1.2 after change_cipher_spec.
  HandshakeTap older;
  feed(older, hello_record(extension(23, "")) + record_of(20, "\x01") +
                  record_of(22, message(13, "xxxx")) + record_of(21, "\x02\x28") +
                  record_of(23, std::string(23, 'e')));
  CHECK_FALSE(older.has_alert());
  CHECK_FALSE(older.certificate_requested());
  CHECK(older.encrypted_extensions() == 0);
  CHECK(Seen(older).texts(FieldId::kTlsRecords) == "22:48 20:1 22:8 21:2 23:23");
}

TEST_CASE("each alert in clear is known by its number and level") {
  for (unsigned alert = 0; alert < 256; ++alert) {
    for (const unsigned level : {1U, 2U}) {
      HandshakeTap tap;
      feed(tap, record_of(21, number_of(level, 1) + number_of(alert, 1)), 1);
      CHECK(tap.has_alert() == (level == 2));
      CHECK(tap.has_warning() == (level == 1));
      CHECK((level == 2 ? tap.alert() : tap.warning()) == alert);
    }
  }
  HandshakeTap tap;
  feed(tap, record_of(21, "\x01\x70") + record_of(21, "\x01\x5A") + record_of(21, "\x02") +
                record_of(21, "\x02\x28\x00"s));
  CHECK(tap.warning() == 112);  // the first
  CHECK_FALSE(tap.has_alert());
  // Within a message that is split around it.
  const std::string ticket = message(4, number_of(7200, 4) + counted(2, std::string(40, 'T')));
  feed(tap, record_of(22, ticket.substr(0, 9)) + record_of(21, "\x02\x50") +
                record_of(22, ticket.substr(9)));
  CHECK(tap.alert() == 80);
  CHECK(tap.tickets().kept[0].bytes == 40);
  CHECK(tap.tickets().kept[0].start[15] == 'T');
}

TEST_CASE("the trace ends before the first application data") {
  const std::string flight = hello_record(kTls13Extensions) + record_of(23, std::string(30, 'e'));
  HandshakeTap tap;
  feed(tap, flight);
  feed(tap, record_of(23, "reply"));
  tap.stop();
  feed(tap, record_of(23, "more"));
  CHECK(Seen(tap).texts(FieldId::kTlsRecords) == "22:90 23:30");
  // An engine that gives data before their record is whole.
  HandshakeTap early;
  feed(early, flight + record_of(23, "reply").substr(0, 7));
  early.stop();
  CHECK(Seen(early).texts(FieldId::kTlsRecords) == "22:90 23:30");
  tap.stop();
  HandshakeTap().stop();
}

TEST_CASE("feed() takes one record at a time, so that the caller can tell them apart") {
  HandshakeTap tap;
  const std::string one = hello_record(kTls13Extensions);
  const std::string both = one + record_of(23, "") + record_of(23, "x");
  CHECK(tap.feed(as_bytes(both)) == one.size());
  CHECK(tap.feed(as_bytes(both).subspan(one.size())) == 5);
  CHECK(tap.feed({}) == 0);
  CHECK(tap.feed(as_bytes(both).subspan(one.size() + 5)) == 6);
  CHECK(Seen(tap).texts(FieldId::kTlsRecords) == "22:90 23:0 23:1");
}

TEST_CASE("records beyond the bound are counted, not kept") {
  for (const bool stopped : {false, true}) {
    for (const std::size_t count : {15U, 16U, 17U, 18U, 40U}) {
      INFO(count << stopped);
      HandshakeTap tap;
      for (std::size_t i = 0; i < count; ++i) feed(tap, record_of(22, ""));
      if (stopped) tap.stop();
      const std::size_t shown = count - (stopped ? 1 : 0);
      const Seen seen(tap);
      CHECK(tap.records().size() == std::min<std::size_t>(shown, limits::kTracedRecords));
      CHECK(seen.cut(FieldId::kTlsRecords) == (shown > limits::kTracedRecords));
    }
  }
}

TEST_CASE("what is no TLS leaves no trace, and neither does what follows it") {
  for (const std::string& other :
       {"HTTP/1.1 400 Bad Request\r\n\r\n"s, "SSH-2.0-OpenSSH_9.2p1\r\n"s,
        "{\"jsonrpc\": \"2.0\", \"error\": 1}\n"s, "\x16\x02\x00\x00\x00"s, "\x18\x03\x03\x00\x00"s,
        "\x16\x03\x05\x00\x00"s, "\x16\x03\x03\x48\xFF"s.replace(3, 1, "\x49"),
        "\x80\x2e\x01\x03\x01"s}) {
    INFO(vectors::hex(other));
    HandshakeTap tap;
    feed(tap, other, 1);
    feed(tap, hello_record(extension(23, "")));
    CHECK(tap.records().empty());
    CHECK(tap.hello().empty());
    // Behind true records as well.
    HandshakeTap later;
    feed(later, hello_record(extension(23, "")) + other);
    feed(later, hello_record(extension(0, "")), 3);
    CHECK(Seen(later).texts(FieldId::kTlsRecords) == "22:48");
    CHECK(Seen(later).text(FieldId::kTlsJa3s) == "771,49200,23");
  }
}

TEST_CASE("a record may have 2^14 + 2048 bytes and a few, not more") {
  for (const bool fits : {true, false}) {
    const std::size_t length = fits ? 0x48FF : 0x4900;
    HandshakeTap tap;
    feed(tap, "\x17\x03\x03" + number_of(length, 2) + std::string(length, 'e'));
    CHECK(tap.records().size() == (fits ? 1 : 0));
  }
}

TEST_CASE("tickets whose lengths lie are none, and those that are short have no key name") {
  const auto tickets_in = [](const std::string& body) {
    HandshakeTap tap;
    feed(tap, hello_record(extension(35, "")) + record_of(22, message(4, body)));
    return tap.tickets();
  };
  const std::string good = number_of(300, 4) + counted(2, "0123456789abcdefXYZ");
  CHECK(tickets_in(good).count == 1);
  CHECK(as_text(tickets_in(good).kept[0].start) == "0123456789abcdef");
  CHECK(tickets_in(good + "x").count == 0);
  CHECK(tickets_in(good.substr(0, good.size() - 1)).count == 0);
  for (std::size_t size = 0; size < 6; ++size) CHECK(tickets_in(good.substr(0, size)).count == 0);
  // RFC 5077 section 3.3: a server that has none after all sends an empty one.
  HandshakeTap tap;
  feed(tap, hello_record("") + record_of(22, message(4, number_of(0, 4) + counted(2, ""))));
  const Seen seen(tap);
  CHECK(seen.number(FieldId::kTicketCount) == "1");
  CHECK(seen.numbers(FieldId::kTicketLengths) == "0");
  CHECK(seen.number(FieldId::kTicketLifetime) == "0");
  CHECK_FALSE(seen.has(FieldId::kTicketKeyName));
}

TEST_CASE("of several tickets it is known whether one key sealed them") {
  const auto ticket = [](const std::string& bytes) {
    return message(4, number_of(7200, 4) + counted(2, bytes));
  };
  const std::string name = "0123456789abcdef";
  HandshakeTap same;
  feed(same, hello_record("") + record_of(22, ticket(name + "one") + ticket(name + "other")));
  CHECK(Seen(same).number(FieldId::kTicketSameKeyName) == "1");
  CHECK(Seen(same).numbers(FieldId::kTicketLengths) == "19-21");
  HandshakeTap differs;
  feed(differs, hello_record("") + record_of(22, ticket(name + "one") + ticket("X" + name)));
  CHECK(Seen(differs).number(FieldId::kTicketSameKeyName) == "0");
  CHECK(Seen(differs).hex(FieldId::kTicketKeyName) == vectors::hex(name));
  HandshakeTap many;
  for (int i = 0; i < 6; ++i) feed(many, record_of(22, ticket(name)));
  CHECK(Seen(many).number(FieldId::kTicketCount) == "6");
  CHECK(Seen(many).numbers(FieldId::kTicketLengths) == "16-16-16-16");
  CHECK(Seen(many).cut(FieldId::kTicketLengths));
}

TEST_CASE("the prime of a finite-field exchange is not taken for a curve") {
  const auto curve_in = [](const std::string& body) {
    HandshakeTap tap;
    feed(tap, hello_record("") + record_of(22, message(12, body)));
    return tap.named_curve();
  };
  CHECK(curve_in("\x03\x00\x1d\x20"s + std::string(32, 'k')) == 29);
  CHECK(curve_in("\x01\x00"s + std::string(600, 'p')) == 0);
  CHECK(curve_in("\x03\x00"s + std::string(768, '\xFF') + "\x00\x01\x02\x03\x00"s +
                 std::string(768, 'y')) == 0);
  CHECK(curve_in("\x03") == 0);
  CHECK(curve_in("") == 0);
}
