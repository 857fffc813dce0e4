// SPDX-License-Identifier: MIT
#include "core/base/utf8.h"

#include <algorithm>

namespace observatory {
namespace {

struct Lead {
  std::uint8_t length;  // 0: no character starts with this byte
  std::uint8_t second_low;
  std::uint8_t second_high;
};

// RFC 3629 section 4: the range of the second byte is what keeps overlong forms, surrogates and
// numbers beyond U+10FFFF out.
constexpr Lead lead_of(std::uint8_t byte) {
  if (byte < 0x80) return {1, 0, 0};
  if (byte < 0xC2) return {0, 0, 0};
  if (byte < 0xE0) return {2, 0x80, 0xBF};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte < 0xF0) return {3, 0x80, 0xBF};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte < 0xF4) return {4, 0x80, 0xBF};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

// How many bytes of `text` belong together, and whether they form a character.
struct Piece {
  std::size_t length;
  bool whole;
};

Piece first_piece(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const Lead lead = lead_of(byte(0));
  if (lead.length == 0) return {1, false};
  for (std::size_t i = 1; i < lead.length; ++i) {
    const std::uint8_t low = i == 1 ? lead.second_low : std::uint8_t{0x80};
    const std::uint8_t high = i == 1 ? lead.second_high : std::uint8_t{0xBF};
    if (i >= text.size() || byte(i) < low || byte(i) > high) return {i, false};
  }
  return {lead.length, true};
}

}  // namespace

std::size_t utf8_character(std::string_view text) {
  if (text.empty()) return 0;
  const Piece piece = first_piece(text);
  return piece.whole ? piece.length : 0;
}

std::uint32_t code_point_of(std::string_view character) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(character[i]); };
  if (character.size() == 1) return byte(0);
  std::uint32_t code_point = byte(0) & (0x7Fu >> character.size());
  for (std::size_t i = 1; i < character.size(); ++i)
    code_point = code_point << 6 | (byte(i) & 0x3Fu);
  return code_point;
}

bool is_valid_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_character(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

void put_valid_utf8(std::string_view text, ByteSink& into) {
  std::size_t valid = 0;  // length of the well-formed run at the front of `text`
  while (valid < text.size()) {
    const Piece piece = first_piece(text.substr(valid));
    if (piece.whole) {
      valid += piece.length;
      continue;
    }
    into.put(text.substr(0, valid));
    into.put(kReplacementCharacter);
    text.remove_prefix(valid + piece.length);
    valid = 0;
  }
  into.put(text);
}

void put_code_point(std::uint32_t code_point, ByteSink& into) {
  if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF)) {
    return into.put(kReplacementCharacter);
  }
  std::uint8_t bytes[4];
  std::size_t size = 0;
  const auto add = [&](std::uint32_t byte) { bytes[size++] = static_cast<std::uint8_t>(byte); };
  if (code_point < 0x80) {
    add(code_point);
  } else if (code_point < 0x800) {
    add(0xC0 | code_point >> 6);
    add(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    add(0xE0 | code_point >> 12);
    add(0x80 | (code_point >> 6 & 0x3F));
    add(0x80 | (code_point & 0x3F));
  } else {
    add(0xF0 | code_point >> 18);
    add(0x80 | (code_point >> 12 & 0x3F));
    add(0x80 | (code_point >> 6 & 0x3F));
    add(0x80 | (code_point & 0x3F));
  }
  into.put(ByteView(bytes, size));  // in one piece: sinks cut no character
}

std::string_view utf8_prefix(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<std::uint8_t>(text[limit]) & 0xC0) == 0x80) --limit;
  return text.substr(0, limit);
}

}  // namespace observatory
