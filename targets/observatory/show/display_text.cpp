// SPDX-License-Identifier: MIT
#include "targets/observatory/show/display_text.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <span>

#include "core/base/harmful.h"
#include "core/base/utf8.h"
#include "targets/observatory/show/text_sink.h"
#include "targets/observatory/show/unicode_ranges.h"

namespace observatory::host {
namespace {

bool is_in(std::span<const CodePointRange> ranges, std::uint32_t code_point) {
  const auto found = std::lower_bound(
      ranges.begin(), ranges.end(), code_point,
      [](const CodePointRange& range, std::uint32_t number) { return range.last < number; });
  return found != ranges.end() && found->first <= code_point;
}

// Takes one character off the front of valid UTF-8.
struct Character {
  std::uint32_t code_point;
  std::string_view bytes;
};

Character take_character(std::string_view& text) {
  const std::size_t length = std::max<std::size_t>(utf8_character(text), 1);
  const std::string_view bytes = text.substr(0, length);
  text.remove_prefix(length);
  return {code_point_of(bytes), bytes};
}

std::size_t width_of(std::uint32_t code_point) {
  if (code_point < 0x300) return 1;
  if (is_in(kJoined, code_point)) return 0;
  return is_in(kWide, code_point) ? 2 : 1;
}

void append_escape(std::uint32_t code_point, std::string& into) {
  static constexpr char kDigits[] = "0123456789abcdef";
  into += "\\u";
  for (int shift = code_point > 0xFFFF ? 20 : 12; shift >= 0; shift -= 4) {
    into += kDigits[code_point >> shift & 15];
  }
}

}  // namespace

std::string harmless(std::string_view text) {
  TextSink valid;
  put_valid_utf8(text, valid);
  std::string shown;
  for (std::string_view rest = valid.text(); !rest.empty();) {
    const Character character = take_character(rest);
    if (harm_of(character.code_point) != Harm::kNone) {
      append_escape(character.code_point, shown);
    } else {
      shown += character.bytes;
    }
  }
  return shown;
}

std::size_t display_width(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) columns += width_of(take_character(text).code_point);
  return columns;
}

std::string fitted(std::string_view text, std::size_t columns) {
  std::size_t used = 0;
  std::size_t kept = 0;  // bytes that fit beside the ellipsis
  for (std::string_view rest = text; !rest.empty();) {
    const Character character = take_character(rest);
    used += width_of(character.code_point);
    if (used > columns) return std::string(text.substr(0, kept)) + "\u2026";
    if (used < columns) kept = text.size() - rest.size();
  }
  return std::string(text);
}

}  // namespace observatory::host
