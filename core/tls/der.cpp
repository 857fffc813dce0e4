// SPDX-License-Identifier: MIT
#include "core/tls/der.h"

#include "core/base/byte_reader.h"

namespace observatory {

bool DerReader::next(DerElement& element) {
  ByteReader reader(rest_);
  element.tag = reader.take_byte();
  std::uint64_t length = reader.take_byte();
  if (length > 0x84 || length == 0x80 || (element.tag & 0x1f) == 0x1f) {
    rest_ = {};
    return false;
  }
  if (length > 0x80) length = reader.take_unsigned(static_cast<std::size_t>(length & 0x7f));
  element.content = reader.take(static_cast<std::size_t>(length));
  if (reader.failed()) {
    rest_ = {};
    return false;
  }
  element.whole = rest_.first(rest_.size() - reader.rest().size());
  rest_ = reader.rest();
  return true;
}

bool DerReader::take(std::uint8_t tag, DerElement& element) {
  return peek() == tag && next(element);
}

}  // namespace observatory
