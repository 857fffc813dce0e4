// SPDX-License-Identifier: MIT
// What public data say of an address: country, city, network, provider. Observed facts are never
// overwritten by it; every value leads to the source that it comes from, and that source's date.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "platform/interface/address.h"

namespace observatory::host {

// One loaded source.
struct DataSource {
  std::string name;  // "libloc", "ipcat", "GeoLite2-City", ...
  std::string path;  // empty where it is part of the program
  std::string date;  // YYYY-MM-DD, when the data were made; empty unknown
  std::string licence;
  std::string attribution;    // the words that the licence asks for
  std::string values;         // what it knows: "country, city, coordinates, AS, provider, kind"
  std::uint64_t entries = 0;  // how much it holds: records, rows, networks; 0 unknown
};

// What kind of place an address is. Names in output: in lower case.
enum class ProviderKind : std::uint8_t {
  kUnknown,
  kCloud,
  kHosting,
  kVpn,
  kCdn,
  kResidential,
  kOther,
  kOnion,  // no address at all
};

std::string_view kind_name(ProviderKind kind);

// By which rule the provider was found, strongest first: an annotation; a range that the provider
// publishes; its network's row in a table; a word in the name of its network, which says hosting
// and then is the provider's name. Names in output: in lower case.
enum class ProviderRule : std::uint8_t { kNone, kAnnotation, kRange, kAsn, kKeyword };

std::string_view rule_name(ProviderRule rule);

// Empty texts and 0 are unknown. The pointers live as long as the Enricher.
struct Place {
  std::string country;  // ISO 3166-1 alpha-2, upper case
  const DataSource* country_source = nullptr;
  std::string city;
  std::optional<double> latitude;
  std::optional<double> longitude;
  const DataSource* city_source = nullptr;
  std::uint32_t asn = 0;
  std::string as_name;  // also the organisation, as the registry writes it
  const DataSource* asn_source = nullptr;
  std::string provider;  // "Hetzner"; empty where no rule names one
  ProviderKind kind = ProviderKind::kUnknown;
  ProviderRule rule = ProviderRule::kNone;
  const DataSource* provider_source = nullptr;
};

// A source cannot be used. what() is for people and names the file.
class SourceError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Where the data come from.
struct EnrichOptions {
  std::vector<std::string> mmdb;         // MaxMind DB files; the first that knows a value gives it
  std::vector<std::string> annotations;  // CSV files: key,field,value,note
  std::string libloc;                    // empty: where the system has it, if it has it
  bool without_libloc = false;
};

class Enricher {
 public:
  // Throws SourceError when a named file is missing, broken, or of another kind.
  explicit Enricher(const EnrichOptions& options);
  ~Enricher();
  Enricher(const Enricher&) = delete;
  Enricher& operator=(const Enricher&) = delete;

  // Cached: an address is looked up once. Valid as long as the Enricher. An address that is not
  // global (core/base/ip_scope.h) has no place but what annotations say. Throws SourceError when a
  // file turns out to be broken there.
  const Place& place(const IpAddress& address);

  // The place of an onion name: of no country and no network.
  const Place& onion() const;

  // What the annotations say of a host name, an address as text, `AS<number>`, or a certificate's
  // SHA-256: the value of `field` ("operator", "note", ...); empty when they do not.
  std::string_view annotation(std::string_view key, std::string_view field) const;

  // Every source that is loaded, in the order in which they are asked.
  const std::vector<DataSource>& sources() const;

  // What is not loaded, and what stays unknown for want of it: a sentence each, for people.
  const std::vector<std::string>& missing() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace observatory::host
