// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace observatory::host {

// The value as UTF-8 text without a line feed at its end: on one line, or with `indent` spaces a
// level. Broken UTF-8 becomes U+FFFD, and what a terminal would obey (control characters, line
// separators, bidirectional overrides) is escaped, as the probe's own records have it.
std::string json_text(const nlohmann::ordered_json& value, int indent = -1);

}  // namespace observatory::host
