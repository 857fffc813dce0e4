// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace observatory::host {

// What is known of a certificate; dates are seconds since 1970 UTC.
struct CertificateFacts {
  std::optional<bool> self_signed;
  std::optional<bool> trusted;
  std::optional<bool> name_matches;
  std::optional<std::int64_t> not_before;
  std::optional<std::int64_t> not_after;
};

// The state of a certificate at a moment (seconds since 1970 UTC; without one dates are not
// judged), of these words in this order: "self-signed", "trusted" or "issued" (by somebody, and
// whether a root is behind it is not known), "not yet valid", "expired", "other name".
std::vector<std::string_view> certificate_words(const CertificateFacts& facts,
                                                std::optional<std::int64_t> now);

}  // namespace observatory::host
