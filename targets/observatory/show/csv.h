// SPDX-License-Identifier: MIT
// Comma-separated values (RFC 4180).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace observatory::host {

// A text from anywhere, as a cell: made harmless() as for a terminal, and, so that no spreadsheet
// takes it for a formula, with an apostrophe in front when it begins with one of = + - @ or their
// full-width forms (OWASP, CSV Injection). Quoting is csv_line()'s.
std::string csv_text(std::string_view text);

// Cells as one line with CR LF; those with a comma, a quote or a line end are quoted.
std::string csv_line(const std::vector<std::string>& cells);

}  // namespace observatory::host
