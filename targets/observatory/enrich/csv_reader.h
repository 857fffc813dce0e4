// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace observatory::host {

// What is no CSV. what() says why, without the line.
class CsvError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Comma-separated values (RFC 4180) in memory, record by record. Lines may end in LF or CRLF; empty
// lines are passed over, and so are lines whose first character is '#'.
class CsvReader {
 public:
  // `text` lives as long as the reader.
  explicit CsvReader(std::string_view text) : text_(text) {}

  // The fields of the next record, without their quotes; false at the end. Throws CsvError for a
  // quote that is not closed, or that has something before or behind it.
  bool next(std::vector<std::string>& fields);

  // The line, from 1, where the record begins that next() gave or threw for.
  std::size_t line() const { return line_; }

 private:
  void pass_over_lines_without_record();
  void read_quoted(std::string& field);

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;       // of the record
  std::size_t next_line_ = 1;  // of at_
};

}  // namespace observatory::host
