// SPDX-License-Identifier: MIT
#include "core/tls/host_match.h"

#include <algorithm>

namespace observatory {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view without_final_dot(std::string_view name) {
  if (!name.empty() && name.back() == '.') name.remove_suffix(1);
  return name;
}

}  // namespace

bool host_matches(std::string_view pattern, std::string_view host) {
  pattern = without_final_dot(pattern);
  host = without_final_dot(host);
  if (pattern.empty() || host.empty()) return false;
  if (pattern.substr(0, 2) != "*.") return same(pattern, host);
  const std::string_view parent = pattern.substr(1);  // ".example.org"
  const std::size_t dot = host.find('.');
  if (dot == std::string_view::npos || dot == 0) return false;
  return parent.find('.', 1) != std::string_view::npos && same(parent, host.substr(dot));
}

}  // namespace observatory
