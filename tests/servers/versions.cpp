// SPDX-License-Identifier: MIT
#include "tests/servers/versions.h"

#include <algorithm>
#include <cstdlib>

namespace observatory::demo {
namespace {

std::string_view Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

std::string Joined(const VersionNumbers& numbers) {
  std::string text;
  for (const std::string& number : numbers) text += (text.empty() ? "" : ".") + number;
  return text;
}

const VersionNumbers& Smaller(const VersionNumbers& a, const VersionNumbers& b) {
  return CompareVersions(b, a) < 0 ? b : a;
}

Negotiation Aiorpcx(const Implementation& implementation, const Json* requested) {
  const VersionNumbers server_min = ParseVersion(implementation.protocol_min);
  const VersionNumbers server_max = ParseVersion(implementation.protocol_max);
  if (requested == nullptr || requested->Is(Json::Kind::kNull)) {
    return {true, implementation.protocol_min};
  }
  const Json* low = requested;
  const Json* high = requested;
  if (requested->Is(Json::Kind::kArray)) {
    if (requested->size() != 2) return {};
    low = &requested->items()[0];
    high = &requested->items()[1];
  }
  if (!low->Is(Json::Kind::kString) || !high->Is(Json::Kind::kString)) return {};
  const VersionNumbers client_min = ParseVersion(low->text());
  const VersionNumbers client_max = ParseVersion(high->text());
  if (client_min.empty() || client_max.empty()) return {};
  const VersionNumbers& agreed = Smaller(client_max, server_max);
  if (CompareVersions(agreed, client_min) < 0 || CompareVersions(agreed, server_min) < 0) return {};
  return {true, Joined(agreed)};
}

// Fulcrum reads at most three small numbers; what it cannot read is version 0.
VersionNumbers FulcrumVersion(const Json& value) {
  if (!value.Is(Json::Kind::kString) && !value.Is(Json::Kind::kNumber)) return {};
  VersionNumbers numbers = ParseVersion(value.text());
  numbers.resize(std::min<size_t>(numbers.size(), 3));
  for (std::string& number : numbers) {
    if (number.size() > 9) number = "0";
  }
  while (!numbers.empty() && numbers.back() == "0") numbers.pop_back();
  return numbers;
}

std::string FulcrumText(VersionNumbers numbers) {
  while (numbers.size() < 2) numbers.emplace_back("0");
  return Joined(numbers);
}

Negotiation FulcrumRule(const Implementation& implementation, const Json* requested) {
  const VersionNumbers server_min = ParseVersion(implementation.protocol_min);
  const VersionNumbers server_max = ParseVersion(implementation.protocol_max);
  if (requested == nullptr) return {true, implementation.protocol_min};
  const Json* low = requested;
  const Json* high = requested;
  if (requested->Is(Json::Kind::kArray)) {
    if (requested->size() != 2) return {};
    low = &requested->items()[0];
    high = &requested->items()[1];
  }
  const VersionNumbers client_min = FulcrumVersion(*low);
  const VersionNumbers client_max = FulcrumVersion(*high);
  if (low != high &&
      (client_min.empty() || client_max.empty() || CompareVersions(client_max, client_min) < 0)) {
    return {false, "", "Bad version tuple: " + low->text() + ", " + high->text()};
  }
  const VersionNumbers& agreed = Smaller(client_max, server_max);
  if (CompareVersions(agreed, client_min) < 0 || CompareVersions(agreed, server_min) < 0) return {};
  return {true, FulcrumText(agreed)};
}

Negotiation Romanz(const Implementation& implementation, const Json* requested, bool lists) {
  const std::string own = implementation.protocol_max;
  if (requested == nullptr) return {};
  if (requested->Is(Json::Kind::kString)) {
    if (requested->text() == own) return {true, own};
    return {};
  }
  if (!lists || !requested->Is(Json::Kind::kArray) || requested->size() != 2) return {};
  const VersionNumbers low = ParseVersion(requested->items()[0].text());
  const VersionNumbers high = ParseVersion(requested->items()[1].text());
  const VersionNumbers mine = ParseVersion(own);
  if (CompareVersions(mine, low) < 0 || CompareVersions(high, mine) < 0) return {};
  return {true, own};
}

// float() of the argument, which must lie between 1.2 and 1.4; it is printed as a float again.
Negotiation Personal(const Json* requested) {
  if (requested == nullptr) return {true, "1.4"};
  if (!requested->Is(Json::Kind::kString) && !requested->Is(Json::Kind::kNumber)) return {};
  const std::string text(Trimmed(requested->text()));
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(value >= 1.1 && value <= 1.4)) return {};
  return {true, PythonRepr(Json::Number(text))};
}

}  // namespace

VersionNumbers ParseVersion(std::string_view text) {
  VersionNumbers numbers;
  size_t begin = 0;
  while (begin <= text.size()) {
    const size_t end = std::min(text.find('.', begin), text.size());
    std::string_view part = Trimmed(text.substr(begin, end - begin));
    if (part.empty() || part.find_first_not_of("0123456789") != std::string_view::npos) return {};
    while (part.size() > 1 && part[0] == '0') part.remove_prefix(1);
    numbers.emplace_back(part);
    begin = end + 1;
  }
  return numbers;
}

int CompareVersions(const VersionNumbers& a, const VersionNumbers& b) {
  for (size_t i = 0; i < a.size() && i < b.size(); ++i) {
    if (a[i].size() != b[i].size()) return a[i].size() < b[i].size() ? -1 : 1;
    if (const int order = a[i].compare(b[i]); order != 0) return order;
  }
  return a.size() == b.size() ? 0 : a.size() < b.size() ? -1 : 1;
}

Negotiation Negotiate(const Implementation& implementation, const Json* requested) {
  switch (implementation.version_rule) {
    case VersionRule::kAiorpcx:
      return Aiorpcx(implementation, requested);
    case VersionRule::kFulcrum:
      return FulcrumRule(implementation, requested);
    case VersionRule::kRomanz:
      return Romanz(implementation, requested, true);
    case VersionRule::kRomanzTextOnly:
      return Romanz(implementation, requested, false);
    case VersionRule::kPersonal:
      return Personal(requested);
    case VersionRule::kIgnored:
      return {true, "1.4"};
  }
  return {};
}

}  // namespace observatory::demo
