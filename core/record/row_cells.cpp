// SPDX-License-Identifier: MIT
#include "core/record/row_cells.h"

#include <array>

#include "core/base/byte_reader.h"
#include "core/base/byte_writer.h"
#include "core/base/ip_text.h"
#include "core/record/cbor_values.h"

namespace observatory {
namespace {

constexpr std::size_t kAddressColumn = 0;
constexpr std::size_t kHostColumn = 1;
constexpr std::size_t kWordsColumn = 2;
constexpr std::uint8_t kNumbered = 0x80;

// What ElectrumX and Fulcrum announce: the default ports of Bitcoin and of its test networks, the
// versions of the protocol and of the software that says them, pruning.
constexpr std::string_view kWords =
    "t50001 s50002 v1.4 v1.4.1 v1.4.2 v1.4.3 v1.4.4 v1.4.5 v1.5 v1.5.1 v1.5.2 v1.5.3 v1.6 v1.6.0 "
    "v1.7 v1.3 v1.2 v1.1 v1.0 p10000 t s t110 s443 s995 t60001 s60002 t51001 s51002 t40001 s40002";

// Takes the first word of `text` with the space behind it. Empty where a space comes first.
std::string_view take_word(std::string_view& text) {
  const std::size_t length = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, length);
  text.remove_prefix(std::min(length + 1, text.size()));
  return word;
}

// 0 where the word has no number.
std::uint8_t code_of(std::string_view word) {
  std::uint8_t code = kNumbered;
  for (std::string_view rest = kWords; !rest.empty(); ++code) {
    if (take_word(rest) == word) return code;
  }
  return 0;
}

// False when the text is not words with one space between them.
bool pack_words(std::string_view text, ByteSink& into) {
  if (text.empty() || text.back() == ' ') return false;
  while (!text.empty()) {
    const std::string_view word = take_word(text);
    if (word.empty() || word.size() >= kNumbered) return false;
    const std::uint8_t code = code_of(word);
    into.put_byte(code != 0 ? code : static_cast<std::uint8_t>(word.size()));
    if (code == 0) into.put(word);
  }
  return true;
}

bool unpack_words(ByteView packed, ByteSink& into) {
  ByteReader reader(packed);
  while (!reader.at_end()) {
    const std::uint8_t code = reader.take_byte();
    std::string_view word;
    if (code < kNumbered) {
      word = as_text(reader.take(code));
    } else {
      std::string_view rest = kWords;
      for (unsigned i = kNumbered; i <= code; ++i) word = take_word(rest);
    }
    if (reader.failed() || word.empty()) return false;
    into.put(word);
    if (!reader.at_end()) into.put(" ");
  }
  return !packed.empty();
}

bool put_address(std::string_view text, ByteSink& into) {
  std::array<std::uint8_t, kLongestIpText> again;
  IpAddress ip;
  ByteWriter writer(again);
  if (!read_ip(text, ip)) return false;
  put_ip(ip, writer);
  if (writer.text() != text) return false;
  cbor::put_bytes(ByteView(ip.bytes).first(ip.family == IpAddress::Family::kV4 ? 4 : 16), into);
  return true;
}

bool put_words(std::string_view text, ByteSink& into) {
  std::array<std::uint8_t, 64> packed;
  ByteWriter writer(packed);
  if (!pack_words(text, writer) || writer.written().empty()) return false;
  cbor::put_bytes(writer.written(), into);
  return true;
}

}  // namespace

void put_cell(Row row, std::size_t column, ByteSink& into) {
  const std::string_view text = row[column];
  if (column == kAddressColumn && text == row[kHostColumn]) {
    return cbor::put_head(cbor::Major::kSimple, cbor::kNull, into);
  }
  if (column == kWordsColumn ? put_words(text, into) : put_address(text, into)) return;
  cbor::put_text(text, into);
}

bool unpack_cell(std::size_t column, ByteView packed, ByteSink& into) {
  if (column == kWordsColumn) return unpack_words(packed, into);
  if (packed.size() != 4 && packed.size() != 16) return false;
  put_ip(ip_of_bytes(packed), into);
  return true;
}

std::string_view common_words() { return kWords; }

}  // namespace observatory
