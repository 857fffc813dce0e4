// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

#include "platform/interface/address.h"
#include "targets/observatory/enrich/provider.h"

namespace observatory::host {

// The address ranges that providers publish (data/published_ranges.csv, IPv4 alone), by the one
// name that each provider has here (data/provider_names.csv).
class PublishedRanges {
 public:
  // Reads the tables that the program carries: some milliseconds.
  PublishedRanges();

  // Whose range the address lies in; null when it lies in none. Lives as long as this.
  const Provider* find(const IpAddress& address) const;

 private:
  struct Range {
    std::uint32_t first;
    std::uint32_t last;
    std::size_t provider;
  };

  std::vector<Range> ranges_;  // ascending, apart
  std::vector<Provider> providers_;
};

}  // namespace observatory::host
