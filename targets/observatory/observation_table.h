// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include "core/record/record.h"
#include "targets/observatory/table.h"

namespace observatory::host {

// Observations as rows, with a line at the end that counts runs, observations and the servers
// reached (outcome `ok`).
class ObservationTable {
 public:
  ObservationTable();

  // Takes records of every type, in the order of their file: dates of certificates are judged by
  // the record's time, and only where the run, if its record was seen, knew the date.
  void add(const Record& record);

  std::string text() const;

 private:
  std::string certificate(const Record& record) const;

  Table table_;
  std::string run_;  // vantage and name of the last run record
  bool run_knew_date_ = true;
  std::uint64_t runs_ = 0;
  std::uint64_t observations_ = 0;
  std::uint64_t reached_ = 0;
};

}  // namespace observatory::host
