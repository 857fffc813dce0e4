// SPDX-License-Identifier: MIT
#include "tests/servers/json.h"

#include <charconv>
#include <cmath>
#include <cstdlib>

namespace observatory::demo {

Json Json::Bool(bool value) {
  Json json;
  json.kind_ = Kind::kBool;
  json.boolean_ = value;
  return json;
}

Json Json::Int(int64_t value) { return Number(std::to_string(value)); }

Json Json::Number(std::string_view written) {
  Json json;
  json.kind_ = Kind::kNumber;
  json.text_ = written;
  return json;
}

Json Json::Text(std::string_view utf8) {
  Json json;
  json.kind_ = Kind::kString;
  json.text_ = utf8;
  return json;
}

Json Json::Array(std::vector<Json> items) {
  Json json;
  json.kind_ = Kind::kArray;
  json.items_ = std::move(items);
  return json;
}

Json Json::Object(std::initializer_list<Member> members) {
  Json json;
  json.kind_ = Kind::kObject;
  for (const Member& member : members) json.Set(member.first, member.second);
  return json;
}

const Json* Json::Find(std::string_view name) const {
  for (size_t i = 0; i < names_.size(); ++i) {
    if (names_[i] == name) return &items_[i];
  }
  return nullptr;
}

void Json::Set(std::string_view name, Json value) {
  for (size_t i = 0; i < names_.size(); ++i) {
    if (names_[i] == name) {
      items_[i] = std::move(value);
      return;
    }
  }
  names_.emplace_back(name);
  items_.push_back(std::move(value));
}

void Json::Append(Json item) { items_.push_back(std::move(item)); }

bool Json::IsInteger() const {
  return kind_ == Kind::kNumber && text_.find_first_not_of("-0123456789") == std::string::npos;
}

namespace {

bool ValidUtf8(std::string_view text) {
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

void AppendUtf8(unsigned code, std::string* out) {
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

  ParseStatus Parse(Json* value) {
    Json parsed;
    SkipSpace();
    if (!Value(&parsed, 0)) return status_;
    SkipSpace();
    if (at_ != text_.size()) return ParseStatus::kInvalid;
    *value = std::move(parsed);
    return ParseStatus::kOk;
  }

 private:
  bool Fail(ParseStatus status) {
    status_ = status;
    return false;
  }
  bool Invalid() { return Fail(ParseStatus::kInvalid); }

  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  bool Take(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return false;
    at_ += expected.size();
    return true;
  }

  void SkipSpace() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos) ++at_;
  }

  bool Value(Json* out, size_t depth) {
    if (at_ >= text_.size()) return Invalid();
    switch (Peek()) {
      case '{':
        return Object(out, depth + 1);
      case '[':
        return Array(out, depth + 1);
      case '"': {
        std::string content;
        if (!String(&content)) return false;
        *out = Json::Text(content);
        return true;
      }
      default:
        return Word(out);
    }
  }

  bool Word(Json* out) {
    if (Take("null")) {
      *out = Json();
      return true;
    }
    if (Take("true")) {
      *out = Json::Bool(true);
      return true;
    }
    if (Take("false")) {
      *out = Json::Bool(false);
      return true;
    }
    if (rules_.non_finite) {
      for (const std::string_view word : {"NaN", "Infinity", "-Infinity"}) {
        if (Take(word)) {
          *out = Json::Number(word);
          return true;
        }
      }
    }
    return Number(out);
  }

  size_t Digits() {
    const size_t begin = at_;
    while (Peek() >= '0' && Peek() <= '9') ++at_;
    return at_ - begin;
  }

  bool Number(Json* out) {
    const size_t begin = at_;
    Take("-");
    if (!Take("0") && Digits() == 0) return Invalid();
    bool integer = true;
    if (Take(".")) {
      integer = false;
      if (Digits() == 0) return Invalid();
    }
    if (Take("e") || Take("E")) {
      integer = false;
      if (!Take("+")) Take("-");
      if (Digits() == 0) return Invalid();
    }
    const std::string written(text_.substr(begin, at_ - begin));
    if (integer && !rules_.wide_integers) {
      int64_t narrow = 0;
      uint64_t wide = 0;
      const char* end = written.data() + written.size();
      if (std::from_chars(written.data(), end, narrow).ec != std::errc() &&
          std::from_chars(written.data(), end, wide).ec != std::errc()) {
        return Invalid();
      }
    }
    if (!integer && !rules_.non_finite && !std::isfinite(std::strtod(written.c_str(), nullptr))) {
      return Invalid();
    }
    *out = Json::Number(written);
    return true;
  }

  bool Hex4(unsigned* code) {
    if (at_ + 4 > text_.size()) return Invalid();
    const char* begin = text_.data() + at_;
    const auto [end, error] = std::from_chars(begin, begin + 4, *code, 16);
    if (error != std::errc() || end != begin + 4) return Invalid();
    at_ += 4;
    return true;
  }

  bool Escape(std::string* out) {
    static constexpr std::string_view kLetters = "\"\\/bfnrt";
    static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const char letter = Peek();
    ++at_;
    const size_t index = kLetters.find(letter);
    if (letter != '\0' && index != std::string_view::npos) {
      out->push_back(kMeanings[index]);
      return true;
    }
    unsigned code = 0;
    if (letter != 'u' || !Hex4(&code)) return Invalid();
    const bool high = code >= 0xd800 && code <= 0xdbff;
    if (high && text_.substr(at_, 2) == "\\u") {
      const size_t before = at_;
      unsigned low = 0;
      at_ += 2;
      if (!Hex4(&low)) return false;
      if (low >= 0xdc00 && low <= 0xdfff) {
        AppendUtf8(0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00), out);
        return true;
      }
      at_ = before;
    }
    if (code >= 0xd800 && code <= 0xdfff && !rules_.lone_surrogates) return Invalid();
    AppendUtf8(code, out);
    return true;
  }

  bool String(std::string* out) {
    ++at_;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (static_cast<unsigned char>(c) < 0x20) return Invalid();
      ++at_;
      if (c == '"') return true;
      if (c != '\\') {
        out->push_back(c);
      } else if (at_ >= text_.size() || !Escape(out)) {
        return Invalid();
      }
    }
    return Invalid();
  }

  bool Array(Json* out, size_t depth) {
    if (depth > rules_.max_depth) return Fail(ParseStatus::kTooDeep);
    ++at_;
    *out = Json::Array();
    SkipSpace();
    if (Take("]")) return true;
    while (true) {
      Json item;
      SkipSpace();
      if (!Value(&item, depth)) return false;
      out->Append(std::move(item));
      SkipSpace();
      if (Take("]")) return true;
      if (!Take(",")) return Invalid();
    }
  }

  bool Object(Json* out, size_t depth) {
    if (depth > rules_.max_depth) return Fail(ParseStatus::kTooDeep);
    ++at_;
    *out = Json::Object();
    SkipSpace();
    if (Take("}")) return true;
    while (true) {
      std::string name;
      Json value;
      SkipSpace();
      if (Peek() != '"' || !String(&name)) return Invalid();
      SkipSpace();
      if (!Take(":")) return Invalid();
      SkipSpace();
      if (!Value(&value, depth)) return false;
      out->Set(name, std::move(value));
      SkipSpace();
      if (Take("}")) return true;
      if (!Take(",")) return Invalid();
    }
  }

  std::string_view text_;
  const ParseRules& rules_;
  size_t at_ = 0;
  ParseStatus status_ = ParseStatus::kInvalid;
};

}  // namespace

ParseStatus ParseJson(std::string_view text, const ParseRules& rules, Json* value) {
  if (!ValidUtf8(text)) return ParseStatus::kInvalidUtf8;
  return Parser(text, rules).Parse(value);
}

}  // namespace observatory::demo
