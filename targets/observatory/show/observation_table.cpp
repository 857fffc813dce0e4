// SPDX-License-Identifier: MIT
#include "targets/observatory/show/observation_table.h"

#include <algorithm>
#include <cstring>

#include "core/record/schema.h"
#include "targets/observatory/show/table.h"

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
  std::string facts;
  const auto add_fact = [&](std::string_view fact) {
    if (!facts.empty()) facts += ", ";
    facts += fact;
  };
  const auto is = [&](FieldId field, bool value) {
    return record.has(field) && (record.number(field) != 0) == value;
  };
  if (is(FieldId::kLeafSelfSigned, true)) add_fact("self-signed");
  if (is(FieldId::kLeafTrusted, true)) {
    add_fact("trusted");
  } else if (is(FieldId::kLeafSelfSigned, false)) {
    add_fact("issued");
  }
  const bool date_known = record.has(FieldId::kTime) && (run_knew_date_ || run_of(record) != run_);
  if (date_known) {
    const auto now = static_cast<std::int64_t>(record.number(FieldId::kTime) / 1000);
    const auto beyond = [&](FieldId field, int side) {
      if (!record.has(field)) return false;
      const std::int64_t date = record.signed_number(field);
      return side < 0 ? now < date : now > date;
    };
    if (beyond(FieldId::kLeafNotBefore, -1)) add_fact("not yet valid");
    if (beyond(FieldId::kLeafNotAfter, 1)) add_fact("expired");
  }
  if (is(FieldId::kLeafNameMatches, false)) add_fact("other name");
  return facts;
}

std::string ObservationTable::text() const {
  std::string summary = counted(runs_.size(), "run") + ", " +
                        counted(observations_, "observation") + ", " + std::to_string(reached_) +
                        " reached\n";
  if (rows_.empty()) return summary;
  std::vector<std::vector<std::string>> rows = rows_;
  std::stable_sort(rows.begin(), rows.end(), comes_before);
  Table table(kColumns);
  for (const std::vector<std::string>& row : rows) table.add_row(row);
  return table.text() + "\n" + summary;
}

}  // namespace observatory::host
