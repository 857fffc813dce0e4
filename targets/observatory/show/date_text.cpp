// SPDX-License-Identifier: MIT
#include "targets/observatory/show/date_text.h"

#include <cstdlib>
#include <string_view>

namespace observatory::host {
namespace {

constexpr std::int64_t kDay = 86'400'000;

std::string padded(std::int64_t number, std::size_t digits) {
  const std::string text = std::to_string(number);
  return text.size() < digits ? std::string(digits - text.size(), '0') + text : text;
}

}  // namespace

// The calendar after "chrono-Compatible Low-Level Date Algorithms", civil_from_days (Howard
// Hinnant): std::chrono's has 16 bits for a year.
std::string date_text(std::int64_t milliseconds) {
  const std::int64_t rest = (milliseconds % kDay + kDay) % kDay;
  const std::int64_t days = milliseconds / kDay - (milliseconds % kDay < 0 ? 1 : 0);
  const std::int64_t shifted = days + 719'468;  // since 0000-03-01
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146'096) / 146'097;
  const std::int64_t day_of_era = shifted - era * 146'097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const std::int64_t day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  const std::int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  const std::int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);

  std::string text;
  if (year < 0 || year > 9999) text += year < 0 ? '-' : '+';
  text += padded(std::abs(year), 4) + "-" + padded(month, 2) + "-" + padded(day, 2) + "T";
  const std::int64_t seconds = rest / 1000;
  return text + padded(seconds / 3600, 2) + ":" + padded(seconds / 60 % 60, 2) + ":" +
         padded(seconds % 60, 2) + "Z";
}

}  // namespace observatory::host
