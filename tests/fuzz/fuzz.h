// SPDX-License-Identifier: MIT
// What the fuzz targets have in common. Each is a function that gets bytes from nowhere; it ends
// the program when something that always holds does not.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/utf8.h"
#include "core/json/check.h"
#include "core/record/cbor_reader.h"
#include "core/record/cbor_writer.h"
#include "core/record/json_writer.h"
#include "core/record/record.h"
#include "platform/interface/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace observatory::fuzz {

inline void require(bool holds, const char* sentence) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", sentence);
  std::abort();
}

// Hands out the bytes of an input from the front; zeros when there are no more.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}

  bool empty() const { return rest_.empty(); }
  ByteView rest() const { return rest_; }

  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const std::uint8_t first = rest_.front();
    rest_ = rest_.subspan(1);
    return first;
  }

  // As many bytes as there are, `most` at the most.
  ByteView take(std::size_t most) {
    const ByteView taken = rest_.first(std::min(most, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }

 private:
  ByteView rest_;
};

class StringSink final : public ByteSink {
 public:
  void put(ByteView bytes) override { text += as_text(bytes); }
  using ByteSink::put;

  std::string text;
};

// A record with a pool of its own. The sanitizers see every byte beyond the pool.
struct OwnedRecord {
  explicit OwnedRecord(std::size_t size) : pool(size), record(pool) {}

  std::vector<std::uint8_t> pool;
  Record record;
};

inline std::string json_of(const Record& record) {
  StringSink sink;
  write_json(record, sink);
  return std::move(sink.text);
}

// The start of every observation, as the scheduler writes it.
inline void begin_observation(Record& record) {
  record.set(FieldId::kType, static_cast<std::uint64_t>(RecordType::kObservation));
  record.set(FieldId::kVersion, kFormatVersion);
  record.set_text(FieldId::kVantage, "fuzz");
}

// What holds for every record, whatever a peer sent: its JSON is one line of valid UTF-8 that
// checks as JSON, and its CBOR reads back as the same record.
inline void require_sound(const Record& record) {
  const std::string json = json_of(record);
  require(ok(check_json(json)), "the JSON of a record is JSON");
  require(is_valid_utf8(json), "the JSON of a record is valid UTF-8");
  require(json.find('\n') == std::string::npos, "the JSON of a record is one line");

  StringSink cbor;
  write_cbor(record, cbor);
  static std::array<std::uint8_t, std::size_t{64} * 1024> pool;  // once: filling it takes time
  Record copy(pool);
  const ReadResult result = read_cbor(as_bytes(cbor.text), copy);
  require(ok(result.status), "the CBOR of a record can be read");
  require(result.consumed == cbor.text.size(), "the CBOR of a record is read to its end");
  require(json_of(copy) == json, "a record is the same behind CBOR");
}

}  // namespace observatory::fuzz
