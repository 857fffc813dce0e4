// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <unordered_map>

#include "targets/observatory/enrich/provider.h"

namespace observatory::host {

// What kind of network an autonomous system is, and whose (data/as_table.csv).
class AsTable {
 public:
  // Reads the table that the program carries: a millisecond.
  AsTable();

  // Null when the table does not have it. An empty name means the AS name. Lives as long as this.
  const Provider* find(std::uint32_t asn) const;

 private:
  std::unordered_map<std::uint32_t, Provider> rows_;
};

}  // namespace observatory::host
