// SPDX-License-Identifier: MIT
// What is asked of a sheet: which rows, in which order, which columns.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "targets/observatory/show/sheet.h"

namespace observatory::host {

// The question makes no sense: what() names the option's value and what there is instead.
class QueryError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// One condition, of these forms; KEY is the name of a column.
//   KEY=VALUE  KEY!=VALUE       the same text but for the case of ASCII letters; yes and no
//   KEY~PART                    PART stands in the text, case aside
//   KEY<VALUE  KEY>VALUE        numbers as numbers, everything else (dates) as text
// Of a list one text is enough, with != none may be it. An empty VALUE is what is not known, which
// is neither smaller nor larger than anything.
class Filter {
 public:
  // Throws QueryError.
  Filter(const std::string& condition, const std::vector<SheetColumn>& columns);

  bool holds(const std::vector<Cell>& row) const;

 private:
  enum class Relation { kIs, kIsNot, kHas, kBelow, kAbove };

  bool holds_for(const Cell& item) const;

  std::size_t column_ = 0;
  Relation relation_ = Relation::kIs;
  std::string value_;
};

// Keeps the rows for which every condition holds. Throws QueryError.
void filter_rows(Sheet& sheet, const std::vector<std::string>& conditions);

// Sorts by `COLUMN` or `COLUMN:desc`: numbers as numbers, texts by bytes, what is not known last
// either way; rows that are alike stay in their order. Throws QueryError.
void sort_rows(Sheet& sheet, const std::string& order);

// Leaves these columns, in this order. Throws QueryError for a name that there is not.
void choose_columns(Sheet& sheet, const std::vector<std::string>& names);

}  // namespace observatory::host
