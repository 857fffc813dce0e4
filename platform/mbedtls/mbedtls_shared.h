// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

#include "platform/interface/random.h"
#include "platform/interface/tls.h"
#include "platform/mbedtls/arena.h"
#include "platform/mbedtls/mbedtls_compat.h"

namespace observatory::mbedtls {

// The library that runs, "mbedTLS 2.28.3". Static storage.
const char* engine_version();

// How many engines of a program can work at a time; more of them may run out of memory.
inline constexpr std::size_t kMostEngines = compat::kMostHandshakes;

// True when this build can speak TLS 1.3.
bool engine_speaks_tls13();

// What add_roots() made of a file.
struct [[nodiscard]] RootsResult {
  bool ok = false;                // at least one certificate was read
  bool out_of_memory = false;     // why not, if it was this
  std::uint32_t unreadable = 0;   // certificates of a PEM file that were skipped
  std::int32_t engine_error = 0;  // the library's code when not ok
};

// What all engines of a program have in common: randomness, trusted roots, and one configuration
// for each TlsOffer. One per program; it outlives the engines that refer to it.
//
// Every configuration leaves the peer unverified (MBEDTLS_SSL_VERIFY_NONE): an observation is
// never blocked by a certificate, and judging it is mbedtls_chain.h's part.
class MbedtlsShared final {
 public:
  // `random` serves every draw of the library but those of TLS 1.3's key exchange, for which the
  // library's PSA part has a source of its own; `random` serves these as well if the library was
  // built with MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG.
  //
  // `memory` is for what is common to all engines: kSharedArena bytes, and for roots what
  // kArenaForEachByteOfRoots tells. Null: the C library's allocator. Both outlive the object.
  explicit MbedtlsShared(Random& random, Arena* memory = nullptr);
  ~MbedtlsShared();
  MbedtlsShared(const MbedtlsShared&) = delete;
  MbedtlsShared& operator=(const MbedtlsShared&) = delete;

  // To be called once, before the first engine is reset. False when the library cannot work here:
  // engine_error() says why.
  [[nodiscard]] bool start();
  std::int32_t engine_error() const { return engine_error_; }

  // Adds trusted roots: one certificate in DER, or any number in PEM followed by a zero byte that
  // is part of `file` (the library's condition). `file` may go afterwards. May be called again;
  // not while an engine is in a handshake. Until a root was added, TlsPeer::trust is kNotAsked.
  RootsResult add_roots(ByteView file);

  // For the engines.
  const mbedtls_ssl_config& config(TlsOffer offer) const;
  mbedtls_x509_crt* roots() { return has_roots_ ? &roots_ : nullptr; }

 private:
  static int fill_random(void* random, unsigned char* into, std::size_t length);
  bool start(mbedtls_ssl_config& config, TlsOffer offer);

  Random& random_;
  Arena* memory_;
  mbedtls_ssl_config newest_;
  mbedtls_ssl_config tls12_;
  mbedtls_x509_crt roots_;
  bool has_roots_ = false;
  std::int32_t engine_error_ = 0;
};

}  // namespace observatory::mbedtls
