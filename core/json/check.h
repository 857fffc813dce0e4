// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "core/base/status.h"

namespace observatory {

// Brackets that may be open at once. The deepest honest reply has four.
inline constexpr int kDeepestJson = 32;

// Whether `text` is exactly one JSON text by the grammar of RFC 8259, blanks around it allowed.
// Uses no memory that grows and time linear in the length.
//
//   kOk         it is; nothing else in this folder is to be called with text that is not
//   kMalformed  it is not: everything that jsmn lets through is found here (trailing commas, two
//               roots, `tru`, `01`, missing colons, control characters in strings, NUL, a lone
//               backslash, ...)
//   kOverflow   it is nested deeper than kDeepestJson
//
// Strings may hold broken UTF-8 and lone surrogates: decoding replaces these by U+FFFD (reader.h).
Status check_json(std::string_view text);

}  // namespace observatory
