// SPDX-License-Identifier: MIT
#include "targets/observatory/answers/sheet_query.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace observatory::host {
namespace {

std::size_t column_named(const std::vector<SheetColumn>& columns, const std::string& name,
                         const std::string& asked) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == name) return i;
  }
  std::string names;
  for (const SheetColumn& column : columns) {
    names += (names.empty() ? "" : " ") + std::string(column.name);
  }
  throw QueryError(asked + ": there is no column \"" + name + "\"; there are " + names);
}

std::string lowered(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

std::optional<double> number_in(const std::string& text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end) return {};
  return number;
}

// A number as it is written in JSON, so that what was copied from there is found.
std::string plain_text(const Cell& item) {
  if (item.is_number()) return item.dump();
  return cell_text(item);
}

// What is not known, or an empty list.
bool unknown(const Cell& cell) { return cell.is_null() || (cell.is_array() && cell.empty()); }

bool comes_before(const Cell& a, const Cell& b) {
  if (a.is_number() && b.is_number()) return a.get<double>() < b.get<double>();
  return cell_text(a) < cell_text(b);
}

}  // namespace

Filter::Filter(const std::string& condition, const std::vector<SheetColumn>& columns) {
  const std::string asked = "--filter " + condition;
  const std::size_t at = condition.find_first_of("=!~<>");
  const bool two = at != std::string::npos && condition.substr(at, 2) == "!=";
  if (at == std::string::npos || (condition[at] == '!' && !two)) {
    throw QueryError(asked + ": expected KEY=VALUE, KEY!=VALUE, KEY~PART, KEY<VALUE or KEY>VALUE");
  }
  column_ = column_named(columns, condition.substr(0, at), asked);
  switch (condition[at]) {
    case '!':
      relation_ = Relation::kIsNot;
      break;
    case '~':
      relation_ = Relation::kHas;
      break;
    case '<':
      relation_ = Relation::kBelow;
      break;
    case '>':
      relation_ = Relation::kAbove;
      break;
    default:
      break;
  }
  value_ = lowered(condition.substr(at + (two ? 2 : 1)));
  // For booleans, as programs write them.
  if (value_ == "true") value_ = "yes";
  if (value_ == "false") value_ = "no";
}

bool Filter::holds_for(const Cell& item) const {
  const std::string text = lowered(plain_text(item));
  switch (relation_) {
    case Relation::kIs:
    case Relation::kIsNot:
      break;
    case Relation::kHas:
      return text.find(value_) != std::string::npos;
    case Relation::kBelow:
    case Relation::kAbove: {
      const std::optional<double> bound = item.is_number() ? number_in(value_) : std::nullopt;
      if (relation_ == Relation::kBelow) return bound ? item.get<double>() < *bound : text < value_;
      return bound ? item.get<double>() > *bound : text > value_;
    }
  }
  return text == value_;
}

bool Filter::holds(const std::vector<Cell>& row) const {
  const Cell& cell = row[column_];
  bool any = false;
  if (unknown(cell)) {
    any = value_.empty() && (relation_ == Relation::kIs || relation_ == Relation::kIsNot);
  } else if (cell.is_array()) {
    any = std::any_of(cell.begin(), cell.end(), [&](const Cell& item) { return holds_for(item); });
  } else {
    any = holds_for(cell);
  }
  return relation_ == Relation::kIsNot ? !any : any;
}

void filter_rows(Sheet& sheet, const std::vector<std::string>& conditions) {
  for (const std::string& condition : conditions) {
    const Filter filter(condition, sheet.columns);
    std::erase_if(sheet.rows, [&](const std::vector<Cell>& row) { return !filter.holds(row); });
  }
}

void sort_rows(Sheet& sheet, const std::string& order) {
  const std::size_t colon = order.find(':');
  const std::string direction = colon == std::string::npos ? "asc" : order.substr(colon + 1);
  const std::string asked = "--sort " + order;
  if (direction != "asc" && direction != "desc") {
    throw QueryError(asked + ": expected COLUMN, COLUMN:asc or COLUMN:desc");
  }
  const std::size_t column = column_named(sheet.columns, order.substr(0, colon), asked);
  std::stable_sort(sheet.rows.begin(), sheet.rows.end(),
                   [&](const std::vector<Cell>& a, const std::vector<Cell>& b) {
                     if (unknown(a[column]) || unknown(b[column])) {
                       return !unknown(a[column]) && unknown(b[column]);
                     }
                     return direction == "desc" ? comes_before(b[column], a[column])
                                                : comes_before(a[column], b[column]);
                   });
}

void choose_columns(Sheet& sheet, const std::vector<std::string>& names) {
  std::vector<std::size_t> chosen;
  chosen.reserve(names.size());
  for (const std::string& name : names) {
    chosen.push_back(column_named(sheet.columns, name, "--columns"));
  }
  Sheet left;
  for (const std::size_t column : chosen) left.columns.push_back(sheet.columns[column]);
  for (std::vector<Cell>& row : sheet.rows) {
    std::vector<Cell>& cells = left.rows.emplace_back();
    // Copied: a column may be asked for twice.
    for (const std::size_t column : chosen) cells.push_back(row[column]);
  }
  sheet = std::move(left);
}

}  // namespace observatory::host
