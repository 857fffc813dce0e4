// SPDX-License-Identifier: MIT
#include "core/tls/algorithms.h"

#include <cstdint>
#include <string_view>

#include "core/base/number.h"
#include "core/tls/der.h"
#include "core/tls/oid.h"

namespace observatory {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kRsassaPss = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"sv;

constexpr KnownOid kSignatures[] = {
    {"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x02"sv, "md2WithRSAEncryption"},
    {"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x04"sv, "md5WithRSAEncryption"},
    {"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05"sv, "sha1WithRSAEncryption"},
    {kRsassaPss, "rsassaPss"},
    {"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"sv, "sha256WithRSAEncryption"},
    {"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c"sv, "sha384WithRSAEncryption"},
    {"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d"sv, "sha512WithRSAEncryption"},
    {"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0e"sv, "sha224WithRSAEncryption"},
    {"\x2a\x86\x48\xce\x38\x04\x03"sv, "dsaWithSHA1"},
    {"\x60\x86\x48\x01\x65\x03\x04\x03\x02"sv, "dsa_with_SHA256"},
    {"\x2a\x86\x48\xce\x3d\x04\x01"sv, "ecdsa-with-SHA1"},
    {"\x2a\x86\x48\xce\x3d\x04\x03\x01"sv, "ecdsa-with-SHA224"},
    {"\x2a\x86\x48\xce\x3d\x04\x03\x02"sv, "ecdsa-with-SHA256"},
    {"\x2a\x86\x48\xce\x3d\x04\x03\x03"sv, "ecdsa-with-SHA384"},
    {"\x2a\x86\x48\xce\x3d\x04\x03\x04"sv, "ecdsa-with-SHA512"},
    {"\x2b\x65\x70"sv, "ED25519"},
    {"\x2b\x65\x71"sv, "ED448"},
};

constexpr std::string_view kSha1 = "\x2b\x0e\x03\x02\x1a"sv;

constexpr KnownOid kHashes[] = {
    {kSha1, "sha1"},
    {"\x60\x86\x48\x01\x65\x03\x04\x02\x01"sv, "sha256"},
    {"\x60\x86\x48\x01\x65\x03\x04\x02\x02"sv, "sha384"},
    {"\x60\x86\x48\x01\x65\x03\x04\x02\x03"sv, "sha512"},
    {"\x60\x86\x48\x01\x65\x03\x04\x02\x04"sv, "sha224"},
};

constexpr std::string_view kRsa = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"sv;
constexpr std::string_view kDsa = "\x2a\x86\x48\xce\x38\x04\x01"sv;
constexpr std::string_view kEc = "\x2a\x86\x48\xce\x3d\x02\x01"sv;
constexpr std::string_view kPrimeField = "\x2a\x86\x48\xce\x3d\x01\x01"sv;

constexpr KnownOid kKeys[] = {
    {"\x2b\x65\x6e"sv, "x25519"},
    {"\x2b\x65\x6f"sv, "x448"},
    {"\x2b\x65\x70"sv, "ed25519"},
    {"\x2b\x65\x71"sv, "ed448"},
};

constexpr KnownOid kCurves[] = {
    {"\x2a\x86\x48\xce\x3d\x03\x01\x07"sv, "p256"},
    {"\x2b\x81\x04\x00\x22"sv, "p384"},
    {"\x2b\x81\x04\x00\x23"sv, "p521"},
    {"\x2b\x81\x04\x00\x0a"sv, "secp256k1"},
    {"\x2b\x24\x03\x03\x02\x08\x01\x01\x07"sv, "brainpoolP256r1"},
    {"\x2b\x24\x03\x03\x02\x08\x01\x01\x0b"sv, "brainpoolP384r1"},
    {"\x2b\x24\x03\x03\x02\x08\x01\x01\x0d"sv, "brainpoolP512r1"},
};

std::uint32_t bits_of(ByteView integer) {
  while (!integer.empty() && integer.front() == 0) integer = integer.subspan(1);
  if (integer.empty()) return 0;
  std::uint32_t bits = static_cast<std::uint32_t>(integer.size() - 1) * 8;
  for (std::uint8_t top = integer.front(); top != 0; top = static_cast<std::uint8_t>(top >> 1)) {
    ++bits;
  }
  return bits;
}

// Bits of the INTEGER that a SEQUENCE begins with: the modulus of an RSA key (RFC 8017 appendix
// A.1.1), p of DSA's parameters (RFC 3279 section 2.3.2). 0 when there is none.
std::uint32_t first_integer_bits(ByteView der) {
  DerElement sequence;
  DerElement number;
  if (!DerReader(der).take(der::kSequence, sequence)) return 0;
  return DerReader(sequence.content).take(der::kInteger, number) ? bits_of(number.content) : 0;
}

// ECParameters: SEQUENCE { version, FieldID SEQUENCE { OID, prime INTEGER }, ... }.
std::uint32_t field_bits(ByteView parameters) {
  DerReader members(parameters);
  DerElement version;
  DerElement field;
  DerElement type;
  DerElement prime;
  if (!members.take(der::kInteger, version) || !members.take(der::kSequence, field)) return 0;
  DerReader parts(field.content);
  if (!parts.take(der::kOid, type) || as_text(type.content) != kPrimeField) return 0;
  return parts.take(der::kInteger, prime) ? bits_of(prime.content) : 0;
}

void put_sized(std::string_view kind, std::uint32_t bits, ByteSink& into) {
  into.put(kind);
  if (bits == 0) return;
  into.put("-");
  put_unsigned(bits, into);
}

void put_curve(ByteView parameters, ByteSink& into) {
  DerElement curve;
  if (DerReader(parameters).take(der::kOid, curve)) {
    into.put("ec-");
    put_name_or_oid(kCurves, curve.content, into);
  } else if (DerReader(parameters).take(der::kSequence, curve)) {
    put_sized("ec-explicit", field_bits(curve.content), into);
  } else {
    into.put("ec");
  }
}

// RSASSA-PSS-params: SEQUENCE { [0] hashAlgorithm DEFAULT sha1, ... }. Puts nothing for what is
// none.
void put_pss_hash(ByteView parameters, ByteSink& into) {
  DerElement members;
  if (!DerReader(parameters).take(der::kSequence, members)) return;
  DerReader reader(members.content);
  DerElement tagged;
  DerElement algorithm;
  DerElement hash;
  into.put("-");
  if (reader.take(der::context(0), tagged) &&
      DerReader(tagged.content).take(der::kSequence, algorithm) &&
      DerReader(algorithm.content).take(der::kOid, hash)) {
    put_name_or_oid(kHashes, hash.content, into);
  } else {
    into.put(name_of(kHashes, as_bytes(kSha1)));
  }
}

}  // namespace

void put_key(const Certificate& certificate, ByteSink& into) {
  const std::string_view algorithm = as_text(certificate.key_algorithm);
  if (algorithm == kRsa) {
    put_sized("rsa", first_integer_bits(certificate.key_bits), into);
  } else if (algorithm == kRsassaPss) {
    put_sized("rsa-pss", first_integer_bits(certificate.key_bits), into);
  } else if (algorithm == kDsa) {
    put_sized("dsa", first_integer_bits(certificate.key_parameters), into);
  } else if (algorithm == kEc) {
    put_curve(certificate.key_parameters, into);
  } else {
    put_name_or_oid(kKeys, certificate.key_algorithm, into);
  }
}

void put_signature(const Certificate& certificate, ByteSink& into) {
  put_name_or_oid(kSignatures, certificate.signature, into);
  if (as_text(certificate.signature) == kRsassaPss) {
    put_pss_hash(certificate.signature_parameters, into);
  }
}

}  // namespace observatory
