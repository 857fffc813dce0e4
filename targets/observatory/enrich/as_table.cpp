// SPDX-License-Identifier: MIT
#include "targets/observatory/enrich/as_table.h"

#include <string>

#include "targets/observatory/enrich/bundled_tables.h"

namespace observatory::host {

AsTable::AsTable() {
  rows_.reserve(as_table_lines().size());
  for_each_record(as_table_lines(), [&](const std::vector<std::string>& fields) {
    rows_.emplace(static_cast<std::uint32_t>(std::stoul(fields.at(0))),
                  Provider{fields.at(1), kind_with_name(fields.at(2)).value()});
  });
}

const Provider* AsTable::find(std::uint32_t asn) const {
  const auto row = rows_.find(asn);
  return row == rows_.end() ? nullptr : &row->second;
}

}  // namespace observatory::host
