// SPDX-License-Identifier: MIT
#include "targets/observatory/enrich/bundled_tables.h"

#include <algorithm>

#include "targets/observatory/enrich/csv_reader.h"

namespace observatory::host {
namespace {

#include "bundled_tables.inc"

bool is_comment(std::string_view line) { return line.starts_with('#'); }

// From the names of the columns on.
TableLines without_comments(TableLines lines) {
  const auto columns = std::find_if_not(lines.begin(), lines.end(), is_comment);
  return lines.subspan(static_cast<std::size_t>(columns - lines.begin()));
}

}  // namespace

TableLines provider_name_lines() { return k_provider_names; }
TableLines published_range_lines() { return k_published_ranges; }
TableLines as_table_lines() { return k_as_table; }

DataSource described_source(TableLines lines) {
  const auto said = [&](std::string_view name) -> std::string {
    const std::string start = "# " + std::string(name) + ": ";
    for (const std::string_view line : lines) {
      if (line.starts_with(start)) return std::string(line.substr(start.size()));
      if (!is_comment(line)) break;
    }
    return "";
  };
  DataSource source;
  source.name = said("source");
  source.date = said("date");
  source.licence = said("licence");
  source.attribution = said("attribution");
  source.entries = without_comments(lines).size() - 1;
  return source;
}

void for_each_record(TableLines lines,
                     const std::function<void(const std::vector<std::string>&)>& use) {
  std::vector<std::string> fields;
  for (const std::string_view line : without_comments(lines).subspan(1)) {
    CsvReader(line).next(fields);
    use(fields);
  }
}

}  // namespace observatory::host
