// SPDX-License-Identifier: MIT
// Reading checked JSON in bounded memory, in two steps:
//
//  * JsonMembers and JsonElements cut an object or array of any length into its parts;
//  * JsonDocument tokenises one small part with jsmn and gives access to its values.
//
// jsmn keeps a token for each value, and a list of peers has thousands of them: cut first, and
// a handful of tokens serves every reply. Everything here REQUIRES text that check_json() accepted,
// or a part of such text. Where an object has a member twice, the first counts.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/base/byte_sink.h"
#include "core/base/status.h"

namespace observatory {

enum class JsonType : std::uint8_t {
  kNone,
  kObject,
  kArray,
  kString,
  kNumber,
  kTrue,
  kFalse,
  kNull,
};

// What a checked value is, by its first character; kNone for empty text.
JsonType json_type(std::string_view value);

// Puts the text of a JSON string (with its quotes), unescaped, as valid UTF-8: broken sequences
// and lone surrogates become U+FFFD. True when nothing had to be replaced.
bool put_json_text(std::string_view string, ByteSink& into);

// Whether a JSON string says exactly `text`.
bool json_text_is(std::string_view string, std::string_view text);

// A JSON number that is an integer of the type; false for fractions, exponents and overflow.
bool json_unsigned(std::string_view value, std::uint64_t& number);
bool json_signed(std::string_view value, std::int64_t& number);

// The members of an object, in order: each key as its JSON string, each value as its JSON text
// without blanks around it. Nothing for text that is no object.
class JsonMembers {
 public:
  explicit JsonMembers(std::string_view object);
  bool next(std::string_view& key, std::string_view& value);

 private:
  std::string_view rest_;
};

// The elements of an array, likewise.
class JsonElements {
 public:
  explicit JsonElements(std::string_view array);
  bool next(std::string_view& value);

 private:
  std::string_view rest_;
};

// The value of an object's member, by text; empty when there is none.
std::string_view json_member(std::string_view object, std::string_view name);

inline constexpr int kJsonTokens = 64;

class JsonDocument;

// One value of a JsonDocument, valid as long as the document and its text. Asking a value for
// what it is not gives an empty answer, so a path can be followed without a check at each step.
class JsonValue {
 public:
  JsonValue() = default;

  JsonType type() const;
  std::string_view raw() const;  // its JSON text, a string's with quotes
  int size() const;              // elements of an array, members of an object
  JsonValue element(int index) const;
  JsonValue member(std::string_view name) const;

 private:
  friend class JsonDocument;
  JsonValue(const JsonDocument* document, int token) : document_(document), token_(token) {}

  const JsonDocument* document_ = nullptr;
  int token_ = -1;
};

// jsmn's tokens of one part.
class JsonDocument {
 public:
  // kOverflow when the part has more than kJsonTokens values; the root is then empty.
  Status parse(std::string_view part);
  JsonValue root() const { return {count_ > 0 ? this : nullptr, count_ > 0 ? 0 : -1}; }

 private:
  friend class JsonValue;

  struct Token {
    std::int32_t start;  // of its JSON text, quotes included
    std::int32_t end;
    std::int32_t size;
    std::int32_t parent;
    JsonType type;
  };

  std::string_view text_;
  std::array<Token, kJsonTokens> tokens_;
  int count_ = 0;
};

}  // namespace observatory
