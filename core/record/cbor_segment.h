// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/fixed_string.h"
#include "core/base/limits.h"
#include "core/record/content.h"
#include "core/record/record.h"

namespace observatory {

// Which contents stand in a segment already: a set of hashes in fixed memory.
//
// A content that was seen again is kept in preference to one that never was: what changes with
// every visit soon makes room, what stays is found. Full is no more than that: what is not found
// is written whole again.
class KnownContents {
 public:
  void clear() { places_.fill(kFree); }

  bool knows(const ContentHash& hash) const;

  // Remembers it; true when it was known before.
  bool note(const ContentHash& hash);

 private:
  // A place has 31 bits of the hash and one that says whether it was seen again. With the 9 bits
  // that choose the row, one look in 10^11 finds what is not there; a reference is then written
  // that leads nowhere, and a reader says that the value is missing.
  using Place = std::uint32_t;
  static constexpr Place kFree = 0;
  static constexpr Place kSeenAgain = 1;
  static constexpr std::size_t kRow = 8;  // places where a hash may stand

  static Place mark_of(const ContentHash& hash);
  static std::size_t row_of(const ContentHash& hash);

  std::array<Place, limits::kKnownContents> places_;
};

// Writes the records of a log as a CBOR sequence in which content stands once (content.h).
//
// A segment is the part of a log that needs nothing else to be read: it begins with a run, and
// anew wherever the log goes on in another file. Until begin() records are written whole.
class CborSegment {
 public:
  explicit CborSegment(Digest& digest) : digest_(digest) {}

  CborSegment(const CborSegment&) = delete;
  CborSegment& operator=(const CborSegment&) = delete;

  // What was written before is no longer referred to. `run` is the field of that name.
  void begin(ByteView run);

  // Puts the record, with references to what is known. The same until remember() is called, so
  // that it may be measured first.
  void write(const Record& record, ByteSink& into);

  // The record stands in the segment: from now on what is in it may be referred to. Only to be
  // called when it was written whole, else later records would refer to what is nowhere.
  void remember(const Record& record);

 private:
  class Writer;

  ContentHasher hasher();
  bool refers(const Record& record) const;

  Digest& digest_;
  FixedString<8> run_;
  KnownContents known_;  // not initialised: until begin() it takes no memory of the machine
};

}  // namespace observatory
