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

  // Where a table is shown.
  struct Page {
    std::size_t width = 0;  // columns of the terminal; 0: as many as it takes
    bool colours = false;   // the headings stand out
  };

  explicit Table(std::vector<Column> columns);

  // One cell for each column. Cells may hold any bytes: they are made harmless() here. An empty
  // cell is shown as "-".
  void add_row(const std::vector<std::string>& cells);

  std::size_t rows() const;

  // Heading and rows, a line each, two spaces between columns and none at the end of a line.
  //
  // Where the page is too narrow, the widest columns of text give way first, down to kNarrowest,
  // the first one, which says what a row is about, down to kNarrowestFirst; numbers never do. What
  // does not fit even then are the last columns: they are left out, and a line at the end names
  // them.
  std::string text(const Page& page) const;
  std::string text() const { return text(Page()); }

  static constexpr std::size_t kNarrowest = 10;
  static constexpr std::size_t kNarrowestFirst = 20;

 private:
  std::size_t narrowest(std::size_t column, std::size_t page) const;
  std::vector<std::size_t> fitted_widths(std::size_t page) const;

  std::vector<Column> columns_;
  std::vector<std::size_t> widths_;
  std::vector<std::string> cells_;  // row by row
};

}  // namespace observatory::host
