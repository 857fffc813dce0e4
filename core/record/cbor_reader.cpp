// SPDX-License-Identifier: MIT
#include "core/record/cbor_reader.h"

#include <algorithm>
#include <array>
#include <limits>

#include "core/base/byte_reader.h"
#include "core/base/byte_writer.h"
#include "core/base/ip_text.h"
#include "core/base/utf8.h"
#include "core/record/cbor.h"
#include "core/record/content.h"
#include "core/record/row_cells.h"

namespace observatory {
namespace {

using cbor::Major;

struct Head {
  Major major = Major::kUnsigned;
  std::uint64_t number = 0;
};

// Walks one record. The first thing that goes wrong is remembered and ends the walk.
class RecordReader {
 public:
  RecordReader(ByteView bytes, Record& into) : bytes_(bytes), into_(into) {}

  ReadResult read() {
    read_group(FieldId::kRoot, kDeepestCbor);
    if (!ok(status_)) return {status_, 0};
    const bool has_version = into_.has(FieldId::kVersion) && into_.has(FieldId::kType);
    if (!has_version) return {Status::kMalformed, 0};
    if (into_.number(FieldId::kVersion) != kFormatVersion) status_ = Status::kUnsupported;
    return {status_, total_ - bytes_.rest().size(), skipped_};
  }

 private:
  bool fail(Status why) {
    if (ok(status_)) status_ = why;
    return false;
  }

  bool head(Head& head) {
    const std::uint8_t first = bytes_.take_byte();
    head.major = static_cast<Major>(first >> 5);
    const unsigned info = first & 31;
    if (info >= 28) return fail(bytes_.failed() ? Status::kIncomplete : Status::kMalformed);
    head.number = info < 24 ? info : bytes_.take_unsigned(std::size_t{1} << (info - 24));
    // The bits of a float, and RFC 8949 section 3.3's longer simple values, are none of ours.
    if (head.major == Major::kSimple && info >= 24) head.number = cbor::kForeign;
    return !bytes_.failed() || fail(Status::kIncomplete);
  }

  bool head_of(Major major, std::uint64_t& number) {
    Head found;
    if (!head(found)) return false;
    number = found.number;
    return found.major == major || fail(Status::kMalformed);
  }

  bool string(Major major, std::uint64_t limit, ByteView& content) {
    std::uint64_t length = 0;
    if (!head_of(major, length)) return false;
    if (length > limit) return fail(Status::kMalformed);
    content = bytes_.take(static_cast<std::size_t>(length));
    return !bytes_.failed() || fail(Status::kIncomplete);
  }

  bool text(std::uint64_t limit, std::string_view& content) {
    ByteView raw;
    if (!string(Major::kText, limit, raw)) return false;
    content = as_text(raw);
    return is_valid_utf8(content) || fail(Status::kMalformed);
  }

  bool skip(int depth) {
    if (depth == 0) return fail(Status::kMalformed);
    Head found;
    if (!head(found)) return false;
    switch (found.major) {
      case Major::kUnsigned:
      case Major::kNegative:
      case Major::kSimple:
        return true;
      case Major::kBytes:
      case Major::kText:
        if (found.number > bytes_.rest().size()) return fail(Status::kIncomplete);
        bytes_.take(static_cast<std::size_t>(found.number));
        return true;
      case Major::kArray:
        return skip_items(found.number, depth);
      case Major::kMap:
        if (found.number > std::numeric_limits<std::uint64_t>::max() / 2) {
          return fail(Status::kMalformed);
        }
        return skip_items(found.number * 2, depth);
      case Major::kTag:
        return skip(depth - 1);
    }
    return fail(Status::kMalformed);
  }

  bool skip_items(std::uint64_t count, int depth) {
    // Each item is a byte at least, so a count beyond the bytes ends the loop in good time.
    for (std::uint64_t i = 0; i < count; ++i) {
      if (!skip(depth - 1)) return false;
    }
    return true;
  }

  // Passes over a reference, or what stands for one that leads nowhere. The number of values that
  // are lost with it, 0 when something else follows.
  bool take_lost(std::uint64_t& lost) {
    const ByteReader before = bytes_;
    Head found;
    lost = 0;
    if (!head(found)) return false;
    if (found.major == Major::kSimple && found.number == cbor::kUndefined) {
      lost = 1;
    } else if (found.major == Major::kTag && found.number == cbor::kContentTag) {
      ByteView hashes;
      if (!string(Major::kBytes, kLongestString, hashes)) return false;
      lost = hashes.size() / sizeof(ContentHash);
      if (lost == 0 || hashes.size() % sizeof(ContentHash) != 0) return fail(Status::kMalformed);
    } else {
      bytes_ = before;
    }
    return true;
  }

  bool read_group(FieldId group, int depth) {
    std::uint64_t members = 0;
    if (depth == 0) return fail(Status::kMalformed);
    if (!head_of(Major::kMap, members)) return false;
    for (std::uint64_t i = 0; i < members; ++i) {
      Head key;
      if (!head(key)) return false;
      if (key.major != Major::kUnsigned) return fail(Status::kMalformed);
      // Of another version not even the types are known; its number is all that can be read.
      const bool foreign =
          into_.has(FieldId::kVersion) && into_.number(FieldId::kVersion) != kFormatVersion;
      const FieldId id = foreign ? FieldId::kRoot : find_field(group, key.number);
      skipped_ = skipped_ || id == FieldId::kRoot;
      if (!(id == FieldId::kRoot ? skip(depth - 1) : read_value(field_of(id), depth))) return false;
    }
    return true;
  }

  bool read_value(const Field& field, int depth) {
    std::uint64_t lost = 0;
    if (!take_lost(lost)) return false;
    if (lost > 1) return fail(Status::kMalformed);
    if (lost == 1) {
      into_.mark_cut(field.id);
      return true;
    }
    switch (field.kind) {
      case Kind::kGroup:
        return read_group(field.id, depth - 1);
      case Kind::kUnsigned:
      case Kind::kEnum: {
        std::uint64_t number = 0;
        if (!head_of(Major::kUnsigned, number)) return false;
        into_.set(field.id, number);
        return true;
      }
      case Kind::kSigned:
        return read_signed(field);
      case Kind::kBoolean: {
        std::uint64_t value = 0;
        if (!head_of(Major::kSimple, value)) return false;
        if (value != cbor::kFalse && value != cbor::kTrue) return fail(Status::kMalformed);
        into_.set(field.id, value == cbor::kTrue);
        return true;
      }
      case Kind::kText: {
        std::string_view content;
        if (!text(kLongestString, content)) return false;
        into_.set_text(field.id, content);
        return true;
      }
      case Kind::kScalar:
        return read_scalar(field);
      case Kind::kHex: {
        ByteView content;
        if (!string(Major::kBytes, kLongestString, content)) return false;
        into_.set_bytes(field.id, content);
        return true;
      }
      case Kind::kIp:
        return read_ip_bytes(field);
      case Kind::kTexts:
      case Kind::kHexes:
      case Kind::kNumbers:
      case Kind::kBlobs:
      case Kind::kRows:
        return read_list(field);
      case Kind::kHosts:
        return read_hosts(field);
      case Kind::kPaths:
        return read_paths();
    }
    return fail(Status::kMalformed);
  }

  bool read_signed(const Field& field) {
    Head found;
    if (!head(found)) return false;
    constexpr auto kLargest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    const bool negative = found.major == Major::kNegative;
    if ((!negative && found.major != Major::kUnsigned) || found.number > kLargest) {
      return fail(Status::kMalformed);
    }
    into_.set_signed(field.id, static_cast<std::int64_t>(negative ? ~found.number : found.number));
    return true;
  }

  bool read_scalar(const Field& field) {
    const ByteReader before = bytes_;
    Head found;
    if (!head(found)) return false;
    if (found.major == Major::kUnsigned) {
      into_.set_scalar(field.id, Scalar::kUnsigned, found.number);
      return true;
    }
    if (found.major == Major::kSimple) {
      if (found.number < cbor::kFalse || found.number > cbor::kNull) {
        return fail(Status::kMalformed);
      }
      into_.set_scalar(field.id, found.number == cbor::kNull   ? Scalar::kNull
                                 : found.number == cbor::kTrue ? Scalar::kTrue
                                                               : Scalar::kFalse);
      return true;
    }
    bytes_ = before;
    std::string_view content;
    if (!text(kLongestString, content)) return false;
    into_.set_text(field.id, content);
    return true;
  }

  bool read_ip_bytes(const Field& field) {
    ByteView content;
    if (!string(Major::kBytes, 16, content)) return false;
    if (content.size() != 4 && content.size() != 16) return fail(Status::kMalformed);
    into_.set_ip(field.id, ip_of_bytes(content));
    return true;
  }

  bool read_list(const Field& field) {
    std::uint64_t count = 0;
    if (!head_of(Major::kArray, count)) return false;
    ListField list(into_, field.id);
    for (std::uint64_t i = 0; i < count; ++i) {
      std::uint64_t lost = 0;
      if (!take_lost(lost)) return false;
      if (lost > 0) {
        into_.mark_cut(field.id);
        continue;
      }
      if (field.kind == Kind::kHexes) {
        ByteView digest;
        if (!string(Major::kBytes, 32, digest)) return false;
        if (digest.size() != 32) return fail(Status::kMalformed);
        list.add(digest);
      } else if (field.kind == Kind::kNumbers) {
        std::uint64_t number = 0;
        if (!head_of(Major::kUnsigned, number)) return false;
        list.add(number);
      } else if (field.kind == Kind::kBlobs) {
        ByteView blob;
        if (!string(Major::kBytes, kLongestString, blob)) return false;
        list.add(blob);
      } else if (field.kind == Kind::kTexts) {
        std::string_view item;
        if (!text(kLongestString, item)) return false;
        list.add(item);
      } else if (!read_row(list)) {
        return false;
      }
    }
    return true;
  }

  bool read_row(ListField& list) {
    std::uint64_t width = 0;
    if (!head_of(Major::kArray, width)) return false;
    if (width != kRowWidth) return fail(Status::kMalformed);
    std::array<std::string_view, kRowWidth> row;
    std::array<std::array<std::uint8_t, kLongestItem>, kRowWidth> unpacked;
    const bool same = take_null();
    for (std::size_t i = same ? 1 : 0; i < kRowWidth; ++i) {
      if (!read_cell(i, unpacked[i], row[i])) return false;
    }
    if (same) row[0] = row[1];
    list.add(row[0], row[1], row[2]);
    return true;
  }

  bool take_null() {
    const ByteReader before = bytes_;
    Head found;
    if (head(found) && found.major == Major::kSimple && found.number == cbor::kNull) return true;
    bytes_ = before;
    return false;
  }

  bool read_cell(std::size_t column, MutableByteView room, std::string_view& cell) {
    const ByteReader before = bytes_;
    Head found;
    if (!head(found)) return false;
    bytes_ = before;
    if (found.major != Major::kBytes) return text(kLongestString, cell);
    ByteView packed;
    ByteWriter writer(room);
    if (!string(Major::kBytes, kLongestItem, packed)) return false;
    if (!unpack_cell(column, packed, writer) || !ok(writer.status())) {
      return fail(Status::kMalformed);
    }
    cell = writer.text();
    return is_valid_utf8(cell) || fail(Status::kMalformed);
  }

  bool read_hosts(const Field& field) {
    std::uint64_t count = 0;
    if (!head_of(Major::kMap, count)) return false;
    ListField list(into_, field.id);
    for (std::uint64_t i = 0; i < count; ++i) {
      std::string_view name;
      std::uint64_t known = 0;
      HostPorts ports;
      if (!text(kLongestString, name) || !head_of(Major::kMap, known)) return false;
      for (std::uint64_t j = 0; j < known; ++j) {
        std::uint64_t key = 0;
        std::uint64_t port = 0;
        if (!head_of(Major::kUnsigned, key)) return false;
        if (key < 1 || key > 4) {
          skipped_ = true;
          if (!skip(kDeepestCbor)) return false;
          continue;
        }
        if (!head_of(Major::kUnsigned, port)) return false;
        if (port > 0xffff) return fail(Status::kMalformed);
        std::uint16_t* const known_ports[] = {&ports.tcp, &ports.ssl, &ports.ws, &ports.wss};
        *known_ports[key - 1] = static_cast<std::uint16_t>(port);
      }
      list.add(name, ports);
    }
    return true;
  }

  bool read_paths() {
    std::uint64_t count = 0;
    if (!head_of(Major::kArray, count)) return false;
    for (std::uint64_t i = 0; i < count; ++i) {
      std::uint64_t depth = 0;
      if (!head_of(Major::kArray, depth)) return false;
      FieldId id = FieldId::kRoot;
      bool known = depth > 0;
      for (std::uint64_t j = 0; j < depth; ++j) {
        std::uint64_t key = 0;
        if (!head_of(Major::kUnsigned, key)) return false;
        if (known) id = find_field(id, key);
        known = known && id != FieldId::kRoot;
      }
      if (known) into_.mark_cut(id);
      skipped_ = skipped_ || !known;
    }
    return true;
  }

  // Beyond every bound of the schema; keeps a lying length from asking for more bytes for ever.
  static constexpr std::uint64_t kLongestString = 1 << 16;

  ByteReader bytes_;
  const std::size_t total_ = bytes_.rest().size();
  Record& into_;
  Status status_ = Status::kOk;
  bool skipped_ = false;
};

}  // namespace

ReadResult read_cbor(ByteView bytes, Record& into) {
  into.clear();
  return RecordReader(bytes, into).read();
}

}  // namespace observatory
