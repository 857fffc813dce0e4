// SPDX-License-Identifier: MIT
#include "core/record/json_writer.h"

#include <algorithm>

#include "core/base/harmful.h"
#include "core/base/ip_text.h"
#include "core/base/number.h"
#include "core/base/utf8.h"

namespace observatory {
namespace {

std::string_view short_escape(char c) {
  switch (c) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      return {};
  }
}

// Puts commas between what is begun.
class Separator {
 public:
  explicit Separator(ByteSink& into) : into_(into) {}
  void next() {
    if (!first_) into_.put(",");
    first_ = false;
  }

 private:
  ByteSink& into_;
  bool first_ = true;
};

void put_list(const Record& record, const Field& field, ByteSink& into) {
  const std::size_t row = field.kind == Kind::kRows ? kRowWidth : 1;
  into.put("[");
  Items items = record.items(field.id);
  std::string_view item;
  for (std::size_t i = 0; items.next(item); ++i) {
    if (i > 0) into.put(",");
    if (row > 1 && i % row == 0) into.put("[");
    if (field.kind == Kind::kHexes || field.kind == Kind::kBlobs) {
      into.put("\"");
      put_hex(as_bytes(item), into);
      into.put("\"");
    } else {
      put_json_string(item, into);
    }
    if (row > 1 && i % row == row - 1) into.put("]");
  }
  into.put("]");
}

void put_numbers(const Record& record, const Field& field, ByteSink& into) {
  into.put("[");
  Separator between(into);
  Items items = record.items(field.id);
  std::uint64_t number = 0;
  while (items.next(number)) {
    between.next();
    put_unsigned(number, into);
  }
  into.put("]");
}

void put_hosts(const Record& record, const Field& field, ByteSink& into) {
  into.put("{");
  Separator between_hosts(into);
  Items items = record.items(field.id);
  std::string_view name;
  HostPorts ports;
  while (items.next(name, ports)) {
    between_hosts.next();
    put_json_string(name, into);
    into.put(":{");
    Separator between_ports(into);
    const auto put_port = [&](std::string_view member, std::uint16_t port) {
      if (port == 0) return;
      between_ports.next();
      put_json_string(member, into);
      into.put(":");
      put_unsigned(port, into);
    };
    put_port("tcp_port", ports.tcp);
    put_port("ssl_port", ports.ssl);
    put_port("ws_port", ports.ws);
    put_port("wss_port", ports.wss);
    into.put("}");
  }
  into.put("}");
}

void put_scalar(const Record& record, const Field& field, ByteSink& into) {
  std::uint64_t number = 0;
  std::string_view text;
  switch (record.scalar(field.id, number, text)) {
    case Scalar::kNull:
      return into.put("null");
    case Scalar::kFalse:
      return into.put("false");
    case Scalar::kTrue:
      return into.put("true");
    case Scalar::kUnsigned:
      return put_unsigned(number, into);
    case Scalar::kText:
      return put_json_string(text, into);
  }
}

// "electrum.banner.text" for the field of that name.
void put_path(const Field& field, ByteSink& into) {
  if (field.parent != FieldId::kRoot) {
    put_path(field_of(field.parent), into);
    into.put(".");
  }
  into.put(field.name);
}

void put_paths(const Record& record, ByteSink& into) {
  into.put("[");
  Separator between(into);
  for (const Field& field : all_fields()) {
    if (!record.is_cut(field.id)) continue;
    between.next();
    into.put("\"");
    put_path(field, into);
    into.put("\"");
  }
  into.put("]");
}

void put_members(const Record& record, FieldId group, ByteSink& into);

void put_value(const Record& record, const Field& field, ByteSink& into) {
  switch (field.kind) {
    case Kind::kGroup:
      return put_members(record, field.id, into);
    case Kind::kUnsigned:
      return put_unsigned(record.number(field.id), into);
    case Kind::kSigned:
      return put_signed(record.signed_number(field.id), into);
    case Kind::kBoolean:
      return into.put(record.number(field.id) != 0 ? "true" : "false");
    case Kind::kEnum: {
      const std::string_view name = enum_name(field, record.number(field.id));
      if (!name.empty()) return put_json_string(name, into);
      return put_unsigned(record.number(field.id), into);  // of a newer program
    }
    case Kind::kText:
      return put_json_string(record.text(field.id), into);
    case Kind::kScalar:
      return put_scalar(record, field, into);
    case Kind::kHex:
      into.put("\"");
      put_hex(record.bytes(field.id), into);
      return into.put("\"");
    case Kind::kIp:
      into.put("\"");
      put_ip(record.ip(field.id), into);
      return into.put("\"");
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
  into.put("{");
  Separator between(into);
  for (const Field& field : all_fields()) {
    if (field.parent != group || !record.has(field.id)) continue;
    between.next();
    put_json_string(field.name, into);
    into.put(":");
    put_value(record, field, into);
  }
  into.put("}");
}

}  // namespace

void put_json_string(std::string_view text, ByteSink& into) {
  into.put("\"");
  std::size_t plain = 0;  // start of the run that needs no escape
  const auto escape = [&](std::size_t from, std::size_t length, std::uint32_t code_point) {
    into.put(text.substr(plain, from - plain));
    const std::string_view brief = short_escape(text[from]);
    if (!brief.empty()) {
      into.put(brief);
    } else {
      const std::uint8_t bytes[] = {static_cast<std::uint8_t>(code_point >> 8),
                                    static_cast<std::uint8_t>(code_point & 0xff)};
      into.put("\\u");
      put_hex(bytes, into);
    }
    plain = from + length;
  };
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c >= ' ' && c < 0x7f && c != '"' && c != '\\') {  // most of what there is
      ++i;
      continue;
    }
    const std::size_t length = std::max<std::size_t>(utf8_character(text.substr(i)), 1);
    const std::uint32_t code_point = code_point_of(text.substr(i, length));
    // What acts has a number of at most four digits.
    if (c == '"' || c == '\\' || harm_of(code_point) == Harm::kActs) {
      escape(i, length, code_point);
    }
    i += length;
  }
  into.put(text.substr(plain));
  into.put("\"");
}

void write_json(const Record& record, ByteSink& into) { put_members(record, FieldId::kRoot, into); }

}  // namespace observatory
