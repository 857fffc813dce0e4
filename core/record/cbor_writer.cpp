// SPDX-License-Identifier: MIT
#include "core/record/cbor_writer.h"

#include <array>

#include "core/record/cbor.h"

namespace observatory {
namespace {

using cbor::Major;

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

void put_simple(std::uint8_t value, ByteSink& into) { put_head(Major::kSimple, value, into); }

void put_text(std::string_view text, ByteSink& into) {
  put_head(Major::kText, text.size(), into);
  into.put(text);
}

void put_bytes(ByteView bytes, ByteSink& into) {
  put_head(Major::kBytes, bytes.size(), into);
  into.put(bytes);
}

void put_list(const Record& record, const Field& field, ByteSink& into) {
  const std::size_t row = field.kind == Kind::kRows ? kRowWidth : 1;
  put_head(Major::kArray, record.count(field.id), into);
  Items items = record.items(field.id);
  std::string_view item;
  for (std::size_t i = 0; items.next(item); ++i) {
    if (row > 1 && i % row == 0) put_head(Major::kArray, row, into);
    if (field.kind == Kind::kHexes || field.kind == Kind::kBlobs) {
      put_bytes(as_bytes(item), into);
    } else {
      put_text(item, into);
    }
  }
}

void put_numbers(const Record& record, const Field& field, ByteSink& into) {
  put_head(Major::kArray, record.count(field.id), into);
  Items items = record.items(field.id);
  std::uint64_t number = 0;
  while (items.next(number)) put_head(Major::kUnsigned, number, into);
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

void put_members(const Record& record, FieldId group, ByteSink& into);

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
    case Kind::kBlobs:
    case Kind::kRows:
      return put_list(record, field, into);
    case Kind::kNumbers:
      return put_numbers(record, field, into);
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

}  // namespace

void write_cbor(const Record& record, ByteSink& into) { put_members(record, FieldId::kRoot, into); }

}  // namespace observatory
