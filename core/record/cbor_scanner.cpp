// SPDX-License-Identifier: MIT
#include "core/record/cbor_scanner.h"

#include <algorithm>
#include <limits>

#include "core/record/cbor.h"

namespace observatory {

using cbor::Major;

void CborScanner::feed(ByteView bytes) {
  while (!bytes.empty() && !broken_) {
    if (skip_ > 0) {
      const auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, bytes.size()));
      bytes = bytes.subspan(skipped);
      offset_ += skipped;
      skip_ -= skipped;
      if (skip_ == 0) item_done();
      continue;
    }
    const std::uint8_t byte = bytes.front();
    bytes = bytes.subspan(1);
    ++offset_;
    if (head_bytes_ > 0) {
      number_ = number_ << 8 | byte;
      if (--head_bytes_ == 0) take_head();
      continue;
    }
    initial_ = byte;
    const unsigned info = byte & 31;
    number_ = info;
    const bool record = depth_ > 0 || static_cast<Major>(byte >> 5) == Major::kMap;
    if (info >= 28 || !record) {
      broken_ = true;
    } else if (info >= 24) {
      number_ = 0;
      head_bytes_ = static_cast<std::uint8_t>(1u << (info - 24));
    } else {
      take_head();
    }
  }
}

void CborScanner::take_head() {
  const auto major = static_cast<Major>(initial_ >> 5);
  switch (major) {
    case Major::kUnsigned:
    case Major::kNegative:
    case Major::kSimple:
      return item_done();
    case Major::kBytes:
    case Major::kText:
      skip_ = number_;
      if (skip_ == 0) item_done();
      return;
    case Major::kArray:
    case Major::kMap: {
      const bool map = major == Major::kMap;
      if (depth_ == kDeepestCbor || number_ > std::numeric_limits<std::uint32_t>::max()) {
        broken_ = true;
        return;
      }
      if (number_ == 0) return item_done();
      open_[static_cast<std::size_t>(depth_++)] = map ? 2 * number_ : number_;
      return;
    }
    case Major::kTag:
      return;  // the item that is tagged follows
  }
}

void CborScanner::item_done() {
  while (depth_ > 0 && --open_[static_cast<std::size_t>(depth_ - 1)] == 0) --depth_;
  if (depth_ == 0) whole_ = offset_;
}

}  // namespace observatory
