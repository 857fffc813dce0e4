// SPDX-License-Identifier: MIT
// UTF-8 (RFC 3629): what is well formed, and making well formed what is not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/byte_sink.h"

namespace observatory {

// U+FFFD, which stands for each maximal broken part of a sequence (Unicode 15, section 3.9).
inline constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";

// The length in bytes, 1 to 4, of the well-formed character that `text` starts with; 0 when
// what it starts with is not well formed (overlong, surrogate, beyond U+10FFFF, cut short).
std::size_t utf8_character(std::string_view text);

// The code point of one well-formed character, as utf8_character() measured it.
std::uint32_t code_point_of(std::string_view character);

bool is_valid_utf8(std::string_view text);

// Puts `text` with every broken part replaced by U+FFFD.
void put_valid_utf8(std::string_view text, ByteSink& into);

// Puts the UTF-8 form of a code point in one piece; U+FFFD for a surrogate or a number beyond
// U+10FFFF.
void put_code_point(std::uint32_t code_point, ByteSink& into);

// The longest prefix of valid UTF-8 `text` that has at most `limit` bytes and cuts no character.
std::string_view utf8_prefix(std::string_view text, std::size_t limit);

}  // namespace observatory
