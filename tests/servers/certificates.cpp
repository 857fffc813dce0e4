// SPDX-License-Identifier: MIT
#include "tests/servers/certificates.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include <array>
#include <stdexcept>
#include <utility>

#include "tests/servers/hex.h"
#include "tests/servers/prng.h"

namespace observatory::demo {
namespace {

constexpr int64_t kDay = 86400;

void check(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(std::string("OpenSSL: ") + what);
}

KeyPtr make_key(bool rsa) {
  EVP_PKEY* key = rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
  check(key != nullptr, "cannot make a key");
  return {key, KeyDeleter()};
}

using Subject = std::vector<std::pair<const char*, std::string>>;
using Extensions = std::vector<std::pair<int, std::string>>;

struct Order {
  Subject subject;
  int64_t begin = 0;  // seconds since 1970
  int64_t end = 0;
  Extensions extensions;
  bool version_1 = false;
  uint64_t serial = 1;
};

void set_subject(X509_NAME* name, const Subject& subject) {
  for (const auto& [field, value] : subject) {
    check(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(value.data()),
                                     static_cast<int>(value.size()), -1, 0) == 1,
          "cannot set a name");
  }
}

// Signed by itself if there is no issuer.
CertificatePtr sign(const Order& order, const KeyPtr& key, const CertificatePtr& issuer,
                    const KeyPtr& issuer_key) {
  CertificatePtr made(X509_new(), CertificateDeleter());
  X509* certificate = made.get();
  check(certificate != nullptr, "out of memory");
  check(X509_set_version(certificate, order.version_1 ? 0 : 2) == 1, "cannot set a version");
  check(ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), order.serial) == 1,
        "cannot set a serial number");
  check(ASN1_TIME_adj(X509_getm_notBefore(certificate), order.begin, 0, 0) != nullptr &&
            ASN1_TIME_adj(X509_getm_notAfter(certificate), order.end, 0, 0) != nullptr,
        "cannot set a validity");
  set_subject(X509_get_subject_name(certificate), order.subject);
  X509* parent = issuer ? issuer.get() : certificate;
  check(X509_set_issuer_name(certificate, X509_get_subject_name(parent)) == 1,
        "cannot set an issuer");
  check(X509_set_pubkey(certificate, key.get()) == 1, "cannot set a key");
  X509V3_CTX context;
  X509V3_set_ctx(&context, parent, certificate, nullptr, nullptr, 0);
  for (const auto& [nid, value] : order.extensions) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    const bool added = extension != nullptr && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    check(added, "cannot add an extension");
  }
  check(X509_sign(certificate, (issuer ? issuer_key : key).get(), EVP_sha256()) > 0,
        "cannot sign a certificate");
  return made;
}

std::string sha256_hex(const unsigned char* data, size_t size) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(data, size, digest.data());
  return to_hex(digest.data(), digest.size());
}

template <typename Object>
std::string der_sha256(Object* object, int (*encode)(const Object*, unsigned char**)) {
  unsigned char* der = nullptr;
  const int size = encode(object, &der);
  check(size > 0, "cannot encode");
  const std::string digest = sha256_hex(der, static_cast<size_t>(size));
  OPENSSL_free(der);
  return digest;
}

std::string alternative_names(const std::string& name, const std::string& address) {
  return "DNS:" + name + ",IP:" + address;
}

void describe(std::time_t now, Identity* identity) {
  X509* leaf = identity->chain.front().get();
  identity->leaf_sha256 = der_sha256<X509>(leaf, i2d_X509);
  identity->spki_sha256 = der_sha256<X509_PUBKEY>(X509_get_X509_PUBKEY(leaf), i2d_X509_PUBKEY);
  std::time_t moment = now;
  identity->expired = X509_cmp_time(X509_get0_notAfter(leaf), &moment) < 0;
}

}  // namespace

CertificateMaker::CertificateMaker(uint64_t seed, std::time_t now)
    : seed_(seed),
      now_(now - now % kDay),
      root_key_(make_key(false)),
      middle_key_(make_key(false)),
      shared_key_(make_key(false)) {
  const Order root{.subject = {{"C", "XX"}, {"O", "Demo Network"}, {"CN", "Demo Network Root"}},
                   .begin = now_ - 700 * kDay,
                   .end = now_ + 3000 * kDay,
                   .extensions = {{NID_basic_constraints, "critical,CA:TRUE"},
                                  {NID_key_usage, "critical,keyCertSign,cRLSign"},
                                  {NID_subject_key_identifier, "hash"}},
                   .serial = Prng(seed_, "root").next()};
  root_ = sign(root, root_key_, nullptr, nullptr);
  const Order middle{.subject = {{"C", "XX"}, {"O", "Demo Network"}, {"CN", "Demo Network E1"}},
                     .begin = now_ - 600 * kDay,
                     .end = now_ + 1000 * kDay,
                     .extensions = {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                                    {NID_key_usage, "critical,keyCertSign,cRLSign"},
                                    {NID_subject_key_identifier, "hash"},
                                    {NID_authority_key_identifier, "keyid"}},
                     .serial = Prng(seed_, "middle").next()};
  middle_ = sign(middle, middle_key_, root_, root_key_);
}

Identity CertificateMaker::make(Recipe recipe, const std::string& name,
                                const std::string& address) {
  if (recipe == Recipe::kSharedWhole && shared_.key) return shared_;
  Prng prng(seed_, name);
  const std::string host = name + ".example.org";
  const int64_t age = prng.between(5, 80);
  Order order{.subject = {{"CN", host}},
              .begin = now_ - age * kDay,
              .end = now_ + (3650 - age) * kDay,
              .extensions = {{NID_subject_alt_name, alternative_names(host, address)}},
              .serial = prng.next()};
  bool rsa = false;
  bool signed_by_ca = false;
  Identity identity;
  identity.names_host = true;
  switch (recipe) {
    case Recipe::kNone:
    case Recipe::kSelfSigned:
      break;
    case Recipe::kSelfSignedRsa:
      rsa = true;
      break;
    case Recipe::kHowTo:
      rsa = true;
      order.version_1 = true;
      order.extensions.clear();
      order.subject = {{"C", "US"}, {"ST", "California"}, {"O", "Widgits"}, {"CN", host}};
      order.end = order.begin + 1825 * kDay;
      identity.names_host = false;
      break;
    case Recipe::kDocker:
      rsa = true;
      order.extensions.clear();
      order.subject = {{"O", "ElectrumX"}};
      order.end = order.begin + 365 * kDay;
      identity.names_host = false;
      break;
    case Recipe::kFloresta:
      order.subject = {{"CN", "rcgen self signed cert"}};
      order.extensions = {{NID_basic_constraints, "critical,CA:TRUE"}};
      order.begin = 157766400;  // 1975-01-01
      order.end = 67090118400;  // 4096-01-01
      identity.names_host = false;
      break;
    case Recipe::kPersonal:
      order.extensions.clear();
      order.subject = {{"C", "AU"}, {"ST", "Some-State"}, {"O", "Internet Widgits Pty Ltd"}};
      order.begin = 1521158400;  // 2018-03-16
      order.end = 1678579200;    // 2023-03-12
      identity.names_host = false;
      break;
    case Recipe::kChain:
    case Recipe::kExpiredChain:
    case Recipe::kOtherName:
      signed_by_ca = true;
      order.extensions = {{NID_key_usage, "critical,digitalSignature"},
                          {NID_ext_key_usage, "serverAuth"},
                          {NID_basic_constraints, "critical,CA:FALSE"},
                          {NID_authority_key_identifier, "keyid"},
                          {NID_subject_alt_name, alternative_names(host, address)}};
      order.end = order.begin + 90 * kDay;
      if (recipe == Recipe::kExpiredChain) {
        order.begin = now_ - 130 * kDay;
        order.end = now_ - 40 * kDay;
      }
      if (recipe == Recipe::kOtherName) {
        order.subject = {{"CN", "somewhere-else.example.net"}};
        order.extensions.back().second = "DNS:somewhere-else.example.net";
        identity.names_host = false;
      }
      break;
    case Recipe::kSharedWhole:
      order.subject = {{"CN", "shared.example.org"}};
      order.extensions = {{NID_subject_alt_name, "DNS:shared.example.org"}};
      identity.names_host = false;
      break;
    case Recipe::kSharedKey:
      identity.key = shared_key_;
      break;
  }
  if (!identity.key) identity.key = make_key(rsa);
  identity.trusted = signed_by_ca;
  if (signed_by_ca) {
    identity.chain = {sign(order, identity.key, middle_, middle_key_), middle_};
  } else {
    identity.chain = {sign(order, identity.key, nullptr, nullptr)};
  }
  describe(now_, &identity);
  if (recipe == Recipe::kSharedWhole) shared_ = identity;
  return identity;
}

std::string CertificateMaker::ca_pem() const {
  BIO* memory = BIO_new(BIO_s_mem());
  check(memory != nullptr && PEM_write_bio_X509(memory, root_.get()) == 1, "cannot write PEM");
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  const std::string pem(data, static_cast<size_t>(size));
  BIO_free(memory);
  return pem;
}

}  // namespace observatory::demo
