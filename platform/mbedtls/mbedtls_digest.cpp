// SPDX-License-Identifier: MIT
#include "platform/mbedtls/mbedtls_digest.h"

namespace observatory::mbedtls {

MbedtlsDigest::MbedtlsDigest() {
  mbedtls_sha256_init(&context_);
  start();
}

MbedtlsDigest::~MbedtlsDigest() { mbedtls_sha256_free(&context_); }

void MbedtlsDigest::start() { failed_ = compat::sha256_start(context_) != 0; }

void MbedtlsDigest::update(ByteView bytes) {
  if (compat::sha256_update(context_, bytes) != 0) failed_ = true;
}

void MbedtlsDigest::finish(Sha256& into) {
  if (compat::sha256_finish(context_, into.data()) != 0) failed_ = true;
  if (failed_) into.fill(0);
}

}  // namespace observatory::mbedtls
