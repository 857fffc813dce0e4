// SPDX-License-Identifier: MIT
#include "targets/observatory/enrich/annotations.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <optional>
#include <vector>

#include "core/base/ip_network.h"
#include "core/base/ip_text.h"
#include "core/base/text_buffer.h"
#include "core/base/utf8.h"
#include "targets/observatory/enrich/address_facts.h"
#include "targets/observatory/enrich/csv_reader.h"
#include "targets/observatory/enrich/provider.h"

namespace observatory::host {
namespace {

constexpr std::size_t kLargestFile = std::size_t{64} * 1024 * 1024;
constexpr std::size_t kSha256Digits = 64;
constexpr std::array<std::string_view, 8> kFields = {"operator", "provider", "kind",      "country",
                                                     "city",     "latitude", "longitude", "note"};
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string all_fields() {
  std::string all;
  for (const std::string_view field : kFields) all.append(all.empty() ? "" : ", ").append(field);
  return all;
}

std::string lower(std::string_view text) {
  std::string low(text);
  for (char& c : low) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return low;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// The SHA-256 as digits alone; empty when it is none.
std::string sha256_digits(std::string_view low) {
  std::string digits;
  for (const char c : low) {
    if (c == ':') continue;
    if (std::string_view("0123456789abcdef").find(c) == std::string_view::npos) return "";
    digits += c;
  }
  return digits.size() == kSha256Digits ? digits : "";
}

std::string one_form(std::string_view key) {
  IpAddress address;
  if (read_ip(key, address)) {
    TextBuffer<kLongestIpText> text;
    put_ip(plain_form(address), text);
    return std::string(text.text());
  }
  std::string low = lower(key);
  std::string digits = sha256_digits(low);
  if (!digits.empty()) return digits;
  if (low.size() > 1 && low.back() == '.') low.pop_back();
  return low;
}

std::optional<double> number_of(std::string_view text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stopped != end || !std::isfinite(number)) return std::nullopt;
  return number;
}

// What is wrong with the value of a field; empty when nothing is.
std::string trouble_with(std::string_view field, const std::string& value) {
  if (value.empty()) return "an empty value";
  if (field == "kind") {
    const auto kind = kind_with_name(value);
    if (!kind || *kind == ProviderKind::kOnion)
      return "\"" + value + "\" is no kind (unknown, cloud, hosting, vpn, cdn, residential, other)";
  }
  if (field == "country" && country_code(value).empty())
    return "\"" + value + "\" is no country code of two letters";
  if (field == "latitude" || field == "longitude") {
    const double most = field == "latitude" ? 90 : 180;
    const auto number = number_of(value);
    if (!number || std::abs(*number) > most) return "\"" + value + "\" is no " + std::string(field);
  }
  return "";
}

std::string content_of(const std::string& path) {
  require_regular_file(path);
  std::ifstream file(path, std::ios::binary);
  std::string content;
  std::array<char, 65536> piece{};
  while (file.read(piece.data(), piece.size()) || file.gcount() > 0) {
    content.append(piece.data(), static_cast<std::size_t>(file.gcount()));
    if (content.size() > kLargestFile) throw SourceError(path + ": larger than 64 MiB");
  }
  if (file.bad() || !file.eof()) throw SourceError(path + ": cannot be read");
  if (content.starts_with(kByteOrderMark)) content.erase(0, kByteOrderMark.size());
  return content;
}

}  // namespace

std::size_t Annotations::add(const std::string& path) {
  const std::string content = content_of(path);
  CsvReader reader(content);
  const auto fail = [&](std::size_t line, const std::string& why) {
    throw SourceError(path + ": line " + std::to_string(line) + ": " + why);
  };
  const auto next = [&](std::vector<std::string>& cells) {
    try {
      return reader.next(cells);
    } catch (const CsvError& error) {
      fail(reader.line(), error.what());
      return false;
    }
  };

  std::size_t count = 0;
  std::map<std::string, Fields> keys;
  std::vector<std::string> cells;
  for (bool first = true; next(cells); first = false) {
    if (cells.size() != 3 && cells.size() != 4)
      fail(reader.line(), std::to_string(cells.size()) + " fields; key,field,value,note expected");
    for (std::string& cell : cells) {
      if (!is_valid_utf8(cell)) fail(reader.line(), "not UTF-8");
      cell = trimmed(cell);
    }
    const std::string field = lower(cells[1]);
    std::string value = cells[2];
    if (first && lower(cells[0]) == "key" && field == "field" && lower(value) == "value") continue;
    if (cells[0].empty()) fail(reader.line(), "an empty key");
    if (std::find(kFields.begin(), kFields.end(), field) == kFields.end()) {
      fail(reader.line(), "\"" + field + "\" is no field (" + all_fields() + ")");
    }
    const std::string trouble = trouble_with(field, value);
    if (!trouble.empty()) fail(reader.line(), trouble);
    if (field == "country") value = country_code(value);

    const auto [said, is_new] =
        keys[one_form(cells[0])].emplace(field, Value{value, files_, reader.line()});
    if (!is_new && said->second.text != value) {
      fail(reader.line(), "not what line " + std::to_string(said->second.line) + " says: \"" +
                              cells[0] + "\" has " + field + " \"" + said->second.text + "\"");
    }
    ++count;
  }
  for (const auto& [key, fields] : keys) {
    const auto latitude = fields.find("latitude");
    const auto longitude = fields.find("longitude");
    if ((latitude == fields.end()) == (longitude == fields.end())) continue;
    const Value& half = (latitude == fields.end() ? longitude : latitude)->second;
    fail(half.line, "\"" + key + "\" has a latitude or a longitude alone");
  }
  for (auto& [key, fields] : keys) keys_[key].merge(fields);
  ++files_;
  return count;
}

double Annotations::number(const Value& value) { return number_of(value.text).value(); }

const Annotations::Value* Annotations::find(std::string_view key, std::string_view field) const {
  const auto fields = keys_.find(one_form(key));
  if (fields == keys_.end()) return nullptr;
  const auto value = fields->second.find(field);
  return value == fields->second.end() ? nullptr : &value->second;
}

}  // namespace observatory::host
