// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "core/record/record.h"
#include "targets/observatory/show/table.h"

namespace observatory::host {

// Observations as rows, by host (numbers in it count as numbers) and port, those of one endpoint in
// the order in which they came; with a line at the end that counts runs, observations and the
// endpoints reached (outcome `ok`).
class ObservationTable {
 public:
  // Takes records of every type, in the order of their file: dates of certificates are judged by
  // the record's time, and only where the run, if its record was seen, knew the date. A run whose
  // record stands in several files is one run.
  void add(const Record& record);

  // The table for that page; without one, for a file.
  std::string text(const Table::Page& page = {}) const;

 private:
  std::string certificate(const Record& record) const;

  std::vector<std::vector<std::string>> rows_;
  std::string run_;  // vantage and name of the last run record
  bool run_knew_date_ = true;
  std::set<std::string> runs_;
  std::uint64_t observations_ = 0;
  std::uint64_t reached_ = 0;
};

}  // namespace observatory::host
