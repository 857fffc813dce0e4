// SPDX-License-Identifier: MIT
#include "core/record/record.h"

#include <algorithm>
#include <cstring>

#include "core/base/byte_reader.h"
#include "core/base/ip_text.h"
#include "core/base/utf8.h"

namespace observatory {
namespace {

// A packed list: the number of items (4 bytes), then the items. A text is its length (2 bytes)
// and its bytes; a host is a text and four ports (2 bytes each); a number has 4 bytes.
constexpr std::size_t kCountBytes = 4;
constexpr std::size_t kNumberBytes = 4;
constexpr std::uint64_t kLargestNumber = 0xffff'ffff;

void write_unsigned(MutableByteView into, std::uint64_t value) {
  for (std::size_t i = into.size(); i > 0; --i) {
    into[i - 1] = static_cast<std::uint8_t>(value & 0xff);
    value >>= 8;
  }
}

// Passes valid UTF-8 on, as much as fits without cutting a character.
class Utf8Limit final : public ByteSink {
 public:
  Utf8Limit(MutableByteView room) : room_(room) {}

  void put(ByteView bytes) override {
    if (cut_) return;
    const std::string_view fitting = utf8_prefix(as_text(bytes), room_.size() - used_);
    if (!fitting.empty()) std::memcpy(room_.data() + used_, fitting.data(), fitting.size());
    used_ += fitting.size();
    cut_ = fitting.size() < bytes.size();
  }
  using ByteSink::put;

  std::size_t used() const { return used_; }
  bool cut() const { return cut_; }

 private:
  MutableByteView room_;
  std::size_t used_ = 0;
  bool cut_ = false;
};

}  // namespace

bool Items::next(std::string_view& item) {
  if (rest_.empty()) return false;
  ByteReader reader(rest_);
  item = as_text(reader.take(reader.take_length(2)));
  rest_ = reader.rest();
  return true;
}

bool Items::next(std::uint64_t& number) {
  if (rest_.empty()) return false;
  ByteReader reader(rest_);
  number = reader.take_unsigned(kNumberBytes);
  rest_ = reader.rest();
  return true;
}

bool Items::next(std::string_view& name, HostPorts& ports) {
  if (!next(name)) return false;
  ByteReader reader(rest_);
  for (std::uint16_t* port : {&ports.tcp, &ports.ssl, &ports.ws, &ports.wss}) {
    *port = static_cast<std::uint16_t>(reader.take_unsigned(2));
  }
  rest_ = reader.rest();
  return true;
}

void Record::clear() {
  used_ = 0;
  present_.clear();
  cut_.clear();
}

bool Record::has(FieldId field) const {
  const Kind kind = field_of(field).kind;
  if (kind == Kind::kPaths) return !cut_.empty();
  if (kind != Kind::kGroup) return present_.contains(field);
  for (const Field& member : all_fields()) {
    if (member.parent == field && has(member.id)) return true;
  }
  return false;
}

std::size_t Record::members(FieldId group) const {
  std::size_t count = 0;
  for (const Field& member : all_fields()) {
    if (member.parent == group && has(member.id)) ++count;
  }
  return count;
}

void Record::store(FieldId field, std::uint64_t number) {
  values_[index(field)].number = number;
  present_.insert(field);
}

void Record::store_slice(FieldId field, std::size_t offset) {
  store(field, std::uint64_t{offset} << 32 | (used_ - offset));
}

ByteView Record::slice(FieldId field) const {
  return pool_.subspan(value(field).offset(), value(field).length());
}

bool Record::append(ByteView bytes) {
  if (bytes.size() > pool_.size() - used_) return false;
  std::copy(bytes.begin(), bytes.end(), pool_.begin() + static_cast<std::ptrdiff_t>(used_));
  used_ += bytes.size();
  return true;
}

void Record::set(FieldId field, std::uint64_t value) {
  const Field& row = field_of(field);
  if (row.kind == Kind::kUnsigned && value > row.bound) {
    mark_cut(field);
    value = row.bound;
  }
  store(field, value);
}

void Record::set_signed(FieldId field, std::int64_t value) {
  store(field, static_cast<std::uint64_t>(value));
}

void Record::set_text(FieldId field, std::string_view text) { TextField(*this, field).put(text); }

void Record::set_bytes(FieldId field, ByteView bytes) {
  const std::size_t bound = static_cast<std::size_t>(field_of(field).bound);
  if (bytes.size() > bound) {
    mark_cut(field);
    bytes = bytes.first(bound);
  }
  const std::size_t offset = used_;
  if (!append(bytes)) return mark_cut(field);
  store_slice(field, offset);
}

void Record::set_ip(FieldId field, const IpAddress& ip) {
  const std::size_t offset = used_;
  const std::size_t length = ip.family == IpAddress::Family::kV4 ? 4 : 16;
  if (!append(ByteView(ip.bytes).first(length))) return mark_cut(field);
  store_slice(field, offset);
}

void Record::set_scalar(FieldId field, Scalar scalar, std::uint64_t number) {
  std::uint8_t packed[9] = {static_cast<std::uint8_t>(scalar)};
  write_unsigned(MutableByteView(packed).subspan(1), number);
  const std::size_t offset = used_;
  if (!append(packed)) return mark_cut(field);
  store_slice(field, offset);
}

std::string_view Record::text(FieldId field) const { return as_text(slice(field)); }

ByteView Record::bytes(FieldId field) const { return slice(field); }

IpAddress Record::ip(FieldId field) const { return ip_of_bytes(slice(field)); }

Scalar Record::scalar(FieldId field, std::uint64_t& number, std::string_view& text) const {
  ByteReader reader(slice(field));
  const auto scalar = static_cast<Scalar>(reader.take_byte());
  if (scalar == Scalar::kText) {
    text = as_text(reader.rest());
  } else {
    number = reader.take_unsigned(8);
  }
  return scalar;
}

std::size_t Record::count(FieldId field) const {
  return ByteReader(slice(field)).take_length(kCountBytes);
}

Items Record::items(FieldId field) const { return Items(slice(field).subspan(kCountBytes)); }

TextField::TextField(Record& record, FieldId field)
    : record_(record), field_(field), start_(record.used_) {
  const auto tag = static_cast<std::uint8_t>(Scalar::kText);
  if (field_of(field).kind == Kind::kScalar && !record.append(ByteView(&tag, 1))) full_ = true;
}

TextField::~TextField() {
  if (full_) record_.mark_cut(field_);
  if (full_ && record_.used_ == start_) return;  // not even the tag of a scalar fitted
  record_.store_slice(field_, start_);
}

void TextField::put(ByteView bytes) {
  if (full_) return;
  const std::size_t bound = static_cast<std::size_t>(field_of(field_).bound);
  const std::size_t room = std::min(bound - size_, record_.pool_.size() - record_.used_);
  Utf8Limit limit(record_.pool_.subspan(record_.used_, room));
  put_valid_utf8(as_text(bytes), limit);
  record_.used_ += limit.used();
  size_ += limit.used();
  full_ = limit.cut();
}

ListField::ListField(Record& record, FieldId field)
    : record_(record), field_(field), start_(record.used_) {
  static constexpr std::uint8_t kNone[kCountBytes] = {};
  full_ = !record.append(kNone);
}

ListField::~ListField() {
  if (full_) record_.mark_cut(field_);
  if (record_.used_ == start_) return;  // not even the count fitted
  write_unsigned(record_.pool_.subspan(start_, kCountBytes), count_);
  record_.store_slice(field_, start_);
}

bool ListField::begin_item() {
  item_start_ = record_.used_;
  full_ = full_ || count_ >= field_of(field_).bound;
  return !full_;
}

bool ListField::put_text(std::string_view text) {
  std::array<std::uint8_t, 2 + kLongestItem> item;
  Utf8Limit limit(MutableByteView(item).subspan(2));
  put_valid_utf8(text, limit);
  if (limit.cut()) record_.mark_cut(field_);
  write_unsigned(MutableByteView(item).first(2), limit.used());
  return record_.append(ByteView(item).first(2 + limit.used()));
}

void ListField::end_item(bool fitted) {
  if (fitted) {
    ++count_;
  } else {
    record_.used_ = item_start_;
    full_ = true;
  }
}

void ListField::add(std::string_view text) {
  if (begin_item()) end_item(put_text(text));
}

void ListField::add(ByteView bytes) {
  if (!begin_item()) return;
  if (bytes.size() > kLongestItem) {
    record_.mark_cut(field_);
    bytes = bytes.first(kLongestItem);
  }
  std::uint8_t length[2];
  write_unsigned(length, bytes.size());
  end_item(record_.append(length) && record_.append(bytes));
}

void ListField::add(std::uint64_t number) {
  if (!begin_item()) return;
  if (number > kLargestNumber) record_.mark_cut(field_);
  std::uint8_t packed[kNumberBytes];
  write_unsigned(packed, std::min(number, kLargestNumber));
  end_item(record_.append(packed));
}

void ListField::add(std::string_view first, std::string_view second, std::string_view third) {
  if (begin_item()) end_item(put_text(first) && put_text(second) && put_text(third));
}

void ListField::add(std::string_view name, const HostPorts& ports) {
  if (!begin_item()) return;
  std::uint8_t packed[8];
  const std::uint16_t numbers[] = {ports.tcp, ports.ssl, ports.ws, ports.wss};
  for (std::size_t i = 0; i < 4; ++i) {
    write_unsigned(MutableByteView(packed).subspan(2 * i, 2), numbers[i]);
  }
  const bool fitted = put_text(name) && record_.append(packed);
  if (fitted && name_repeats()) {
    record_.used_ = item_start_;
  } else {
    end_item(fitted);
  }
}

bool ListField::name_repeats() {
  const ByteView list =
      record_.pool_.subspan(start_ + kCountBytes, record_.used_ - start_ - kCountBytes);
  Items earlier(list);
  HostPorts ports;
  std::string_view last;
  Items(list.subspan(item_start_ - start_ - kCountBytes)).next(last);
  std::string_view name;
  for (std::uint32_t i = 0; i < count_; ++i) {
    if (earlier.next(name, ports) && name == last) return true;
  }
  return false;
}

}  // namespace observatory
