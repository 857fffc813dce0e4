// SPDX-License-Identifier: MIT
#include "core/record/cbor_expander.h"

#include <cstring>
#include <limits>

#include "core/base/byte_reader.h"
#include "core/base/byte_writer.h"
#include "core/record/cbor_reader.h"
#include "core/record/cbor_values.h"
#include "core/record/schema.h"

namespace observatory {
namespace {

using cbor::Major;

// Copies a record item by item. The first thing that goes wrong is remembered and ends the walk.
class Expander {
 public:
  Expander(ByteView record, Contents& contents, Digest& digest, MutableByteView into)
      : rest_(record), contents_(contents), digest_(digest), into_(into) {}

  Expansion run() {
    Head head;
    if (!take_head(head) || (head.major != Major::kMap && !fail(Status::kMalformed)) ||
        !copy_map(head, kDeepestCbor)) {
      return {status_, {}, 0};
    }
    return {Status::kOk, into_.first(used_), missing_};
  }

 private:
  struct Head {
    Major major = Major::kUnsigned;
    std::uint64_t number = 0;
    ByteView bytes;
  };

  bool fail(Status why) {
    if (ok(status_)) status_ = why;
    return false;
  }

  bool take_head(Head& head) {
    const ByteView from = rest_.rest();
    const std::uint8_t first = rest_.take_byte();
    head.major = static_cast<Major>(first >> 5);
    const unsigned info = first & 31;
    if (info >= 28) return fail(Status::kMalformed);
    head.number = info < 24 ? info : rest_.take_unsigned(std::size_t{1} << (info - 24));
    if (rest_.failed()) return fail(Status::kMalformed);
    head.bytes = from.first(from.size() - rest_.rest().size());
    return true;
  }

  bool take_string(const Head& head, ByteView& content) {
    if (head.number > rest_.rest().size()) return fail(Status::kMalformed);
    content = rest_.take(static_cast<std::size_t>(head.number));
    return true;
  }

  bool put(ByteView bytes) {
    if (bytes.size() > into_.size() - used_) return fail(Status::kOverflow);
    if (!bytes.empty()) std::memcpy(into_.data() + used_, bytes.data(), bytes.size());
    used_ += bytes.size();
    return true;
  }

  // `depth` is how many containers may still be opened.
  bool copy(const Head& head, int depth) {
    switch (head.major) {
      case Major::kUnsigned:
      case Major::kNegative:
      case Major::kSimple:
        return put(head.bytes);
      case Major::kBytes:
      case Major::kText: {
        ByteView content;
        return take_string(head, content) && put(head.bytes) && put(content);
      }
      case Major::kArray:
        return depth > 0 ? copy_array(head, depth - 1) : fail(Status::kMalformed);
      case Major::kMap:
        return depth > 0 ? copy_map(head, depth - 1) : fail(Status::kMalformed);
      case Major::kTag: {
        Head tagged;
        if (head.number == cbor::kContentTag || depth == 0) return fail(Status::kMalformed);
        return put(head.bytes) && take_head(tagged) && copy(tagged, depth - 1);
      }
    }
    return fail(Status::kMalformed);
  }

  // A value of a map, or an item of a list. `items`: how many came of it.
  bool copy_value(int depth, bool in_list, std::uint64_t& items) {
    Head head;
    const std::size_t start = used_;
    items = 1;
    if (!take_head(head)) return false;
    if (head.major == Major::kTag && head.number == cbor::kContentTag) {
      return copy_contents(in_list, items);
    }
    if (!copy(head, depth)) return false;
    keep(into_.subspan(start, used_ - start));
    return true;
  }

  bool copy_map(const Head& head, int depth) {
    if (!put(head.bytes)) return false;
    const bool is_record = depth == kDeepestCbor;
    for (std::uint64_t i = 0; i < head.number; ++i) {
      Head key;
      std::uint64_t one = 0;
      if (!take_head(key) || !copy(key, depth)) return false;
      const std::size_t start = used_;
      if (!copy_value(depth, false, one)) return false;
      if (is_record && key.major == Major::kUnsigned && key.number == field_of(FieldId::kRun).key) {
        take_run(into_.subspan(start, used_ - start));
      }
    }
    return true;
  }

  bool copy_array(const Head& head, int depth) {
    const std::size_t start = used_;
    if (!put(head.bytes)) return false;
    std::uint64_t count = 0;
    for (std::uint64_t i = 0; i < head.number; ++i) {
      std::uint64_t items = 0;
      if (!copy_value(depth, true, items)) return false;
      count += items;
    }
    return count == head.number || put_count(start, head.bytes.size(), count);
  }

  // One reference in a list may stand for several items, so that the list is longer than it said.
  bool put_count(std::size_t start, std::size_t old_size, std::uint64_t count) {
    std::array<std::uint8_t, 9> room;
    ByteWriter head(room);
    cbor::put_head(Major::kArray, count, head);
    const std::size_t size = head.needed();
    const std::size_t content = used_ - start - old_size;
    if (size > old_size && size - old_size > into_.size() - used_) return fail(Status::kOverflow);
    std::memmove(into_.data() + start + size, into_.data() + start + old_size, content);
    std::memcpy(into_.data() + start, room.data(), size);
    used_ = start + size + content;
    return true;
  }

  bool copy_contents(bool in_list, std::uint64_t& items) {
    Head head;
    ByteView hashes;
    if (!take_head(head) || !take_string(head, hashes)) return false;
    items = hashes.size() / sizeof(ContentHash);
    const bool right = head.major == Major::kBytes && hashes.size() % sizeof(ContentHash) == 0 &&
                       items > 0 && (in_list || items == 1);
    if (!right) return fail(Status::kMalformed);
    for (; !hashes.empty(); hashes = hashes.subspan(sizeof(ContentHash))) {
      ContentHash hash;
      std::copy_n(hashes.begin(), hash.size(), hash.begin());
      static constexpr std::uint8_t kMissing[] = {static_cast<unsigned>(Major::kSimple) << 5 |
                                                  cbor::kUndefined};
      const ByteView content = contents_.find(hash);
      missing_ += content.empty();
      if (!put(content.empty() ? ByteView(kMissing) : content)) return false;
    }
    return true;
  }

  // What stands before the run's name is content of no run.
  void keep(ByteView value) {
    if (value.size() < kShortestContent || run_.empty()) return;
    ContentHasher hasher(digest_, run_);
    hasher.put(value);
    contents_.keep(hasher.finish(), value);
  }

  void take_run(ByteView value) {
    ByteReader reader(value);
    const std::uint8_t head = reader.take_byte();
    // A name of more than 8 bytes is none of ours.
    if (head == (static_cast<unsigned>(Major::kBytes) << 5 | reader.rest().size())) {
      run_ = reader.rest();
    }
  }

  ByteReader rest_;
  Contents& contents_;
  Digest& digest_;
  MutableByteView into_;
  std::size_t used_ = 0;
  std::size_t missing_ = 0;
  ByteView run_;
  Status status_ = Status::kOk;
};

}  // namespace

Expansion expand_cbor(ByteView record, Contents& contents, Digest& digest, MutableByteView into) {
  return Expander(record, contents, digest, into).run();
}

}  // namespace observatory
