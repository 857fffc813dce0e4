// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/record/record.h"

namespace observatory::host {

// How the reading of one JSON line ended.
enum class JsonStatus {
  kOk,
  kNoJson,       // not one whole JSON value: broken, or torn off
  kMalformed,    // JSON, and no record: a known member of the wrong kind, or none of the needed
  kUnsupported,  // a record of another major version, or of an unknown type
};

struct [[nodiscard]] JsonResult {
  JsonStatus status = JsonStatus::kOk;
  std::string why;       // for people, with the path of the member; empty with kOk
  bool skipped = false;  // it holds something that the schema does not know
};

// "format version 2 is not supported, only 1".
std::string unsupported_version(std::uint64_t version);

// Reads lines of JSON into records by the schema. Members that it does not know are skipped, and
// what they hold; names of enumerations that it does not know leave their field absent. Both is
// told.
class JsonRecordReader {
 public:
  JsonRecordReader();
  ~JsonRecordReader();
  JsonRecordReader(const JsonRecordReader&) = delete;
  JsonRecordReader& operator=(const JsonRecordReader&) = delete;

  // `line` without its line feed, of any length. What `into` holds afterwards is valid only with
  // kOk.
  JsonResult read(std::string_view line, Record& into);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace observatory::host
