// SPDX-License-Identifier: MIT
#include "targets/observatory/show/observation_table.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "core/record/schema.h"
#include "targets/observatory/show/certificate_words.h"

namespace observatory::host {
namespace {

std::string text_of(const Record& record, FieldId field) {
  return record.has(field) ? std::string(record.text(field)) : std::string();
}

std::string number_of(const Record& record, FieldId field) {
  return record.has(field) ? std::to_string(record.number(field)) : std::string();
}

std::string name_of(const Record& record, FieldId field) {
  if (!record.has(field)) return {};
  const std::string_view name = enum_name(field_of(field), record.number(field));
  return name.empty() ? std::to_string(record.number(field)) : std::string(name);
}

// Microseconds as milliseconds with one decimal, without the locale's decimal point.
std::string milliseconds(const Record& record, FieldId field) {
  if (!record.has(field)) return {};
  const std::uint64_t tenths = (record.number(field) + 50) / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

std::string run_of(const Record& record) {
  std::string name = text_of(record, FieldId::kVantage) + '\0';
  if (record.has(FieldId::kRun)) name += as_text(record.bytes(FieldId::kRun));
  return name;
}

std::string counted(std::uint64_t count, std::string_view thing) {
  return std::to_string(count) + " " + std::string(thing) + (count == 1 ? "" : "s");
}

const std::vector<Table::Column> kColumns = {
    {"host", false, 64},     {"port", true},          {"transport"},      {"outcome"},
    {"connect ms", true},    {"tls ms", true},        {"reply ms", true}, {"height", true},
    {"protocol", false, 12}, {"software", false, 32}, {"tls", false, 16}, {"certificate"}};

bool comes_before(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  const int hosts = strverscmp(a[0].c_str(), b[0].c_str());
  return hosts != 0 ? hosts < 0 : strverscmp(a[1].c_str(), b[1].c_str()) < 0;
}

}  // namespace

void ObservationTable::add(const Record& record) {
  switch (static_cast<RecordType>(record.number(FieldId::kType))) {
    case RecordType::kRun: {
      run_ = run_of(record);
      runs_.insert(run_);
      static constexpr std::string_view kUnset = "unset";
      run_knew_date_ = name_of(record, FieldId::kClock) != kUnset;
      return;
    }
    case RecordType::kEnd:
      return;
    case RecordType::kObservation:
      break;
  }
  ++observations_;
  if (record.has(FieldId::kOutcome) &&
      record.number(FieldId::kOutcome) == static_cast<std::uint64_t>(Outcome::kOk)) {
    ++reached_;
  }
  rows_.push_back({text_of(record, FieldId::kHost), number_of(record, FieldId::kPort),
                   name_of(record, FieldId::kTransport), name_of(record, FieldId::kOutcome),
                   milliseconds(record, FieldId::kUsConnect), milliseconds(record, FieldId::kUsTls),
                   milliseconds(record, FieldId::kUsVersion),
                   number_of(record, FieldId::kTipHeight), text_of(record, FieldId::kProtocol),
                   text_of(record, FieldId::kServerSoftware), text_of(record, FieldId::kTlsVersion),
                   certificate(record)});
}

std::string ObservationTable::certificate(const Record& record) const {
  const auto truth = [&](FieldId field) {
    return record.has(field) ? std::optional<bool>(record.number(field) != 0) : std::nullopt;
  };
  const auto date = [&](FieldId field) {
    return record.has(field) ? std::optional(record.signed_number(field)) : std::nullopt;
  };
  const bool date_known = record.has(FieldId::kTime) && (run_knew_date_ || run_of(record) != run_);
  std::optional<std::int64_t> now;
  if (date_known) now = static_cast<std::int64_t>(record.number(FieldId::kTime) / 1000);
  std::string text;
  for (const std::string_view word :
       certificate_words({truth(FieldId::kLeafSelfSigned), truth(FieldId::kLeafTrusted),
                          truth(FieldId::kLeafNameMatches), date(FieldId::kLeafNotBefore),
                          date(FieldId::kLeafNotAfter)},
                         now)) {
    if (!text.empty()) text += ", ";
    text += word;
  }
  return text;
}

std::string ObservationTable::text(const Table::Page& page) const {
  std::string summary = counted(runs_.size(), "run") + ", " +
                        counted(observations_, "observation") + ", " + std::to_string(reached_) +
                        " reached\n";
  if (rows_.empty()) return summary;
  std::vector<std::vector<std::string>> rows = rows_;
  std::stable_sort(rows.begin(), rows.end(), comes_before);
  Table table(kColumns);
  for (const std::vector<std::string>& row : rows) table.add_row(row);
  return table.text(page) + "\n" + summary;
}

}  // namespace observatory::host
