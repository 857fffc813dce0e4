// SPDX-License-Identifier: MIT
#include "core/json/reader.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/base/number.h"
#include "core/base/utf8.h"

#define JSMN_STATIC
#define JSMN_PARENT_LINKS  // without them jsmn's time is quadratic in the number of keys
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wimplicit-fallthrough"
#endif
#include <jsmn.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

namespace observatory {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

void drop_blanks(std::string_view& text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
}

// Takes the value that checked text starts with. Brackets of strings do not count; that is all
// one has to know to find the end of a value that is known to be well formed.
std::string_view take_value(std::string_view& text) {
  drop_blanks(text);
  std::size_t at = 0;
  int depth = 0;
  bool in_string = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string) {
      if (c == '\\') {
        ++at;
      } else if (c == '"') {
        in_string = false;
        if (depth == 0) break;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth == 0) return std::exchange(text, text.substr(at)).substr(0, at);
      if (--depth == 0) break;
    } else if (depth == 0 && (c == ',' || c == ':' || is_blank(c))) {
      return std::exchange(text, text.substr(at)).substr(0, at);
    }
  }
  const std::size_t end = std::min(at + 1, text.size());
  return std::exchange(text, text.substr(end)).substr(0, end);
}

// Enters the brackets of an object or array.
std::string_view inside(std::string_view text, char bracket) {
  drop_blanks(text);
  if (text.empty() || text.front() != bracket) return {};
  text.remove_prefix(1);
  return text;
}

// Moves to the next part; false at the closing bracket.
bool at_part(std::string_view& rest) {
  drop_blanks(rest);
  if (!rest.empty() && rest.front() == ',') {
    rest.remove_prefix(1);
    drop_blanks(rest);
  }
  return !rest.empty() && rest.front() != '}' && rest.front() != ']';
}

std::uint32_t four_digits(std::string_view digits) {
  std::uint32_t value = 0;
  for (const char c : digits.substr(0, 4)) {
    value = value << 4 | static_cast<std::uint32_t>(hex_digit(c));
  }
  return value;
}

char unescaped(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
  }
}

bool is_high_surrogate(std::uint32_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool is_low_surrogate(std::uint32_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

// Compares what is put with an expected text.
class Comparison final : public ByteSink {
 public:
  explicit Comparison(std::string_view expected) : rest_(expected) {}

  void put(ByteView bytes) override {
    equal_ = equal_ && rest_.substr(0, bytes.size()) == as_text(bytes);
    rest_.remove_prefix(std::min(rest_.size(), bytes.size()));
  }
  using ByteSink::put;

  bool equal() const { return equal_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool equal_ = true;
};

}  // namespace

JsonType json_type(std::string_view value) {
  drop_blanks(value);
  if (value.empty()) return JsonType::kNone;
  switch (value.front()) {
    case '{':
      return JsonType::kObject;
    case '[':
      return JsonType::kArray;
    case '"':
      return JsonType::kString;
    case 't':
      return JsonType::kTrue;
    case 'f':
      return JsonType::kFalse;
    case 'n':
      return JsonType::kNull;
    default:
      return JsonType::kNumber;
  }
}

bool put_json_text(std::string_view string, ByteSink& into) {
  if (string.size() < 2 || string.front() != '"') return false;
  std::string_view rest = string.substr(1, string.size() - 2);
  bool faithful = true;
  while (!rest.empty()) {
    const std::string_view run = rest.substr(0, std::min(rest.find('\\'), rest.size()));
    put_valid_utf8(run, into);
    faithful = faithful && is_valid_utf8(run);
    rest.remove_prefix(run.size());
    if (rest.size() < 2) break;
    if (rest[1] != 'u') {
      into.put_byte(static_cast<std::uint8_t>(unescaped(rest[1])));
      rest.remove_prefix(2);
      continue;
    }
    std::uint32_t code_point = four_digits(rest.substr(2));
    rest.remove_prefix(6);
    if (is_high_surrogate(code_point) && rest.substr(0, 2) == "\\u") {
      const std::uint32_t low = four_digits(rest.substr(2));
      if (is_low_surrogate(low)) {
        code_point = 0x10000 + ((code_point - 0xD800) << 10) + (low - 0xDC00);
        rest.remove_prefix(6);
      }
    }
    faithful = faithful && !is_high_surrogate(code_point) && !is_low_surrogate(code_point);
    put_code_point(code_point, into);
  }
  return faithful;
}

bool json_text_is(std::string_view string, std::string_view text) {
  Comparison comparison(text);
  return json_type(string) == JsonType::kString && put_json_text(string, comparison) &&
         comparison.equal();
}

bool json_unsigned(std::string_view value, std::uint64_t& number) {
  return read_unsigned(value, number);
}

bool json_signed(std::string_view value, std::int64_t& number) {
  const bool negative = !value.empty() && value.front() == '-';
  const std::uint64_t largest =
      std::uint64_t{std::numeric_limits<std::int64_t>::max()} + (negative ? 1 : 0);
  std::uint64_t magnitude = 0;
  if (!read_unsigned(value.substr(negative ? 1 : 0), magnitude, largest)) return false;
  number = static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
  return true;
}

JsonMembers::JsonMembers(std::string_view object) : rest_(inside(object, '{')) {}

bool JsonMembers::next(std::string_view& key, std::string_view& value) {
  if (!at_part(rest_)) return false;
  key = take_value(rest_);
  drop_blanks(rest_);
  if (!rest_.empty()) rest_.remove_prefix(1);  // the colon
  value = take_value(rest_);
  return true;
}

JsonElements::JsonElements(std::string_view array) : rest_(inside(array, '[')) {}

bool JsonElements::next(std::string_view& value) {
  if (!at_part(rest_)) return false;
  value = take_value(rest_);
  return true;
}

std::string_view json_member(std::string_view object, std::string_view name) {
  JsonMembers members(object);
  std::string_view key;
  std::string_view value;
  while (members.next(key, value)) {
    if (json_text_is(key, name)) return value;
  }
  return {};
}

Status JsonDocument::parse(std::string_view part) {
  count_ = 0;
  text_ = part;
  std::array<jsmntok_t, kJsonTokens> found;
  jsmn_parser parser;
  jsmn_init(&parser);
  const int count = jsmn_parse(&parser, part.data(), part.size(), found.data(), found.size());
  if (count == JSMN_ERROR_NOMEM) return Status::kOverflow;
  if (count <= 0) return Status::kMalformed;
  for (int i = 0; i < count; ++i) {
    const jsmntok_t& from = found[static_cast<std::size_t>(i)];
    const int quote = from.type == JSMN_STRING ? 1 : 0;
    Token& to = tokens_[static_cast<std::size_t>(i)];
    to = {from.start - quote, from.end + quote, from.size, from.parent, JsonType::kNone};
    to.type = json_type(part.substr(static_cast<std::size_t>(to.start), 1));
  }
  count_ = count;
  return Status::kOk;
}

JsonType JsonValue::type() const {
  return document_ == nullptr ? JsonType::kNone
                              : document_->tokens_[static_cast<std::size_t>(token_)].type;
}

std::string_view JsonValue::raw() const {
  if (document_ == nullptr) return {};
  const JsonDocument::Token& token = document_->tokens_[static_cast<std::size_t>(token_)];
  return document_->text_.substr(static_cast<std::size_t>(token.start),
                                 static_cast<std::size_t>(token.end - token.start));
}

int JsonValue::size() const {
  const JsonType own = type();
  if (own != JsonType::kObject && own != JsonType::kArray) return 0;
  return document_->tokens_[static_cast<std::size_t>(token_)].size;
}

JsonValue JsonValue::element(int index) const {
  if (type() != JsonType::kArray) return {};
  for (int i = token_ + 1; i < document_->count_; ++i) {
    if (document_->tokens_[static_cast<std::size_t>(i)].parent != token_) continue;
    if (index-- == 0) return {document_, i};
  }
  return {};
}

JsonValue JsonValue::member(std::string_view name) const {
  if (type() != JsonType::kObject) return {};
  for (int i = token_ + 1; i + 1 < document_->count_; ++i) {
    if (document_->tokens_[static_cast<std::size_t>(i)].parent != token_) continue;
    if (json_text_is(JsonValue(document_, i).raw(), name)) return {document_, i + 1};
  }
  return {};
}

}  // namespace observatory
