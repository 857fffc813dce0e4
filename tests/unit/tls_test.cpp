// SPDX-License-Identifier: MIT
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "core/base/limits.h"
#include "core/base/utf8.h"
#include "core/tls/alternative_names.h"
#include "core/tls/certificate.h"
#include "core/tls/certificate_record.h"
#include "core/tls/der.h"
#include "core/tls/distinguished_name.h"
#include "core/tls/host_match.h"
#include "tests/catch2.h"
#include "tests/support/sha256.h"
#include "tests/unit/vectors.h"

using namespace observatory;
using std::string_view_literals::operator""sv;
using vectors::text_of;

namespace {

// The bytes in memory of exactly their size, so that a sanitizer sees a read beyond them.
class Exact {
 public:
  explicit Exact(std::string_view bytes) : bytes_(as_bytes(bytes).begin(), as_bytes(bytes).end()) {}
  ByteView view() const { return bytes_; }

 private:
  std::vector<std::uint8_t> bytes_;
};

// What reading elements one behind the other gives: tag=content in hexadecimal.
std::string elements(std::string_view bytes) {
  const Exact exact(bytes);
  DerReader reader(exact.view());
  DerElement element;
  std::string all;
  while (!reader.at_end()) {
    if (!reader.next(element)) {
      CHECK(reader.at_end());  // for good
      CHECK_FALSE(reader.next(element));
      CHECK_FALSE(reader.take(der::kInteger, element));
      return all + "!";
    }
    const char tag = static_cast<char>(element.tag);
    all += vectors::hex({&tag, 1}) + "=" + vectors::hex(as_text(element.content)) + " ";
  }
  return all;
}

struct Certified {
  vectors::Entries expected;
  std::string der;
};

Certified certified(const std::string& file) {
  Certified c;
  c.expected = vectors::read(file);
  c.der = vectors::from_base64(vectors::joined(c.expected, "der"));
  return c;
}

// openssl prints a serial as a number; the certificate holds an INTEGER of two's complement.
std::string serial_of(std::string number) {
  if (number.front() == '-') {
    REQUIRE(number == "-5A");
    return "a6";
  }
  std::transform(number.begin(), number.end(), number.begin(), [](char c) {
    return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return (number.front() >= '8' ? "00" : "") + number;
}

// openssl's names of subjectAltName entries, as far as they are recorded.
std::string recorded_name(const std::string& name) {
  if (name.substr(0, 4) == "DNS:") {
    return text_of([&](ByteSink& into) { put_valid_utf8(name.substr(4), into); });
  }
  if (name == "IP Address:192.0.2.7") return "192.0.2.7";
  if (name == "IP Address:2001:DB8:0:0:0:0:0:7") return "2001:db8::7";
  return {};
}

struct Recorded {
  std::vector<std::uint8_t> pool = std::vector<std::uint8_t>(limits::kRecordPool);
  Record record{pool};

  void take(std::string_view der, std::string_view host) {
    const Exact exact(der);
    test::Sha256Digest digest;
    record_leaf(exact.view(), host, digest, record);
  }
  std::string text(FieldId field) const {
    return record.has(field) ? std::string(record.text(field)) : "absent";
  }
  std::string hex(FieldId field) const { return vectors::hex(as_text(record.bytes(field))); }
  bool matches() const { return record.number(FieldId::kLeafNameMatches) != 0; }
};

// A DER element of less than 128 bytes, and of less than 65,536.
std::string der_of(unsigned tag, std::string_view content) {
  std::string bytes(1, static_cast<char>(tag));
  if (content.size() < 128) {
    bytes += static_cast<char>(content.size());
  } else {
    bytes += '\x82';
    bytes += static_cast<char>(content.size() >> 8);
    bytes += static_cast<char>(content.size() & 0xff);
  }
  return bytes + std::string(content);
}

// A relative distinguished name of one attribute.
std::string part(std::string_view oid, unsigned tag, std::string_view value) {
  return der_of(der::kSet, der_of(der::kSequence, der_of(der::kOid, oid) + der_of(tag, value)));
}

std::string named(const std::string& name) {
  const Exact exact(name);
  return text_of([&](ByteSink& into) { put_name(exact.view(), into); });
}

constexpr std::string_view kCommonName = "\x55\x04\x03";

// A certificate with what a test wants in it.
std::string certificate_of(const std::string& subject, const std::string& validity,
                           const std::string& extensions = {}) {
  const std::string algorithm = der_of(der::kSequence, der_of(der::kOid, "\x2b\x65\x70"));
  const std::string key =
      der_of(der::kSequence, algorithm + der_of(der::kBitString, std::string(33, '\0')));
  const std::string tbs = der_of(der::kInteger, "\x01") + algorithm + der_of(der::kSequence, "") +
                          der_of(der::kSequence, validity) + der_of(der::kSequence, subject) + key +
                          (extensions.empty() ? "" : der_of(der::context(3), extensions));
  return der_of(der::kSequence, der_of(der::kSequence, tbs) + algorithm +
                                    der_of(der::kBitString, std::string(65, '\0')));
}

std::string subject_alt_name(const std::string& general_names) {
  return der_of(
      der::kSequence,
      der_of(der::kSequence, der_of(der::kOid, "\x55\x1d\x11") +
                                 der_of(der::kOctetString, der_of(der::kSequence, general_names))));
}

std::string extension(std::string_view oid, const std::string& value) {
  return der_of(der::kSequence, der_of(der::kOid, oid) + der_of(der::kOctetString, value));
}

std::string utc(std::string_view time) { return der_of(der::kUtcTime, time); }
std::string general(std::string_view time) { return der_of(der::kGeneralizedTime, time); }

}  // namespace

TEST_CASE("DER elements are read one behind the other, with short and long lengths") {
  CHECK(elements("") == "");
  CHECK(elements("\x05\x00"sv) == "05= ");
  CHECK(elements("\x02\x01\x7f\x04\x02\xab\xcd"sv) == "02=7f 04=abcd ");
  CHECK(elements("\x04\x81\x03"sv
                 "abc") == "04=616263 ");
  CHECK(elements("\x04\x82\x00\x03"sv
                 "abc") == "04=616263 ");
  CHECK(elements("\x04\x83\x00\x00\x03"sv
                 "abc") == "04=616263 ");
  CHECK(elements("\x04\x84\x00\x00\x00\x03"sv
                 "abc\x05\x00"sv) == "04=616263 05= ");
  CHECK(elements(std::string("\x04\x81\xc8") + std::string(200, 'x')).size() == 404);
  CHECK(elements(std::string("\x04\x82\x01\x2c") + std::string(300, 'x')).size() == 604);
}

TEST_CASE("DER elements that do not fit their surroundings end the reading for good") {
  for (const std::string_view bytes :
       {"\x02"sv, "\x02\x01"sv, "\x02\x02\x01"sv, "\x02\x80\x00\x00"sv /* indefinite */,
        "\x02\x81"sv, "\x02\x81\x01"sv, "\x02\x82\x01"sv, "\x02\x82\x01\x00"sv,
        "\x02\x84\xff\xff\xff\xff"sv, "\x02\x84\xff\xff\xff\xff\x00"sv,
        "\x02\x84\x7f\xff\xff\xff\x00"sv, "\x02\x84\x80\x00\x00\x00"sv, "\x02\x84\x00\x00\x00"sv,
        "\x02\x85\x00\x00\x00\x00\x01\x00"sv /* five bytes of length */,
        "\x02\x88\xff\xff\xff\xff\xff\xff\xff\xff"sv, "\x02\xff\x00"sv,
        "\x1f\x01\x00"sv /* tags of several bytes */, "\x3f\x81\x01\x00"sv, "\xbf\x00"sv}) {
    CAPTURE(vectors::hex(bytes));
    CHECK(elements(bytes) == "!");
    CHECK(elements(std::string("\x05\x00", 2) + std::string(bytes)) == "05= !");
  }
}

TEST_CASE("Taking an element of another tag reads nothing") {
  const Exact exact("\x02\x01\x05\x04\x00"sv);
  DerReader reader(exact.view());
  DerElement element;
  CHECK(reader.peek() == der::kInteger);
  CHECK_FALSE(reader.take(der::kSequence, element));
  REQUIRE(reader.take(der::kInteger, element));
  CHECK(element.whole.size() == 3);
  CHECK(element.content.size() == 1);
  REQUIRE(reader.take(der::kOctetString, element));
  CHECK(element.content.empty());
  CHECK(reader.at_end());
  CHECK(reader.peek() == 0);
  CHECK_FALSE(reader.take(0, element));
  CHECK_FALSE(reader.next(element));
}

TEST_CASE("The facts of certificates are those that openssl prints") {
  const std::vector<std::string> files = vectors::files("certificates");
  REQUIRE(files.size() == 29);
  for (const std::string& file : files) {
    CAPTURE(file);
    const Certified c = certified(file);
    Recorded r;
    r.take(c.der, "nobody.invalid");
    CHECK(r.text(FieldId::kLeafSubject) == vectors::one(c.expected, "subject"));
    CHECK(r.text(FieldId::kLeafIssuer) == vectors::one(c.expected, "issuer"));
    CHECK(r.hex(FieldId::kLeafSerial) == serial_of(vectors::one(c.expected, "serial")));
    CHECK(std::to_string(r.record.signed_number(FieldId::kLeafNotBefore)) ==
          vectors::one(c.expected, "not_before"));
    CHECK(std::to_string(r.record.signed_number(FieldId::kLeafNotAfter)) ==
          vectors::one(c.expected, "not_after"));
    CHECK(r.text(FieldId::kLeafKey) == vectors::one(c.expected, "key"));
    CHECK(r.text(FieldId::kLeafSignature) == vectors::one(c.expected, "signature"));
    CHECK(r.hex(FieldId::kLeafSha256) == vectors::one(c.expected, "sha256"));
    CHECK(r.hex(FieldId::kLeafSpki) == vectors::one(c.expected, "spki_sha256"));
    CHECK(r.record.number(FieldId::kLeafBytes) == c.der.size());

    std::vector<std::string> names;
    for (const vectors::Entry& entry : c.expected) {
      if (entry.key != "san") continue;
      const std::string name = recorded_name(entry.bytes);
      if (!name.empty()) names.push_back(name);
    }
    CHECK(r.record.has(FieldId::kLeafSan) == !names.empty());
    CHECK(r.record.is_cut(FieldId::kLeafSan) == (names.size() > 32));
    if (names.empty()) continue;
    names.resize(std::min<std::size_t>(names.size(), 32));
    CHECK(r.record.count(FieldId::kLeafSan) == names.size());
    Items items = r.record.items(FieldId::kLeafSan);
    std::string_view item;
    for (std::size_t i = 0; items.next(item); ++i) CHECK(item == names[i]);
    CHECK_FALSE(r.matches());
  }
}

TEST_CASE("A certificate cut at any byte is malformed and keeps its digest alone") {
  for (const std::string& file : vectors::files("certificates")) {
    CAPTURE(file);
    const std::string der = certified(file).der;
    for (std::size_t length = 0; length < der.size(); ++length) {
      const Exact exact(std::string_view(der).substr(0, length));
      Certificate certificate;
      if (read_certificate(exact.view(), certificate) != Status::kMalformed) {
        FAIL("read a certificate cut to " << length);
      }
    }
  }
  Recorded r;
  r.take(certified("certificates/ec-p256.txt").der.substr(0, 100), "p256.example");
  CHECK(r.record.number(FieldId::kLeafBytes) == 100);
  CHECK(r.record.has(FieldId::kLeafSha256));
  CHECK(r.record.members(FieldId::kLeaf) == 2);
}

TEST_CASE("A certificate with any byte changed gives an answer and a record within its bounds") {
  for (const std::string_view name : {"le-leaf", "special-characters", "rsa-2048"}) {
    const std::string der = certified("certificates/" + std::string(name) + ".txt").der;
    for (std::size_t at = 0; at < der.size(); ++at) {
      for (const int change : {0x01, 0x80, 0xff}) {
        std::string changed = der;
        changed[at] = static_cast<char>(changed[at] ^ change);
        const Exact exact(changed);
        Certificate certificate;
        const Status status = read_certificate(exact.view(), certificate);
        Recorded r;
        if (at % 16 == 0) r.take(changed, "electrum.example.net");
        const std::string subject = text_of(
            [&](ByteSink& into) { put_name(certificate.subject.value_or(ByteView()), into); });
        if ((status != Status::kOk && status != Status::kMalformed) ||
            names_host(certificate.names.value_or(ByteView()), "no.such.name") ||
            !is_valid_utf8(subject)) {
          FAIL(name << ": byte " << at << " changed by " << change);
        }
      }
    }
  }
}

TEST_CASE("A certificate matches the names and addresses in it, and no common name") {
  const auto matches = [](const std::string& name, std::string_view host) {
    Recorded r;
    r.take(certified("certificates/" + name + ".txt").der, host);
    return r.matches();
  };
  CHECK(matches("rsa-2048", "a.example"));
  CHECK(matches("rsa-2048", "A.EXAMPLE"));
  CHECK(matches("rsa-2048", "b.a.example"));
  CHECK_FALSE(matches("rsa-2048", "c.b.a.example"));
  CHECK(matches("rsa-2048", "192.0.2.7"));
  CHECK_FALSE(matches("rsa-2048", "192.0.2.8"));
  CHECK(matches("rsa-2048", "2001:db8::7"));
  CHECK(matches("rsa-2048", "2001:0DB8:0:0::7"));
  CHECK_FALSE(matches("rsa-2048", "2001:db8::8"));
  CHECK_FALSE(matches("no-san", "only-a-common-name.example"));
  CHECK_FALSE(matches("version-1", "electrum-server.tld"));
  CHECK(matches("fifty-names", "n49.example"));  // also beyond those that are recorded
  CHECK_FALSE(matches("nul-and-controls", "good.example"));
  CHECK(matches("le-leaf", "www.electrum.example.net"));
  CHECK_FALSE(matches("le-leaf", ""));
}

TEST_CASE("Names follow RFC 4514, section 2.4 and its examples in section 4") {
  const auto cn = [](std::string_view value) {
    return named(part(kCommonName, der::kUtf8String, value));
  };
  CHECK(cn("James \"Jim\" Smith, III") == "CN=James \\\"Jim\\\" Smith\\, III");
  // RFC 4514 writes the carriage return as \0d; a character that is no special may stand as it is.
  CHECK(cn("Before\rAfter") == "CN=Before\rAfter");
  CHECK(cn("Lu\xc4\x8di\xc4\x87") == "CN=Lu\xc4\x8di\xc4\x87");
  CHECK(cn(" ") == "CN=\\ ");
  CHECK(cn("  ") == "CN=\\ \\ ");
  CHECK(cn(" a b ") == "CN=\\ a b\\ ");
  CHECK(cn("#") == "CN=\\#");
  CHECK(cn("a#b") == "CN=a#b");
  CHECK(cn("a=b") == "CN=a=b");
  CHECK(cn("\0"sv) == "CN=\\00");
  CHECK(cn("\0a\0"sv) == "CN=\\00a\\00");
  CHECK(cn("\\") == "CN=\\\\");
  CHECK(cn(";<>+") == "CN=\\;\\<\\>\\+");
  CHECK(cn("") == "CN=");
  CHECK(cn("\xff"
           "x") == "CN=\xef\xbf\xbdx");
  // UID=jsmith,DC=example,DC=net and OU=Sales+CN=J.  Smith,DC=example,DC=net
  const std::string dc = "\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19";
  const std::string uid = "\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01";
  const std::string net = part(dc, 0x16, "net") + part(dc, 0x16, "example");
  CHECK(named(net + part(uid, der::kUtf8String, "jsmith")) == "UID=jsmith,DC=example,DC=net");
  const auto attribute = [](std::string_view oid, std::string_view value) {
    return der_of(der::kSequence, der_of(der::kOid, oid) + der_of(0x13, value));
  };
  CHECK(named(net + der_of(der::kSet, attribute("\x55\x04\x0b", "Sales") +
                                          attribute(kCommonName, "J.  Smith"))) ==
        "OU=Sales+CN=J.  Smith,DC=example,DC=net");
  // 1.3.6.1.4.1.1466.0=#04024869
  CHECK(named(part("\x2b\x06\x01\x04\x01\x8b\x3a\x00"sv, der::kOctetString, "Hi")) ==
        "1.3.6.1.4.1.1466.0=#04024869");
  CHECK(named("").empty());
}

TEST_CASE("Every kind of string in a name becomes UTF-8, and what is none its DER") {
  const auto cn = [](unsigned tag, std::string_view value) {
    return named(part(kCommonName, tag, value));
  };
  CHECK(cn(der::kBmpString, "\x00\x41\x20\xac"sv) == "CN=A\xe2\x82\xac");
  CHECK(cn(der::kBmpString, "\xd8\x34\xdd\x1e"sv) == "CN=\xef\xbf\xbd\xef\xbf\xbd");
  CHECK(cn(der::kUniversalString, "\x00\x01\xd1\x1e\x00\x00\x00\x41"sv) ==
        "CN=\xf0\x9d\x84\x9e"
        "A");
  CHECK(cn(der::kUniversalString, "\xff\xff\xff\xff"sv) == "CN=\xef\xbf\xbd");
  CHECK(cn(der::kT61String, "Caf\xe9") == "CN=Caf\xc3\xa9");
  CHECK(cn(0x12, "42") == "CN=42");
  CHECK(cn(0x13, "plain") == "CN=plain");
  CHECK(cn(0x16, "ia5") == "CN=ia5");
  CHECK(cn(0x1a, "visible") == "CN=visible");
  // Not a whole number of characters: no such string.
  CHECK(cn(der::kBmpString, "\x00\x41\x20"sv) == "CN=#1e03004120");
  CHECK(cn(der::kBmpString, "\x41"sv) == "CN=#1e0141");
  CHECK(cn(der::kUniversalString, "\x00\x00\x00\x41\x00"sv) == "CN=#1c050000004100");
  CHECK(cn(der::kInteger, "\x05") == "CN=#020105");
  CHECK(cn(der::kOctetString, "") == "CN=#0400");
}

TEST_CASE("A name of many parts is cut, and says so") {
  std::string name;
  for (int i = 0; i < 24; ++i) name += part(kCommonName, 0x13, std::string(1, char('a' + i)));
  Recorded whole;
  whole.take(certificate_of(name, utc("260101000000Z") + utc("270101000000Z")), "x");
  CHECK(whole.text(FieldId::kLeafSubject).substr(0, 10) == "CN=x,CN=w,");
  CHECK_FALSE(whole.record.is_cut(FieldId::kLeafSubject));
  Recorded more;
  more.take(certificate_of(name + part(kCommonName, 0x13, "z"),
                           utc("260101000000Z") + utc("270101000000Z")),
            "x");
  CHECK(more.record.is_cut(FieldId::kLeafSubject));
  Recorded wide;
  wide.take(certificate_of(part(kCommonName, der::kUtf8String, std::string(600, 'w')),
                           utc("260101000000Z") + utc("270101000000Z")),
            "x");
  CHECK(wide.text(FieldId::kLeafSubject) == "CN=" + std::string(509, 'w'));
  CHECK(wide.record.is_cut(FieldId::kLeafSubject));
}

TEST_CASE("Times are those of RFC 5280, and others leave the validity out") {
  const auto start = [](const std::string& time) {
    const Exact exact(certificate_of("", time + utc("270101000000Z")));
    Certificate certificate;
    REQUIRE(ok(read_certificate(exact.view(), certificate)));
    CHECK(certificate.not_after.has_value() == !time.empty());
    return certificate.not_before ? std::to_string(*certificate.not_before) : "none";
  };
  // date -u -d '...' +%s
  CHECK(start(utc("700101000000Z")) == "0");
  CHECK(start(utc("691231235959Z")) == "-1");
  CHECK(start(utc("491231235959Z")) == "2524607999");
  CHECK(start(utc("500101000000Z")) == "-631152000");
  CHECK(start(utc("000229000000Z")) == "951782400");
  CHECK(start(general("20500101000000Z")) == "2524608000");
  CHECK(start(general("19000301000000Z")) == "-2203891200");
  CHECK(start(general("00010101000000Z")) == "-62135596800");
  CHECK(start(general("00000101000000Z")) == "-62167219200");  // a leap year of 366 days before
  CHECK(start(general("00000301000000Z")) == "-62162035200");
  CHECK(start(general("99991231235959Z")) == "253402300799");
  CHECK(start(utc("161231235960Z")) == "1483228800");  // a leap second
  CHECK(start(general("20000229000000Z")) == "951782400");
  for (const std::string& bad : {utc("2601010000Z"),
                                 utc("260101000000"),
                                 utc("260101000000+0100"),
                                 utc("260101000000z"),
                                 utc("26010100000 Z"),
                                 utc("261301000000Z"),
                                 utc("260001000000Z"),
                                 utc("260132000000Z"),
                                 utc("260100000000Z"),
                                 utc("260101240000Z"),
                                 utc("260101006000Z"),
                                 utc("260101000061Z"),
                                 utc("260101000060Z"),
                                 utc("260101235961Z"),
                                 utc("260229000000Z"),
                                 utc("260431000000Z"),
                                 general("19000229000000Z"),
                                 utc(""),
                                 utc("Z"),
                                 utc("260101000000ZZ"),
                                 utc("20260101000000Z"),
                                 utc("2\xb6"
                                     "0101000000Z"),
                                 general("260101000000Z"),
                                 general("20260101000000.5Z"),
                                 general("2026010100Z"),
                                 general("-0260101000000Z"),
                                 der_of(der::kOctetString, "260101000000Z"),
                                 std::string()}) {
    CAPTURE(bad);
    CHECK(start(bad) == "none");
  }
}

TEST_CASE("Keys and signatures without a name are given as object identifiers") {
  const std::string der = certified("certificates/ec-p256.txt").der;
  const auto changed = [&](std::string_view from, std::string_view to) {
    std::string copy = der;
    for (std::size_t at = copy.find(from); at != std::string::npos; at = copy.find(from, at + 1)) {
      copy.replace(at, from.size(), to);
    }
    Recorded r;
    r.take(copy, "x");
    return r.text(FieldId::kLeafKey) + " " + r.text(FieldId::kLeafSignature);
  };
  CHECK(changed("\x2a\x86\x48\xce\x3d\x04\x03\x02", "\x2a\x86\x48\xce\x3d\x04\x03\x09") ==
        "ec-p256 1.2.840.10045.4.3.9");
  CHECK(changed("\x2a\x86\x48\xce\x3d\x03\x01\x07", "\x2a\x86\x48\xce\x3d\x03\x01\x01") ==
        "ec-1.2.840.10045.3.1.1 ecdsa-with-SHA256");
  CHECK(changed("\x2a\x86\x48\xce\x3d\x02\x01", "\x2a\x86\x48\xce\x3d\x02\x7f") ==
        "1.2.840.10045.2.127 ecdsa-with-SHA256");
  // The first number of an identifier is 2 at the most, its second then has no bound.
  CHECK(changed("\x2a\x86\x48\xce\x3d\x02\x01", "\x88\x37\x48\xce\x3d\x02\x01") ==
        "2.999.72.10045.2.1 ecdsa-with-SHA256");
}

TEST_CASE("Alternative names of odd lengths and kinds are passed over") {
  const std::string validity = utc("260101000000Z") + utc("270101000000Z");
  const auto names = [&](const std::string& general_names) {
    Recorded r;
    r.take(certificate_of("", validity, subject_alt_name(general_names)), "a.example");
    std::string all = r.matches() ? "matches" : "does not match";
    if (!r.record.has(FieldId::kLeafSan)) return all;
    Items items = r.record.items(FieldId::kLeafSan);
    std::string_view item;
    while (items.next(item)) all += " [" + std::string(item) + "]";
    return all;
  };
  CHECK(names(der_of(0x82, "a.example")) == "matches [a.example]");
  CHECK(names(der_of(0x87, "\x7f\x00\x00\x01"sv)) == "does not match [127.0.0.1]");
  CHECK(names(der_of(0x87, "\x01\x02\x03") + der_of(0x87, std::string(17, '\1')) +
              der_of(0x82, "a.example")) == "matches [a.example]");
  CHECK(names(der_of(0x86, "a.example")) == "does not match");
  CHECK(names(der_of(0x82, "") + der_of(0x82, ".")) == "does not match [] [.]");
  CHECK(names(der_of(0x82, "caf\xe9.example")) == "does not match [caf\xef\xbf\xbd.example]");
  CHECK(names(std::string("\x82\x7f")) == "does not match");
  // A broken extension loses the names, not the certificate.
  Recorded r;
  r.take(certificate_of("", validity, der_of(der::kSequence, der_of(der::kSequence, "\x06"))), "x");
  CHECK(r.text(FieldId::kLeafKey) == "ed25519");
}

TEST_CASE("An extension of a wrong form loses its fact alone, and one given twice counts once") {
  const std::string validity = utc("260101000000Z") + utc("270101000000Z");
  const auto with = [&](const std::string& extensions) {
    auto r = std::make_unique<Recorded>();
    r->take(certificate_of("", validity, der_of(der::kSequence, extensions)), "x");
    return r;
  };
  const auto number = [](const Recorded& r, FieldId field) {
    return r.record.has(field) ? std::to_string(r.record.number(field)) : "absent";
  };
  const auto ca = [&](const std::string& value) {
    return number(*with(extension("\x55\x1d\x13", value)), FieldId::kLeafCa);
  };
  CHECK(ca(der_of(0x30, "")) == "0");
  CHECK(ca(der_of(0x30, der_of(1, "\xff"))) == "1");
  CHECK(ca(der_of(0x30, der_of(1, "\x01"))) == "1");
  CHECK(ca(der_of(0x30, der_of(1, "\0"sv))) == "0");
  CHECK(ca(der_of(0x30, der_of(2, "\0"sv))) == "0");
  CHECK(ca(der_of(0x30, der_of(1, ""))) == "absent");
  CHECK(ca(der_of(0x30, der_of(1, "\xff\xff"))) == "absent");
  CHECK(ca("\x30\x7f") == "absent");
  CHECK(ca("") == "absent");

  const auto timestamps = [&](std::string_view list) {
    const auto r = with(extension("\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x02", der_of(4, list)));
    return number(*r, FieldId::kLeafSctCount);
  };
  CHECK(timestamps("\0\0"sv) == "0");
  CHECK(timestamps("\0\x03\0\x01x"sv) == "1");
  CHECK(timestamps("\0\x07\0\x01x\0\x02yz"sv) == "2");
  CHECK(timestamps("\0\x03\0\x02x"sv) == "absent");
  CHECK(timestamps("\0\x04\0\x01x"sv) == "absent");
  CHECK(timestamps("\0\x01\0"sv) == "absent");
  CHECK(timestamps("\0"sv) == "absent");
  CHECK(timestamps("") == "absent");

  const std::string first = extension("\x55\x1d\x0e", der_of(4, "first"));
  const auto twice = with(first + extension("\x55\x1d\x0e", der_of(4, "second")) +
                          extension("\x55\x1d\x23", der_of(0x30, der_of(0x80, "authority"))) +
                          der_of(der::kSequence, der_of(4, "no identifier")) + first);
  CHECK(twice->record.bytes(FieldId::kLeafSubjectKeyId).size() == 5);
  CHECK(twice->hex(FieldId::kLeafAuthorityKeyId) == vectors::hex("authority"));
  REQUIRE(twice->record.count(FieldId::kLeafExtensions) == 3);  // up to what is none
  Items items = twice->record.items(FieldId::kLeafExtensions);
  std::string_view oid;
  for (const char* expected : {"551d0e", "551d0e", "551d23"}) {
    REQUIRE(items.next(oid));
    CHECK(vectors::hex(oid) == expected);
  }

  const auto names = [](std::string_view dns) {
    return extension("\x55\x1d\x11", der_of(0x30, der_of(0x82, dns)));
  };
  const auto two_lists = with(names("first.example") + names("second.example"));
  std::string_view name;
  REQUIRE(two_lists->record.count(FieldId::kLeafSan) == 1);
  Items listed = two_lists->record.items(FieldId::kLeafSan);
  CHECK((listed.next(name) && name == "first.example"));

  std::string many;
  for (int i = 0; i < 40; ++i) many += extension("\x2a\x03", "");
  const auto cut = with(many);
  CHECK(cut->record.count(FieldId::kLeafExtensions) == 32);
  CHECK(cut->record.is_cut(FieldId::kLeafExtensions));
}

TEST_CASE("Alternative names of all kinds are counted, also those that are not listed") {
  const std::string validity = utc("260101000000Z") + utc("270101000000Z");
  const auto counted = [&](const std::string& names) {
    Recorded r;
    r.take(certificate_of("", validity, subject_alt_name(names)), "x");
    return std::to_string(r.record.number(FieldId::kLeafSanCount)) + " " +
           std::to_string(r.record.count(FieldId::kLeafSan)) +
           (r.record.is_cut(FieldId::kLeafSan) ? " cut" : "");
  };
  CHECK(counted("") == "0 0");
  CHECK(counted(der_of(0x81, "a@b.example") + der_of(0x86, "u:") + der_of(0xa0, "")) == "3 0");
  CHECK(counted(der_of(0x81, "a@b.example") + der_of(0x82, "b.example") + der_of(0x87, "123")) ==
        "3 1");
  std::string many;
  for (int i = 0; i < 200; ++i) many += der_of(0x82, "n" + std::to_string(i) + ".example");
  CHECK(counted(many) == "200 32 cut");
  CHECK(counted(der_of(0x82, "a") + "\x82\x7f") == "1 1");  // up to what does not fit
}

TEST_CASE("Versions, keys and signatures of odd forms are told as far as they go") {
  const std::string validity = utc("260101000000Z") + utc("270101000000Z");
  const auto told = [&](const std::string& version, const std::string& signature,
                        const std::string& key) {
    const std::string tbs = version + der_of(der::kInteger, "\x01") +
                            der_of(der::kSequence, signature) + der_of(der::kSequence, "") +
                            der_of(der::kSequence, validity) + der_of(der::kSequence, "") +
                            der_of(der::kSequence, key);
    Recorded r;
    r.take(der_of(der::kSequence, der_of(der::kSequence, tbs)), "x");
    return (r.record.has(FieldId::kLeafVersion)
                ? std::to_string(r.record.number(FieldId::kLeafVersion))
                : "absent") +
           " " + r.text(FieldId::kLeafSignature) + " " + r.text(FieldId::kLeafKey);
  };
  const auto version = [](std::string_view number) {
    return der_of(der::context(0), der_of(der::kInteger, number));
  };
  const auto key = [](const std::string& algorithm, const std::string& bits = "") {
    return der_of(der::kSequence, algorithm) + der_of(der::kBitString, std::string(1, '\0') + bits);
  };
  const std::string ed = der_of(der::kOid, "\x2b\x65\x70");
  CHECK(told(version("\x02"), ed, key(ed)) == "3 ED25519 ed25519");
  CHECK(told(version("\0"sv), ed, key(ed)) == "1 ED25519 ed25519");
  CHECK(told(version("\x7f"), ed, key(ed)) == "128 ED25519 ed25519");
  CHECK(told(version("\x80"), ed, key(ed)) == "absent ED25519 ed25519");
  CHECK(told(version("\0\x02"sv), ed, key(ed)) == "absent ED25519 ed25519");
  CHECK(told(version(""), ed, key(ed)) == "absent ED25519 ed25519");

  const std::string pss = der_of(der::kOid, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a");
  const std::string sha512 = der_of(der::kOid, "\x60\x86\x48\x01\x65\x03\x04\x02\x03");
  const auto pss_with = [&](const std::string& parameters) {
    return told("", pss + parameters, key(ed));
  };
  CHECK(pss_with(der_of(0x30, der_of(0xa0, der_of(0x30, sha512)))) == "1 rsassaPss-sha512 ed25519");
  CHECK(pss_with(der_of(0x30, der_of(0xa0, der_of(0x30, ed)))) ==
        "1 rsassaPss-1.3.101.112 ed25519");
  CHECK(pss_with(der_of(0x30, "")) == "1 rsassaPss-sha1 ed25519");  // RFC 4055: the default
  CHECK(pss_with("") == "1 rsassaPss ed25519");

  const std::string rsa = der_of(der::kOid, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01");
  const auto modulus = [](std::string_view number) {
    return der_of(der::kSequence, der_of(der::kInteger, number));
  };
  CHECK(told("", ed, key(rsa, modulus("\0\x80\0\0"sv))) == "1 ED25519 rsa-24");
  CHECK(told("", ed, key(rsa, modulus("\x01"))) == "1 ED25519 rsa-1");
  CHECK(told("", ed, key(rsa, modulus(""))) == "1 ED25519 rsa");
  CHECK(told("", ed, key(rsa, "garbage")) == "1 ED25519 rsa");
  CHECK(told("", ed, key(pss, modulus("\x7f\0"sv))) == "1 ED25519 rsa-pss-15");
  const std::string dsa = der_of(der::kOid, "\x2a\x86\x48\xce\x38\x04\x01");
  CHECK(told("", ed, key(dsa + modulus("\x7f\0"sv))) == "1 ED25519 dsa-15");
  CHECK(told("", ed, key(dsa)) == "1 ED25519 dsa");
  const std::string ec = der_of(der::kOid, "\x2a\x86\x48\xce\x3d\x02\x01");
  CHECK(told("", ed, key(ec)) == "1 ED25519 ec");
  CHECK(told("", ed, key(ec + der_of(5, ""))) == "1 ED25519 ec");
  CHECK(told("", ed, key(ec + der_of(0x30, ""))) == "1 ED25519 ec-explicit");
  CHECK(told("", ed, key(ec + der_of(6, "\x2a\x03"))) == "1 ED25519 ec-1.2.3");

  // Up to a key that is none, what stands before it is told.
  Recorded part;
  const std::string cut = der_of(
      der::kSequence,
      der_of(der::kSequence, der_of(der::kInteger, "\x01") + der_of(der::kSequence, ed) +
                                 der_of(der::kSequence, "") + der_of(der::kSequence, validity) +
                                 der_of(der::kSequence, "")));
  part.take(cut, "x");
  CHECK(part.text(FieldId::kLeafSignature) == "ED25519");
  CHECK(part.record.signed_number(FieldId::kLeafNotAfter) == 1798761600);
  CHECK(part.text(FieldId::kLeafSubject).empty());
  CHECK_FALSE(part.record.has(FieldId::kLeafKey));
  CHECK_FALSE(part.record.has(FieldId::kLeafNameMatches));
}

TEST_CASE(
    "What a handshake brought of certificates is recorded, and nothing that it did not tell") {
  test::Sha256Digest digest;
  const auto recorded = [&](const TlsPeer& peer) {
    auto r = std::make_unique<Recorded>();
    record_certificates(peer, "x", digest, r->record);
    return r;
  };
  TlsPeer peer;
  CHECK(recorded(peer)->record.members(FieldId::kTls) == 0);

  const std::string der = certified("certificates/ec-p256.txt").der;
  const std::string twelve[] = {der, "second", "3rd", "4", "5", "6", "7", "8"};
  for (const std::string& one : twelve) peer.chain[peer.chain_size++] = as_bytes(one);
  peer.chain_sent = 8;
  const auto unjudged = recorded(peer);
  CHECK(unjudged->record.count(FieldId::kTlsChain) == 8);
  CHECK_FALSE(unjudged->record.is_cut(FieldId::kTlsChain));
  for (const FieldId field :
       {FieldId::kTlsChainLength, FieldId::kTlsParseError, FieldId::kLeafSelfSigned,
        FieldId::kLeafTrusted, FieldId::kLeafTrustError}) {
    CHECK_FALSE(unjudged->record.has(field));
  }

  peer.chain_sent = 12;
  peer.self_signed = false;
  peer.trust = TlsTrust::kUntrusted;
  peer.distrust = TlsDistrust::kBadSignature;
  peer.unreadable = {TlsUnreadable::Part::kExtensions, TlsUnreadable::Why::kTooLong};
  const auto r = recorded(peer);
  Items lengths = r->record.items(FieldId::kTlsChainBytes);
  std::uint64_t length = 0;
  for (const std::string& one : twelve) {
    REQUIRE(lengths.next(length));
    CHECK(length == one.size());
  }
  CHECK(r->record.is_cut(FieldId::kTlsChain));
  CHECK(r->record.number(FieldId::kTlsChainLength) == 12);
  CHECK(r->text(FieldId::kTlsParseError) == "extensions.too_long");
  CHECK(r->record.number(FieldId::kLeafSelfSigned) == 0);
  CHECK(r->record.number(FieldId::kLeafTrusted) == 0);
  CHECK(enum_name(field_of(FieldId::kLeafTrustError), r->record.number(FieldId::kLeafTrustError)) ==
        "bad_signature");
}

TEST_CASE("Host names match as RFC 9525 says") {
  struct Case {
    std::string_view pattern;
    std::string_view host;
    bool matches;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"example.org", "example.org", true},
           {"EXAMPLE.org", "example.ORG", true},
           {"example.org.", "example.org", true},
           {"example.org", "example.org.", true},
           {"example.org", "www.example.org", false},
           {"www.example.org", "example.org", false},
           {"example.org", "example.orgx", false},
           {"example.org", "xexample.org", false},
           {"*.example.org", "www.example.org", true},
           {"*.Example.org", "www.eXample.org", true},
           {"*.example.org", "www.example.org.", true},
           {"*.example.org.", "www.example.org", true},
           {"*.example.org", "example.org", false},
           {"*.example.org", ".example.org", false},
           {"*.example.org", "a.b.example.org", false},
           {"*.example.org", "*", false},
           {"*.b.example.org", "a.b.example.org", true},
           {"*.org", "example.org", false},  // two more labels at least
           {"*.org.", "example.org", false},
           {"*", "example", false},
           {"*.", "example", false},
           {"*", "example.org", false},
           // RFC 9525 section 6.3: the wildcard is the whole left-most label.
           {"w*.example.org", "www.example.org", false},
           {"*w.example.org", "www.example.org", false},
           {"w*w.example.org", "www.example.org", false},
           {"www.*.org", "www.example.org", false},
           {"www.example.*", "www.example.org", false},
           {"*.*.example.org", "a.b.example.org", false},
           {"**.example.org", "www.example.org", false},
           {"*.xn--bcher-kva.example", "www.xn--bcher-kva.example", true},
           {"example.org\0.evil"sv, "example.org", false},
           {"example.org", "example.org\0"sv, false},
           {"", "", false},
           {".", ".", false},
           {"", "example.org", false},
           {"example.org", "", false},
           {" example.org", "example.org", false},
           {"_srv.example.org", "_SRV.example.org", true},
           {"exampl\xc3\xa9.org", "exampl\xc3\x89.org", false}}) {
    CAPTURE(c.pattern, c.host);
    CHECK(host_matches(c.pattern, c.host) == c.matches);
  }
}
