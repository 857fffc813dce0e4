// SPDX-License-Identifier: MIT
// Certificate messages. The first byte chooses the form, the rest is the message's body.
//
// Whatever the lengths say, what is listed lies within the body, in order, and is counted.
#include "platform/mbedtls/certificate_message.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace observatory;
  if (size == 0) return 0;
  const ByteView body(data + 1, size - 1);
  const auto form = data[0] % 2 == 0 ? mbedtls::MessageForm::kTls12 : mbedtls::MessageForm::kTls13;
  const mbedtls::CertificateList list = mbedtls::list_certificates(body, form);
  const std::uint8_t* at = body.data();
  for (std::size_t i = 0; i < list.size; ++i) {
    const ByteView certificate = list.certificates[i];
    fuzz::require(!certificate.empty(), "a certificate has bytes");
    fuzz::require(certificate.data() >= at + 3, "certificates do not overlap");
    at = certificate.data() + certificate.size();
    fuzz::require(at <= body.data() + body.size(), "a certificate lies inside the message");
  }
  fuzz::require(list.size <= list.sent, "what is kept was sent");
  fuzz::require(list.size == kMaxChain || list.size == list.sent, "all are kept that have room");
  return 0;
}
