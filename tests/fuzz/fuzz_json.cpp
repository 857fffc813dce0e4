// SPDX-License-Identifier: MIT
// The JSON checker and reader. The input is the text.
//
// Whatever check_json() accepts is read by the rest without fault: each part of it checks as JSON
// again, the cutter and jsmn see the same values, and decoded text is valid UTF-8.
#include "core/json/reader.h"
#include "tests/fuzz/fuzz.h"

namespace observatory::fuzz {
namespace {

void try_string(std::string_view string) {
  StringSink decoded;
  const bool faithful = put_json_text(string, decoded);
  require(is_valid_utf8(decoded.text), "decoded text is valid UTF-8");
  require(json_text_is(string, decoded.text) == faithful, "text is what it was decoded to");
  StringSink encoded;
  put_json_string(decoded.text, encoded);
  require(ok(check_json(encoded.text)), "encoded text is JSON");
  require(json_text_is(encoded.text, decoded.text), "text is the same when encoded and decoded");
}

void try_number(std::string_view number) {
  std::uint64_t natural = 0;
  std::int64_t integer = 0;
  const bool is_natural = json_unsigned(number, natural);
  if (json_signed(number, integer) && integer >= 0 && number.front() != '-') {
    require(is_natural && natural == static_cast<std::uint64_t>(integer), "numbers agree");
  }
}

void try_value(std::string_view value);

void try_part(std::string_view part, const JsonValue& token, bool tokenised) {
  require(!part.empty() && ok(check_json(part)), "each part of JSON is JSON");
  if (tokenised) {
    require(token.raw() == part, "jsmn and the cutter see the same part");
    require(token.type() == json_type(part), "jsmn and the cutter see the same type");
  }
  try_value(part);
}

void try_value(std::string_view value) {
  JsonDocument document;
  const Status parsed = document.parse(value);
  require(ok(parsed) || parsed == Status::kOverflow, "what checks as JSON can be tokenised");
  const bool tokenised = ok(parsed);
  const JsonValue root = document.root();
  require(tokenised || root.type() == JsonType::kNone, "an overflow leaves no value");

  int parts = 0;
  std::string_view key;
  std::string_view part;
  switch (json_type(value)) {
    case JsonType::kObject: {
      JsonMembers members(value);
      while (members.next(key, part)) {
        require(ok(check_json(key)) && json_type(key) == JsonType::kString, "a key is a string");
        try_string(key);
        StringSink name;
        // Where a member stands twice, the first counts: for both readers the same.
        if (put_json_text(key, name)) {
          require(!tokenised || root.member(name.text).raw() == json_member(value, name.text),
                  "both readers find the same member");
        }
        try_part(part, {}, false);
        ++parts;
      }
      break;
    }
    case JsonType::kArray: {
      JsonElements elements(value);
      while (elements.next(part)) try_part(part, root.element(parts++), tokenised);
      require(root.element(parts).type() == JsonType::kNone, "nothing stands behind the end");
      break;
    }
    case JsonType::kString:
      return try_string(value);
    case JsonType::kNumber:
      return try_number(value);
    default:
      return;
  }
  require(!tokenised || root.size() == parts, "both readers count the same parts");
}

}  // namespace
}  // namespace observatory::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace observatory;
  const std::string_view text = as_text(ByteView(data, size));
  if (!ok(check_json(text))) return 0;
  std::string_view value = text;
  while (!value.empty() && std::string_view(" \t\r\n").find(value.front()) != value.npos) {
    value.remove_prefix(1);
  }
  while (!value.empty() && std::string_view(" \t\r\n").find(value.back()) != value.npos) {
    value.remove_suffix(1);
  }
  fuzz::require(!value.empty(), "JSON is not blank");
  fuzz::try_value(value);
  return 0;
}
