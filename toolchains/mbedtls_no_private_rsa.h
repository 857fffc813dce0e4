// SPDX-License-Identifier: MIT
// Put in front of mbedTLS' rsa.c: the key of a certificate has no private half that could be
// calculated from its parts. See mbedtls_no_own_key.h.
#pragma once

#include "common.h"  // the library's, always first

#if __has_include("rsa_alt_helpers.h")
#include "rsa_alt_helpers.h"
#else
#include "mbedtls/rsa_internal.h"
#endif

#define mbedtls_rsa_deduce_primes(...) MBEDTLS_ERR_RSA_BAD_INPUT_DATA
#define mbedtls_rsa_deduce_private_exponent(...) MBEDTLS_ERR_RSA_BAD_INPUT_DATA
