// SPDX-License-Identifier: MIT
#include "core/record/cbor_segment.h"

#include "core/base/byte_reader.h"
#include "core/base/byte_writer.h"
#include "core/record/cbor_values.h"
#include "core/record/cbor_writer.h"

namespace observatory {
namespace {

// What is of one visit alone would only push other content out of the table.
bool may_repeat(const Field& field) {
  if (field.records != kInObservation) return false;
  if (field.id == FieldId::kUs || field.id == FieldId::kTcp) return false;
  switch (field.kind) {
    case Kind::kUnsigned:
    case Kind::kSigned:
    case Kind::kBoolean:
    case Kind::kEnum:
    case Kind::kIp:
    case Kind::kPaths:
      return false;
    default:
      return true;
  }
}

bool is_list_of_items(Kind kind) {
  return kind == Kind::kTexts || kind == Kind::kHexes || kind == Kind::kBlobs ||
         kind == Kind::kRows;
}

}  // namespace

bool KnownContents::knows(const ContentHash& hash) const {
  const Place* const row = &places_[row_of(hash)];
  const Place mark = mark_of(hash);
  return std::any_of(row, row + kRow, [&](Place place) { return (place | kSeenAgain) == mark; });
}

bool KnownContents::note(const ContentHash& hash) {
  Place* const row = &places_[row_of(hash)];
  const Place mark = mark_of(hash);
  Place* victim = nullptr;
  // Any place of the row may be the first that is looked at, else the last ones would never age.
  const std::size_t start = hash[7];
  for (std::size_t i = 0; i < kRow; ++i) {
    Place& place = row[(start + i) % kRow];
    if ((place | kSeenAgain) == mark) {
      place = mark;
      return true;
    }
    const bool weaker = victim == nullptr || place == kFree ||
                        (*victim != kFree && (*victim & kSeenAgain) > (place & kSeenAgain));
    if (weaker) victim = &place;
  }
  *victim = mark & ~kSeenAgain;
  return false;
}

// Never kFree | kSeenAgain, whatever the hash.
KnownContents::Place KnownContents::mark_of(const ContentHash& hash) {
  const auto bits = static_cast<Place>(ByteReader(hash).take_unsigned(4));
  return (bits > kSeenAgain ? bits : ~bits) | kSeenAgain;
}

std::size_t KnownContents::row_of(const ContentHash& hash) {
  const std::uint64_t bits = ByteReader(ByteView(hash).subspan(4)).take_unsigned(3);
  constexpr std::uint64_t kRows = limits::kKnownContents / kRow;
  return static_cast<std::size_t>(bits * kRows >> 24) * kRow;
}

// ---- writing -----------------------------------------------------------------------------------

// Goes through a record and asks of each value whether it has to stand whole.
class CborSegment::Writer {
 public:
  Writer(CborSegment& segment, const Record& record) : segment_(segment), record_(record) {}

  void put_members(FieldId group, ByteSink& into) const {
    cbor::put_head(cbor::Major::kMap, record_.members(group), into);
    for (const Field& field : all_fields()) {
      if (field.parent != group || !record_.has(field.id)) continue;
      cbor::put_head(cbor::Major::kUnsigned, field.key, into);
      put_value(field, into);
    }
  }

  // Remembers instead of writing.
  void note_members(FieldId group) const {
    for (const Field& field : all_fields()) {
      if (field.parent == group && record_.has(field.id) && may_repeat(field)) note_value(field);
    }
  }

 private:
  // References to items that follow each other, put as one.
  class References {
   public:
    explicit References(ByteSink& into) : into_(into) {}

    void add(const ContentHash& hash) {
      if (used_ == hashes_.size()) flush();
      std::copy(hash.begin(), hash.end(), hashes_.begin() + static_cast<std::ptrdiff_t>(used_));
      used_ += hash.size();
    }
    void flush() {
      if (used_ == 0) return;
      put_reference(ByteView(hashes_).first(used_), into_);
      used_ = 0;
      ++put_;
    }
    std::size_t put() const { return put_; }

   private:
    ByteSink& into_;
    std::array<std::uint8_t, 32 * sizeof(ContentHash)> hashes_;
    std::size_t used_ = 0;
    std::size_t put_ = 0;
  };

  static void put_reference(ByteView hashes, ByteSink& into) {
    cbor::put_head(cbor::Major::kTag, cbor::kContentTag, into);
    cbor::put_bytes(hashes, into);
  }

  void put_value(const Field& field, ByteSink& into) const {
    ContentHash hash;
    if (may_repeat(field) && is_content(field, hash) && segment_.known_.knows(hash)) {
      put_reference(hash, into);
    } else if (field.kind == Kind::kGroup) {
      put_members(field.id, into);
    } else if (is_list_of_items(field.kind)) {
      ByteWriter counted({});
      cbor::put_head(cbor::Major::kArray, put_items(field, counted), into);
      put_items(field, into);
    } else {
      cbor::put_value(record_, field, into);
    }
  }

  // How many items it takes in CBOR.
  std::size_t put_items(const Field& field, ByteSink& into) const {
    References references(into);
    std::size_t whole = 0;
    Items items = record_.items(field.id);
    ContentHash hash;
    for (Items here = items;; here = items) {
      Length length = hash_item(field, items, hash);
      if (length == Length::kEnd) break;
      if (length == Length::kContent && segment_.known_.knows(hash)) {
        references.add(hash);
      } else {
        references.flush();
        cbor::put_item(field, here, into);
        ++whole;
      }
    }
    references.flush();
    return whole + references.put();
  }

  void note_value(const Field& field) const {
    ContentHash hash;
    if (is_content(field, hash) && segment_.known_.note(hash)) return;
    if (field.kind == Kind::kGroup) return note_members(field.id);
    if (!is_list_of_items(field.kind)) return;
    Items items = record_.items(field.id);
    for (Length length; (length = hash_item(field, items, hash)) != Length::kEnd;) {
      if (length == Length::kContent) segment_.known_.note(hash);
    }
  }

  bool is_content(const Field& field, ContentHash& hash) const {
    ContentHasher hasher = segment_.hasher();
    cbor::put_value(record_, field, hasher);
    hash = hasher.finish();
    return hasher.size() >= kShortestContent;
  }

  enum class Length : std::uint8_t { kEnd, kShort, kContent };
  Length hash_item(const Field& field, Items& items, ContentHash& hash) const {
    ContentHasher hasher = segment_.hasher();
    if (!cbor::put_item(field, items, hasher)) return Length::kEnd;
    hash = hasher.finish();
    return hasher.size() >= kShortestContent ? Length::kContent : Length::kShort;
  }

  CborSegment& segment_;
  const Record& record_;
};

void CborSegment::begin(ByteView run) {
  run_.clear();
  known_.clear();
  // A name that is none of ours begins no segment.
  if (!run.empty() && !run_.append(as_text(run))) run_.clear();
}

void CborSegment::write(const Record& record, ByteSink& into) {
  if (!refers(record)) return write_cbor(record, into);
  Writer(*this, record).put_members(FieldId::kRoot, into);
}

void CborSegment::remember(const Record& record) {
  if (refers(record)) Writer(*this, record).note_members(FieldId::kRoot);
}

ContentHasher CborSegment::hasher() { return {digest_, as_bytes(run_.view())}; }

bool CborSegment::refers(const Record& record) const {
  return !run_.empty() && record.has(FieldId::kRun) &&
         as_text(record.bytes(FieldId::kRun)) == run_.view();
}

}  // namespace observatory
