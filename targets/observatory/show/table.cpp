// SPDX-License-Identifier: MIT
#include "targets/observatory/show/table.h"

#include <algorithm>
#include <utility>

#include "targets/observatory/show/display_text.h"

namespace observatory::host {

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {
  for (const Column& column : columns_) widths_.push_back(display_width(column.heading));
}

void Table::add_row(const std::vector<std::string>& cells) {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const bool empty = i >= cells.size() || cells[i].empty();
    std::string shown = empty ? "-" : fitted(harmless(cells[i]), columns_[i].widest);
    widths_[i] = std::max(widths_[i], display_width(shown));
    cells_.push_back(std::move(shown));
  }
}

std::size_t Table::rows() const { return cells_.size() / columns_.size(); }

std::string Table::text() const {
  std::string text;
  const auto put_cell = [&](std::size_t column, std::string_view cell) {
    const std::string gap(widths_[column] - display_width(cell), ' ');
    if (column > 0) text += "  ";
    if (columns_[column].numbers) text += gap;
    text += cell;
    if (!columns_[column].numbers && column + 1 < columns_.size()) text += gap;
    if (column + 1 == columns_.size()) text += '\n';
  };
  for (std::size_t i = 0; i < columns_.size(); ++i) put_cell(i, columns_[i].heading);
  for (std::size_t i = 0; i < cells_.size(); ++i) put_cell(i % columns_.size(), cells_[i]);
  return text;
}

}  // namespace observatory::host
