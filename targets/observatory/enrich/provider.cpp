// SPDX-License-Identifier: MIT
#include "targets/observatory/enrich/provider.h"

#include <algorithm>
#include <array>

namespace observatory::host {
namespace {

constexpr std::array<std::string_view, 8> kKinds = {"unknown", "cloud",       "hosting", "vpn",
                                                    "cdn",     "residential", "other",   "onion"};
constexpr std::array<std::string_view, 5> kRules = {"none", "annotation", "range", "asn",
                                                    "keyword"};
constexpr std::array<std::string_view, 8> kHostingWords = {
    "hosting", "cloud", "server", "vps", "datacenter", "data center", "datacentre", "data centre"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::string_view kind_name(ProviderKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

std::string_view rule_name(ProviderRule rule) { return kRules[static_cast<std::size_t>(rule)]; }

std::optional<ProviderKind> kind_with_name(std::string_view name) {
  const auto* const found = std::find(kKinds.begin(), kKinds.end(), name);
  if (found == kKinds.end()) return std::nullopt;
  return static_cast<ProviderKind>(found - kKinds.begin());
}

bool sounds_like_hosting(std::string_view as_name) {
  std::string name(as_name);
  std::transform(name.begin(), name.end(), name.begin(), lower);
  return std::any_of(kHostingWords.begin(), kHostingWords.end(),
                     [&](std::string_view word) { return name.find(word) != std::string::npos; });
}

}  // namespace observatory::host
