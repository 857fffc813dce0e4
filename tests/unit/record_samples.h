// SPDX-License-Identifier: MIT
// Records for tests, and what the writers make of them.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "core/base/byte_sink.h"
#include "core/record/cbor_writer.h"
#include "core/record/json_writer.h"
#include "core/record/record.h"

namespace observatory::samples {

class StringSink final : public ByteSink {
 public:
  void put(ByteView bytes) override { text += as_text(bytes); }
  using ByteSink::put;

  std::string text;
};

inline std::string json_of(const Record& record) {
  StringSink sink;
  write_json(record, sink);
  return sink.text;
}

inline std::string cbor_of(const Record& record) {
  StringSink sink;
  write_cbor(record, sink);
  return sink.text;
}

// A record with a pool of its own.
struct OwnedRecord {
  explicit OwnedRecord(std::size_t pool_size = std::size_t{1} << 20)
      : pool(pool_size), record(pool) {}

  std::vector<std::uint8_t> pool;
  Record record;
};

// Text with everything that has to be escaped somewhere.
inline constexpr std::string_view kNastyText =
    "q\" b\\ /\b\f\n\r\t\x01\x1b[31m\x7f \xC2\x9B <&> \xC3\xA9 \xE2\x82\xAC \xE2\x80\xA8 "
    "\xE2\x80\xAE \xE2\x81\xA7 \xF0\x9F\x98\x80";

// Gives the field a value of its kind: small, or as large as its bound allows.
inline void give_value(Record& record, const Field& field, bool large) {
  const auto bound = static_cast<std::size_t>(field.bound);
  const bool is_text = field.kind == Kind::kText || field.kind == Kind::kScalar;
  const std::string text(large && is_text ? std::string(bound, 'x') : std::string(kNastyText));
  const std::size_t items = large ? bound : std::min<std::size_t>(bound, 2);
  const std::vector<std::uint8_t> bytes(field.kind == Kind::kHex ? bound : 32, 0xA5);
  switch (field.kind) {
    case Kind::kGroup:
    case Kind::kPaths:
      return;
    case Kind::kUnsigned:
      return record.set(field.id, large ? field.bound : 1);
    case Kind::kSigned:
      return record.set_signed(field.id, large ? INT64_MIN : -1);
    case Kind::kBoolean:
      return record.set(field.id, large ? 1 : 0);
    case Kind::kEnum:
      return record.set(field.id, large ? enum_names(field.names).back().number
                                        : enum_names(field.names).front().number);
    case Kind::kText:
      return record.set_text(field.id, text);
    case Kind::kScalar:
      if (large) return record.set_text(field.id, text);
      return record.set_scalar(field.id, Scalar::kNull);
    case Kind::kHex:
      return record.set_bytes(field.id, bytes);
    case Kind::kIp: {
      IpAddress ip;
      ip.family = large ? IpAddress::Family::kV6 : IpAddress::Family::kV4;
      ip.bytes = {203, 0, 113, 7};
      return record.set_ip(field.id, ip);
    }
    case Kind::kTexts:
    case Kind::kHexes:
    case Kind::kNumbers:
    case Kind::kBlobs:
    case Kind::kRows:
    case Kind::kHosts: {
      ListField list(record, field.id);
      for (std::size_t i = 0; i < items; ++i) {
        const std::string item = "item " + std::to_string(i);
        const auto port = static_cast<std::uint16_t>(i + 1);
        if (field.kind == Kind::kTexts) list.add(item);
        if (field.kind == Kind::kHexes) list.add(ByteView(bytes));
        if (field.kind == Kind::kNumbers) list.add(std::uint64_t{large ? 0xffff'ffff : i});
        if (field.kind == Kind::kBlobs) list.add(ByteView(bytes).first(large ? 32 : i));
        if (field.kind == Kind::kRows) list.add(item, kNastyText.substr(0, 20), "");
        if (field.kind == Kind::kHosts) list.add(item, HostPorts{port, 50002, 0, port});
      }
      return;
    }
  }
}

// Gives every field of the schema a value, and two of them the mark of a cut. The type and the
// version are those of an observation of this version.
inline void give_all_values(Record& record, bool large) {
  for (const Field& field : all_fields()) give_value(record, field, large);
  record.set(FieldId::kType, static_cast<std::uint64_t>(RecordType::kObservation));
  record.set(FieldId::kVersion, kFormatVersion);
  record.mark_cut(FieldId::kVantage);
  record.mark_cut(FieldId::kLeafSan);
}

// The least that readers take for an observation.
inline void begin_observation(Record& record) {
  record.set(FieldId::kType, static_cast<std::uint64_t>(RecordType::kObservation));
  record.set(FieldId::kVersion, kFormatVersion);
}

}  // namespace observatory::samples
