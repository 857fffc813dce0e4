// SPDX-License-Identifier: MIT
#include "targets/probe/record_ends.h"

#include <unistd.h>

#include <array>

#include "core/record/cbor.h"
#include "core/record/cbor_scanner.h"
#include "core/record/schema.h"

namespace observatory {
namespace {

Mended mend_lines(int descriptor) {
  char first = '{';
  char last = '\n';
  const off_t end = lseek(descriptor, 0, SEEK_END);
  if (pread(descriptor, &first, 1, 0) != 1 || pread(descriptor, &last, 1, end - 1) != 1) {
    return Mended::kWhole;  // for writing only: nothing can be known
  }
  if (first != '{') return Mended::kOtherKind;
  return last == '\n' || write(descriptor, "\n", 1) == 1 ? Mended::kWhole : Mended::kFailed;
}

Mended mend_sequence(int descriptor, MutableByteView work) {
  CborScanner scanner;
  off_t offset = 0;
  ssize_t count = 0;
  while ((count = pread(descriptor, work.data(), work.size(), offset)) > 0) {
    scanner.feed(ByteView(work).first(static_cast<std::size_t>(count)));
    offset += count;
  }
  if (count < 0) return Mended::kWhole;  // for writing only: nothing can be known
  const auto whole = static_cast<off_t>(scanner.whole());
  if (whole == offset) return Mended::kWhole;
  // What a power cut leaves is half a record, or zeros.
  std::uint8_t next = 0;
  if (scanner.broken() && (pread(descriptor, &next, 1, whole) != 1 || next != 0)) {
    return Mended::kOtherKind;
  }
  return ftruncate(descriptor, whole) == 0 ? Mended::kWhole : Mended::kFailed;
}

// Whether a record with `type` run begins there. Writers put the type first.
bool is_run_record(int descriptor, off_t at) {
  constexpr std::uint8_t kMap = static_cast<unsigned>(cbor::Major::kMap) << 5;
  constexpr std::uint8_t kLongMap = kMap | 24;  // its length is the next byte
  std::array<std::uint8_t, 4> start{};
  if (pread(descriptor, start.data(), start.size(), at) < 3) return false;
  const std::size_t key = start[0] == kLongMap ? 2 : 1;
  return start[0] >> 5 == kMap >> 5 && start[key] == field_of(FieldId::kType).key &&
         start[key + 1] == static_cast<std::uint8_t>(RecordType::kRun);
}

}  // namespace

Mended mend_end(int descriptor, Format format, MutableByteView work) {
  switch (format) {
    case Format::kCbor:
      return mend_sequence(descriptor, work);
    case Format::kJsonl:
      return mend_lines(descriptor);
    case Format::kAuto:
    case Format::kText:
      return Mended::kWhole;
  }
  return Mended::kWhole;
}

off_t first_cut_from(int descriptor, Format format, off_t from, MutableByteView work) {
  if (from == 0) return 0;
  // Lines can be looked for from anywhere; a sequence is walked from its beginning.
  const bool lines = format != Format::kCbor;
  CborScanner scanner;
  off_t offset = lines ? from - 1 : 0;
  ssize_t count = 0;
  while ((count = pread(descriptor, work.data(), work.size(), offset)) > 0) {
    const ByteView piece = ByteView(work).first(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < piece.size(); ++i) {
      const off_t behind = offset + static_cast<off_t>(i) + 1;
      if (lines) {
        if (piece[i] == '\n' && behind >= from) return behind;
      } else {
        scanner.feed(piece.subspan(i, 1));
        const bool between = static_cast<off_t>(scanner.whole()) == behind;
        if (between && behind >= from && is_run_record(descriptor, behind)) return behind;
      }
    }
    offset += count;
  }
  return count < 0 ? -1 : offset;
}

}  // namespace observatory
