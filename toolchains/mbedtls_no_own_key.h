// SPDX-License-Identifier: MIT
// Put in front of the files of mbedTLS that FindMbedTLS.cmake names. This client has no certificate
// and no private key of its own: nobody calls mbedtls_ssl_conf_own_cert(). The library learns that
// at run time only. Told while it is compiled, it drops all that is done with a private key.
// tests/size/device.sh makes sure that none of it is left.
#pragma once

#include "common.h"  // the library's, always first

#if __has_include("ssl_misc.h")
#include "ssl_misc.h"
#else
#include "mbedtls/ssl_internal.h"
#endif
#include "mbedtls/ecdsa.h"
#include "mbedtls/ecp.h"
#include "mbedtls/rsa.h"

// What a client without a certificate finds when it looks for one.
#define mbedtls_ssl_own_cert(ssl) ((mbedtls_x509_crt*)NULL)
#define mbedtls_ssl_own_key(ssl) ((mbedtls_pk_context*)NULL)

// What a kind of key can do stands in a table of functions, in pk_wrap.c. These are what they call
// for a private key, and for the key exchange by RSA, which is not offered.
#define mbedtls_rsa_pkcs1_sign(...) MBEDTLS_ERR_PK_FEATURE_UNAVAILABLE
#define mbedtls_rsa_pkcs1_encrypt(...) MBEDTLS_ERR_PK_FEATURE_UNAVAILABLE
#define mbedtls_rsa_pkcs1_decrypt(...) MBEDTLS_ERR_PK_FEATURE_UNAVAILABLE
#define mbedtls_rsa_check_pub_priv(...) MBEDTLS_ERR_PK_FEATURE_UNAVAILABLE
#define mbedtls_ecdsa_write_signature(...) MBEDTLS_ERR_PK_FEATURE_UNAVAILABLE
#define mbedtls_ecp_check_pub_priv(...) MBEDTLS_ERR_PK_FEATURE_UNAVAILABLE
