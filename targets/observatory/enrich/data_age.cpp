// SPDX-License-Identifier: MIT
#include "targets/observatory/enrich/data_age.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace observatory::host {
namespace {

namespace chrono = std::chrono;

constexpr std::uint64_t kSecondsOfDay = 86400;
constexpr std::uint64_t kYear10000 = 253402300800;

// The day of YYYY-MM-DD; nothing for any other text.
std::optional<chrono::sys_days> day_of(const std::string& date) {
  if (date.size() != 10 || date[4] != '-' || date[7] != '-') return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t digits) {
    int value = -1;
    const char* const end = date.data() + at + digits;
    return std::from_chars(date.data() + at, end, value).ptr == end ? value : -1;
  };
  const int month = number(5, 2);
  const int day = number(8, 2);
  const chrono::year_month_day whole{chrono::year(number(0, 4)),
                                     chrono::month(static_cast<unsigned>(month)),
                                     chrono::day(static_cast<unsigned>(day))};
  if (month < 1 || day < 1 || !whole.ok()) return std::nullopt;
  return chrono::sys_days(whole);
}

}  // namespace

std::string date_of(std::uint64_t unix_seconds) {
  if (unix_seconds >= kYear10000) return "";
  const chrono::year_month_day date{chrono::sys_days(chrono::days(unix_seconds / kSecondsOfDay))};
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text.data();
}

std::optional<int> age_in_days(const DataSource& source, std::int64_t now) {
  const auto made = day_of(source.date);
  if (!made) return std::nullopt;
  const auto today = chrono::floor<chrono::days>(chrono::sys_seconds(chrono::seconds(now)));
  return static_cast<int>((today - *made).count());
}

std::vector<const DataSource*> stale_sources(const std::vector<DataSource>& sources,
                                             std::int64_t now) {
  std::vector<const DataSource*> stale;
  for (const DataSource& source : sources) {
    if (age_in_days(source, now).value_or(0) > kStaleDays) stale.push_back(&source);
  }
  return stale;
}

std::string stale_warning(const std::vector<DataSource>& sources, std::int64_t now) {
  std::string named;
  for (const DataSource* const source : stale_sources(sources, now)) {
    if (!named.empty()) named += ", ";
    named += source->name + " of " + source->date + " (" +
             std::to_string(age_in_days(*source, now).value_or(0)) + " days)";
  }
  if (named.empty()) return "";
  return "data older than " + std::to_string(kStaleDays) + " days: " + named;
}

}  // namespace observatory::host
