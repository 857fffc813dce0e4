// SPDX-License-Identifier: MIT
#include "platform/mbedtls/certificate_message.h"

namespace observatory::mbedtls {
namespace {

// Takes a number of `width` bytes off the front, and as many bytes as it says.
bool take(ByteView& rest, std::size_t width, ByteView& taken) {
  if (rest.size() < width) return false;
  std::size_t length = 0;
  for (const std::uint8_t byte : rest.first(width)) length = length << 8 | byte;
  if (rest.size() - width < length) return false;
  taken = rest.subspan(width, length);
  rest = rest.subspan(width + length);
  return true;
}

}  // namespace

CertificateList list_certificates(ByteView body, MessageForm form) {
  CertificateList result;
  ByteView skipped;
  if (form == MessageForm::kTls13 && !take(body, 1, skipped)) return result;
  ByteView list;
  bool fits = take(body, 3, list);
  if (!fits && body.size() > 3) list = body.subspan(3);  // cut short: what there is of it
  fits = fits && body.empty();
  ByteView certificate;
  while (!list.empty()) {
    if (!take(list, 3, certificate) || certificate.empty()) return result;
    if (result.size < kMaxChain) result.certificates[result.size++] = certificate;
    ++result.sent;
    if (form == MessageForm::kTls13 && !take(list, 2, skipped)) return result;
  }
  result.whole = fits;
  return result;
}

}  // namespace observatory::mbedtls
