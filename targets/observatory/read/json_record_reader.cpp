// SPDX-License-Identifier: MIT
#include "targets/observatory/read/json_record_reader.h"

#include <simdjson.h>

#include <array>
#include <stdexcept>
#include <vector>

#include "core/base/ip_text.h"
#include "core/base/number.h"
#include "core/record/schema.h"
#include "targets/observatory/show/display_text.h"

namespace observatory::host {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

// Leaves the walk; the path is put together on the way out.
class WrongValue : public std::runtime_error {
 public:
  WrongValue(const std::string& path, std::string_view wanted)
      : std::runtime_error(path + ": " + std::string(wanted)) {}
};

std::string path_of(const Field& field) {
  if (field.parent == FieldId::kRoot) return std::string(field.name);
  return path_of(field_of(field.parent)) + "." + std::string(field.name);
}

// The value of `from` as a T; `wanted` says in the complaint what it should have been.
template <typename T>
T get(const element& from, const Field& field, std::string_view wanted) {
  T value{};
  if (from.get(value) != simdjson::SUCCESS) throw WrongValue(path_of(field), wanted);
  return value;
}

std::vector<std::uint8_t> read_digits(std::string_view digits, const Field& field) {
  std::vector<std::uint8_t> bytes(digits.size() / 2);
  if (!read_hex(digits, bytes))
    throw WrongValue(path_of(field), "hexadecimal digits were expected");
  return bytes;
}

// Walks one record.
class RecordWalk {
 public:
  explicit RecordWalk(Record& into) : into_(into) {}

  void read_group(const object& from, FieldId group) {
    for (const auto& [name, value] : from) {
      const FieldId id = find_field(group, name);
      if (id != FieldId::kRoot) {
        read_value(value, field_of(id));
      } else {
        skipped_ = true;
      }
    }
  }

  // Something was met that the schema does not know.
  bool skipped() const { return skipped_; }

 private:
  void read_scalar(const element& from, const Field& field) {
    std::uint64_t number = 0;
    std::string_view text;
    bool truth = false;
    if (from.is_null()) {
      into_.set_scalar(field.id, Scalar::kNull);
    } else if (from.get(truth) == simdjson::SUCCESS) {
      into_.set_scalar(field.id, truth ? Scalar::kTrue : Scalar::kFalse);
    } else if (from.get(number) == simdjson::SUCCESS) {
      into_.set_scalar(field.id, Scalar::kUnsigned, number);
    } else if (from.get(text) == simdjson::SUCCESS) {
      into_.set_text(field.id, text);
    } else {
      throw WrongValue(path_of(field), "null, a boolean, a number from 0 or a text was expected");
    }
  }

  void read_enum(const element& from, const Field& field) {
    std::uint64_t number = 0;
    std::string_view name;
    if (from.get(name) == simdjson::SUCCESS) {
      if (enum_number(field, name, number)) {
        into_.set(field.id, number);
      } else {
        skipped_ = true;
      }
    } else {
      into_.set(field.id, get<std::uint64_t>(from, field, "a name was expected"));
    }
  }

  void read_ip_text(const element& from, const Field& field) {
    IpAddress ip;
    if (!read_ip(get<std::string_view>(from, field, "an IP address was expected"), ip)) {
      throw WrongValue(path_of(field), "an IP address was expected");
    }
    into_.set_ip(field.id, ip);
  }

  void read_list(const element& from, const Field& field) {
    ListField list(into_, field.id);
    for (const element item : get<array>(from, field, "a list was expected")) {
      if (field.kind == Kind::kRows) {
        std::array<std::string_view, kRowWidth> row;
        std::size_t width = 0;
        for (const element cell : get<array>(item, field, "a list of lists was expected")) {
          if (width < row.size()) row[width] = get<std::string_view>(cell, field, "texts expected");
          ++width;
        }
        if (width != row.size()) throw WrongValue(path_of(field), "rows of 3 texts were expected");
        list.add(row[0], row[1], row[2]);
        continue;
      }
      if (field.kind == Kind::kNumbers) {
        list.add(get<std::uint64_t>(item, field, "a list of numbers from 0 was expected"));
        continue;
      }
      const auto text = get<std::string_view>(item, field, "a list of texts was expected");
      if (field.kind == Kind::kTexts) {
        list.add(text);
      } else if (field.kind == Kind::kBlobs) {
        list.add(ByteView(read_digits(text, field)));
      } else {
        if (text.size() != 64) throw WrongValue(path_of(field), "64 digits an item were expected");
        list.add(ByteView(read_digits(text, field)));
      }
    }
  }

  void read_hosts(const element& from, const Field& field) {
    ListField list(into_, field.id);
    for (const auto& [name, ports_of_name] : get<object>(from, field, "an object was expected")) {
      HostPorts ports;
      for (const auto& [member, value] :
           get<object>(ports_of_name, field, "an object of ports was expected")) {
        std::uint16_t* const port = member == "tcp_port"   ? &ports.tcp
                                    : member == "ssl_port" ? &ports.ssl
                                    : member == "ws_port"  ? &ports.ws
                                    : member == "wss_port" ? &ports.wss
                                                           : nullptr;
        if (port == nullptr) {
          skipped_ = true;
          continue;
        }
        const auto number = get<std::uint64_t>(value, field, "a port was expected");
        if (number > 0xffff) throw WrongValue(path_of(field), "a port was expected");
        *port = static_cast<std::uint16_t>(number);
      }
      list.add(name, ports);
    }
  }

  void read_paths(const element& from, const Field& field) {
    for (const element item : get<array>(from, field, "a list was expected")) {
      auto path = get<std::string_view>(item, field, "a list of texts was expected");
      FieldId id = FieldId::kRoot;
      while (true) {
        const std::size_t dot = path.find('.');
        id = find_field(id, path.substr(0, dot));
        if (id == FieldId::kRoot || dot == std::string_view::npos) break;
        path.remove_prefix(dot + 1);
      }
      if (id != FieldId::kRoot) {
        into_.mark_cut(id);
      } else {
        skipped_ = true;
      }
    }
  }

  void read_value(const element& from, const Field& field) {
    switch (field.kind) {
      case Kind::kGroup:
        return read_group(get<object>(from, field, "an object was expected"), field.id);
      case Kind::kUnsigned:
        return into_.set(field.id, get<std::uint64_t>(from, field, "a number from 0 was expected"));
      case Kind::kSigned:
        return into_.set_signed(field.id, get<std::int64_t>(from, field, "a number was expected"));
      case Kind::kBoolean:
        return into_.set(field.id, get<bool>(from, field, "true or false was expected") ? 1 : 0);
      case Kind::kEnum:
        return read_enum(from, field);
      case Kind::kText:
        return into_.set_text(field.id, get<std::string_view>(from, field, "a text was expected"));
      case Kind::kScalar:
        return read_scalar(from, field);
      case Kind::kHex:
        return into_.set_bytes(
            field.id,
            read_digits(get<std::string_view>(from, field, "digits were expected"), field));
      case Kind::kIp:
        return read_ip_text(from, field);
      case Kind::kTexts:
      case Kind::kHexes:
      case Kind::kNumbers:
      case Kind::kBlobs:
      case Kind::kRows:
        return read_list(from, field);
      case Kind::kHosts:
        return read_hosts(from, field);
      case Kind::kPaths:
        return read_paths(from, field);
    }
  }

  Record& into_;
  bool skipped_ = false;
};

}  // namespace

struct JsonRecordReader::Parser {
  simdjson::dom::parser parser;
  std::vector<char> padded;
};

JsonRecordReader::JsonRecordReader() : parser_(std::make_unique<Parser>()) {}
JsonRecordReader::~JsonRecordReader() = default;

JsonResult JsonRecordReader::read(std::string_view line, Record& into) {
  into.clear();
  // simdjson reads a little beyond the end, so the end needs bytes that are ours.
  std::vector<char>& padded = parser_->padded;
  padded.resize(line.size() + simdjson::SIMDJSON_PADDING);
  std::copy(line.begin(), line.end(), padded.begin());

  element root;
  const simdjson::error_code broken =
      parser_->parser.parse(padded.data(), line.size(), false).get(root);
  if (broken != simdjson::SUCCESS) {
    return {JsonStatus::kNoJson, std::string("not JSON: ") + simdjson::error_message(broken)};
  }
  object members;
  if (root.get(members) != simdjson::SUCCESS) {
    return {JsonStatus::kMalformed, "not a record: an object was expected"};
  }
  try {
    // Of another version not even the kinds of members are known, so it is asked first.
    element version;
    if (members["v"].get(version) != simdjson::SUCCESS) {
      return {JsonStatus::kMalformed, "not a record: no format version (v)"};
    }
    const Field& version_field = field_of(FieldId::kVersion);
    const auto number = get<std::uint64_t>(version, version_field, "a number was expected");
    if (number != kFormatVersion) return {JsonStatus::kUnsupported, unsupported_version(number)};

    RecordWalk walk(into);
    walk.read_group(members, FieldId::kRoot);
    if (into.has(FieldId::kType)) return {JsonStatus::kOk, {}, walk.skipped()};
    element type;
    std::string_view name;
    if (members["type"].get(type) == simdjson::SUCCESS && type.get(name) == simdjson::SUCCESS) {
      return {JsonStatus::kUnsupported,
              "unknown record type \"" + harmless(fitted(name, 40)) + "\""};
    }
    return {JsonStatus::kMalformed, "not a record: no type"};
  } catch (const WrongValue& wrong) {
    return {JsonStatus::kMalformed, wrong.what()};
  }
}

std::string unsupported_version(std::uint64_t version) {
  return "format version " + std::to_string(version) + " is not supported, only " +
         std::to_string(kFormatVersion);
}

}  // namespace observatory::host
