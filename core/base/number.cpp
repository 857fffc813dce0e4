// SPDX-License-Identifier: MIT
#include "core/base/number.h"

#include <array>

namespace observatory {

void put_unsigned(std::uint64_t value, ByteSink& into) {
  std::array<char, 20> digits;
  std::size_t at = digits.size();
  do {
    digits[--at] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  into.put(std::string_view(digits.data() + at, digits.size() - at));
}

void put_signed(std::int64_t value, ByteSink& into) {
  if (value < 0) into.put("-");
  const auto magnitude = static_cast<std::uint64_t>(value);
  put_unsigned(value < 0 ? 0 - magnitude : magnitude, into);
}

void put_hex(ByteView bytes, ByteSink& into) {
  static constexpr char kDigits[] = "0123456789abcdef";
  for (const std::uint8_t byte : bytes) {
    const char pair[2] = {kDigits[byte >> 4], kDigits[byte & 15]};
    into.put(std::string_view(pair, 2));
  }
}

bool read_hex(std::string_view digits, MutableByteView into) {
  if (digits.size() != into.size() * 2) return false;
  for (std::size_t i = 0; i < into.size(); ++i) {
    const int high = hex_digit(digits[2 * i]);
    const int low = hex_digit(digits[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    into[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return true;
}

bool read_unsigned(std::string_view digits, std::uint64_t& value, std::uint64_t limit) {
  if (digits.empty() || (digits.size() > 1 && digits[0] == '0')) return false;
  std::uint64_t sum = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return false;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (sum > (limit - digit) / 10 || digit > limit) return false;
    sum = sum * 10 + digit;
  }
  value = sum;
  return true;
}

}  // namespace observatory
