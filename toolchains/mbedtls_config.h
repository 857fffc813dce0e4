// SPDX-License-Identifier: MIT
// mbedTLS 2.28 and 3.6 as this project builds them into small devices: a TLS client of versions 1.2
// and 1.3 that asks nothing of a C library but memcpy and the like. What an option is for stands in
// the library's own mbedtls_config.h (2.28: config.h); here stands why it is on.
//
// The suites are those that current clients prefer, with AES-GCM and ChaCha20-Poly1305; none with
// CBC or CCM. The groups are those of OpenWrt's libmbedtls.
#pragma once

// Memory comes from the arena of the slot (platform/mbedtls/arena.h).
#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_PLATFORM_NO_STD_FUNCTIONS

// No printf: it would bring a C library's floating point. The library prints in no path of ours.
#define MBEDTLS_PLATFORM_PRINTF_MACRO(...) 0
#define MBEDTLS_PLATFORM_FPRINTF_MACRO(...) 0
#define MBEDTLS_PLATFORM_SNPRINTF_MACRO(...) (-1)
#define MBEDTLS_X509_REMOVE_INFO

// The processor.
#define MBEDTLS_HAVE_ASM
#define MBEDTLS_NO_UDBL_DIVISION  // 128-bit division is a function of the compiler's library

// TLS.
#define MBEDTLS_SSL_TLS_C
#define MBEDTLS_SSL_CLI_C
#define MBEDTLS_SSL_PROTO_TLS1_2
#define MBEDTLS_SSL_SERVER_NAME_INDICATION
#define MBEDTLS_SSL_EXTENDED_MASTER_SECRET
#define MBEDTLS_SSL_SESSION_TICKETS
#define MBEDTLS_SSL_KEEP_PEER_CERTIFICATE
#define MBEDTLS_KEY_EXCHANGE_ECDHE_RSA_ENABLED
#define MBEDTLS_KEY_EXCHANGE_ECDHE_ECDSA_ENABLED
#define MBEDTLS_SSL_IN_CONTENT_LEN 16384  // what a server may send in one record (RFC 8446 5.1)
#define MBEDTLS_SSL_OUT_CONTENT_LEN 2048  // what we send at once is shorter

// Ciphers.
#define MBEDTLS_CIPHER_C
#define MBEDTLS_AES_C
#define MBEDTLS_AES_ROM_TABLES
#define MBEDTLS_AES_FEWER_TABLES
#define MBEDTLS_BLOCK_CIPHER_NO_DECRYPT  // GCM only encrypts
#define MBEDTLS_GCM_C
#define MBEDTLS_CHACHA20_C
#define MBEDTLS_POLY1305_C
#define MBEDTLS_CHACHAPOLY_C

// Hashes.
#define MBEDTLS_MD_C
#define MBEDTLS_SHA1_C            // signatures of old certificates
#define MBEDTLS_SHA1_PROCESS_ALT  // mbedtls_sha1.c
#define MBEDTLS_SHA224_C
#define MBEDTLS_SHA256_C
#define MBEDTLS_SHA256_SMALLER
#define MBEDTLS_SHA384_C
#define MBEDTLS_SHA512_C
#define MBEDTLS_SHA512_SMALLER

// Keys.
#define MBEDTLS_BIGNUM_C
#define MBEDTLS_ECP_C
#define MBEDTLS_ECP_DP_SECP256R1_ENABLED
#define MBEDTLS_ECP_DP_SECP384R1_ENABLED
#define MBEDTLS_ECP_DP_SECP521R1_ENABLED
#define MBEDTLS_ECP_DP_CURVE25519_ENABLED
#define MBEDTLS_ECP_NIST_OPTIM
#define MBEDTLS_ECP_WINDOW_SIZE 2
#define MBEDTLS_ECP_FIXED_POINT_OPTIM 0
#define MBEDTLS_ECDH_C
#define MBEDTLS_ECDSA_C
#define MBEDTLS_RSA_C
#define MBEDTLS_RSA_NO_CRT
#define MBEDTLS_PKCS1_V15
#define MBEDTLS_PKCS1_V21
#define MBEDTLS_MPI_WINDOW_SIZE 1

// Certificates. Dates are judged by the host of the library, who knows whether the clock is set.
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C
#define MBEDTLS_OID_C
#define MBEDTLS_PK_C
#define MBEDTLS_PK_PARSE_C
#define MBEDTLS_X509_USE_C
#define MBEDTLS_X509_CRT_PARSE_C
#define MBEDTLS_X509_RSASSA_PSS_SUPPORT
#define MBEDTLS_BASE64_C
#define MBEDTLS_PEM_PARSE_C

// TLS 1.3, which stands on PSA.
#if __has_include("mbedtls/build_info.h")
#define MBEDTLS_SSL_PROTO_TLS1_3
#define MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL_ENABLED
#define MBEDTLS_SSL_TLS1_3_COMPATIBILITY_MODE
#define MBEDTLS_PSA_CRYPTO_C
#define MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG
#define MBEDTLS_PSA_KEY_SLOT_COUNT 32         // a handshake under way holds one: limits::kMostSlots
#define MBEDTLS_PSA_ASSUME_EXCLUSIVE_BUFFERS  // no other program writes into our memory
#define MBEDTLS_HKDF_C
// What TLS 1.3 asks of PSA, and no more: without this list PSA wraps everything above once again.
#define MBEDTLS_PSA_CRYPTO_CONFIG
#define MBEDTLS_PSA_CRYPTO_CONFIG_FILE "mbedtls_psa_config.h"
#else
#define MBEDTLS_ECP_NO_INTERNAL_RNG  // the caller's is used for blinding
#include "mbedtls/check_config.h"
#endif
