// SPDX-License-Identifier: MIT
#pragma once

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdint>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

namespace observatory::demo {

struct KeyDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct CertificateDeleter {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using KeyPtr = std::shared_ptr<EVP_PKEY>;
using CertificatePtr = std::shared_ptr<X509>;

// How the certificate of a server is made. Keys are new on every start; the rest follows the seed
// and, for validity, the day.
enum class Recipe {
  kNone,
  kSelfSigned,     // ECDSA P-256, name and address in it, some years
  kSelfSignedRsa,  // the same with RSA-2048
  kHowTo,          // RSA-2048, version 1, no extensions, 1825 days, C ST O CN: the ElectrumX how-to
  kDocker,         // RSA-2048, subject O=ElectrumX only, 365 days
  kFloresta,       // ECDSA P-256, CA:TRUE, 1975 to 4096
  kPersonal,       // EC key in the subject of Electrum Personal Server's bundle, expired 2023-03-12
  kChain,          // ECDSA P-256 leaf and intermediate of the demo CA, 90 days
  kExpiredChain,   // the same, expired 40 days ago
  kOtherName,      // the same, for another host
  kSharedWhole,    // one key and certificate for all servers of this recipe
  kSharedKey,      // one key for all servers of this recipe, certificates of their own
};

// What a server shows, leaf first; the root is not in it.
struct Identity {
  KeyPtr key;
  std::vector<CertificatePtr> chain;
  std::string leaf_sha256;  // hexadecimal
  std::string spki_sha256;
  bool expired = false;
  bool trusted = false;  // leads to the demo CA
  bool names_host = false;
};

class CertificateMaker {
 public:
  CertificateMaker(uint64_t seed, std::time_t now);

  // Throws std::runtime_error if OpenSSL fails.
  Identity make(Recipe recipe, const std::string& name, const std::string& address);

  // The root of the chains.
  std::string ca_pem() const;

 private:
  uint64_t seed_;
  std::time_t now_;
  KeyPtr root_key_;
  KeyPtr middle_key_;
  KeyPtr shared_key_;
  CertificatePtr root_;
  CertificatePtr middle_;
  Identity shared_;
};

}  // namespace observatory::demo
