// SPDX-License-Identifier: MIT
#include "targets/observatory/show/certificate_words.h"

namespace observatory::host {

std::vector<std::string_view> certificate_words(const CertificateFacts& facts,
                                                std::optional<std::int64_t> now) {
  std::vector<std::string_view> words;
  if (facts.self_signed == true) words.push_back("self-signed");
  if (facts.trusted == true) {
    words.push_back("trusted");
  } else if (facts.self_signed == false) {
    words.push_back("issued");
  }
  if (now && facts.not_before && *now < *facts.not_before) words.push_back("not yet valid");
  if (now && facts.not_after && *now > *facts.not_after) words.push_back("expired");
  if (facts.name_matches == false) words.push_back("other name");
  return words;
}

}  // namespace observatory::host
