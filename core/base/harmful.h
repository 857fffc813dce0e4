// SPDX-License-Identifier: MIT
// Characters of strangers' text that do something to what shows it: the one table of them.
#pragma once

#include <cstdint>

namespace observatory {

// What a character does besides being seen, the worst last. Source: the Unicode Character
// Database 14.0, general categories Cc, Cf, Zl and Zp.
enum class Harm : std::uint8_t {
  kNone,
  kFormats,  // marks of a script or of annotations that a terminal may swallow
  kHides,    // takes no room: what looks alike is not alike (zero width, joiners, soft hyphen)
  kActs,     // commands a terminal (C0, DEL, C1), ends a line, or turns the direction of text
};

Harm harm_of(std::uint32_t code_point);

}  // namespace observatory
