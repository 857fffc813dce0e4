// SPDX-License-Identifier: MIT
#include "targets/observatory/enrich/csv_reader.h"

#include <algorithm>

namespace observatory::host {

void CsvReader::pass_over_lines_without_record() {
  while (at_ < text_.size()) {
    const std::size_t end = std::min(text_.find('\n', at_), text_.size());
    const std::string_view line = text_.substr(at_, end - at_);
    if (!line.empty() && line != "\r" && line.front() != '#') return;
    at_ = std::min(end + 1, text_.size());
    ++next_line_;
  }
}

bool CsvReader::next(std::vector<std::string>& fields) {
  fields.clear();
  pass_over_lines_without_record();
  line_ = next_line_;
  if (at_ == text_.size()) return false;
  while (true) {
    std::string& field = fields.emplace_back();
    if (at_ < text_.size() && text_[at_] == '"') {
      read_quoted(field);
    } else {
      const std::size_t end = std::min(text_.find_first_of(",\n", at_), text_.size());
      field = text_.substr(at_, end - at_);
      at_ = end;
      const bool last = at_ == text_.size() || text_[at_] == '\n';
      if (last && !field.empty() && field.back() == '\r') field.pop_back();
      if (field.find('"') != std::string::npos) throw CsvError("a quote inside a plain field");
    }
    if (at_ == text_.size()) return true;
    if (text_[at_++] == '\n') {
      ++next_line_;
      return true;
    }
  }
}

void CsvReader::read_quoted(std::string& field) {
  while (true) {
    const std::size_t quote = text_.find('"', at_ + 1);
    if (quote == std::string_view::npos) throw CsvError("a quote that is not closed");
    const std::string_view part = text_.substr(at_ + 1, quote - at_ - 1);
    next_line_ += static_cast<std::size_t>(std::count(part.begin(), part.end(), '\n'));
    field += part;
    at_ = quote + 1;
    if (at_ == text_.size() || text_[at_] != '"') break;
    field += '"';
  }
  if (text_.substr(at_, 2) == "\r\n" || text_.substr(at_) == "\r") ++at_;
  if (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\n')
    throw CsvError("something behind a closing quote");
}

}  // namespace observatory::host
