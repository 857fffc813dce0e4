// SPDX-License-Identifier: MIT
// Certificates. The input is the DER.
//
// Views stay inside the DER, and whatever a certificate says leaves a sound record.
#include <functional>

#include "core/base/limits.h"
#include "core/tls/alternative_names.h"
#include "core/tls/certificate.h"
#include "core/tls/certificate_record.h"
#include "core/tls/distinguished_name.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/sha256.h"

namespace observatory::fuzz {
namespace {

bool inside(ByteView part, ByteView whole) {
  const std::less_equal<const std::uint8_t*> not_behind;
  return part.empty() || (not_behind(whole.data(), part.data()) &&
                          not_behind(part.data() + part.size(), whole.data() + whole.size()));
}

}  // namespace
}  // namespace observatory::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace observatory;
  const ByteView der(data, size);
  Certificate certificate;
  const bool read = ok(read_certificate(der, certificate));
  const ByteView issuer = certificate.issuer.value_or(ByteView());
  const ByteView subject = certificate.subject.value_or(ByteView());
  const ByteView names = certificate.names.value_or(ByteView());
  for (const ByteView part :
       {certificate.serial, certificate.signature, certificate.signature_parameters, issuer,
        subject, certificate.key, certificate.key_algorithm, certificate.key_parameters,
        certificate.key_bits, certificate.extensions, names, certificate.subject_key_id,
        certificate.authority_key_id}) {
    fuzz::require(fuzz::inside(part, der), "a part of a certificate lies inside it");
  }
  ExtensionReader extensions(certificate.extensions);
  for (Extension extension; extensions.next(extension);) {
    fuzz::require(fuzz::inside(extension.oid, der) && fuzz::inside(extension.value, der),
                  "an extension lies inside its certificate");
  }
  for (const ByteView name : {issuer, subject}) {
    fuzz::StringSink text;
    put_name(name, text);
    fuzz::require(is_valid_utf8(text.text), "a name is valid UTF-8");
  }
  for (const std::string_view host :
       {"electrum.example.org", "a.b.example", "192.0.2.1", "2001:db8::1", "x", ""}) {
    fuzz::require(!names_host(names, host) || read, "only a certificate names a host");
  }
  test::Sha256Digest digest;
  // The second pool is too small for most.
  for (const std::size_t pool : {limits::kRecordPool, std::size_t{200}}) {
    fuzz::OwnedRecord owned(pool);
    fuzz::begin_observation(owned.record);
    record_leaf(der, "electrum.example.org", digest, owned.record);
    fuzz::require_sound(owned.record);
  }
  return 0;
}
