// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace observatory::host {

// Rows of cells for a terminal, each column as wide as its widest cell. Holds all rows, as the
// widths are known last.
class Table {
 public:
  struct Column {
    std::string_view heading;  // lives as long as the table
    bool numbers = false;      // stand to the right
    std::size_t widest = 60;   // columns of the terminal; longer cells end in an ellipsis
  };

  explicit Table(std::vector<Column> columns);

  // One cell for each column. Cells may hold any bytes: they are made harmless() here. An empty
  // cell is shown as "-".
  void add_row(const std::vector<std::string>& cells);

  std::size_t rows() const;

  // Heading and rows, a line each, two spaces between columns and none at the end of a line.
  std::string text() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::size_t> widths_;
  std::vector<std::string> cells_;  // row by row
};

}  // namespace observatory::host
