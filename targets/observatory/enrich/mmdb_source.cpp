// SPDX-License-Identifier: MIT
#include "targets/observatory/enrich/mmdb_source.h"

#include <maxminddb.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>
#include <vector>

#include "targets/observatory/enrich/data_age.h"
#include "targets/observatory/enrich/mmdb_guard.h"

namespace observatory::host {
namespace {

using Path = const char*;

constexpr Path kCountry[] = {"country", "iso_code", nullptr};
constexpr Path kFlatCountry[] = {"country_code", nullptr};
constexpr Path kCity[] = {"city", "names", "en", nullptr};
constexpr Path kFlatCity[] = {"city", nullptr};
constexpr Path kLatitude[] = {"location", "latitude", nullptr};
constexpr Path kFlatLatitude[] = {"latitude", nullptr};
constexpr Path kLongitude[] = {"location", "longitude", nullptr};
constexpr Path kFlatLongitude[] = {"longitude", nullptr};
constexpr Path kAsn[] = {"autonomous_system_number", nullptr};
constexpr Path kFlatAsn[] = {"asn", nullptr};
constexpr Path kAsName[] = {"autonomous_system_organization", nullptr};
constexpr Path kFlatAsName[] = {"as_name", nullptr};
constexpr Path kFlatOrganisation[] = {"org", nullptr};

// libmaxminddb counts in 32 bits.
constexpr std::uint64_t kLargestFile = 0xFFFFFFFF;

// What to say of where the data are from, by how the publisher calls its databases.
struct Publisher {
  std::string_view type;  // its beginning
  std::string_view licence;
  std::string_view attribution;
};
constexpr Publisher kPublishers[] = {
    {"GeoLite2", "GeoLite2 End User License Agreement",
     "This product includes GeoLite2 data created by MaxMind, available from "
     "https://www.maxmind.com"},
    {"DBIP", "CC BY 4.0", "IP Geolocation by DB-IP, https://db-ip.com"},
};

}  // namespace

class MmdbSource::Database {
 public:
  explicit Database(const std::string& path);
  ~Database() { MMDB_close(&file_); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  const DataSource& about() const { return about_; }
  AddressFacts find(const IpAddress& address) const;

 private:
  struct Held {
    bool country = false;
    bool city = false;
    bool coordinates = false;
    bool asn = false;
    bool all() const { return country && city && coordinates && asn; }
  };
  class Survey;

  [[noreturn]] void fail(const std::string& why) const;
  void describe();
  AddressFacts facts_at(MMDB_entry_s entry) const;
  std::optional<MMDB_entry_data_s> value(MMDB_entry_s entry, const Path* path) const;
  std::string text(MMDB_entry_s entry, const Path* path) const;
  std::optional<double> number(MMDB_entry_s entry, const Path* path) const;
  std::uint32_t asn(MMDB_entry_s entry, const Path* path) const;

  MMDB_s file_{};
  DataSource about_;
};

// Looks through the first and the last records of the tree for which values the file holds.
class MmdbSource::Database::Survey {
 public:
  explicit Survey(const Database& database) : database_(database) {}

  Held held() {
    for (const bool from_left : {true, false}) walk(from_left);
    return held_;
  }

 private:
  static constexpr unsigned kMostNodes = 20000;
  static constexpr std::size_t kMostRecords = 256;

  struct Place {
    std::uint32_t node;
    unsigned depth;
  };

  void walk(bool from_left) {
    seen_.clear();
    std::vector<Place> waiting = {{0, 0}};
    for (unsigned nodes = 0; nodes < kMostNodes && !waiting.empty(); ++nodes) {
      const Place place = waiting.back();
      waiting.pop_back();
      if (place.depth >= database_.file_.depth) database_.fail("a way without an end");
      MMDB_search_node_s node{};
      const int status = MMDB_read_node(&database_.file_, place.node, &node);
      if (status != MMDB_SUCCESS) database_.fail(MMDB_strerror(status));
      const auto left = [&] {
        look(node.left_record_type, node.left_record, node.left_record_entry, place, waiting);
      };
      const auto right = [&] {
        look(node.right_record_type, node.right_record, node.right_record_entry, place, waiting);
      };
      // What is put in last is taken out first.
      if (from_left) right();
      left();
      if (!from_left) right();
      if (held_.all() || seen_.size() >= kMostRecords) return;
    }
  }

  void look(std::uint8_t type, std::uint64_t record, MMDB_entry_s entry, Place place,
            std::vector<Place>& waiting) {
    switch (type) {
      case MMDB_RECORD_TYPE_SEARCH_NODE:
        waiting.push_back({static_cast<std::uint32_t>(record), place.depth + 1});
        break;
      case MMDB_RECORD_TYPE_EMPTY:
        break;
      case MMDB_RECORD_TYPE_DATA:
        if (seen_.insert(record).second) note(database_.facts_at(entry));
        break;
      default:
        database_.fail("its tree leads out of the file");
    }
  }

  void note(const AddressFacts& facts) {
    held_.country = held_.country || !facts.country.empty();
    held_.city = held_.city || !facts.city.empty();
    held_.coordinates = held_.coordinates || facts.latitude.has_value();
    held_.asn = held_.asn || facts.asn != 0;
  }

  const Database& database_;
  Held held_;
  std::set<std::uint64_t> seen_;
};

MmdbSource::Database::Database(const std::string& path) {
  about_.path = path;
  check_mmdb_metadata(path);
  const int status = MMDB_open(path.c_str(), MMDB_MODE_MMAP, &file_);
  if (status == MMDB_LOOKUP_PATH_DOES_NOT_MATCH_DATA_ERROR) fail("metadata: something is missing");
  if (status != MMDB_SUCCESS) fail(MMDB_strerror(status));
  try {
    describe();
  } catch (...) {
    MMDB_close(&file_);
    throw;
  }
}

void MmdbSource::Database::describe() {
  const MMDB_metadata_s& metadata = file_.metadata;
  const auto size = static_cast<std::uint64_t>(file_.file_size);
  if (size > kLargestFile) fail("larger than 4 GiB");
  if (std::uint64_t{metadata.node_count} * file_.full_record_byte_size > size)
    fail("its tree is larger than the file");
  about_.name = metadata.database_type;
  about_.date = date_of(metadata.build_epoch);
  if (about_.date.empty()) fail("built at a time that is no date");
  for (const Publisher& publisher : kPublishers) {
    if (!about_.name.starts_with(publisher.type)) continue;
    about_.licence = publisher.licence;
    about_.attribution = publisher.attribution;
  }
  const Held held = Survey(*this).held();
  const auto add = [&](bool holds, std::string_view value) {
    if (!holds) return;
    if (!about_.values.empty()) about_.values += ", ";
    about_.values += value;
  };
  add(held.country, "country");
  add(held.city, "city");
  add(held.coordinates, "coordinates");
  add(held.asn, "AS");
  if (about_.values.empty()) {
    throw SourceError(about_.path + ": a MaxMind DB of type \"" + about_.name +
                      "\", which holds no country, city, coordinates or AS numbers");
  }
}

void MmdbSource::Database::fail(const std::string& why) const {
  throw SourceError(about_.path + ": broken MaxMind DB: " + why);
}

AddressFacts MmdbSource::Database::find(const IpAddress& address) const {
  sockaddr_in6 v6{};
  sockaddr_in v4{};
  const sockaddr* asked = nullptr;
  if (address.family == IpAddress::Family::kV6) {
    if (file_.metadata.ip_version == 4) return {};
    v6.sin6_family = AF_INET6;
    std::copy(address.bytes.begin(), address.bytes.end(), v6.sin6_addr.s6_addr);
    asked = reinterpret_cast<const sockaddr*>(&v6);
  } else {
    v4.sin_family = AF_INET;
    auto* const bytes = reinterpret_cast<std::uint8_t*>(&v4.sin_addr.s_addr);
    std::copy_n(address.bytes.begin(), 4, bytes);
    asked = reinterpret_cast<const sockaddr*>(&v4);
  }
  int error = MMDB_SUCCESS;
  const MMDB_lookup_result_s result = MMDB_lookup_sockaddr(&file_, asked, &error);
  if (error != MMDB_SUCCESS) fail(MMDB_strerror(error));
  if (!result.found_entry) return {};
  return facts_at(result.entry);
}

AddressFacts MmdbSource::Database::facts_at(MMDB_entry_s entry) const {
  const std::string trouble =
      trouble_in_mmdb_data({file_.data_section, file_.data_section_size}, entry.offset);
  if (!trouble.empty()) fail(trouble);

  const auto either_text = [&](const Path* path, const Path* flat) {
    std::string found = text(entry, path);
    return found.empty() ? text(entry, flat) : found;
  };
  AddressFacts facts;
  facts.country = country_code(either_text(kCountry, kFlatCountry));
  facts.city = either_text(kCity, kFlatCity);
  facts.latitude = number(entry, kLatitude);
  facts.longitude = number(entry, kLongitude);
  if (!facts.latitude) facts.latitude = number(entry, kFlatLatitude);
  if (!facts.longitude) facts.longitude = number(entry, kFlatLongitude);
  const auto outside = [](const std::optional<double>& value, double most) {
    return value && !(std::abs(*value) <= most);
  };
  if (outside(facts.latitude, 90) || outside(facts.longitude, 180))
    fail("coordinates that are nowhere on Earth");
  if (!facts.latitude || !facts.longitude) facts.latitude = facts.longitude = std::nullopt;
  facts.asn = asn(entry, kAsn);
  if (facts.asn == 0) facts.asn = asn(entry, kFlatAsn);
  if (facts.asn != 0) {
    facts.as_name = either_text(kAsName, kFlatAsName);
    if (facts.as_name.empty()) facts.as_name = text(entry, kFlatOrganisation);
  }
  return facts;
}

std::optional<MMDB_entry_data_s> MmdbSource::Database::value(MMDB_entry_s entry,
                                                             const Path* path) const {
  MMDB_entry_data_s data{};
  const int status = MMDB_aget_value(&entry, &data, path);
  if (status == MMDB_LOOKUP_PATH_DOES_NOT_MATCH_DATA_ERROR ||
      status == MMDB_INVALID_LOOKUP_PATH_ERROR)
    return std::nullopt;
  if (status != MMDB_SUCCESS) fail(MMDB_strerror(status));
  if (!data.has_data) return std::nullopt;
  return data;
}

std::string MmdbSource::Database::text(MMDB_entry_s entry, const Path* path) const {
  const auto data = value(entry, path);
  if (!data || data->type != MMDB_DATA_TYPE_UTF8_STRING) return "";
  return {data->utf8_string, data->data_size};
}

std::optional<double> MmdbSource::Database::number(MMDB_entry_s entry, const Path* path) const {
  const auto data = value(entry, path);
  if (data && data->type == MMDB_DATA_TYPE_DOUBLE) return data->double_value;
  if (data && data->type == MMDB_DATA_TYPE_FLOAT) return double{data->float_value};
  return std::nullopt;
}

std::uint32_t MmdbSource::Database::asn(MMDB_entry_s entry, const Path* path) const {
  const auto data = value(entry, path);
  if (!data) return 0;
  if (data->type == MMDB_DATA_TYPE_UINT16) return data->uint16;
  if (data->type == MMDB_DATA_TYPE_UINT32) return data->uint32;
  if (data->type == MMDB_DATA_TYPE_UINT64 && data->uint64 <= 0xFFFFFFFF)
    return static_cast<std::uint32_t>(data->uint64);
  if (data->type != MMDB_DATA_TYPE_UTF8_STRING) return 0;
  std::string_view digits(data->utf8_string, data->data_size);
  if (digits.starts_with("AS")) digits.remove_prefix(2);
  std::uint32_t found = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), found);
  return error == std::errc() && end == digits.data() + digits.size() ? found : 0;
}

MmdbSource::MmdbSource(const std::string& path) : database_(std::make_unique<Database>(path)) {}

MmdbSource::~MmdbSource() = default;

const DataSource& MmdbSource::about() const { return database_->about(); }

AddressFacts MmdbSource::find(const IpAddress& address) const { return database_->find(address); }

}  // namespace observatory::host
