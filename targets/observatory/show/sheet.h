// SPDX-License-Identifier: MIT
// Answers that are rows: the same cells for a terminal, for a spreadsheet and for a program.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "targets/observatory/show/table.h"

namespace observatory::host {

// What a cell holds: null (not known), a boolean, a number, a text, or a list of texts.
using Cell = nlohmann::ordered_json;

struct SheetColumn {
  std::string_view name;     // for programs: in JSON and in the first line of CSV
  std::string_view heading;  // for people
  bool numbers = false;
  int decimals = 1;  // for people, of numbers that are not whole
};

struct Sheet {
  std::vector<SheetColumn> columns;
  std::vector<std::vector<Cell>> rows;  // a cell for each column
};

// For people: yes and no, lists with commas. Neither harmless() nor fit for anything but a Table.
std::string cell_text(const Cell& cell, int decimals = 1);

// A Table of the sheet, in which no cell is wider than 200 columns.
std::string sheet_table(const Sheet& sheet, const Table::Page& page);

// Lines of CSV: the names, and a row; nothing for null, `true` and `false`, numbers as JSON has
// them, lists with "; " between the texts.
std::string csv_names(const std::vector<SheetColumn>& columns);
std::string csv_row(const std::vector<Cell>& row);
std::string sheet_csv(const Sheet& sheet);

// A row as an object with every column, null where nothing is known; and all of them as an array.
nlohmann::ordered_json row_object(const std::vector<SheetColumn>& columns,
                                  const std::vector<Cell>& row);
nlohmann::ordered_json sheet_json(const Sheet& sheet);

}  // namespace observatory::host
