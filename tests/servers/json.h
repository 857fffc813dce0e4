// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace observatory::demo {

// A JSON value that forgets nothing a wire comparison needs: numbers keep the text they were
// written with (2.0 and 2 differ, 9007199254740993 stays exact) and members keep their order.
class Json {
 public:
  enum class Kind { kNull, kBool, kNumber, kString, kArray, kObject };
  using Member = std::pair<const char*, Json>;

  Json() = default;  // null
  static Json from_bool(bool value);
  static Json from_int(int64_t value);
  static Json from_number(
      std::string_view written);                 // any JSON number, or NaN, Infinity, -Infinity
  static Json from_text(std::string_view utf8);  // lone surrogates in their three-byte form
  static Json from_items(std::vector<Json> items = {});
  static Json from_members(std::initializer_list<Member> members = {});

  Kind kind() const { return kind_; }
  bool is(Kind kind) const { return kind_ == kind; }
  bool boolean() const { return boolean_; }
  const std::string& text() const { return text_; }          // of a string, or a number as written
  const std::vector<Json>& items() const { return items_; }  // array items, member values
  const std::vector<std::string>& names() const { return names_; }  // member names, same order
  size_t size() const { return items_.size(); }

  // The member of that name, null pointer if there is none or this is no object.
  const Json* find(std::string_view name) const;
  // Adds a member; a second one of the same name replaces the value and keeps the place.
  void set(std::string_view name, Json value);
  void append(Json item);

  bool is_integer() const;  // a number written without fraction and exponent

 private:
  Kind kind_ = Kind::kNull;
  bool boolean_ = false;
  std::string text_;
  std::vector<Json> items_;
  std::vector<std::string> names_;
};

// Where parsers of real servers differ.
struct ParseRules {
  bool non_finite = false;       // NaN, Infinity and 1e400 are numbers (Python)
  bool lone_surrogates = false;  // "\ud800" is a string (Python)
  bool wide_integers = true;     // integers beyond 64 bits are numbers
  size_t max_depth = 128;        // arrays and objects within each other
};

enum class ParseStatus { kOk, kInvalid, kInvalidUtf8, kTooDeep };

// Parses one complete JSON text. Stops at the first fault; `value` is set only for kOk.
ParseStatus parse_json(std::string_view text, const ParseRules& rules, Json* value);

}  // namespace observatory::demo
