// SPDX-License-Identifier: MIT
#include "tests/servers/json.h"

#include <charconv>
#include <cmath>
#include <cstdlib>

namespace observatory::demo {

Json Json::from_bool(bool value) {
  Json json;
  json.kind_ = Kind::kBool;
  json.boolean_ = value;
  return json;
}

Json Json::from_int(int64_t value) { return from_number(std::to_string(value)); }

Json Json::from_number(std::string_view written) {
  Json json;
  json.kind_ = Kind::kNumber;
  json.text_ = written;
  return json;
}

Json Json::from_text(std::string_view utf8) {
  Json json;
  json.kind_ = Kind::kString;
  json.text_ = utf8;
  return json;
}

Json Json::from_items(std::vector<Json> items) {
  Json json;
  json.kind_ = Kind::kArray;
  json.items_ = std::move(items);
  return json;
}

Json Json::from_members(std::initializer_list<Member> members) {
  Json json;
  json.kind_ = Kind::kObject;
  for (const Member& member : members) json.set(member.first, member.second);
  return json;
}

const Json* Json::find(std::string_view name) const {
  for (size_t i = 0; i < names_.size(); ++i) {
    if (names_[i] == name) return &items_[i];
  }
  return nullptr;
}

void Json::set(std::string_view name, Json value) {
  for (size_t i = 0; i < names_.size(); ++i) {
    if (names_[i] == name) {
      items_[i] = std::move(value);
      return;
    }
  }
  names_.emplace_back(name);
  items_.push_back(std::move(value));
}

void Json::append(Json item) { items_.push_back(std::move(item)); }

bool Json::is_integer() const {
  return kind_ == Kind::kNumber && text_.find_first_not_of("-0123456789") == std::string::npos;
}

namespace {

bool is_valid_utf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto at = [&](size_t offset) -> unsigned {
      return i + offset < text.size() ? static_cast<unsigned char>(text[i + offset]) : 0U;
    };
    const unsigned lead = at(0);
    size_t length = 1;
    unsigned low = 0x80;
    unsigned high = 0xbf;
    if (lead >= 0x80) {
      if (lead >= 0xc2 && lead <= 0xdf) {
        length = 2;
      } else if (lead >= 0xe0 && lead <= 0xef) {
        length = 3;
        if (lead == 0xe0) low = 0xa0;
        if (lead == 0xed) high = 0x9f;
      } else if (lead >= 0xf0 && lead <= 0xf4) {
        length = 4;
        if (lead == 0xf0) low = 0x90;
        if (lead == 0xf4) high = 0x8f;
      } else {
        return false;
      }
      if (at(1) < low || at(1) > high) return false;
      for (size_t k = 2; k < length; ++k) {
        if ((at(k) & 0xc0U) != 0x80) return false;
      }
    }
    i += length;
  }
  return true;
}

void append_utf8(unsigned code, std::string* out) {
  const auto put = [&](unsigned byte) { out->push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | (code >> 6));
    put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3f));
    put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3f));
    put(0x80 | ((code >> 6) & 0x3f));
    put(0x80 | (code & 0x3f));
  }
}

class Parser {
 public:
  Parser(std::string_view text, const ParseRules& rules) : text_(text), rules_(rules) {}

  ParseStatus parse(Json* value) {
    Json parsed;
    skip_space();
    if (!read_value(&parsed, 0)) return status_;
    skip_space();
    if (at_ != text_.size()) return ParseStatus::kInvalid;
    *value = std::move(parsed);
    return ParseStatus::kOk;
  }

 private:
  bool fail(ParseStatus status) {
    status_ = status;
    return false;
  }
  bool fail_invalid() { return fail(ParseStatus::kInvalid); }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  bool take(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return false;
    at_ += expected.size();
    return true;
  }

  void skip_space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos) ++at_;
  }

  bool read_value(Json* out, size_t depth) {
    if (at_ >= text_.size()) return fail_invalid();
    switch (peek()) {
      case '{':
        return read_object(out, depth + 1);
      case '[':
        return read_array(out, depth + 1);
      case '"': {
        std::string content;
        if (!read_string(&content)) return false;
        *out = Json::from_text(content);
        return true;
      }
      default:
        return read_word(out);
    }
  }

  bool read_word(Json* out) {
    if (take("null")) {
      *out = Json();
      return true;
    }
    if (take("true")) {
      *out = Json::from_bool(true);
      return true;
    }
    if (take("false")) {
      *out = Json::from_bool(false);
      return true;
    }
    if (rules_.non_finite) {
      for (const std::string_view word : {"NaN", "Infinity", "-Infinity"}) {
        if (take(word)) {
          *out = Json::from_number(word);
          return true;
        }
      }
    }
    return read_number(out);
  }

  size_t skip_digits() {
    const size_t begin = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ - begin;
  }

  bool read_number(Json* out) {
    const size_t begin = at_;
    take("-");
    if (!take("0") && skip_digits() == 0) return fail_invalid();
    bool integer = true;
    if (take(".")) {
      integer = false;
      if (skip_digits() == 0) return fail_invalid();
    }
    if (take("e") || take("E")) {
      integer = false;
      if (!take("+")) take("-");
      if (skip_digits() == 0) return fail_invalid();
    }
    const std::string written(text_.substr(begin, at_ - begin));
    if (integer && !rules_.wide_integers) {
      int64_t narrow = 0;
      uint64_t wide = 0;
      const char* end = written.data() + written.size();
      if (std::from_chars(written.data(), end, narrow).ec != std::errc() &&
          std::from_chars(written.data(), end, wide).ec != std::errc()) {
        return fail_invalid();
      }
    }
    if (!integer && !rules_.non_finite && !std::isfinite(std::strtod(written.c_str(), nullptr))) {
      return fail_invalid();
    }
    *out = Json::from_number(written);
    return true;
  }

  bool read_hex4(unsigned* code) {
    if (at_ + 4 > text_.size()) return fail_invalid();
    const char* begin = text_.data() + at_;
    const auto [end, error] = std::from_chars(begin, begin + 4, *code, 16);
    if (error != std::errc() || end != begin + 4) return fail_invalid();
    at_ += 4;
    return true;
  }

  bool read_escape(std::string* out) {
    static constexpr std::string_view kLetters = "\"\\/bfnrt";
    static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const char letter = peek();
    ++at_;
    const size_t index = kLetters.find(letter);
    if (letter != '\0' && index != std::string_view::npos) {
      out->push_back(kMeanings[index]);
      return true;
    }
    unsigned code = 0;
    if (letter != 'u' || !read_hex4(&code)) return fail_invalid();
    const bool high = code >= 0xd800 && code <= 0xdbff;
    if (high && text_.substr(at_, 2) == "\\u") {
      const size_t before = at_;
      unsigned low = 0;
      at_ += 2;
      if (!read_hex4(&low)) return false;
      if (low >= 0xdc00 && low <= 0xdfff) {
        append_utf8(0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00), out);
        return true;
      }
      at_ = before;
    }
    if (code >= 0xd800 && code <= 0xdfff && !rules_.lone_surrogates) return fail_invalid();
    append_utf8(code, out);
    return true;
  }

  bool read_string(std::string* out) {
    ++at_;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (static_cast<unsigned char>(c) < 0x20) return fail_invalid();
      ++at_;
      if (c == '"') return true;
      if (c != '\\') {
        out->push_back(c);
      } else if (at_ >= text_.size() || !read_escape(out)) {
        return fail_invalid();
      }
    }
    return fail_invalid();
  }

  bool read_array(Json* out, size_t depth) {
    if (depth > rules_.max_depth) return fail(ParseStatus::kTooDeep);
    ++at_;
    *out = Json::from_items();
    skip_space();
    if (take("]")) return true;
    while (true) {
      Json item;
      skip_space();
      if (!read_value(&item, depth)) return false;
      out->append(std::move(item));
      skip_space();
      if (take("]")) return true;
      if (!take(",")) return fail_invalid();
    }
  }

  bool read_object(Json* out, size_t depth) {
    if (depth > rules_.max_depth) return fail(ParseStatus::kTooDeep);
    ++at_;
    *out = Json::from_members();
    skip_space();
    if (take("}")) return true;
    while (true) {
      std::string name;
      Json value;
      skip_space();
      if (peek() != '"' || !read_string(&name)) return fail_invalid();
      skip_space();
      if (!take(":")) return fail_invalid();
      skip_space();
      if (!read_value(&value, depth)) return false;
      out->set(name, std::move(value));
      skip_space();
      if (take("}")) return true;
      if (!take(",")) return fail_invalid();
    }
  }

  std::string_view text_;
  const ParseRules& rules_;
  size_t at_ = 0;
  ParseStatus status_ = ParseStatus::kInvalid;
};

}  // namespace

ParseStatus parse_json(std::string_view text, const ParseRules& rules, Json* value) {
  if (!is_valid_utf8(text)) return ParseStatus::kInvalidUtf8;
  return Parser(text, rules).parse(value);
}

}  // namespace observatory::demo
