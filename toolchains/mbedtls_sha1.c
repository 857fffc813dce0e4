// SPDX-License-Identifier: MIT
// SHA-1 of one block (FIPS 180-4 section 6.1.2) for mbedTLS' MBEDTLS_SHA1_PROCESS_ALT, in a loop: the
// library's own takes 6 KB, and all that it is for here are the signatures of old certificates.
#include "common.h"  // the library's, always first

#include <mbedtls/sha1.h>
#include <stdint.h>

#ifndef MBEDTLS_PRIVATE
#define MBEDTLS_PRIVATE(member) member
#endif

static uint32_t rotated(uint32_t word, unsigned bits) {
  return word << bits | word >> (32 - bits);
}

int mbedtls_internal_sha1_process(mbedtls_sha1_context* context, const unsigned char data[64]) {
  uint32_t words[80];
  for (unsigned i = 0; i < 16; ++i) {
    words[i] = (uint32_t)data[4 * i] << 24 | (uint32_t)data[4 * i + 1] << 16 |
               (uint32_t)data[4 * i + 2] << 8 | data[4 * i + 3];
  }
  for (unsigned i = 16; i < 80; ++i) {
    words[i] = rotated(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
  }
  uint32_t* state = context->MBEDTLS_PRIVATE(state);
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
  for (unsigned i = 0; i < 80; ++i) {
    uint32_t mixed;
    if (i < 20) {
      mixed = ((b & c) | (~b & d)) + 0x5A827999;
    } else if (i < 40) {
      mixed = (b ^ c ^ d) + 0x6ED9EBA1;
    } else if (i < 60) {
      mixed = ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC;
    } else {
      mixed = (b ^ c ^ d) + 0xCA62C1D6;
    }
    const uint32_t next = rotated(a, 5) + mixed + e + words[i];
    e = d;
    d = c;
    c = rotated(b, 30);
    b = a;
    a = next;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  return 0;
}
