// SPDX-License-Identifier: MIT
#include "core/tls/distinguished_name.h"

#include <array>
#include <string_view>

#include "core/base/byte_reader.h"
#include "core/base/number.h"
#include "core/base/text_buffer.h"
#include "core/base/utf8.h"
#include "core/tls/der.h"
#include "core/tls/oid.h"

namespace observatory {
namespace {

using namespace std::string_view_literals;

// The table of RFC 4514 section 3, and the names that OpenSSL adds for what is common.
constexpr KnownOid kAttributes[] = {
    {"\x55\x04\x03"sv, "CN"},
    {"\x55\x04\x05"sv, "serialNumber"},
    {"\x55\x04\x06"sv, "C"},
    {"\x55\x04\x07"sv, "L"},
    {"\x55\x04\x08"sv, "ST"},
    {"\x55\x04\x09"sv, "street"},
    {"\x55\x04\x0a"sv, "O"},
    {"\x55\x04\x0b"sv, "OU"},
    {"\x55\x04\x0c"sv, "title"},
    {"\x55\x04\x61"sv, "organizationIdentifier"},
    {"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01"sv, "emailAddress"},
    {"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01"sv, "UID"},
    {"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19"sv, "DC"},
};

constexpr std::size_t kMostNameParts = 24;

// Code points of `width` bytes each; false when these are not whole.
bool put_wide(ByteView content, std::size_t width, ByteSink& into) {
  if (content.size() % width != 0) return false;
  ByteReader reader(content);
  while (!reader.at_end()) {
    put_code_point(static_cast<std::uint32_t>(reader.take_unsigned(width)), into);
  }
  return true;
}

// The text of a string type as valid UTF-8; false for what is no string.
bool put_string(const DerElement& value, ByteSink& into) {
  switch (value.tag) {
    case der::kBmpString:
      return put_wide(value.content, 2, into);
    case der::kUniversalString:
      return put_wide(value.content, 4, into);
    case der::kT61String:  // in practice Latin-1
      for (const std::uint8_t byte : value.content) put_code_point(byte, into);
      return true;
    case der::kUtf8String:
    case 0x12:  // NumericString
    case 0x13:  // PrintableString
    case 0x16:  // IA5String
    case 0x1a:  // VisibleString
      put_valid_utf8(as_text(value.content), into);
      return true;
    default:
      return false;
  }
}

// Escapes as RFC 4514 section 2.4 demands. Only ASCII is escaped, so no character is split.
void put_escaped(std::string_view text, ByteSink& into) {
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool edge = (i == 0 && (c == ' ' || c == '#')) || (i + 1 == text.size() && c == ' ');
    const bool special = std::string_view("\"+,;<>\\").find(c) != std::string_view::npos;
    if (c != '\0' && !edge && !special) continue;
    into.put(text.substr(plain, i - plain));
    into.put(c == '\0' ? "\\00" : "\\");
    plain = c == '\0' ? i + 1 : i;
  }
  into.put(text.substr(plain));
}

void put_attribute(ByteView attribute, ByteSink& into) {
  DerReader parts(attribute);
  DerElement type;
  DerElement value;
  if (!parts.take(der::kOid, type) || !parts.next(value)) return;
  put_name_or_oid(kAttributes, type.content, into);
  into.put("=");
  TextBuffer<512> text;
  if (!name_of(kAttributes, type.content).empty() && put_string(value, text)) {
    put_escaped(text.text(), into);
  } else {
    into.put("#");
    put_hex(value.whole, into);
  }
}

}  // namespace

bool put_name(ByteView name, ByteSink& into) {
  std::array<ByteView, kMostNameParts> parts;
  std::size_t count = 0;
  DerReader reader(name);
  DerElement part;
  while (count < parts.size() && reader.take(der::kSet, part)) parts[count++] = part.content;
  for (std::size_t i = count; i > 0; --i) {
    DerReader attributes(parts[i - 1]);
    DerElement attribute;
    for (bool first = true; attributes.take(der::kSequence, attribute); first = false) {
      if (!first) into.put("+");
      put_attribute(attribute.content, into);
    }
    if (i > 1) into.put(",");
  }
  return reader.peek() != der::kSet;
}

}  // namespace observatory
