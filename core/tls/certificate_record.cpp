// SPDX-License-Identifier: MIT
#include "core/tls/certificate_record.h"

#include "core/base/hash.h"
#include "core/tls/algorithms.h"
#include "core/tls/alternative_names.h"
#include "core/tls/certificate.h"
#include "core/tls/distinguished_name.h"

namespace observatory {
namespace {

std::string_view name_of(TlsUnreadable::Part part) {
  using Part = TlsUnreadable::Part;
  switch (part) {
    case Part::kNone:
      return {};
    case Part::kMessage:
      return "message";
    case Part::kCertificate:
      return "certificate";
    case Part::kVersion:
      return "version";
    case Part::kSerial:
      return "serial";
    case Part::kAlgorithm:
      return "algorithm";
    case Part::kName:
      return "name";
    case Part::kValidity:
      return "validity";
    case Part::kKey:
      return "key";
    case Part::kExtensions:
      return "extensions";
    case Part::kSignature:
      return "signature";
  }
  return {};
}

std::string_view name_of(TlsUnreadable::Why why) {
  using Why = TlsUnreadable::Why;
  switch (why) {
    case Why::kInvalid:
      return "invalid";
    case Why::kUnsupported:
      return "unsupported";
    case Why::kCut:
      return "cut";
    case Why::kTag:
      return "tag";
    case Why::kLength:
      return "length";
    case Why::kTooLong:
      return "too_long";
    case Why::kEmpty:
      return "empty";
  }
  return {};
}

void record_unreadable(const TlsUnreadable& unreadable, Record& record) {
  if (unreadable.part == TlsUnreadable::Part::kNone) return;
  TextField text(record, FieldId::kTlsParseError);
  text.put(name_of(unreadable.part));
  text.put(".");
  text.put(name_of(unreadable.why));
}

void record_chain(const TlsPeer& peer, Digest& digest, Record& record) {
  {
    ListField hashes(record, FieldId::kTlsChain);
    for (std::size_t i = 0; i < peer.chain_size; ++i) {
      hashes.add(sha256_of(peer.chain[i], digest));
    }
  }
  {
    ListField lengths(record, FieldId::kTlsChainBytes);
    for (std::size_t i = 0; i < peer.chain_size; ++i) {
      lengths.add(std::uint64_t{peer.chain[i].size()});
    }
  }
  if (peer.chain_sent <= peer.chain_size) return;
  record.mark_cut(FieldId::kTlsChain);
  record.set(FieldId::kTlsChainLength, peer.chain_sent);
}

void record_name(FieldId field, ByteView name, Record& record) {
  TextField text(record, field);
  if (!put_name(name, text)) record.mark_cut(field);
}

void record_alternative_names(ByteView names, Record& record) {
  std::uint32_t count = 0;
  {
    ListField list(record, FieldId::kLeafSan);
    count = list_names(names, list);
  }
  record.set(FieldId::kLeafSanCount, count);
}

void record_extensions(const Certificate& certificate, Record& record) {
  if (certificate.extensions.empty()) return;
  ListField list(record, FieldId::kLeafExtensions);
  ExtensionReader reader(certificate.extensions);
  Extension extension;
  while (reader.next(extension)) list.add(extension.oid);
}

}  // namespace

void record_certificates(const TlsPeer& peer, std::string_view host, Digest& digest,
                         Record& record) {
  record_unreadable(peer.unreadable, record);
  if (peer.chain_size == 0) return;
  record_chain(peer, digest, record);
  record_leaf(peer.chain[0], host, digest, record);
  if (peer.self_signed) record.set(FieldId::kLeafSelfSigned, *peer.self_signed);
  if (peer.trust == TlsTrust::kNotAsked) return;
  record.set(FieldId::kLeafTrusted, peer.trust == TlsTrust::kTrusted);
  if (peer.distrust != TlsDistrust::kNone) {
    record.set(FieldId::kLeafTrustError, static_cast<std::uint64_t>(peer.distrust));
  }
}

void record_leaf(ByteView der, std::string_view host, Digest& digest, Record& record) {
  record.set_bytes(FieldId::kLeafSha256, sha256_of(der, digest));
  record.set(FieldId::kLeafBytes, der.size());
  Certificate certificate;
  const bool whole = ok(read_certificate(der, certificate));
  if (certificate.version) record.set(FieldId::kLeafVersion, *certificate.version);
  if (!certificate.serial.empty()) record.set_bytes(FieldId::kLeafSerial, certificate.serial);
  if (!certificate.signature.empty()) {
    TextField signature(record, FieldId::kLeafSignature);
    put_signature(certificate, signature);
  }
  if (certificate.issuer) record_name(FieldId::kLeafIssuer, *certificate.issuer, record);
  if (certificate.not_before) record.set_signed(FieldId::kLeafNotBefore, *certificate.not_before);
  if (certificate.not_after) record.set_signed(FieldId::kLeafNotAfter, *certificate.not_after);
  if (certificate.subject) record_name(FieldId::kLeafSubject, *certificate.subject, record);
  if (!certificate.key.empty()) {
    record.set_bytes(FieldId::kLeafSpki, sha256_of(certificate.key, digest));
  }
  if (!certificate.key_algorithm.empty()) {
    TextField key(record, FieldId::kLeafKey);
    put_key(certificate, key);
  }
  if (!whole) return;
  record_extensions(certificate, record);
  if (certificate.names) record_alternative_names(*certificate.names, record);
  if (certificate.authority) record.set(FieldId::kLeafCa, *certificate.authority);
  if (!certificate.subject_key_id.empty()) {
    record.set_bytes(FieldId::kLeafSubjectKeyId, certificate.subject_key_id);
  }
  if (!certificate.authority_key_id.empty()) {
    record.set_bytes(FieldId::kLeafAuthorityKeyId, certificate.authority_key_id);
  }
  if (certificate.timestamps) record.set(FieldId::kLeafSctCount, *certificate.timestamps);
  record.set(FieldId::kLeafNameMatches, certificate.names && names_host(*certificate.names, host));
}

}  // namespace observatory
