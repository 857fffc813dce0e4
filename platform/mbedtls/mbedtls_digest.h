// SPDX-License-Identifier: MIT
#pragma once

#include "platform/interface/digest.h"
#include "platform/mbedtls/mbedtls_compat.h"

namespace observatory::mbedtls {

class MbedtlsDigest final : public Digest {
 public:
  MbedtlsDigest();
  ~MbedtlsDigest();
  MbedtlsDigest(const MbedtlsDigest&) = delete;
  MbedtlsDigest& operator=(const MbedtlsDigest&) = delete;

  void start() override;
  void update(ByteView bytes) override;

  // All zero if the library failed, which it can only do with SHA-256 hardware: no digest at all
  // rather than a wrong one.
  void finish(Sha256& into) override;

 private:
  mbedtls_sha256_context context_;
  bool failed_ = false;
};

}  // namespace observatory::mbedtls
