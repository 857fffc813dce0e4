// SPDX-License-Identifier: MIT
#include "platform/mbedtls/mbedtls_error.h"

#include <mbedtls/asn1.h>
#include <mbedtls/bignum.h>
#include <mbedtls/cipher.h>
#include <mbedtls/dhm.h>
#include <mbedtls/ecp.h>
#include <mbedtls/pem.h>

#include "platform/mbedtls/mbedtls_compat.h"

namespace observatory::mbedtls {
namespace {

constexpr std::uint8_t kProtocolVersionAlert = 70;

// The two halves of a code, negative as the library's constants are.
int high_level(int code) { return -(-code & ~0x7F); }
int low_level(int code) { return -(-code & 0x7F); }

bool is_certificate_error(int code) {
  switch (high_level(code)) {
    case compat::kBadCertificate:
    case MBEDTLS_ERR_PK_KEY_INVALID_VERSION:
    case MBEDTLS_ERR_PK_KEY_INVALID_FORMAT:
    case MBEDTLS_ERR_PK_UNKNOWN_PK_ALG:
    case MBEDTLS_ERR_PK_INVALID_PUBKEY:
    case MBEDTLS_ERR_PK_INVALID_ALG:
    case MBEDTLS_ERR_PK_UNKNOWN_NAMED_CURVE:
      return true;
    default:
      break;
  }
  // The X.509 module's block of numbers (mbedtls/error.h).
  const int high = high_level(code);
  return high <= MBEDTLS_ERR_X509_FEATURE_UNAVAILABLE && high >= MBEDTLS_ERR_X509_FATAL_ERROR;
}

using Part = TlsUnreadable::Part;
using Why = TlsUnreadable::Why;

Part part_of(int code) {
  switch (high_level(code)) {
    case MBEDTLS_ERR_X509_INVALID_VERSION:
    case MBEDTLS_ERR_X509_UNKNOWN_VERSION:
      return Part::kVersion;
    case MBEDTLS_ERR_X509_INVALID_SERIAL:
      return Part::kSerial;
    case MBEDTLS_ERR_X509_INVALID_ALG:
    case MBEDTLS_ERR_X509_UNKNOWN_SIG_ALG:
    case MBEDTLS_ERR_X509_SIG_MISMATCH:
      return Part::kAlgorithm;
    case MBEDTLS_ERR_X509_INVALID_NAME:
      return Part::kName;
    case MBEDTLS_ERR_X509_INVALID_DATE:
      return Part::kValidity;
    case MBEDTLS_ERR_X509_INVALID_EXTENSIONS:
      return Part::kExtensions;
    case MBEDTLS_ERR_X509_INVALID_SIGNATURE:
      return Part::kSignature;
    case MBEDTLS_ERR_PK_KEY_INVALID_VERSION:
    case MBEDTLS_ERR_PK_KEY_INVALID_FORMAT:
    case MBEDTLS_ERR_PK_UNKNOWN_PK_ALG:
    case MBEDTLS_ERR_PK_INVALID_PUBKEY:
    case MBEDTLS_ERR_PK_INVALID_ALG:
    case MBEDTLS_ERR_PK_UNKNOWN_NAMED_CURVE:
    case MBEDTLS_ERR_PK_FEATURE_UNAVAILABLE:
      return Part::kKey;
    default:
      return is_certificate_error(code) ? Part::kCertificate : Part::kMessage;
  }
}

}  // namespace

TlsUnreadable unreadable_of(int code) {
  const Part part = part_of(code);
  switch (high_level(code)) {
    case MBEDTLS_ERR_X509_UNKNOWN_VERSION:
    case MBEDTLS_ERR_X509_UNKNOWN_SIG_ALG:
    case MBEDTLS_ERR_X509_FEATURE_UNAVAILABLE:
    case MBEDTLS_ERR_PK_UNKNOWN_PK_ALG:
    case MBEDTLS_ERR_PK_UNKNOWN_NAMED_CURVE:
    case MBEDTLS_ERR_PK_FEATURE_UNAVAILABLE:
      return {part, Why::kUnsupported};
    default:
      break;
  }
  switch (low_level(code)) {
    case MBEDTLS_ERR_OID_NOT_FOUND:
      return {part, Why::kUnsupported};
    case MBEDTLS_ERR_ASN1_OUT_OF_DATA:
      return {part, Why::kCut};
    case MBEDTLS_ERR_ASN1_UNEXPECTED_TAG:
      return {part, Why::kTag};
    case MBEDTLS_ERR_ASN1_INVALID_LENGTH:
    case MBEDTLS_ERR_ASN1_LENGTH_MISMATCH:
      return {part, Why::kLength};
    default:
      return {part, Why::kInvalid};
  }
}

bool is_out_of_memory(int code) {
  if (code >= 0) return false;
  switch (high_level(code)) {
    case MBEDTLS_ERR_SSL_ALLOC_FAILED:
    case MBEDTLS_ERR_X509_ALLOC_FAILED:
    case MBEDTLS_ERR_PK_ALLOC_FAILED:
    case MBEDTLS_ERR_MD_ALLOC_FAILED:
    case MBEDTLS_ERR_ECP_ALLOC_FAILED:
    case MBEDTLS_ERR_CIPHER_ALLOC_FAILED:
    case MBEDTLS_ERR_PEM_ALLOC_FAILED:
    case MBEDTLS_ERR_DHM_ALLOC_FAILED:
      return true;
    default:
      break;
  }
  return low_level(code) == MBEDTLS_ERR_MPI_ALLOC_FAILED ||
         low_level(code) == MBEDTLS_ERR_ASN1_ALLOC_FAILED || code == compat::kPsaOutOfMemory;
}

TlsFailure failure_of(int code, std::uint8_t alert) {
  if (is_out_of_memory(code)) return TlsFailure::kOutOfMemory;
  switch (code) {
    case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
      return alert == kProtocolVersionAlert ? TlsFailure::kNoCommonVersion
                                            : TlsFailure::kAlertReceived;
    case compat::kBadProtocolVersion:
      return TlsFailure::kNoCommonVersion;
    case MBEDTLS_ERR_SSL_NO_RNG:
    case MBEDTLS_ERR_SSL_BAD_INPUT_DATA:
    case MBEDTLS_ERR_SSL_INTERNAL_ERROR:
    case MBEDTLS_ERR_SSL_BAD_CONFIG:
      return TlsFailure::kInternal;
    default:
      return is_certificate_error(code) ? TlsFailure::kBadCertificate : TlsFailure::kPeerMisbehaved;
  }
}

}  // namespace observatory::mbedtls
