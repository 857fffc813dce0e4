// SPDX-License-Identifier: MIT
#include "core/json/check.h"

#include <cstdint>

#include "core/base/number.h"

namespace observatory {
namespace {

static_assert(kDeepestJson <= 64, "the open brackets are the bits of one number");

class Checker {
 public:
  explicit Checker(std::string_view text) : text_(text) {}

  Status check() {
    if (!run()) return too_deep_ ? Status::kOverflow : Status::kMalformed;
    return Status::kOk;
  }

 private:
  // Alternates between a value and what may stand behind it, without recursion: a peer decides
  // how deep it nests, and the stack of a router is small.
  bool run() {
    for (;;) {
      bool opened = false;
      if (!value(opened)) return false;
      if (opened) continue;
      bool more = false;
      if (!behind_value(more)) return false;
      if (!more) return at_ == text_.size();
    }
  }

  // A scalar, or the opening of an object or array (`opened`: a value comes next). One that is
  // empty is closed by behind_value().
  bool value(bool& opened) {
    blanks();
    switch (peek()) {
      case '{':
        if (!open(true)) return false;
        opened = peek() != '}';
        return !opened || key();
      case '[':
        if (!open(false)) return false;
        opened = peek() != ']';
        return true;
      case '"':
        return string();
      case 't':
        return word("true");
      case 'f':
        return word("false");
      case 'n':
        return word("null");
      default:
        return number();
    }
  }

  // Closes what ends here, then takes a comma and, in an object, the next key (`more`).
  bool behind_value(bool& more) {
    for (;;) {
      blanks();
      if (depth_ == 0) return true;
      const bool object = (objects_ & 1) != 0;
      if (peek() == (object ? '}' : ']')) {
        ++at_;
        objects_ >>= 1;
        --depth_;
        continue;
      }
      if (peek() != ',') return false;
      ++at_;
      more = true;
      return !object || key();
    }
  }

  bool open(bool object) {
    if (depth_ == kDeepestJson) {
      too_deep_ = true;
      return false;
    }
    ++at_;
    ++depth_;
    objects_ = objects_ << 1 | (object ? 1 : 0);
    blanks();
    return true;
  }

  bool key() {
    blanks();
    if (!string()) return false;
    blanks();
    return take(':');
  }

  bool string() {
    if (!take('"')) return false;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') return true;
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c == '\\' && !escape()) return false;
    }
    return false;
  }

  bool escape() {
    const char c = peek();
    ++at_;
    if (c == 'u') {
      for (int i = 0; i < 4; ++i, ++at_) {
        if (hex_digit(peek()) < 0) return false;
      }
      return true;
    }
    return c != '\0' && std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos;
  }

  bool number() {
    if (peek() == '-') ++at_;
    if (peek() == '0') {
      ++at_;
    } else if (!digits()) {
      return false;
    }
    if (peek() == '.') {
      ++at_;
      if (!digits()) return false;
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (!digits()) return false;
    }
    return true;
  }

  bool digits() {
    const std::size_t start = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ > start;
  }

  bool word(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return false;
    at_ += expected.size();
    return true;
  }

  void blanks() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) {
      ++at_;
    }
  }

  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }

  // NUL at the end: it is allowed nowhere, so a NUL in the text is refused like the end.
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::uint64_t objects_ = 0;  // one bit an open bracket, the innermost lowest: is it an object?
  bool too_deep_ = false;
};

}  // namespace

Status check_json(std::string_view text) { return Checker(text).check(); }

}  // namespace observatory
