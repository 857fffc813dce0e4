// SPDX-License-Identifier: MIT
#include "platform/mbedtls/mbedtls_chain.h"

#include <cstring>

#include "platform/mbedtls/mbedtls_error.h"

namespace observatory::mbedtls {
namespace {

// Everything is allowed: what is weak is recorded, not refused.
constexpr mbedtls_x509_crt_profile kAnything = {0xFFFF'FFFF, 0xFFFF'FFFF, 0xFFFF'FFFF, 0};

constexpr std::uint32_t kJudgedElsewhere =
    MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE | MBEDTLS_X509_BADCERT_CN_MISMATCH;

// The library takes no pointer to const although it only reads.
mbedtls_x509_crt* writable(const mbedtls_x509_crt* certificate) {
  return const_cast<mbedtls_x509_crt*>(certificate);
}

// 0 if the key of `issuer` verifies the signature on `certificate`, else the library's code.
int check_signature(const mbedtls_x509_crt& certificate, const mbedtls_x509_crt& issuer) {
  const compat::Signature signature = compat::signature_of(certificate);
  mbedtls_pk_context* key = &writable(&issuer)->pk;
  if (mbedtls_pk_can_do(key, signature.kind) == 0) return MBEDTLS_ERR_PK_TYPE_MISMATCH;
  const mbedtls_md_info_t* hash = mbedtls_md_info_from_type(signature.hash);
  if (hash == nullptr) return MBEDTLS_ERR_MD_FEATURE_UNAVAILABLE;
  unsigned char digest[MBEDTLS_MD_MAX_SIZE];
  const int error = mbedtls_md(hash, certificate.tbs.p, certificate.tbs.len, digest);
  if (error != 0) return error;
  return mbedtls_pk_verify_ext(signature.kind, signature.options, key, signature.hash, digest,
                               mbedtls_md_get_size(hash), signature.bytes.data(),
                               signature.bytes.size());
}

bool same_name(const mbedtls_x509_buf& one, const mbedtls_x509_buf& other) {
  return one.len == other.len && std::memcmp(one.p, other.p, one.len) == 0;
}

// Goes the way from the leaf that the library went, by the same signature checks, to tell where it
// ended, for which the library has no word. And to tell whether one of the checks failed for lack
// of memory, which the library takes for a wrong signature: 0, or the code of that. Bounded, since
// the peer chooses how many certificates bear the same name.
int explain_distrust(const mbedtls_x509_crt* chain, const mbedtls_x509_crt* roots,
                     TlsDistrust& distrust) {
  std::size_t checks_left = kMaxChain;
  const mbedtls_x509_crt* child = chain;
  for (;;) {
    const mbedtls_x509_crt* parent = nullptr;
    bool named = false;
    bool signs = false;
    const mbedtls_x509_crt* const sources[] = {roots, child->next};
    for (const mbedtls_x509_crt* issuer : sources) {
      const bool trusted = issuer == roots;
      for (; issuer != nullptr && parent == nullptr; issuer = issuer->next) {
        if (!same_name(child->issuer_raw, issuer->subject_raw)) continue;
        distrust = TlsDistrust::kPathTooLong;
        if (checks_left-- == 0) return 0;
        const int code = check_signature(*child, *issuer);
        if (is_out_of_memory(code)) return code;
        named = true;
        if (code != 0) continue;
        signs = true;
        if (!compat::may_issue(*issuer, trusted)) continue;
        // Of what the library asks of a path, the length that its authorities allow is left.
        if (trusted) return 0;
        parent = issuer;
      }
    }
    if (parent == nullptr) {
      distrust = signs                                              ? TlsDistrust::kNotAuthority
                 : named                                            ? TlsDistrust::kBadSignature
                 : same_name(child->issuer_raw, child->subject_raw) ? TlsDistrust::kUnknownRoot
                                                                    : TlsDistrust::kUnknownIssuer;
      return 0;
    }
    child = parent;
  }
}

// What judge_chain() says of trust.
int judge_trust(const mbedtls_x509_crt* chain, mbedtls_x509_crt* roots, TlsPeer& peer) {
  std::uint32_t flags = 0;
  const int code = mbedtls_x509_crt_verify_with_profile(writable(chain), roots, nullptr, &kAnything,
                                                        nullptr, &flags, nullptr, nullptr);
  if (is_out_of_memory(code)) return code;
  const bool judged = code == 0 || code == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED;
  if (judged && (flags & ~kJudgedElsewhere) == 0) {
    peer.trust = TlsTrust::kTrusted;
    return 0;
  }
  const int lack = explain_distrust(chain, roots, peer.distrust);
  if (lack == 0) peer.trust = TlsTrust::kUntrusted;
  return lack;
}

}  // namespace

void list_chain(const mbedtls_x509_crt* chain, TlsPeer& peer) {
  for (; chain != nullptr; chain = chain->next) {
    if (chain->raw.len == 0) continue;
    if (peer.chain_size == kMaxChain) return;
    peer.chain[peer.chain_size++] = ByteView(chain->raw.p, chain->raw.len);
  }
}

int judge_chain(const mbedtls_x509_crt* chain, mbedtls_x509_crt* roots, TlsPeer& peer) {
  const int own = check_signature(*chain, *chain);
  if (is_out_of_memory(own)) return own;
  peer.self_signed = own == 0;
  const int code = roots == nullptr ? 0 : judge_trust(chain, roots, peer);
  compat::forget_cached_numbers(roots);
  return code;
}

}  // namespace observatory::mbedtls
