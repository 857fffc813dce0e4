// SPDX-License-Identifier: MIT
#include "tests/unit/vectors.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/base/number.h"
#include "tests/catch2.h"

namespace vectors {
namespace {

std::string path_of(const std::string& name) {
  return std::string(OBSERVATORY_VECTORS) + "/" + name;
}

char byte_of(std::string_view digits) {
  REQUIRE(digits.size() == 2);
  const int high = observatory::hex_digit(digits[0]);
  const int low = observatory::hex_digit(digits[1]);
  REQUIRE((high >= 0 && low >= 0));
  return static_cast<char>(high << 4 | low);
}

// Takes what follows a backslash.
std::string take_escape(std::string_view& text) {
  REQUIRE_FALSE(text.empty());
  const char kind = text.front();
  text.remove_prefix(1);
  switch (kind) {
    case '\\':
      return "\\";
    case 'n':
      return "\n";
    case 'r':
      return "\r";
    case 'x': {
      const char byte = byte_of(text.substr(0, 2));
      text.remove_prefix(2);
      return std::string(1, byte);
    }
    case '{': {
      const std::size_t star = text.find('*');
      REQUIRE(star != std::string_view::npos);
      std::uint64_t count = 0;
      REQUIRE(observatory::read_unsigned(text.substr(0, star), count, 1000000));
      const char byte = byte_of(text.substr(star + 1, 2));
      REQUIRE(text.substr(star + 3, 1) == "}");
      text.remove_prefix(star + 4);
      return std::string(static_cast<std::size_t>(count), byte);
    }
    default:
      FAIL("an escape that no vector file has: \\" << kind);
      return {};
  }
}

std::string unescaped(std::string_view text) {
  std::string bytes;
  while (!text.empty()) {
    const std::size_t plain = std::min(text.find('\\'), text.size());
    bytes += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    text.remove_prefix(1);
    bytes += take_escape(text);
  }
  return bytes;
}

}  // namespace

std::string file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  INFO(path);
  REQUIRE(file.is_open());
  return std::string(std::istreambuf_iterator<char>(file), {});
}

Entries read(const std::string& file) {
  INFO(file);
  Entries entries;
  for (const std::string& line : split(file_text(path_of(file)), '\n')) {
    if (line.empty() || line.front() == '#') continue;
    const std::size_t blank = std::min(line.find(' '), line.size());
    const std::size_t start = std::min(blank + 1, line.size());
    entries.push_back({line.substr(0, blank), unescaped(std::string_view(line).substr(start))});
  }
  REQUIRE_FALSE(entries.empty());
  return entries;
}

std::vector<std::string> files(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(path_of(folder))) {
    if (entry.path().extension() == ".txt") {
      names.push_back(folder + "/" + entry.path().filename().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string one(const Entries& entries, std::string_view key) {
  for (const Entry& entry : entries) {
    if (entry.key == key) return entry.bytes;
  }
  FAIL("no entry: " << key);
  return {};
}

bool has(const Entries& entries, std::string_view key) {
  return std::any_of(entries.begin(), entries.end(),
                     [&](const Entry& entry) { return entry.key == key; });
}

std::string joined(const Entries& entries, std::string_view key) {
  std::string all;
  for (const Entry& entry : entries) {
    if (entry.key == key) all += entry.bytes;
  }
  return all;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::string from_base64(std::string_view text) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  std::uint32_t held = 0;
  int bits = 0;
  for (const char c : text) {
    if (c == '=') break;
    const std::size_t digit = kDigits.find(c);
    REQUIRE(digit != std::string_view::npos);
    held = (held << 6 | static_cast<std::uint32_t>(digit)) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(held >> bits & 0xff);
  }
  return bytes;
}

std::string hex(std::string_view bytes) {
  return text_of([&](observatory::ByteSink& into) {
    observatory::put_hex(observatory::as_bytes(bytes), into);
  });
}

}  // namespace vectors
