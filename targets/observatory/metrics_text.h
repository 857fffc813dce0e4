// SPDX-License-Identifier: MIT
// Metrics for people and for spreadsheets, both made from their JSON.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>

#include "targets/observatory/show/table.h"

namespace observatory::host {

// Sections with aligned columns; of each list the first `most` entries, 0: all, and how many there
// are behind them.
std::string metrics_table(const nlohmann::ordered_json& metrics, const Table::Page& page,
                          std::size_t most);

// Every number and text of it as a line `group,metric,key,value`, after a line with these names
// (CSV as show/csv.h writes it):
//
//   metric  the members that lead there, joined by dots: `tcp.reached`, `country.share`; the ends
//   of
//           an interval are `ci95.low` and `ci95.high`
//   key     in a list, the texts that say which entry it is (`key`, `country`, `server`, `vantage`,
//           `by`, `value`, `genesis`, `source`), a space between them; for a list of texts and one
//           of clusters, the place in it, from 1
//   value   nothing for null; lists of texts with "; " between them
std::string metrics_csv(const nlohmann::ordered_json& metrics);

}  // namespace observatory::host
