// SPDX-License-Identifier: MIT
#include "tests/servers/wire.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numeric>

#include "tests/servers/text.h"

namespace observatory::demo {
namespace {

std::string unicode_escape(unsigned code) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "\\u%04x", code & 0xffffU);
  return text.data();
}

// Decodes one character at `at`, which moves behind it. The text is known to be well formed.
unsigned next_character(std::string_view text, size_t* at) {
  const auto byte = [&](size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0x80U;
  };
  const unsigned lead = byte(*at);
  const size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  static constexpr std::array<unsigned, 5> kMask = {0, 0x7f, 0x1f, 0x0f, 0x07};
  unsigned code = lead & kMask[length];
  for (size_t k = 1; k < length; ++k) code = (code << 6) | (byte(*at + k) & 0x3fU);
  *at = std::min(*at + length, text.size());
  return code;
}

// The short escapes of each library; the rest of the control characters are \u00xx everywhere.
std::string_view short_escapes(Dialect dialect) {
  return dialect == Dialect::kGo ? "\n\r\t" : "\b\f\n\r\t";
}

bool needs_unicode_escape(unsigned code, Dialect dialect) {
  if (code < 0x20) return true;
  switch (dialect) {
    case Dialect::kPython:
      return code > 0x7e;
    case Dialect::kFulcrum:
      return code == 0x7f;
    case Dialect::kGo:
      return code == '<' || code == '>' || code == '&' || code == 0x2028 || code == 0x2029;
    case Dialect::kOrgJson:
      return (code >= 0x80 && code < 0xa0) || (code >= 0x2000 && code < 0x2100);
    case Dialect::kSerde:
    case Dialect::kJavaScript:
      return code >= 0xd800 && code <= 0xdfff;
  }
  return false;
}

void append_string(std::string_view text, Dialect dialect, std::string* out) {
  static constexpr std::string_view kShort = "\b\f\n\r\t";
  static constexpr std::string_view kLetters = "bfnrt";
  const std::string_view escapes = short_escapes(dialect);
  out->push_back('"');
  for (size_t at = 0; at < text.size();) {
    const size_t begin = at;
    const unsigned code = next_character(text, &at);
    const char c = code < 0x80 ? static_cast<char>(code) : '\0';
    if (c == '"' || c == '\\') {
      out->push_back('\\');
      out->push_back(c);
    } else if (c != '\0' && escapes.find(c) != std::string_view::npos) {
      out->push_back('\\');
      out->push_back(kLetters[kShort.find(c)]);
    } else if (c == '/' && dialect == Dialect::kOrgJson && begin > 0 && text[begin - 1] == '<') {
      *out += "\\/";
    } else if (needs_unicode_escape(code, dialect)) {
      if (code >= 0x10000) {
        *out += unicode_escape(0xd800 + ((code - 0x10000) >> 10));
        *out += unicode_escape(0xdc00 + ((code - 0x10000) & 0x3ff));
      } else {
        *out += unicode_escape(code);
      }
    } else {
      *out += text.substr(begin, at - begin);
    }
  }
  out->push_back('"');
}

// The shortest digits that give `value` back, and the power of ten of the first one.
struct Decimal {
  bool negative = false;
  std::string digits;
  int exponent = 0;
};

Decimal shortest_decimal(double value) {
  std::array<char, 40> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), std::fabs(value),
                                 std::chars_format::scientific);
  Decimal decimal{.negative = std::signbit(value), .digits = {}, .exponent = 0};
  const std::string_view written(text.data(), static_cast<size_t>(end.ptr - text.data()));
  const size_t e = written.find('e');
  for (const char c : written.substr(0, e)) {
    if (c != '.') decimal.digits.push_back(c);
  }
  decimal.exponent = std::atoi(std::string(written.substr(e + 1)).c_str());
  return decimal;
}

struct FloatStyle {
  int fixed_from;          // smallest exponent written without "e"
  int fixed_below;         // first exponent written with "e" again
  bool fraction;           // whole numbers keep ".0"
  const char* exponent;    // printf format of the exponent
  bool mantissa_fraction;  // "1.0E-5"
};

FloatStyle float_style(Dialect dialect) {
  switch (dialect) {
    case Dialect::kPython:
      return {-4, 16, true, "e%+03d", false};
    case Dialect::kFulcrum:
      return {-4, 19, false, "e%+03d", false};
    case Dialect::kSerde:
      return {-5, 16, true, "e%d", false};
    case Dialect::kGo:
    case Dialect::kJavaScript:
      return {-6, 21, false, "e%+d", false};
    case Dialect::kOrgJson:
      return {-3, 7, false, "E%d", true};
  }
  return {-4, 16, true, "e%+03d", false};
}

std::string write_double(double value, Dialect dialect) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  const FloatStyle style = float_style(dialect);
  Decimal decimal = shortest_decimal(value);
  std::string text = decimal.negative ? "-" : "";
  const int count = static_cast<int>(decimal.digits.size());
  if (decimal.exponent < style.fixed_from || decimal.exponent >= style.fixed_below) {
    text += decimal.digits[0];
    if (count > 1) text += joined({".", decimal.digits.substr(1)});
    if (count == 1 && style.mantissa_fraction) text += ".0";
    std::array<char, 16> exponent{};
    std::snprintf(exponent.data(), exponent.size(), style.exponent, decimal.exponent);
    return text + exponent.data();
  }
  if (decimal.exponent < 0) {
    text += "0.";
    text.append(static_cast<size_t>(-decimal.exponent - 1), '0');
    return text + decimal.digits;
  }
  const int whole = decimal.exponent + 1;
  if (count > whole) {
    const size_t split = static_cast<size_t>(whole);
    return text + decimal.digits.substr(0, split) + "." + decimal.digits.substr(split);
  }
  text += decimal.digits;
  text.append(static_cast<size_t>(whole - count), '0');
  if (value == 0 && !style.fraction) return "0";
  return style.fraction ? text + ".0" : text;
}

std::string write_number(const Json& number, Dialect dialect) {
  const std::string& written = number.text();
  if (number.is_integer()) {
    const bool through_double = dialect == Dialect::kGo || dialect == Dialect::kJavaScript;
    // serde_json without arbitrary_precision keeps 64 bits and falls back to a float beyond.
    const bool too_wide = dialect == Dialect::kSerde && written.size() > 19 &&
                          !(written.size() == 20 && written <= "18446744073709551615");
    if (!through_double && !too_wide) return written == "-0" ? "0" : written;
  }
  if (written == "NaN" || written == "Infinity" || written == "-Infinity") return written;
  return write_double(std::strtod(written.c_str(), nullptr), dialect);
}

unsigned java_bucket(std::string_view name) {
  uint32_t hash = 0;
  for (const char c : name) hash = hash * 31 + static_cast<unsigned char>(c);
  return (hash ^ (hash >> 16)) & 15U;
}

std::vector<size_t> member_sequence(const Json& object, MemberOrder order) {
  std::vector<size_t> sequence(object.size());
  std::iota(sequence.begin(), sequence.end(), size_t{0});
  const std::vector<std::string>& names = object.names();
  if (order == MemberOrder::kSorted) {
    std::stable_sort(sequence.begin(), sequence.end(),
                     [&](size_t a, size_t b) { return names[a] < names[b]; });
  } else if (order == MemberOrder::kJavaHash) {
    std::stable_sort(sequence.begin(), sequence.end(), [&](size_t a, size_t b) {
      return java_bucket(names[a]) < java_bucket(names[b]);
    });
  }
  return sequence;
}

void append_json(const Json& value, const WriteStyle& style, std::string* out) {
  const char* comma = style.spaced ? ", " : ",";
  switch (value.kind()) {
    case Json::Kind::kNull:
      *out += "null";
      return;
    case Json::Kind::kBool:
      *out += value.boolean() ? "true" : "false";
      return;
    case Json::Kind::kNumber:
      *out += write_number(value, style.dialect);
      return;
    case Json::Kind::kString:
      append_string(value.text(), style.dialect, out);
      return;
    case Json::Kind::kArray: {
      *out += '[';
      for (size_t i = 0; i < value.size(); ++i) {
        if (i > 0) *out += comma;
        append_json(value.items()[i], style, out);
      }
      *out += ']';
      return;
    }
    case Json::Kind::kObject: {
      *out += '{';
      bool first = true;
      for (const size_t i : member_sequence(value, style.order)) {
        if (!first) *out += comma;
        first = false;
        append_string(value.names()[i], style.dialect, out);
        *out += style.spaced ? ": " : ":";
        append_json(value.items()[i], style, out);
      }
      *out += '}';
      return;
    }
  }
}

}  // namespace

std::string write_json(const Json& value, const WriteStyle& style) {
  std::string out;
  append_json(value, style, &out);
  return out;
}

std::string python_str(const Json& value) {
  return value.is(Json::Kind::kString) ? value.text() : python_repr(value);
}

std::string python_repr(const Json& value) {
  switch (value.kind()) {
    case Json::Kind::kNull:
      return "None";
    case Json::Kind::kBool:
      return value.boolean() ? "True" : "False";
    case Json::Kind::kNumber: {
      if (value.text() == "NaN") return "nan";
      const std::string text = write_number(value, Dialect::kPython);
      return text == "Infinity" ? "inf" : text == "-Infinity" ? "-inf" : text;
    }
    case Json::Kind::kString: {
      const bool apostrophe = value.text().find('\'') != std::string::npos;
      const bool quote = value.text().find('"') != std::string::npos;
      const char mark = apostrophe && !quote ? '"' : '\'';
      std::string out(1, mark);
      for (const char c : value.text()) {
        if (c == '\n') {
          out += "\\n";
        } else {
          if (c == mark || c == '\\') out += '\\';
          out += c;
        }
      }
      return out + mark;
    }
    case Json::Kind::kArray:
    case Json::Kind::kObject: {
      const bool object = value.is(Json::Kind::kObject);
      std::string out = object ? "{" : "[";
      for (size_t i = 0; i < value.size(); ++i) {
        if (i > 0) out += ", ";
        if (object) out += python_repr(Json::from_text(value.names()[i])) + ": ";
        out += python_repr(value.items()[i]);
      }
      return out + (object ? "}" : "]");
    }
  }
  return {};
}

}  // namespace observatory::demo
