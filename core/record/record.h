// SPDX-License-Identifier: MIT
// One record in memory: values by field, and a pool for everything that has no fixed size.
//
// A record never holds what the format forbids: text is made valid UTF-8 and cut to its bound on
// the way in, and what was cut is remembered (`truncated`). A full pool is an ordinary answer of
// the same kind. The record keeps no pointer to what was put into it.
#pragma once

#include <array>
#include <span>

#include "core/base/byte_sink.h"
#include "core/record/schema.h"
#include "platform/interface/address.h"

namespace observatory {

// The ports of one entry of `hosts`; 0 is absent.
struct HostPorts {
  std::uint16_t tcp = 0;
  std::uint16_t ssl = 0;
  std::uint16_t ws = 0;
  std::uint16_t wss = 0;

  friend constexpr bool operator==(const HostPorts&, const HostPorts&) = default;
};

// What a kScalar holds.
enum class Scalar : std::uint8_t { kNull, kFalse, kTrue, kUnsigned, kText };

// Reads the items of a list in order.
class Items {
 public:
  explicit Items(ByteView packed) : rest_(packed) {}

  // The next text, digest or byte string; false at the end.
  bool next(std::string_view& item);
  // The next number of a kNumbers list; false at the end.
  bool next(std::uint64_t& number);
  // The next entry of a kHosts list; false at the end.
  bool next(std::string_view& name, HostPorts& ports);

 private:
  ByteView rest_;
};

// A set of fields. (Not std::bitset: its header asks more of a C library than small ones have.)
class FieldSet {
 public:
  void clear() { words_ = {}; }
  void insert(FieldId field) { words_[index(field) / 32] |= bit(field); }
  bool contains(FieldId field) const { return (words_[index(field) / 32] & bit(field)) != 0; }
  bool empty() const { return words_ == Words{}; }

 private:
  using Words = std::array<std::uint32_t, (kFieldCount + 31) / 32>;

  static constexpr std::size_t index(FieldId field) { return static_cast<std::size_t>(field); }
  static constexpr std::uint32_t bit(FieldId field) { return 1u << (index(field) % 32); }

  Words words_{};
};

class Record {
 public:
  // `pool` belongs to the caller and outlives the record; at most 2^32 - 1 bytes are used.
  explicit Record(MutableByteView pool) : pool_(pool) {}

  Record(const Record&) = delete;
  Record& operator=(const Record&) = delete;

  void clear();

  // A group is there when a member is.
  bool has(FieldId field) const;

  // How many members of the group (kRoot: of the record) are there.
  std::size_t members(FieldId group) const;

  // kUnsigned, kBoolean, kEnum. A number above the field's bound is cut to it and marked.
  void set(FieldId field, std::uint64_t value);
  void set_signed(FieldId field, std::int64_t value);
  // kText; and kScalar as Scalar::kText.
  void set_text(FieldId field, std::string_view text);
  // kHex; bytes beyond the bound are dropped and marked.
  void set_bytes(FieldId field, ByteView bytes);
  void set_ip(FieldId field, const IpAddress& ip);
  // kScalar, all but text.
  void set_scalar(FieldId field, Scalar scalar, std::uint64_t number = 0);

  // Each REQUIRES has(field) and the kind that fits. Views live until clear().
  std::uint64_t number(FieldId field) const { return value(field).number; }
  std::int64_t signed_number(FieldId field) const {
    return static_cast<std::int64_t>(value(field).number);
  }
  std::string_view text(FieldId field) const;
  ByteView bytes(FieldId field) const;
  IpAddress ip(FieldId field) const;
  Scalar scalar(FieldId field, std::uint64_t& number, std::string_view& text) const;
  std::size_t count(FieldId field) const;  // items, rows or names of a list
  Items items(FieldId field) const;

  bool is_cut(FieldId field) const { return cut_.contains(field); }
  void mark_cut(FieldId field) { cut_.insert(field); }

 private:
  friend class TextField;
  friend class ListField;

  struct Value {
    std::uint64_t number = 0;

    std::size_t offset() const { return static_cast<std::size_t>(number >> 32); }
    std::size_t length() const { return static_cast<std::size_t>(number & 0xffffffff); }
  };

  static std::size_t index(FieldId field) { return static_cast<std::size_t>(field); }
  const Value& value(FieldId field) const { return values_[index(field)]; }
  void store(FieldId field, std::uint64_t number);
  void store_slice(FieldId field, std::size_t offset);
  ByteView slice(FieldId field) const;
  bool append(ByteView bytes);  // false, and nothing changes, when the pool is full

  MutableByteView pool_;
  std::size_t used_ = 0;
  std::array<Value, kFieldCount> values_{};
  FieldSet present_;
  FieldSet cut_;
};

// Writes a kText, or a kScalar's text, in pieces. The field is there from the first moment, empty
// if nothing follows. Only one TextField or ListField of a record may live at a time, and nothing
// else may be set meanwhile.
class TextField final : public ByteSink {
 public:
  TextField(Record& record, FieldId field);
  ~TextField();
  TextField(const TextField&) = delete;
  TextField& operator=(const TextField&) = delete;

  // Each piece is made valid on its own: a character may not be split between two.
  void put(ByteView bytes) override;
  using ByteSink::put;

 private:
  Record& record_;
  FieldId field_;
  std::size_t start_;
  std::size_t size_ = 0;
  bool full_ = false;
};

// Writes a list, item by item. An item that does not fit is dropped whole, and with it all that
// follow; the list is then marked as cut. Texts and byte strings longer than kLongestItem, and
// numbers above 2^32 - 1, are cut, and mark it too.
class ListField {
 public:
  ListField(Record& record, FieldId field);
  ~ListField();
  ListField(const ListField&) = delete;
  ListField& operator=(const ListField&) = delete;

  void add(std::string_view text);  // kTexts
  void add(ByteView bytes);         // kHexes, kBlobs
  void add(std::uint64_t number);   // kNumbers
  void add(std::string_view first, std::string_view second, std::string_view third);  // kRows
  // kHosts. A name that is there already is passed over: both forms know it as a map's key.
  void add(std::string_view name, const HostPorts& ports);

 private:
  bool begin_item();
  bool name_repeats();  // the host that was put last is one of those before it
  bool put_text(std::string_view text);
  void end_item(bool fitted);

  Record& record_;
  FieldId field_;
  std::size_t start_;
  std::size_t item_start_ = 0;
  std::uint32_t count_ = 0;
  bool full_ = false;
};

}  // namespace observatory
