// SPDX-License-Identifier: MIT
#include "targets/observatory/store/record_facts.h"

#include <nlohmann/json.hpp>

namespace observatory::host {
namespace {

using Json = nlohmann::json;

std::string text_of(const Record& record, FieldId field) {
  return record.has(field) ? std::string(record.text(field)) : std::string();
}

std::string hex_of(ByteView bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string digits;
  digits.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    digits += kDigits[byte >> 4];
    digits += kDigits[byte & 15];
  }
  return digits;
}

std::string digits_of(const Record& record, FieldId field) {
  return record.has(field) ? hex_of(record.bytes(field)) : std::string();
}

std::optional<bool> truth_of(const Record& record, FieldId field) {
  if (!record.has(field)) return std::nullopt;
  return record.number(field) != 0;
}

std::optional<std::int64_t> signed_of(const Record& record, FieldId field) {
  if (!record.has(field)) return std::nullopt;
  return record.signed_number(field);
}

// A server may answer with anything; what is no text is shown as JSON shows it.
std::string donation_of(const Record& record) {
  if (!record.has(FieldId::kDonation)) return {};
  std::uint64_t number = 0;
  std::string_view text;
  switch (record.scalar(FieldId::kDonation, number, text)) {
    case Scalar::kNull:
      return {};
    case Scalar::kFalse:
      return "false";
    case Scalar::kTrue:
      return "true";
    case Scalar::kUnsigned:
      return std::to_string(number);
    case Scalar::kText:
      return std::string(text);
  }
  return {};
}

// Parts with their lengths, so that no two contents give the same text.
class Key {
 public:
  Key& add(std::string_view text) {
    add(static_cast<std::int64_t>(text.size()));
    key_ += text;
    return *this;
  }
  Key& add(std::int64_t number) {
    key_ += std::to_string(number);
    key_ += ' ';
    return *this;
  }
  template <typename Number>
  Key& add(const std::optional<Number>& number) {
    if (number) return add(static_cast<std::int64_t>(*number));
    key_ += "- ";
    return *this;
  }
  std::string take() { return std::move(key_); }

 private:
  std::string key_;
};

}  // namespace

Facts facts_of(const Record& record) {
  Facts facts;
  facts.software = text_of(record, FieldId::kServerSoftware);
  facts.protocol = text_of(record, FieldId::kProtocol);
  facts.protocol_min = text_of(record, FieldId::kFeaturesProtocolMin);
  facts.protocol_max = text_of(record, FieldId::kFeaturesProtocolMax);
  facts.server_version = text_of(record, FieldId::kFeaturesServerVersion);
  facts.genesis_hash = text_of(record, FieldId::kFeaturesGenesis);
  facts.hash_function = text_of(record, FieldId::kFeaturesHashFunction);
  facts.donation = donation_of(record);
  facts.banner_sha256 = digits_of(record, FieldId::kBannerSha256);
  if (record.has(FieldId::kFeaturesHosts)) {
    Items items = record.items(FieldId::kFeaturesHosts);
    std::string_view name;
    HostPorts ports;
    while (items.next(name, ports)) facts.hosts.emplace_back(name, ports);
  }
  facts.tls_version = text_of(record, FieldId::kTlsVersion);
  facts.cipher = text_of(record, FieldId::kTlsCipher);
  facts.ja3s = text_of(record, FieldId::kTlsJa3s);
  facts.jarm = text_of(record, FieldId::kTlsJarm);
  facts.ticket_key = digits_of(record, FieldId::kTicketKeyName);
  facts.name_matches = truth_of(record, FieldId::kLeafNameMatches);
  facts.trusted = truth_of(record, FieldId::kLeafTrusted);
  return facts;
}

std::optional<Certificate> certificate_of(const Record& record) {
  if (!record.has(FieldId::kLeafSha256)) return std::nullopt;
  Certificate certificate;
  certificate.sha256 = digits_of(record, FieldId::kLeafSha256);
  certificate.spki_sha256 = digits_of(record, FieldId::kLeafSpki);
  certificate.subject = text_of(record, FieldId::kLeafSubject);
  certificate.issuer = text_of(record, FieldId::kLeafIssuer);
  certificate.serial = digits_of(record, FieldId::kLeafSerial);
  certificate.key = text_of(record, FieldId::kLeafKey);
  certificate.signature = text_of(record, FieldId::kLeafSignature);
  if (record.has(FieldId::kLeafSan)) {
    Items items = record.items(FieldId::kLeafSan);
    std::string_view name;
    while (items.next(name)) certificate.san.emplace_back(name);
  }
  certificate.not_before = signed_of(record, FieldId::kLeafNotBefore);
  certificate.not_after = signed_of(record, FieldId::kLeafNotAfter);
  certificate.self_signed = truth_of(record, FieldId::kLeafSelfSigned);
  return certificate;
}

bool has_peers(const Record& record) {
  return record.has(FieldId::kPeersCount) || record.has(FieldId::kPeersSha256) ||
         record.has(FieldId::kPeersList);
}

PeersList peers_of(const Record& record) {
  PeersList peers;
  peers.sha256 = digits_of(record, FieldId::kPeersSha256);
  if (record.has(FieldId::kPeersCount)) {
    peers.count = static_cast<std::uint32_t>(record.number(FieldId::kPeersCount));
  }
  if (record.has(FieldId::kPeersList)) {
    Items items = record.items(FieldId::kPeersList);
    std::string_view address;
    std::string_view host;
    std::string_view features;
    while (items.next(address) && items.next(host) && items.next(features)) {
      peers.entries.push_back({std::string(address), std::string(host), std::string(features)});
    }
  }
  return peers;
}

std::optional<Endpoint> endpoint_of(const Record& record) {
  if (!record.has(FieldId::kHost) || !record.has(FieldId::kPort) ||
      !record.has(FieldId::kTransport)) {
    return std::nullopt;
  }
  const std::uint64_t transport = record.number(FieldId::kTransport);
  if (enum_name(field_of(FieldId::kTransport), transport).empty()) return std::nullopt;
  return Endpoint{std::string(record.text(FieldId::kHost)),
                  static_cast<std::uint16_t>(record.number(FieldId::kPort)),
                  static_cast<Transport>(transport)};
}

std::string changed_of(const Record& record) {
  std::string names;
  if (!record.has(FieldId::kChanged)) return names;
  Items items = record.items(FieldId::kChanged);
  std::string_view name;
  while (items.next(name)) {
    if (!names.empty()) names += ',';
    names += name;
  }
  return names;
}

std::string key_of(const Facts& facts) {
  Key key;
  key.add(facts.software).add(facts.protocol).add(facts.protocol_min).add(facts.protocol_max);
  key.add(facts.server_version).add(facts.genesis_hash).add(facts.hash_function);
  key.add(facts.donation).add(facts.banner_sha256);
  key.add(static_cast<std::int64_t>(facts.hosts.size()));
  for (const auto& [name, ports] : facts.hosts) {
    key.add(name).add(ports.tcp).add(ports.ssl).add(ports.ws).add(ports.wss);
  }
  key.add(facts.tls_version).add(facts.cipher).add(facts.ja3s).add(facts.jarm);
  key.add(facts.ticket_key).add(facts.certificate).add(facts.name_matches).add(facts.trusted);
  return key.take();
}

std::string key_of(const Certificate& certificate) {
  Key key;
  key.add(certificate.sha256).add(certificate.spki_sha256).add(certificate.subject);
  key.add(certificate.issuer).add(certificate.serial).add(certificate.key);
  key.add(certificate.signature);
  key.add(static_cast<std::int64_t>(certificate.san.size()));
  for (const std::string& name : certificate.san) key.add(name);
  key.add(certificate.not_before).add(certificate.not_after).add(certificate.self_signed);
  return key.take();
}

std::string key_of_peers(const Record& record) {
  const auto entries = record.has(FieldId::kPeersList) ? record.count(FieldId::kPeersList) : 0;
  Key key;
  key.add(digits_of(record, FieldId::kPeersSha256)).add(static_cast<std::int64_t>(entries));
  if (record.has(FieldId::kPeersCount)) {
    key.add(static_cast<std::int64_t>(record.number(FieldId::kPeersCount)));
  }
  return key.take();
}

std::string key_of(const Endpoint& endpoint) {
  Key key;
  key.add(endpoint.host).add(endpoint.port).add(static_cast<std::int64_t>(endpoint.transport));
  return key.take();
}

std::string names_as_json(const std::vector<std::string>& names) {
  return names.empty() ? std::string() : Json(names).dump();
}

std::vector<std::string> names_from_json(std::string_view json) {
  std::vector<std::string> names;
  const Json list = Json::parse(json, nullptr, false);
  if (!list.is_array()) return names;
  for (const Json& name : list) {
    if (name.is_string()) names.push_back(name.get<std::string>());
  }
  return names;
}

// An array keeps the order of the server, which an object would not.
std::string hosts_as_json(const std::vector<std::pair<std::string, HostPorts>>& hosts) {
  if (hosts.empty()) return {};
  Json list = Json::array();
  for (const auto& [name, ports] : hosts) {
    list.push_back({name, ports.tcp, ports.ssl, ports.ws, ports.wss});
  }
  return list.dump();
}

std::vector<std::pair<std::string, HostPorts>> hosts_from_json(std::string_view json) {
  std::vector<std::pair<std::string, HostPorts>> hosts;
  const Json list = Json::parse(json, nullptr, false);
  if (!list.is_array()) return hosts;
  for (const Json& entry : list) {
    if (!entry.is_array() || entry.size() != 5 || !entry[0].is_string()) continue;
    const auto port = [&entry](std::size_t place) {
      const Json& number = entry[place];
      return number.is_number_unsigned() ? number.get<std::uint16_t>() : std::uint16_t{0};
    };
    hosts.emplace_back(entry[0].get<std::string>(), HostPorts{port(1), port(2), port(3), port(4)});
  }
  return hosts;
}

}  // namespace observatory::host
