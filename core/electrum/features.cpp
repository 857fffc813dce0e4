// SPDX-License-Identifier: MIT
#include "core/electrum/features.h"

#include "core/base/text_buffer.h"
#include "core/json/reader.h"

namespace observatory {
namespace {

struct TextMember {
  std::string_view name;
  FieldId field;
};

constexpr TextMember kTexts[] = {
    {"protocol_min", FieldId::kFeaturesProtocolMin},
    {"protocol_max", FieldId::kFeaturesProtocolMax},
    {"genesis_hash", FieldId::kFeaturesGenesis},
    {"hash_function", FieldId::kFeaturesHashFunction},
    {"server_version", FieldId::kFeaturesServerVersion},
};

std::uint16_t port_of(std::string_view ports, std::string_view name) {
  std::uint64_t port = 0;
  const bool found = json_unsigned(json_member(ports, name), port) && port <= 0xffff;
  return found ? static_cast<std::uint16_t>(port) : std::uint16_t{0};
}

// One byte more than a list takes, so that the list sees what is cut.
using ItemText = TextBuffer<kLongestItem + 1>;

void record_hosts(std::string_view hosts, Record& record) {
  if (json_type(hosts) != JsonType::kObject) return;
  ListField list(record, FieldId::kFeaturesHosts);
  JsonMembers members(hosts);
  std::string_view name;
  std::string_view ports;
  while (members.next(name, ports)) {
    ItemText text;
    put_json_text(name, text);
    list.add(text.text(), HostPorts{port_of(ports, "tcp_port"), port_of(ports, "ssl_port"),
                                    port_of(ports, "ws_port"), port_of(ports, "wss_port")});
  }
}

void record_keys(std::string_view features, Record& record) {
  ListField list(record, FieldId::kFeaturesKeys);
  JsonMembers members(features);
  std::string_view key;
  std::string_view value;
  while (members.next(key, value)) {
    ItemText text;
    put_json_text(key, text);
    list.add(text.text());
  }
}

}  // namespace

void record_features(std::string_view result, Record& record) {
  if (json_type(result) != JsonType::kObject) return;
  for (const TextMember& member : kTexts) {
    const std::string_view value = json_member(result, member.name);
    if (json_type(value) != JsonType::kString) continue;
    TextField text(record, member.field);
    put_json_text(value, text);
  }
  record_scalar(json_member(result, "pruning"), FieldId::kFeaturesPruning, record);
  record_hosts(json_member(result, "hosts"), record);
  record_keys(result, record);
}

void record_scalar(std::string_view value, FieldId field, Record& record) {
  std::uint64_t number = 0;
  switch (json_type(value)) {
    case JsonType::kNull:
      return record.set_scalar(field, Scalar::kNull);
    case JsonType::kTrue:
      return record.set_scalar(field, Scalar::kTrue);
    case JsonType::kFalse:
      return record.set_scalar(field, Scalar::kFalse);
    case JsonType::kNumber:
      if (json_unsigned(value, number)) {
        record.set_scalar(field, Scalar::kUnsigned, number);
      } else {
        record.set_text(field, value);
      }
      return;
    case JsonType::kString: {
      TextField text(record, field);
      put_json_text(value, text);
      return;
    }
    case JsonType::kNone:
    case JsonType::kObject:
    case JsonType::kArray:
      return;
  }
}

}  // namespace observatory
