// SPDX-License-Identifier: MIT
#include "core/tls/der_time.h"

#include "core/base/byte_reader.h"

namespace observatory {
namespace {

bool two_digits(ByteReader& reader, int& value) {
  const int tens = reader.take_byte() - '0';
  const int ones = reader.take_byte() - '0';
  value = tens * 10 + ones;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9;
}

// Days from 1970-01-01 to a date of the Gregorian calendar (after H. Hinnant,
// "chrono-Compatible Low-Level Date Algorithms", days_from_civil).
std::int64_t days_to(int year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const int era = (year >= 0 ? year : year - 399) / 400;
  const int year_of_era = year - era * 400;
  const int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return std::int64_t{era} * 146097 + day_of_era - 719468;
}

int days_in(int year, int month) {
  if (month == 2) return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

}  // namespace

bool read_time(const DerElement& time, std::int64_t& seconds) {
  ByteReader digits(time.content);
  int century = 0;
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (time.tag == der::kGeneralizedTime) {
    if (!two_digits(digits, century)) return false;
  } else if (time.tag != der::kUtcTime) {
    return false;
  }
  if (!two_digits(digits, year) || !two_digits(digits, month) || !two_digits(digits, day) ||
      !two_digits(digits, hour) || !two_digits(digits, minute) || !two_digits(digits, second)) {
    return false;
  }
  if (digits.take_byte() != 'Z' || !digits.at_end()) return false;
  if (time.tag == der::kUtcTime) century = year >= 50 ? 19 : 20;
  year += century * 100;
  if (month < 1 || month > 12 || day < 1 || day > days_in(year, month)) return false;
  const bool leap_second = hour == 23 && minute == 59 && second == 60;
  if (hour > 23 || minute > 59 || (second > 59 && !leap_second)) return false;
  seconds = days_to(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
  return true;
}

}  // namespace observatory
