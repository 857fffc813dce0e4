// SPDX-License-Identifier: MIT
// The few parts of CBOR (RFC 8949) that the format uses, named once for writer and reader.
#pragma once

#include <cstdint>

namespace observatory::cbor {

enum class Major : std::uint8_t {
  kUnsigned = 0,
  kNegative = 1,
  kBytes = 2,
  kText = 3,
  kArray = 4,
  kMap = 5,
  kTag = 6,
  kSimple = 7,
};

inline constexpr std::uint8_t kFalse = 20;
inline constexpr std::uint8_t kTrue = 21;
inline constexpr std::uint8_t kNull = 22;
inline constexpr std::uint8_t kUndefined = 23;
inline constexpr std::uint8_t kForeign = 31;  // stands for floats and all other simple values

// Content that stood before, by its hash (content.h). The number is not registered; it is of the
// range that IANA gives to whoever comes first (RFC 8949 section 9.2).
inline constexpr std::uint64_t kContentTag = 60533;

}  // namespace observatory::cbor
