// SPDX-License-Identifier: MIT
#include "platform/mbedtls/mbedtls_shared.h"

#include <charconv>
#include <cstring>

#include "platform/mbedtls/mbedtls_error.h"
#include "platform/mbedtls/mbedtls_memory.h"

#if defined(MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG)
namespace {

// The library calls a function by name and hands it no context of ours.
observatory::Random* psa_random = nullptr;

}  // namespace

extern "C" psa_status_t mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t*,
                                                        std::uint8_t* output, std::size_t size,
                                                        std::size_t* length) {
  if (psa_random == nullptr || !psa_random->fill({output, size})) {
    return PSA_ERROR_INSUFFICIENT_ENTROPY;
  }
  *length = size;
  return PSA_SUCCESS;
}
#endif

namespace observatory::mbedtls {

const char* engine_version() {
  static constexpr char kName[] = "mbedTLS ";
  static char text[sizeof(kName) + sizeof("255.255.255")];
  const std::uint32_t number = compat::running_version();
  std::memcpy(text, kName, sizeof(kName) - 1);
  char* at = text + sizeof(kName) - 1;
  for (const unsigned shift : {24U, 16U, 8U}) {
    if (shift != 24) *at++ = '.';
    at = std::to_chars(at, text + sizeof(text) - 1, (number >> shift) & 0xFF).ptr;
  }
  *at = '\0';
  return text;
}

bool engine_speaks_tls13() { return compat::kSpeaksTls13; }

MbedtlsShared::MbedtlsShared(Random& random, Arena* memory) : random_(random), memory_(memory) {
  take_over_memory();
  mbedtls_ssl_config_init(&newest_);
  mbedtls_ssl_config_init(&tls12_);
  mbedtls_x509_crt_init(&roots_);
}

MbedtlsShared::~MbedtlsShared() {
  const MemoryScope scope(memory_);
  mbedtls_x509_crt_free(&roots_);
  mbedtls_ssl_config_free(&tls12_);
  mbedtls_ssl_config_free(&newest_);
#if defined(MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG)
  if (psa_random == &random_) psa_random = nullptr;
#endif
}

int MbedtlsShared::fill_random(void* random, unsigned char* into, std::size_t length) {
  return static_cast<Random*>(random)->fill({into, length}) ? 0 : MBEDTLS_ERR_SSL_NO_RNG;
}

bool MbedtlsShared::start() {
  const MemoryScope scope(memory_);
#if defined(MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG)
  psa_random = &random_;
#endif
  engine_error_ = compat::start_crypto();
  return engine_error_ == 0 && start(newest_, TlsOffer::kNewest) && start(tls12_, TlsOffer::kTls12);
}

bool MbedtlsShared::start(mbedtls_ssl_config& config, TlsOffer offer) {
  engine_error_ = mbedtls_ssl_config_defaults(
      &config, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
  if (engine_error_ != 0) return false;
  mbedtls_ssl_conf_rng(&config, fill_random, &random_);
  mbedtls_ssl_conf_authmode(&config, MBEDTLS_SSL_VERIFY_NONE);
  compat::offer_versions(config, offer == TlsOffer::kNewest);
  compat::order_signature_algorithms(config);
  compat::set_session_habits(config);
  return true;
}

RootsResult MbedtlsShared::add_roots(ByteView file) {
  const MemoryScope scope(memory_);
  const int answer = mbedtls_x509_crt_parse(&roots_, file.data(), file.size());
  if (answer < 0) return {false, is_out_of_memory(answer), 0, answer};
  has_roots_ = true;
  return {true, false, static_cast<std::uint32_t>(answer), 0};
}

const mbedtls_ssl_config& MbedtlsShared::config(TlsOffer offer) const {
  return offer == TlsOffer::kNewest ? newest_ : tls12_;
}

}  // namespace observatory::mbedtls
