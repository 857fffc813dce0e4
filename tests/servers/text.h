// SPDX-License-Identifier: MIT
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace observatory::demo {

struct Placeholder {
  std::string_view mark;
  std::string value;
};

// `pattern` with every mark replaced once over; values are not searched again.
inline std::string filled(std::string_view pattern, std::initializer_list<Placeholder> marks) {
  std::string text;
  for (size_t at = 0; at < pattern.size();) {
    bool replaced = false;
    for (const Placeholder& placeholder : marks) {
      if (pattern.substr(at, placeholder.mark.size()) == placeholder.mark) {
        text += placeholder.value;
        at += placeholder.mark.size();
        replaced = true;
        break;
      }
    }
    if (!replaced) text += pattern[at++];
  }
  return text;
}

// The parts one behind the other.
inline std::string joined(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return text;
}

}  // namespace observatory::demo
