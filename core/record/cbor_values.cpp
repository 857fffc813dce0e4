// SPDX-License-Identifier: MIT
#include "core/record/cbor_values.h"

#include <array>

#include "core/record/row_cells.h"

namespace observatory::cbor {

void put_head(Major major, std::uint64_t number, ByteSink& into) {
  const auto type = static_cast<std::uint8_t>(static_cast<unsigned>(major) << 5);
  if (number < 24) return into.put_byte(static_cast<std::uint8_t>(type | number));
  std::array<std::uint8_t, 9> head;
  const unsigned size = number <= 0xff ? 0 : number <= 0xffff ? 1 : number <= 0xffffffff ? 2 : 3;
  const std::size_t width = std::size_t{1} << size;
  head[0] = static_cast<std::uint8_t>(type | (24 + size));
  for (std::size_t i = 0; i < width; ++i) {
    head[width - i] = static_cast<std::uint8_t>(number >> (8 * i) & 0xff);
  }
  into.put(ByteView(head).first(1 + width));
}

void put_text(std::string_view text, ByteSink& into) {
  put_head(Major::kText, text.size(), into);
  into.put(text);
}

void put_bytes(ByteView bytes, ByteSink& into) {
  put_head(Major::kBytes, bytes.size(), into);
  into.put(bytes);
}

namespace {

void put_simple(std::uint8_t value, ByteSink& into) { put_head(Major::kSimple, value, into); }

void put_list(const Record& record, const Field& field, ByteSink& into) {
  put_head(Major::kArray, record.count(field.id), into);
  Items items = record.items(field.id);
  while (put_item(field, items, into)) {
  }
}

// A map from name to a map of ports: 1 tcp, 2 ssl, 3 ws, 4 wss.
void put_hosts(const Record& record, const Field& field, ByteSink& into) {
  put_head(Major::kMap, record.count(field.id), into);
  Items items = record.items(field.id);
  std::string_view name;
  HostPorts ports;
  while (items.next(name, ports)) {
    put_text(name, into);
    const std::uint16_t numbers[] = {ports.tcp, ports.ssl, ports.ws, ports.wss};
    std::uint64_t known = 0;
    for (const std::uint16_t port : numbers) known += port != 0;
    put_head(Major::kMap, known, into);
    for (std::uint64_t i = 0; i < 4; ++i) {
      if (numbers[i] == 0) continue;
      put_head(Major::kUnsigned, i + 1, into);
      put_head(Major::kUnsigned, numbers[i], into);
    }
  }
}

void put_scalar(const Record& record, const Field& field, ByteSink& into) {
  std::uint64_t number = 0;
  std::string_view text;
  switch (record.scalar(field.id, number, text)) {
    case Scalar::kNull:
      return put_simple(cbor::kNull, into);
    case Scalar::kFalse:
      return put_simple(cbor::kFalse, into);
    case Scalar::kTrue:
      return put_simple(cbor::kTrue, into);
    case Scalar::kUnsigned:
      return put_head(Major::kUnsigned, number, into);
    case Scalar::kText:
      return put_text(text, into);
  }
}

void put_path(const Field& field, ByteSink& into) {
  if (field.parent != FieldId::kRoot) put_path(field_of(field.parent), into);
  put_head(Major::kUnsigned, field.key, into);
}

// A list of paths, each the list of keys that leads to the field.
void put_paths(const Record& record, ByteSink& into) {
  std::uint64_t count = 0;
  for (const Field& field : all_fields()) count += record.is_cut(field.id);
  put_head(Major::kArray, count, into);
  for (const Field& field : all_fields()) {
    if (!record.is_cut(field.id)) continue;
    std::uint64_t depth = 1;
    for (FieldId up = field.parent; up != FieldId::kRoot; up = field_of(up).parent) ++depth;
    put_head(Major::kArray, depth, into);
    put_path(field, into);
  }
}

}  // namespace

bool put_item(const Field& field, Items& items, ByteSink& into) {
  if (field.kind == Kind::kNumbers) {
    std::uint64_t number = 0;
    if (!items.next(number)) return false;
    put_head(Major::kUnsigned, number, into);
    return true;
  }
  std::string_view item;
  if (!items.next(item)) return false;
  if (field.kind == Kind::kTexts) {
    put_text(item, into);
  } else if (field.kind != Kind::kRows) {
    put_bytes(as_bytes(item), into);
  } else {
    std::array<std::string_view, kRowWidth> row = {item};
    for (std::size_t column = 1; column < kRowWidth; ++column) items.next(row[column]);
    put_head(Major::kArray, kRowWidth, into);
    for (std::size_t column = 0; column < kRowWidth; ++column) put_cell(row, column, into);
  }
  return true;
}

void put_value(const Record& record, const Field& field, ByteSink& into) {
  switch (field.kind) {
    case Kind::kGroup:
      return put_members(record, field.id, into);
    case Kind::kUnsigned:
    case Kind::kEnum:
      return put_head(Major::kUnsigned, record.number(field.id), into);
    case Kind::kSigned: {
      const std::int64_t value = record.signed_number(field.id);
      if (value >= 0) return put_head(Major::kUnsigned, static_cast<std::uint64_t>(value), into);
      return put_head(Major::kNegative, ~static_cast<std::uint64_t>(value), into);
    }
    case Kind::kBoolean:
      return put_simple(record.number(field.id) != 0 ? cbor::kTrue : cbor::kFalse, into);
    case Kind::kText:
      return put_text(record.text(field.id), into);
    case Kind::kScalar:
      return put_scalar(record, field, into);
    case Kind::kHex:
    case Kind::kIp:
      return put_bytes(record.bytes(field.id), into);
    case Kind::kTexts:
    case Kind::kHexes:
    case Kind::kNumbers:
    case Kind::kBlobs:
    case Kind::kRows:
      return put_list(record, field, into);
    case Kind::kHosts:
      return put_hosts(record, field, into);
    case Kind::kPaths:
      return put_paths(record, into);
  }
}

void put_members(const Record& record, FieldId group, ByteSink& into) {
  put_head(Major::kMap, record.members(group), into);
  for (const Field& field : all_fields()) {
    if (field.parent != group || !record.has(field.id)) continue;
    put_head(Major::kUnsigned, field.key, into);
    put_value(record, field, into);
  }
}

}  // namespace observatory::cbor
