// SPDX-License-Identifier: MIT
#include "targets/observatory/show/json_text.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "core/base/harmful.h"
#include "core/base/utf8.h"
#include "targets/observatory/show/display_text.h"

namespace observatory::host {

std::string json_text(const nlohmann::ordered_json& value, int indent) {
  const std::string dumped =
      value.dump(indent, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  // Outside of strings there is nothing but ASCII, and its control characters are escaped.
  std::string text;
  text.reserve(dumped.size());
  for (std::string_view rest = dumped; !rest.empty();) {
    const std::size_t length = std::max<std::size_t>(utf8_character(rest), 1);
    const std::string_view character = rest.substr(0, length);
    const auto first = static_cast<unsigned char>(character.front());
    if (first >= 0x7f && harm_of(code_point_of(character)) == Harm::kActs) {
      text += harmless(character);
    } else {
      text += character;
    }
    rest.remove_prefix(length);
  }
  return text;
}

}  // namespace observatory::host
