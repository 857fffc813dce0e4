// SPDX-License-Identifier: MIT
// The tables of targets/observatory/data, which travel with the program.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "targets/observatory/enrich/enricher.h"

namespace observatory::host {

// The lines of a table: comments, which start with '#', then the names of its columns, then a
// record of CSV each.
using TableLines = std::span<const std::string_view>;

TableLines provider_name_lines();
TableLines published_range_lines();
TableLines as_table_lines();

// What the comments `# source: ...`, `# date: ...`, `# licence: ...` and `# attribution: ...` say,
// and the number of records.
DataSource described_source(TableLines lines);

// Calls `use` with the fields of every record.
void for_each_record(TableLines lines,
                     const std::function<void(const std::vector<std::string>&)>& use);

}  // namespace observatory::host
