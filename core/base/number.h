// SPDX-License-Identifier: MIT
// Numbers as text and back, without the C library's locale or floating point.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

#include "core/base/byte_sink.h"

namespace observatory {

void put_unsigned(std::uint64_t value, ByteSink& into);
void put_signed(std::int64_t value, ByteSink& into);

// Two lower-case digits a byte.
void put_hex(ByteView bytes, ByteSink& into);

// The value of a hexadecimal digit of either case; -1 for anything else.
constexpr int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Fills `into` from exactly twice as many hexadecimal digits; false otherwise.
[[nodiscard]] bool read_hex(std::string_view digits, MutableByteView into);

// A decimal number without sign, spaces or leading zeros, of at most `limit`.
[[nodiscard]] bool read_unsigned(std::string_view digits, std::uint64_t& value,
                                 std::uint64_t limit = std::numeric_limits<std::uint64_t>::max());

}  // namespace observatory
