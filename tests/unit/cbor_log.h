// SPDX-License-Identifier: MIT
// CBOR logs for tests: written as the probe does, read as the host does.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/record/cbor_expander.h"
#include "core/record/cbor_reader.h"
#include "core/record/cbor_segment.h"
#include "tests/catch2.h"
#include "tests/support/sha256.h"
#include "tests/unit/record_samples.h"

namespace observatory::samples {

inline constexpr std::string_view kRunName = "\x5e\x0f\x1c\x9a\x33\x7d\x42\xb8";

inline void begin_observation_of_run(Record& record) {
  begin_observation(record);
  record.set_bytes(FieldId::kRun, as_bytes(kRunName));
}

class MapContents final : public Contents {
 public:
  void keep(const ContentHash& hash, ByteView value) override {
    values[hash] = std::string(as_text(value));
  }
  ByteView find(const ContentHash& hash) override {
    const auto found = values.find(hash);
    return found == values.end() ? ByteView() : as_bytes(found->second);
  }

  std::map<ContentHash, std::string> values;
};

// Writes records; each is given back as it stands in the log.
class LogWriter {
 public:
  explicit LogWriter(std::string_view run = kRunName) { segment.begin(as_bytes(run)); }

  std::string write(const Record& record) {
    StringSink sink;
    segment.write(record, sink);
    segment.remember(record);
    return sink.text;
  }

  test::Sha256Digest digest;
  CborSegment segment{digest};
};

class LogReader {
 public:
  // The JSON of the record that `cbor` is.
  std::string read(std::string_view cbor) {
    const ReadResult raw = read_cbor(as_bytes(cbor), box_.record);
    REQUIRE(ok(raw.status));
    REQUIRE(raw.consumed == cbor.size());
    const Expansion expansion = expand_cbor(as_bytes(cbor), contents, digest_, expanded_);
    REQUIRE(ok(expansion.status));
    missing += expansion.missing;
    const ReadResult result = read_cbor(expansion.record, box_.record);
    REQUIRE(ok(result.status));
    REQUIRE(result.consumed == expansion.record.size());
    return json_of(box_.record);
  }

  // The JSON of all records of a log.
  std::vector<std::string> read_all(std::string_view log) {
    std::vector<std::string> records;
    while (!log.empty()) {
      const ReadResult raw = read_cbor(as_bytes(log), box_.record);
      REQUIRE(ok(raw.status));
      records.push_back(read(log.substr(0, raw.consumed)));
      log.remove_prefix(raw.consumed);
    }
    return records;
  }

  MapContents contents;
  std::size_t missing = 0;

 private:
  test::Sha256Digest digest_;
  std::vector<std::uint8_t> expanded_ = std::vector<std::uint8_t>(std::size_t{1} << 20);
  OwnedRecord box_;
};

}  // namespace observatory::samples
