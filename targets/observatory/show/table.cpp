// SPDX-License-Identifier: MIT
#include "targets/observatory/show/table.h"

#include <algorithm>
#include <utility>

#include "targets/observatory/show/display_text.h"

namespace observatory::host {
namespace {

constexpr std::string_view kBold = "\033[1m";
constexpr std::string_view kPlain = "\033[0m";
constexpr std::size_t kGap = 2;

// Columns of a line whose cells are so wide.
std::size_t line_width(const std::vector<std::size_t>& widths) {
  std::size_t width = 0;
  for (const std::size_t cell : widths) width += cell + kGap;
  return width < kGap ? 0 : width - kGap;
}

}  // namespace

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

std::size_t Table::narrowest(std::size_t column, std::size_t page) const {
  if (column == 0) return std::min({widths_[column], kNarrowestFirst, page});
  return columns_[column].numbers ? widths_[column] : std::min(widths_[column], kNarrowest);
}

// One width for each column that is shown.
std::vector<std::size_t> Table::fitted_widths(std::size_t page) const {
  if (page == 0 || line_width(widths_) <= page) return widths_;
  std::vector<std::size_t> least;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    least.push_back(narrowest(i, page));
    if (i > 0 && line_width(least) > page) {
      least.pop_back();
      break;
    }
  }
  // The largest bound for columns of text with which the line fits.
  std::vector<std::size_t> widths = least;
  for (std::size_t bound = kNarrowest; bound <= page; ++bound) {
    std::vector<std::size_t> wider;
    for (std::size_t i = 0; i < least.size(); ++i) {
      wider.push_back(std::max(least[i], std::min(widths_[i], bound)));
    }
    if (line_width(wider) > page) break;
    widths = std::move(wider);
  }
  return widths;
}

std::string Table::text(const Page& page) const {
  const std::vector<std::size_t> widths = fitted_widths(page.width);
  std::string text;
  const auto put_cell = [&](std::size_t column, std::string_view cell) {
    const std::string shown = fitted(cell, std::max<std::size_t>(widths[column], 1));
    const std::string gap(widths[column] - std::min(widths[column], display_width(shown)), ' ');
    if (column > 0) text += std::string(kGap, ' ');
    if (columns_[column].numbers) text += gap;
    text += shown;
    if (!columns_[column].numbers && column + 1 < widths.size()) text += gap;
  };
  if (page.colours) text += kBold;
  for (std::size_t i = 0; i < widths.size(); ++i) put_cell(i, columns_[i].heading);
  if (page.colours) text += kPlain;
  text += '\n';
  for (std::size_t row = 0; row < rows(); ++row) {
    for (std::size_t i = 0; i < widths.size(); ++i) put_cell(i, cells_[row * columns_.size() + i]);
    text += '\n';
  }
  for (std::size_t i = widths.size(); i < columns_.size(); ++i) {
    text += i == widths.size() ? "Too narrow for: " : ", ";
    text += columns_[i].heading;
    if (i + 1 == columns_.size()) text += '\n';
  }
  return text;
}

}  // namespace observatory::host
