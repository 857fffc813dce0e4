// SPDX-License-Identifier: MIT
#include "core/tls/certificate.h"

#include <string_view>

#include "core/base/byte_reader.h"
#include "core/tls/der_time.h"

namespace observatory {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kSubjectKeyId = "\x55\x1d\x0e"sv;
constexpr std::string_view kSubjectAltName = "\x55\x1d\x11"sv;
constexpr std::string_view kBasicConstraints = "\x55\x1d\x13"sv;
constexpr std::string_view kAuthorityKeyId = "\x55\x1d\x23"sv;
constexpr std::string_view kTimestamps = "\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x02"sv;

// [0], primitive: keyIdentifier of AuthorityKeyIdentifier.
constexpr std::uint8_t kKeyIdentifier = 0x80;

struct Algorithm {
  ByteView oid;
  ByteView parameters;
};

bool read_algorithm(ByteView sequence, Algorithm& into) {
  DerReader reader(sequence);
  DerElement oid;
  if (!reader.take(der::kOid, oid)) return false;
  into = {oid.content, sequence.subspan(oid.whole.size())};
  return true;
}

bool read_key(const DerElement& key, Certificate& into) {
  DerReader reader(key.content);
  DerElement sequence;
  DerElement bits;
  Algorithm algorithm;
  if (!reader.take(der::kSequence, sequence) || !reader.take(der::kBitString, bits)) return false;
  into.key = key.whole;
  if (!read_algorithm(sequence.content, algorithm)) return false;
  into.key_algorithm = algorithm.oid;
  into.key_parameters = algorithm.parameters;
  if (!bits.content.empty()) into.key_bits = bits.content.subspan(1);
  return true;
}

void read_version(ByteView explicit_tag, Certificate& into) {
  DerReader reader(explicit_tag);
  DerElement number;
  if (!reader.take(der::kInteger, number) || number.content.size() != 1) return;
  if (number.content.front() < 0x80) {
    into.version = static_cast<std::uint8_t>(number.content.front() + 1);
  }
}

std::optional<std::int64_t> time_of(const DerElement& element) {
  std::int64_t seconds = 0;
  return read_time(element, seconds) ? std::optional(seconds) : std::nullopt;
}

std::optional<bool> read_authority(ByteView value) {
  DerElement constraints;
  if (!DerReader(value).take(der::kSequence, constraints)) return std::nullopt;
  DerReader members(constraints.content);
  DerElement authority;
  if (!members.take(der::kBoolean, authority)) return false;
  if (authority.content.size() != 1) return std::nullopt;
  return authority.content.front() != 0;
}

ByteView read_authority_key_id(ByteView value) {
  DerElement members;
  DerElement key_id;
  if (!DerReader(value).take(der::kSequence, members)) return {};
  if (!DerReader(members.content).take(kKeyIdentifier, key_id)) return {};
  return key_id.content;
}

// An OCTET STRING with a list as TLS writes it: two bytes of length before the whole and before
// each item.
std::optional<std::uint32_t> count_timestamps(ByteView value) {
  DerElement octets;
  if (!DerReader(value).take(der::kOctetString, octets)) return std::nullopt;
  ByteReader list(octets.content);
  std::uint32_t count = 0;
  if (list.take_unsigned(2) != list.rest().size()) return std::nullopt;
  for (; !list.failed() && !list.at_end(); ++count) {
    list.take(list.take_length(2));
  }
  if (list.failed()) return std::nullopt;
  return count;
}

void read_extensions(Certificate& into) {
  ExtensionReader reader(into.extensions);
  Extension extension;
  while (reader.next(extension)) {
    const std::string_view oid = as_text(extension.oid);
    DerElement content;
    if (oid == kSubjectAltName && !into.names) {
      if (DerReader(extension.value).take(der::kSequence, content)) into.names = content.content;
    } else if (oid == kBasicConstraints && !into.authority) {
      into.authority = read_authority(extension.value);
    } else if (oid == kSubjectKeyId && into.subject_key_id.empty()) {
      if (DerReader(extension.value).take(der::kOctetString, content)) {
        into.subject_key_id = content.content;
      }
    } else if (oid == kAuthorityKeyId && into.authority_key_id.empty()) {
      into.authority_key_id = read_authority_key_id(extension.value);
    } else if (oid == kTimestamps && !into.timestamps) {
      into.timestamps = count_timestamps(extension.value);
    }
  }
}

}  // namespace

bool ExtensionReader::next(Extension& extension) {
  DerElement whole;
  if (!rest_.take(der::kSequence, whole)) return false;
  DerReader parts(whole.content);
  DerElement oid;
  DerElement critical;
  DerElement value;
  const bool read = parts.take(der::kOid, oid) &&
                    (parts.peek() != der::kBoolean || parts.next(critical)) &&
                    parts.take(der::kOctetString, value);
  if (!read) rest_ = DerReader({});
  extension = {oid.content, value.content};
  return read;
}

Status read_certificate(ByteView der, Certificate& into) {
  into = {};
  DerReader outer(der);
  DerElement certificate;
  DerElement signed_part;
  if (!outer.take(der::kSequence, certificate)) return Status::kMalformed;
  DerReader parts(certificate.content);
  if (!parts.take(der::kSequence, signed_part)) return Status::kMalformed;

  DerReader tbs(signed_part.content);
  DerElement element;
  Algorithm algorithm;
  if (tbs.peek() == der::context(0)) {
    if (!tbs.next(element)) return Status::kMalformed;
    read_version(element.content, into);
  } else {
    into.version = 1;
  }
  if (!tbs.take(der::kInteger, element)) return Status::kMalformed;
  into.serial = element.content;
  if (!tbs.take(der::kSequence, element)) return Status::kMalformed;
  if (!read_algorithm(element.content, algorithm)) return Status::kMalformed;
  into.signature = algorithm.oid;
  into.signature_parameters = algorithm.parameters;
  if (!tbs.take(der::kSequence, element)) return Status::kMalformed;
  into.issuer = element.content;
  if (!tbs.take(der::kSequence, element)) return Status::kMalformed;
  DerReader validity(element.content);
  DerElement start;
  DerElement end;
  if (validity.next(start) && validity.next(end)) {
    into.not_before = time_of(start);
    into.not_after = time_of(end);
  }
  if (!tbs.take(der::kSequence, element)) return Status::kMalformed;
  into.subject = element.content;
  if (!tbs.take(der::kSequence, element)) return Status::kMalformed;
  if (!read_key(element, into)) return Status::kMalformed;
  while (tbs.next(element)) {
    DerElement list;
    if (element.tag != der::context(3)) continue;
    if (DerReader(element.content).take(der::kSequence, list)) into.extensions = list.content;
  }
  read_extensions(into);
  return Status::kOk;
}

}  // namespace observatory
