// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platform/interface/address.h"
#include "targets/observatory/enrich/enricher.h"

namespace observatory::host {

// What one source says of an address. Empty texts and 0 are what it does not know.
struct AddressFacts {
  std::string country;  // ISO 3166-1 alpha-2, upper case
  std::string city;
  std::optional<double> latitude;  // both coordinates or none
  std::optional<double> longitude;
  std::uint32_t asn = 0;
  std::string as_name;
};

// A database of addresses.
class AddressSource {
 public:
  virtual ~AddressSource() = default;
  AddressSource(const AddressSource&) = delete;
  AddressSource& operator=(const AddressSource&) = delete;

  virtual const DataSource& about() const = 0;

  // Throws SourceError when the database turns out to be broken there.
  virtual AddressFacts find(const IpAddress& address) const = 0;

 protected:
  AddressSource() = default;
};

// The country in upper case; empty when it is not two letters of ASCII.
std::string country_code(std::string_view text);

// Throws SourceError that names the file unless it is there, a regular file, and may be read.
void require_regular_file(const std::string& path);

}  // namespace observatory::host
