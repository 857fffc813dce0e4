// SPDX-License-Identifier: MIT
#include "targets/observatory/show/sheet.h"

#include <array>
#include <charconv>

#include "targets/observatory/show/csv.h"

namespace observatory::host {
namespace {

constexpr std::size_t kWidestCell = 200;

std::string joined(const Cell& texts, std::string_view between) {
  std::string text;
  for (const Cell& item : texts) {
    if (!text.empty()) text += between;
    text += item.is_string() ? item.get_ref<const std::string&>() : item.dump();
  }
  return text;
}

// Without the locale's decimal point.
std::string fixed(double number, int decimals) {
  std::array<char, 400> digits{};  // the largest double has 309
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number,
                                 std::chars_format::fixed, decimals);
  return {digits.data(), end.ptr};
}

}  // namespace

std::string cell_text(const Cell& cell, int decimals) {
  if (cell.is_null()) return {};
  if (cell.is_boolean()) return cell.get<bool>() ? "yes" : "no";
  if (cell.is_string()) return cell.get<std::string>();
  if (cell.is_number_float()) return fixed(cell.get<double>(), decimals);
  return cell.is_array() ? joined(cell, ", ") : cell.dump();
}

std::string sheet_table(const Sheet& sheet, const Table::Page& page) {
  std::vector<Table::Column> columns;
  for (const SheetColumn& column : sheet.columns) {
    columns.push_back({column.heading, column.numbers, kWidestCell});
  }
  Table table(std::move(columns));
  for (const std::vector<Cell>& row : sheet.rows) {
    std::vector<std::string> cells;
    for (std::size_t i = 0; i < row.size(); ++i) {
      cells.push_back(cell_text(row[i], sheet.columns[i].decimals));
    }
    table.add_row(cells);
  }
  return table.text(page);
}

std::string csv_names(const std::vector<SheetColumn>& columns) {
  std::vector<std::string> names;
  names.reserve(columns.size());
  for (const SheetColumn& column : columns) names.emplace_back(column.name);
  return csv_line(names);
}

std::string csv_row(const std::vector<Cell>& row) {
  std::vector<std::string> cells;
  for (const Cell& cell : row) {
    if (cell.is_null()) {
      cells.emplace_back();
    } else if (cell.is_string()) {
      cells.push_back(csv_text(cell.get_ref<const std::string&>()));
    } else {
      cells.push_back(cell.is_array() ? csv_text(joined(cell, "; ")) : cell.dump());
    }
  }
  return csv_line(cells);
}

std::string sheet_csv(const Sheet& sheet) {
  std::string text = csv_names(sheet.columns);
  for (const std::vector<Cell>& row : sheet.rows) text += csv_row(row);
  return text;
}

nlohmann::ordered_json row_object(const std::vector<SheetColumn>& columns,
                                  const std::vector<Cell>& row) {
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < columns.size(); ++i) object[std::string(columns[i].name)] = row[i];
  return object;
}

nlohmann::ordered_json sheet_json(const Sheet& sheet) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const std::vector<Cell>& row : sheet.rows) rows.push_back(row_object(sheet.columns, row));
  return rows;
}

}  // namespace observatory::host
