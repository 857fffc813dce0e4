// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "targets/observatory/enrich/address_facts.h"

namespace observatory::host {

// IPFire Location through libloc: country, AS number and AS name, IPv4 and IPv6.
class LibLocSource final : public AddressSource {
 public:
  // Where the packages of distributions put the database.
  static constexpr std::string_view kUsualPath = "/usr/share/libloc-location/location.db";

  // Throws SourceError that names the file. libloc itself says nothing on standard error.
  explicit LibLocSource(const std::string& path);
  ~LibLocSource() override;

  const DataSource& about() const override;
  AddressFacts find(const IpAddress& address) const override;

 private:
  struct Library;
  std::unique_ptr<Library> library_;
};

}  // namespace observatory::host
