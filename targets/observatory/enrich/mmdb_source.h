// SPDX-License-Identifier: MIT
#pragma once

#include <maxminddb.h>

#include <optional>
#include <string>

#include "targets/observatory/enrich/address_facts.h"

namespace observatory::host {

// A MaxMind DB file through libmaxminddb. Which values it has is found out by asking for them under
// the names that are in use:
//
//   nested  MaxMind: country.iso_code, city.names.en, location.latitude, location.longitude,
//           autonomous_system_number, autonomous_system_organization
//   flat    sapics/ip-location-db: country_code, city, latitude, longitude;
//           IPinfo, iplocate.io: asn (a number, or text with or without "AS"), as_name, org
//
// A file may be for IPv4 alone or for both families; of a family that it is not for it knows
// nothing. Values of another type than these, and empty texts, are as if they were not there.
class MmdbSource final : public AddressSource {
 public:
  // Throws SourceError that names the file: missing, no MaxMind DB, broken, or one that holds none
  // of those values. Looks at some hundred records.
  explicit MmdbSource(const std::string& path);
  ~MmdbSource() override;

  const DataSource& about() const override { return about_; }
  AddressFacts find(const IpAddress& address) const override;

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
  AddressFacts facts_at(MMDB_entry_s entry) const;
  std::optional<MMDB_entry_data_s> value(MMDB_entry_s entry, const char* const* path) const;
  std::string text(MMDB_entry_s entry, const char* const* path) const;
  std::optional<double> number(MMDB_entry_s entry, const char* const* path) const;
  std::uint32_t asn(MMDB_entry_s entry, const char* const* path) const;

  MMDB_s database_{};
  DataSource about_;
};

}  // namespace observatory::host
