// SPDX-License-Identifier: MIT
#include "tests/servers/versions.h"

#include <algorithm>
#include <cstdlib>

namespace observatory::demo {
namespace {

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

std::string joined(const VersionNumbers& numbers) {
  std::string text;
  for (const std::string& number : numbers) text += (text.empty() ? "" : ".") + number;
  return text;
}

const VersionNumbers& smaller(const VersionNumbers& a, const VersionNumbers& b) {
  return compare_versions(b, a) < 0 ? b : a;
}

Negotiation negotiate_aiorpcx(const Implementation& implementation, const Json* requested) {
  const VersionNumbers server_min = parse_version(implementation.protocol_min);
  const VersionNumbers server_max = parse_version(implementation.protocol_max);
  if (requested == nullptr || requested->is(Json::Kind::kNull)) {
    return {true, implementation.protocol_min};
  }
  const Json* low = requested;
  const Json* high = requested;
  if (requested->is(Json::Kind::kArray)) {
    if (requested->size() != 2) return {};
    low = &requested->items()[0];
    high = &requested->items()[1];
  }
  if (!low->is(Json::Kind::kString) || !high->is(Json::Kind::kString)) return {};
  const VersionNumbers client_min = parse_version(low->text());
  const VersionNumbers client_max = parse_version(high->text());
  if (client_min.empty() || client_max.empty()) return {};
  const VersionNumbers& agreed = smaller(client_max, server_max);
  if (compare_versions(agreed, client_min) < 0 || compare_versions(agreed, server_min) < 0)
    return {};
  return {true, joined(agreed)};
}

// Fulcrum reads at most three small numbers; what it cannot read is version 0.
VersionNumbers fulcrum_version(const Json& value) {
  if (!value.is(Json::Kind::kString) && !value.is(Json::Kind::kNumber)) return {};
  VersionNumbers numbers = parse_version(value.text());
  numbers.resize(std::min<size_t>(numbers.size(), 3));
  for (std::string& number : numbers) {
    if (number.size() > 9) number = "0";
  }
  while (!numbers.empty() && numbers.back() == "0") numbers.pop_back();
  return numbers;
}

std::string fulcrum_text(VersionNumbers numbers) {
  while (numbers.size() < 2) numbers.emplace_back("0");
  return joined(numbers);
}

Negotiation negotiate_fulcrum(const Implementation& implementation, const Json* requested) {
  const VersionNumbers server_min = parse_version(implementation.protocol_min);
  const VersionNumbers server_max = parse_version(implementation.protocol_max);
  if (requested == nullptr) return {true, implementation.protocol_min};
  const Json* low = requested;
  const Json* high = requested;
  if (requested->is(Json::Kind::kArray)) {
    if (requested->size() != 2) return {};
    low = &requested->items()[0];
    high = &requested->items()[1];
  }
  const VersionNumbers client_min = fulcrum_version(*low);
  const VersionNumbers client_max = fulcrum_version(*high);
  if (low != high &&
      (client_min.empty() || client_max.empty() || compare_versions(client_max, client_min) < 0)) {
    return {false, "", "Bad version tuple: " + low->text() + ", " + high->text()};
  }
  const VersionNumbers& agreed = smaller(client_max, server_max);
  if (compare_versions(agreed, client_min) < 0 || compare_versions(agreed, server_min) < 0)
    return {};
  return {true, fulcrum_text(agreed)};
}

Negotiation negotiate_romanz(const Implementation& implementation, const Json* requested,
                             bool lists) {
  const std::string own = implementation.protocol_max;
  if (requested == nullptr) return {};
  if (requested->is(Json::Kind::kString)) {
    if (requested->text() == own) return {true, own};
    return {};
  }
  if (!lists || !requested->is(Json::Kind::kArray) || requested->size() != 2) return {};
  const VersionNumbers low = parse_version(requested->items()[0].text());
  const VersionNumbers high = parse_version(requested->items()[1].text());
  const VersionNumbers mine = parse_version(own);
  if (compare_versions(mine, low) < 0 || compare_versions(high, mine) < 0) return {};
  return {true, own};
}

// float() of the argument, which must lie between 1.2 and 1.4; it is printed as a float again.
Negotiation negotiate_personal(const Json* requested) {
  if (requested == nullptr) return {true, "1.4"};
  if (!requested->is(Json::Kind::kString) && !requested->is(Json::Kind::kNumber)) return {};
  const std::string text(trimmed(requested->text()));
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(value >= 1.1 && value <= 1.4)) return {};
  return {true, python_repr(Json::from_number(text))};
}

}  // namespace

VersionNumbers parse_version(std::string_view text) {
  VersionNumbers numbers;
  size_t begin = 0;
  while (begin <= text.size()) {
    const size_t end = std::min(text.find('.', begin), text.size());
    std::string_view part = trimmed(text.substr(begin, end - begin));
    if (part.empty() || part.find_first_not_of("0123456789") != std::string_view::npos) return {};
    while (part.size() > 1 && part[0] == '0') part.remove_prefix(1);
    numbers.emplace_back(part);
    begin = end + 1;
  }
  return numbers;
}

int compare_versions(const VersionNumbers& a, const VersionNumbers& b) {
  for (size_t i = 0; i < a.size() && i < b.size(); ++i) {
    if (a[i].size() != b[i].size()) return a[i].size() < b[i].size() ? -1 : 1;
    if (const int order = a[i].compare(b[i]); order != 0) return order;
  }
  return a.size() == b.size() ? 0 : a.size() < b.size() ? -1 : 1;
}

Negotiation negotiate(const Implementation& implementation, const Json* requested) {
  switch (implementation.version_rule) {
    case VersionRule::kAiorpcx:
      return negotiate_aiorpcx(implementation, requested);
    case VersionRule::kFulcrum:
      return negotiate_fulcrum(implementation, requested);
    case VersionRule::kRomanz:
      return negotiate_romanz(implementation, requested, true);
    case VersionRule::kRomanzTextOnly:
      return negotiate_romanz(implementation, requested, false);
    case VersionRule::kPersonal:
      return negotiate_personal(requested);
    case VersionRule::kIgnored:
      return {true, "1.4"};
  }
  return {};
}

}  // namespace observatory::demo
