// SPDX-License-Identifier: MIT
// Text from strangers, made fit for a terminal, and how many columns it takes there. Independent
// of the locale: the tables are Unicode's (UAX #11 East Asian Width, general categories).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace observatory::host {

// `text` with everything that a terminal could obey or hide made visible: control characters
// (escape sequences start with one), bidirectional overrides and all other format characters,
// and line separators become `\u001b` in six or more characters. Broken UTF-8 becomes U+FFFD.
std::string harmless(std::string_view text);

// Columns of a terminal that `text`, valid UTF-8 without control characters, takes: 2 for wide
// characters, 0 for marks that join the character before.
std::size_t display_width(std::string_view text);

// The longest beginning of `text` that takes at most `columns`, 1 or more; where something had to
// go, the last column is an ellipsis.
std::string fitted(std::string_view text, std::size_t columns);

}  // namespace observatory::host
