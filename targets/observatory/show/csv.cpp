// SPDX-License-Identifier: MIT
#include "targets/observatory/show/csv.h"

#include <algorithm>
#include <array>

#include "targets/observatory/show/display_text.h"

namespace observatory::host {
namespace {

// Tabs and carriage returns, which OWASP names as well, are escapes by then.
constexpr std::array<std::string_view, 8> kFormulas = {"=",      "+",      "-",      "@",
                                                       "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"};

}  // namespace

std::string csv_text(std::string_view text) {
  std::string cell = harmless(text);
  const bool formula = std::any_of(kFormulas.begin(), kFormulas.end(),
                                   [&](std::string_view sign) { return cell.rfind(sign, 0) == 0; });
  return formula ? "'" + cell : cell;
}

std::string csv_line(const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& cell : cells) {
    if (&cell != &cells.front()) line += ',';
    if (cell.find_first_of(",\"\r\n") == std::string::npos) {
      line += cell;
      continue;
    }
    line += '"';
    for (const char c : cell) {
      if (c == '"') line += '"';
      line += c;
    }
    line += '"';
  }
  return line + "\r\n";
}

}  // namespace observatory::host
