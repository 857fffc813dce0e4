// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "platform/interface/bytes.h"

namespace observatory {

// Tags of ASN.1 DER (ITU-T X.690) that certificates use.
namespace der {
inline constexpr std::uint8_t kBoolean = 0x01;
inline constexpr std::uint8_t kInteger = 0x02;
inline constexpr std::uint8_t kBitString = 0x03;
inline constexpr std::uint8_t kOctetString = 0x04;
inline constexpr std::uint8_t kOid = 0x06;
inline constexpr std::uint8_t kUtf8String = 0x0c;
inline constexpr std::uint8_t kUtcTime = 0x17;
inline constexpr std::uint8_t kGeneralizedTime = 0x18;
inline constexpr std::uint8_t kUniversalString = 0x1c;
inline constexpr std::uint8_t kBmpString = 0x1e;
inline constexpr std::uint8_t kT61String = 0x14;
inline constexpr std::uint8_t kSequence = 0x30;
inline constexpr std::uint8_t kSet = 0x31;

// The tag of a context-specific, constructed element: [number].
constexpr std::uint8_t context(unsigned number) { return static_cast<std::uint8_t>(0xa0 | number); }
}  // namespace der

struct DerElement {
  std::uint8_t tag = 0;
  ByteView content;
  ByteView whole;  // tag and length included
};

// Reads elements one behind the other. Definite lengths of up to four bytes and tags of one byte,
// which is all that X.509 needs. An element that does not fit its surroundings ends the reading
// for good: next() and take() then answer false.
class DerReader {
 public:
  explicit DerReader(ByteView bytes) : rest_(bytes) {}

  bool at_end() const { return rest_.empty(); }

  // The tag of the next element; 0 at the end.
  std::uint8_t peek() const { return rest_.empty() ? std::uint8_t{0} : rest_.front(); }

  [[nodiscard]] bool next(DerElement& element);

  // The next element, if it has this tag; otherwise nothing is read.
  [[nodiscard]] bool take(std::uint8_t tag, DerElement& element);

 private:
  ByteView rest_;
};

}  // namespace observatory
