// SPDX-License-Identifier: MIT
#include "core/tls/certificate.h"

#include <algorithm>
#include <array>

#include "core/base/byte_reader.h"
#include "core/base/hash.h"
#include "core/base/ip_text.h"
#include "core/base/number.h"
#include "core/base/text_buffer.h"
#include "core/base/utf8.h"
#include "core/tls/der.h"
#include "core/tls/host_match.h"

namespace observatory {
namespace {

// An object identifier's content bytes, and what people call it.
struct KnownOid {
  std::string_view oid;
  std::string_view name;
};

using namespace std::string_view_literals;

constexpr KnownOid kSignatures[] = {
    {"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x04"sv, "md5WithRSAEncryption"},
    {"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05"sv, "sha1WithRSAEncryption"},
    {"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"sv, "rsassaPss"},
    {"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"sv, "sha256WithRSAEncryption"},
    {"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c"sv, "sha384WithRSAEncryption"},
    {"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d"sv, "sha512WithRSAEncryption"},
    {"\x2a\x86\x48\xce\x3d\x04\x01"sv, "ecdsa-with-SHA1"},
    {"\x2a\x86\x48\xce\x3d\x04\x03\x02"sv, "ecdsa-with-SHA256"},
    {"\x2a\x86\x48\xce\x3d\x04\x03\x03"sv, "ecdsa-with-SHA384"},
    {"\x2a\x86\x48\xce\x3d\x04\x03\x04"sv, "ecdsa-with-SHA512"},
    {"\x2b\x65\x70"sv, "ED25519"},
    {"\x2b\x65\x71"sv, "ED448"},
};

constexpr std::string_view kRsa = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"sv;
constexpr std::string_view kEc = "\x2a\x86\x48\xce\x3d\x02\x01"sv;

constexpr KnownOid kKeys[] = {
    {"\x2a\x86\x48\xce\x3d\x03\x01\x07"sv, "ec-p256"},
    {"\x2b\x81\x04\x00\x22"sv, "ec-p384"},
    {"\x2b\x81\x04\x00\x23"sv, "ec-p521"},
    {"\x2b\x81\x04\x00\x0a"sv, "ec-secp256k1"},
    {"\x2b\x65\x70"sv, "ed25519"},
    {"\x2b\x65\x71"sv, "ed448"},
};

// The table of RFC 4514 section 3, and the names that OpenSSL adds for what is common.
constexpr KnownOid kAttributes[] = {
    {"\x55\x04\x03"sv, "CN"},
    {"\x55\x04\x05"sv, "serialNumber"},
    {"\x55\x04\x06"sv, "C"},
    {"\x55\x04\x07"sv, "L"},
    {"\x55\x04\x08"sv, "ST"},
    {"\x55\x04\x09"sv, "street"},
    {"\x55\x04\x0a"sv, "O"},
    {"\x55\x04\x0b"sv, "OU"},
    {"\x55\x04\x0c"sv, "title"},
    {"\x55\x04\x61"sv, "organizationIdentifier"},
    {"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01"sv, "emailAddress"},
    {"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01"sv, "UID"},
    {"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19"sv, "DC"},
};

constexpr std::string_view kSubjectAltName = "\x55\x1d\x11"sv;

// GeneralName (RFC 5280 section 4.2.1.6), context-specific and primitive.
constexpr std::uint8_t kDnsName = 0x82;
constexpr std::uint8_t kIpAddress = 0x87;

constexpr std::size_t kMostNameParts = 24;

template <std::size_t kCount>
std::string_view name_of(const KnownOid (&table)[kCount], ByteView oid) {
  for (const KnownOid& known : table) {
    if (known.oid == as_text(oid)) return known.name;
  }
  return {};
}

void put_oid(ByteView oid, ByteSink& into) {
  std::uint64_t arc = 0;
  bool first = true;
  for (const std::uint8_t byte : oid) {
    arc = arc << 7 | (byte & 0x7f);
    if ((byte & 0x80) != 0) continue;
    if (first) {
      const std::uint64_t top = std::min<std::uint64_t>(arc / 40, 2);
      put_unsigned(top, into);
      arc -= 40 * top;
    }
    into.put(".");
    put_unsigned(arc, into);
    arc = 0;
    first = false;
  }
}

template <std::size_t kCount>
void put_name_or_oid(const KnownOid (&table)[kCount], ByteView oid, ByteSink& into) {
  const std::string_view name = name_of(table, oid);
  if (name.empty()) {
    put_oid(oid, into);
  } else {
    into.put(name);
  }
}

bool two_digits(ByteReader& reader, int& value) {
  const int tens = reader.take_byte() - '0';
  const int ones = reader.take_byte() - '0';
  value = tens * 10 + ones;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9;
}

// Days from 1970-01-01 to a date of the Gregorian calendar (after H. Hinnant,
// "chrono-Compatible Low-Level Date Algorithms", days_from_civil).
std::int64_t days_to(int year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const int era = (year >= 0 ? year : year - 399) / 400;
  const int year_of_era = year - era * 400;
  const int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return std::int64_t{era} * 146097 + day_of_era - 719468;
}

// UTCTime or GeneralizedTime as RFC 5280 section 4.1.2.5 allows them: with seconds, in UTC.
bool read_time(DerReader& reader, std::int64_t& seconds) {
  DerElement time;
  if (!reader.next(time)) return false;
  ByteReader digits(time.content);
  int century = 0;
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (time.tag == der::kGeneralizedTime) {
    if (!two_digits(digits, century)) return false;
  } else if (time.tag != der::kUtcTime) {
    return false;
  }
  if (!two_digits(digits, year) || !two_digits(digits, month) || !two_digits(digits, day) ||
      !two_digits(digits, hour) || !two_digits(digits, minute) || !two_digits(digits, second)) {
    return false;
  }
  if (digits.take_byte() != 'Z' || !digits.at_end()) return false;
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) {
    return false;
  }
  if (time.tag == der::kUtcTime) century = year >= 50 ? 19 : 20;
  seconds = days_to(century * 100 + year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
  return true;
}

// The first OID of an AlgorithmIdentifier, and a second one when its parameters are one.
bool read_algorithm(ByteView sequence, ByteView& oid, ByteView& parameter) {
  DerReader reader(sequence);
  DerElement element;
  if (!reader.take(der::kOid, element)) return false;
  oid = element.content;
  if (reader.take(der::kOid, element)) parameter = element.content;
  return true;
}

std::uint32_t bits_of(ByteView integer) {
  while (!integer.empty() && integer.front() == 0) integer = integer.subspan(1);
  if (integer.empty()) return 0;
  std::uint32_t bits = static_cast<std::uint32_t>(integer.size() - 1) * 8;
  for (std::uint8_t top = integer.front(); top != 0; top = static_cast<std::uint8_t>(top >> 1)) {
    ++bits;
  }
  return bits;
}

bool read_key(const DerElement& key, Certificate& into) {
  DerReader reader(key.content);
  DerElement algorithm;
  DerElement bits;
  if (!reader.take(der::kSequence, algorithm) || !reader.take(der::kBitString, bits)) return false;
  into.key = key.whole;
  if (!read_algorithm(algorithm.content, into.key_algorithm, into.key_curve)) return false;
  if (as_text(into.key_algorithm) != kRsa || bits.content.empty()) return true;
  DerReader rsa(bits.content.subspan(1));  // after the count of unused bits
  DerElement numbers;
  if (!rsa.take(der::kSequence, numbers)) return true;
  DerElement modulus;
  if (DerReader(numbers.content).take(der::kInteger, modulus)) {
    into.rsa_bits = bits_of(modulus.content);
  }
  return true;
}

// Extensions ::= SEQUENCE OF SEQUENCE { OID, critical BOOLEAN DEFAULT FALSE, OCTET STRING }.
void read_extensions(ByteView explicit_tag, Certificate& into) {
  DerReader outer(explicit_tag);
  DerElement list;
  if (!outer.take(der::kSequence, list)) return;
  DerReader extensions(list.content);
  DerElement extension;
  while (extensions.take(der::kSequence, extension)) {
    DerReader parts(extension.content);
    DerElement oid;
    DerElement critical;
    DerElement value;
    DerElement names;
    if (!parts.take(der::kOid, oid)) return;
    if (parts.peek() == der::kBoolean && !parts.next(critical)) return;
    if (!parts.take(der::kOctetString, value)) return;
    if (as_text(oid.content) != kSubjectAltName) continue;
    if (DerReader(value.content).take(der::kSequence, names)) into.names = names.content;
  }
}

// Code points of `width` bytes each; false when these are not whole.
bool put_wide(ByteView content, std::size_t width, ByteSink& into) {
  if (content.size() % width != 0) return false;
  ByteReader reader(content);
  while (!reader.at_end()) {
    put_code_point(static_cast<std::uint32_t>(reader.take_unsigned(width)), into);
  }
  return true;
}

// The text of a string type as valid UTF-8; false for what is no string.
bool put_string(const DerElement& value, ByteSink& into) {
  switch (value.tag) {
    case der::kBmpString:
      return put_wide(value.content, 2, into);
    case der::kUniversalString:
      return put_wide(value.content, 4, into);
    case der::kT61String:  // in practice Latin-1
      for (const std::uint8_t byte : value.content) put_code_point(byte, into);
      return true;
    case der::kUtf8String:
    case 0x12:  // NumericString
    case 0x13:  // PrintableString
    case 0x16:  // IA5String
    case 0x1a:  // VisibleString
      put_valid_utf8(as_text(value.content), into);
      return true;
    default:
      return false;
  }
}

// Escapes as RFC 4514 section 2.4 demands. Only ASCII is escaped, so no character is split.
void put_escaped(std::string_view text, ByteSink& into) {
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool edge = (i == 0 && (c == ' ' || c == '#')) || (i + 1 == text.size() && c == ' ');
    const bool special = std::string_view("\"+,;<>\\").find(c) != std::string_view::npos;
    if (c != '\0' && !edge && !special) continue;
    into.put(text.substr(plain, i - plain));
    into.put(c == '\0' ? "\\00" : "\\");
    plain = c == '\0' ? i + 1 : i;
  }
  into.put(text.substr(plain));
}

void put_attribute(ByteView attribute, ByteSink& into) {
  DerReader parts(attribute);
  DerElement type;
  DerElement value;
  if (!parts.take(der::kOid, type) || !parts.next(value)) return;
  put_name_or_oid(kAttributes, type.content, into);
  into.put("=");
  TextBuffer<512> text;
  if (!name_of(kAttributes, type.content).empty() && put_string(value, text)) {
    put_escaped(text.text(), into);
  } else {
    into.put("#");
    put_hex(value.whole, into);
  }
}

void record_names(ByteView names, Record& record) {
  if (names.empty()) return;
  ListField list(record, FieldId::kLeafSan);
  DerReader reader(names);
  DerElement name;
  while (reader.next(name)) {
    if (name.tag == kDnsName) {
      list.add(as_text(name.content));
    } else if (name.tag == kIpAddress && (name.content.size() == 4 || name.content.size() == 16)) {
      TextBuffer<kLongestIpText> text;
      put_ip(ip_of_bytes(name.content), text);
      list.add(text.text());
    }
  }
}

void put_key(const Certificate& certificate, ByteSink& into) {
  const std::string_view algorithm = as_text(certificate.key_algorithm);
  if (algorithm == kRsa) {
    into.put("rsa-");
    put_unsigned(certificate.rsa_bits, into);
  } else {
    put_name_or_oid(kKeys, algorithm == kEc ? certificate.key_curve : certificate.key_algorithm,
                    into);
  }
}

}  // namespace

Status read_certificate(ByteView der, Certificate& into) {
  into = {};
  into.der = der;
  DerReader outer(der);
  DerElement certificate;
  DerElement signed_part;
  if (!outer.take(der::kSequence, certificate)) return Status::kMalformed;
  DerReader parts(certificate.content);
  if (!parts.take(der::kSequence, signed_part)) return Status::kMalformed;

  DerReader tbs(signed_part.content);
  DerElement element;
  if (tbs.peek() == der::context(0) && !tbs.next(element)) return Status::kMalformed;  // version
  if (!tbs.take(der::kInteger, element)) return Status::kMalformed;
  into.serial = element.content;
  ByteView unused;
  if (!tbs.take(der::kSequence, element)) return Status::kMalformed;
  if (!read_algorithm(element.content, into.signature, unused)) return Status::kMalformed;
  if (!tbs.take(der::kSequence, element)) return Status::kMalformed;
  into.issuer = element.content;
  if (!tbs.take(der::kSequence, element)) return Status::kMalformed;
  DerReader validity(element.content);
  into.has_validity = read_time(validity, into.not_before) && read_time(validity, into.not_after);
  if (!tbs.take(der::kSequence, element)) return Status::kMalformed;
  into.subject = element.content;
  if (!tbs.take(der::kSequence, element)) return Status::kMalformed;
  if (!read_key(element, into)) return Status::kMalformed;
  while (tbs.next(element)) {
    if (element.tag == der::context(3)) read_extensions(element.content, into);
  }
  return Status::kOk;
}

bool put_name(ByteView name, ByteSink& into) {
  std::array<ByteView, kMostNameParts> parts;
  std::size_t count = 0;
  DerReader reader(name);
  DerElement part;
  while (count < parts.size() && reader.take(der::kSet, part)) parts[count++] = part.content;
  for (std::size_t i = count; i > 0; --i) {
    DerReader attributes(parts[i - 1]);
    DerElement attribute;
    for (bool first = true; attributes.take(der::kSequence, attribute); first = false) {
      if (!first) into.put("+");
      put_attribute(attribute.content, into);
    }
    if (i > 1) into.put(",");
  }
  return reader.peek() != der::kSet;
}

bool names_host(const Certificate& certificate, std::string_view host) {
  IpAddress ip;
  const bool is_ip = read_ip(host, ip);
  DerReader reader(certificate.names);
  DerElement name;
  while (reader.next(name)) {
    if (is_ip && name.tag == kIpAddress) {
      const std::size_t length = ip.family == IpAddress::Family::kV4 ? 4 : 16;
      const ByteView bytes = ByteView(ip.bytes).first(length);
      if (std::equal(bytes.begin(), bytes.end(), name.content.begin(), name.content.end())) {
        return true;
      }
    }
    if (!is_ip && name.tag == kDnsName && host_matches(as_text(name.content), host)) return true;
  }
  return false;
}

void record_leaf(ByteView der, std::string_view host, Digest& digest, Record& record) {
  record.set_bytes(FieldId::kLeafSha256, sha256_of(der, digest));
  record.set(FieldId::kLeafBytes, der.size());
  Certificate certificate;
  if (!ok(read_certificate(der, certificate))) return;
  record.set_bytes(FieldId::kLeafSpki, sha256_of(certificate.key, digest));
  {
    TextField subject(record, FieldId::kLeafSubject);
    if (!put_name(certificate.subject, subject)) record.mark_cut(FieldId::kLeafSubject);
  }
  {
    TextField issuer(record, FieldId::kLeafIssuer);
    if (!put_name(certificate.issuer, issuer)) record.mark_cut(FieldId::kLeafIssuer);
  }
  record_names(certificate.names, record);
  record.set_bytes(FieldId::kLeafSerial, certificate.serial);
  if (certificate.has_validity) {
    record.set_signed(FieldId::kLeafNotBefore, certificate.not_before);
    record.set_signed(FieldId::kLeafNotAfter, certificate.not_after);
  }
  {
    TextField key(record, FieldId::kLeafKey);
    put_key(certificate, key);
  }
  {
    TextField signature(record, FieldId::kLeafSignature);
    put_name_or_oid(kSignatures, certificate.signature, signature);
  }
  record.set(FieldId::kLeafNameMatches, names_host(certificate, host));
}

}  // namespace observatory
