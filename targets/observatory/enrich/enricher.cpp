// SPDX-License-Identifier: MIT
#include "targets/observatory/enrich/enricher.h"

#include <filesystem>
#include <string>
#include <unordered_map>
#include <utility>

#include "core/base/ip_network.h"
#include "core/base/ip_scope.h"
#include "core/base/ip_text.h"
#include "core/base/text_buffer.h"
#include "targets/observatory/enrich/address_facts.h"
#include "targets/observatory/enrich/annotations.h"
#include "targets/observatory/enrich/as_table.h"
#include "targets/observatory/enrich/bundled_tables.h"
#include "targets/observatory/enrich/libloc_source.h"
#include "targets/observatory/enrich/mmdb_source.h"
#include "targets/observatory/enrich/published_ranges.h"

namespace observatory::host {
namespace {

struct HashOfAddress {
  std::size_t operator()(const IpAddress& address) const {
    const auto* const bytes = reinterpret_cast<const char*>(address.bytes.data());
    return std::hash<std::string_view>()({bytes, address.bytes.size()});
  }
};

// The tables of the program, parsed when they are first needed.
struct Tables {
  PublishedRanges ranges;
  AsTable systems;
};

Place place_of_onions() {
  Place place;
  place.kind = ProviderKind::kOnion;
  return place;
}

}  // namespace

struct Enricher::Parts {
  explicit Parts(const EnrichOptions& options);

  Place look_up(const IpAddress& address);
  void take_facts(const IpAddress& address, Place& place) const;
  void name_provider(const IpAddress& address, Place& place);
  void annotate(const IpAddress& address, Place& place) const;

  std::vector<DataSource> sources;
  std::vector<std::string> missing;
  Annotations annotations;
  // In the order in which they are asked, each with its place in `sources`.
  std::vector<std::pair<std::unique_ptr<AddressSource>, std::size_t>> databases;
  std::size_t ranges_source = 0;
  std::size_t systems_source = 0;
  std::unique_ptr<Tables> tables;
  std::unordered_map<IpAddress, Place, HashOfAddress> places;
  const Place onion = place_of_onions();
};

Enricher::Parts::Parts(const EnrichOptions& options) {
  for (const std::string& path : options.annotations) {
    DataSource about;
    about.name = "annotations";
    about.path = path;
    about.values = "operator, provider, kind, country, city, coordinates, note";
    about.entries = annotations.add(path);
    sources.push_back(std::move(about));
  }
  const auto add = [&](std::unique_ptr<AddressSource> database) {
    sources.push_back(database->about());
    databases.emplace_back(std::move(database), sources.size() - 1);
  };
  for (const std::string& path : options.mmdb) add(std::make_unique<MmdbSource>(path));
  if (!options.without_libloc) {
    const std::string path =
        options.libloc.empty() ? std::string(LibLocSource::kUsualPath) : options.libloc;
    if (!options.libloc.empty() || std::filesystem::exists(path)) {
      add(std::make_unique<LibLocSource>(path));
    } else if (databases.empty()) {
      missing.push_back("no " + path +
                        " (Debian's package libloc-database): countries, networks and most "
                        "providers are unknown");
    } else {
      missing.push_back("no " + path +
                        " (Debian's package libloc-database): what the other files do not know "
                        "is unknown");
    }
  }
  const auto add_table = [&](TableLines lines, const char* values) {
    DataSource about = described_source(lines);
    about.values = values;
    sources.push_back(std::move(about));
    return sources.size() - 1;
  };
  ranges_source = add_table(published_range_lines(), "provider, kind");
  systems_source = add_table(as_table_lines(), "provider, kind");
}

Place Enricher::Parts::look_up(const IpAddress& address) {
  Place place;
  if (is_global(address)) {
    take_facts(address, place);
    name_provider(address, place);
  }
  annotate(address, place);
  return place;
}

void Enricher::Parts::take_facts(const IpAddress& address, Place& place) const {
  for (const auto& [database, number] : databases) {
    AddressFacts facts = database->find(address);
    const DataSource* const source = &sources[number];
    if (place.country.empty() && !facts.country.empty()) {
      place.country = std::move(facts.country);
      place.country_source = source;
    }
    // City and coordinates are of one source, or they might contradict each other.
    if (place.city_source == nullptr && (!facts.city.empty() || facts.latitude)) {
      place.city = std::move(facts.city);
      place.latitude = facts.latitude;
      place.longitude = facts.longitude;
      place.city_source = source;
    }
    if (place.asn == 0 && facts.asn != 0) {
      place.asn = facts.asn;
      place.as_name = std::move(facts.as_name);
      place.asn_source = source;
    }
  }
}

void Enricher::Parts::name_provider(const IpAddress& address, Place& place) {
  if (!tables) tables = std::make_unique<Tables>();
  const auto take = [&](std::string name, ProviderKind kind, ProviderRule rule,
                        const DataSource* source) {
    place.provider = std::move(name);
    place.kind = kind;
    place.rule = rule;
    place.provider_source = source;
  };
  if (const Provider* const found = tables->ranges.find(address)) {
    take(found->name, found->kind, ProviderRule::kRange, &sources[ranges_source]);
  } else if (const Provider* const row = tables->systems.find(place.asn)) {
    take(row->name.empty() ? place.as_name : row->name, row->kind, ProviderRule::kAsn,
         &sources[systems_source]);
  } else if (sounds_like_hosting(place.as_name)) {
    take(place.as_name, ProviderKind::kHosting, ProviderRule::kKeyword, place.asn_source);
  }
}

void Enricher::Parts::annotate(const IpAddress& address, Place& place) const {
  if (annotations.empty()) return;
  TextBuffer<kLongestIpText> text;
  put_ip(address, text);
  const auto of_address = [&](std::string_view field) {
    return annotations.find(text.text(), field);
  };
  if (const auto* const country = of_address("country")) {
    place.country = country->text;
    place.country_source = &sources[country->file];
  }
  const auto* const city = of_address("city");
  const auto* const latitude = of_address("latitude");
  if (city != nullptr || latitude != nullptr) {
    const auto* const longitude = of_address("longitude");
    place.city = city != nullptr ? city->text : "";
    place.latitude = place.longitude = std::nullopt;
    if (latitude != nullptr && longitude != nullptr) {
      place.latitude = Annotations::number(*latitude);
      place.longitude = Annotations::number(*longitude);
    }
    place.city_source = &sources[(city != nullptr ? city : latitude)->file];
  }

  // The address before its network before its provider.
  const std::string system = "AS" + std::to_string(place.asn);
  const auto of_system = [&](std::string_view field) {
    return place.asn == 0 ? nullptr : annotations.find(system, field);
  };
  const auto take = [&](const Annotations::Value* value) {
    if (value == nullptr) return false;
    place.rule = ProviderRule::kAnnotation;
    place.provider_source = &sources[value->file];
    return true;
  };
  const auto take_name = [&](const Annotations::Value* value) {
    if (take(value)) place.provider = value->text;
    return value != nullptr;
  };
  const auto take_kind = [&](const Annotations::Value* value) {
    if (take(value)) place.kind = kind_with_name(value->text).value();
    return value != nullptr;
  };
  if (!take_name(of_address("provider")) && !take_name(of_system("provider")) &&
      !place.provider.empty())
    take_name(annotations.find(place.provider, "provider"));
  if (!take_kind(of_address("kind")) && !take_kind(of_system("kind")) && !place.provider.empty())
    take_kind(annotations.find(place.provider, "kind"));
}

Enricher::Enricher(const EnrichOptions& options) : parts_(std::make_unique<Parts>(options)) {}

Enricher::~Enricher() = default;

const Place& Enricher::place(const IpAddress& address) {
  const IpAddress plain = plain_form(address);
  const auto known = parts_->places.find(plain);
  if (known != parts_->places.end()) return known->second;
  return parts_->places.emplace(plain, parts_->look_up(plain)).first->second;
}

const Place& Enricher::onion() const { return parts_->onion; }

std::string_view Enricher::annotation(std::string_view key, std::string_view field) const {
  const Annotations::Value* const value = parts_->annotations.find(key, field);
  return value == nullptr ? std::string_view() : std::string_view(value->text);
}

const std::vector<DataSource>& Enricher::sources() const { return parts_->sources; }

const std::vector<std::string>& Enricher::missing() const { return parts_->missing; }

}  // namespace observatory::host
