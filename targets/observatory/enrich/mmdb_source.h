// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
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

  const DataSource& about() const override;
  AddressFacts find(const IpAddress& address) const override;

 private:
  class Database;
  std::unique_ptr<Database> database_;
};

}  // namespace observatory::host
