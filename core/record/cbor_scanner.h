// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>

#include "core/record/cbor_reader.h"
#include "platform/interface/bytes.h"

namespace observatory {

// Finds out where the last whole record of a CBOR sequence ends, without reading any: what a
// writer has to know before it appends to a log whose end may have been torn off.
//
// Fed a sequence in pieces of any size; looks at heads only, in fixed memory. Knows the part of
// CBOR that records use (no indefinite lengths) and nesting up to kDeepestCbor.
class CborScanner {
 public:
  void feed(ByteView bytes);

  // Bytes of all whole records so far: the next one starts there.
  std::uint64_t whole() const { return whole_; }

  // What stands at whole() is no record, complete or begun.
  bool broken() const { return broken_; }

 private:
  void take_head();
  void item_done();

  std::uint64_t offset_ = 0;
  std::uint64_t whole_ = 0;
  std::uint64_t skip_ = 0;                          // bytes of a string that are still to come
  std::uint64_t number_ = 0;                        // of the head that is being read
  std::uint8_t initial_ = 0;                        // its first byte
  std::uint8_t head_bytes_ = 0;                     // of the number that are still to come
  std::array<std::uint64_t, kDeepestCbor> open_{};  // items still to come in each open container
  int depth_ = 0;
  bool broken_ = false;
};

}  // namespace observatory
