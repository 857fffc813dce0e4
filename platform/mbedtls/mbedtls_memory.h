// SPDX-License-Identifier: MIT
// Where the library's memory comes from.
//
// The library asks for memory through calloc() and free() without saying on whose behalf, and runs
// on one thread. So whoever calls it says beforehand whose arena is meant:
//
//   * an engine, or MbedtlsShared, that was given an arena: that arena, for as long as the call
//     takes;
//   * everybody else: the C library's calloc(), and nothing in a build with OBSERVATORY_TLS_ARENA,
//     so that no allocator is linked.
//
// What an engine's call allocates must not outlive the engine, and what was not allocated within
// one of its calls must not be freed there: Arena::release() ends the program then. The library
// keeps to it with two exceptions, which mbedtls_compat.h deals with: it caches numbers in the keys
// of trusted roots (forget_cached_numbers()), and some configurations allocate what is common to
// all sessions whenever it is needed first (kSessionsKeepApart, refused below).
#pragma once

#include "platform/mbedtls/arena.h"
#include "platform/mbedtls/mbedtls_compat.h"

#if !defined(OBSERVATORY_TLS_ARENA)
#define OBSERVATORY_TLS_ARENA 0
#endif

namespace observatory::mbedtls {

// Bytes that each engine has for the library; 0: the library takes what it needs from the C
// library, unbounded. CMake option OBSERVATORY_TLS_ARENA; platform/README.md has the table of what
// was measured.
inline constexpr std::size_t kEngineArena = OBSERVATORY_TLS_ARENA;

// A server with an RSA-2048 certificate takes 29,860 bytes (mbedTLS 3.6, TLS 1.3, 64-bit).
inline constexpr std::size_t kLeastArena = std::size_t{32} * 1024;

static_assert(kEngineArena == 0 || kEngineArena >= kLeastArena,
              "OBSERVATORY_TLS_ARENA is too small for a handshake with an ordinary server: give "
              "it 32768 bytes or more, 49152 to see long chains too");
static_assert(kEngineArena == 0 || compat::kHasMemoryHook,
              "OBSERVATORY_TLS_ARENA needs an mbedTLS that was built with MBEDTLS_PLATFORM_C and "
              "MBEDTLS_PLATFORM_MEMORY; with any other it must be 0");
static_assert(kEngineArena == 0 || compat::kSessionsKeepApart,
              "OBSERVATORY_TLS_ARENA needs an mbedTLS whose sessions share no memory: build 3.6 "
              "with MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG and without MBEDTLS_PSA_KEY_STORE_DYNAMIC, "
              "2.28 with MBEDTLS_ECP_FIXED_POINT_OPTIM 0");

// What MbedtlsEngine's constructor takes, by get().
using EngineArena = OwnArena<kEngineArena>;

// Bytes for MbedtlsShared: both configurations and PSA's state take less than 1 KB. Of the roots of
// a CA file each takes some three times the bytes that it has in the file.
inline constexpr std::size_t kSharedArena = kEngineArena == 0 ? 0 : std::size_t{4} * 1024;
inline constexpr std::size_t kArenaForEachByteOfRoots = 4;

// Makes the library ask us. To be called before it allocates anything; repeated calls are harmless.
void take_over_memory();

// While it lives the library allocates from `arena`, unless that is null.
class MemoryScope final {
 public:
  explicit MemoryScope(Arena* arena);
  ~MemoryScope();
  MemoryScope(const MemoryScope&) = delete;
  MemoryScope& operator=(const MemoryScope&) = delete;

 private:
  Arena* before_;
};

}  // namespace observatory::mbedtls
