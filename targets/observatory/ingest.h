// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "targets/observatory/read/record_stream.h"
#include "targets/observatory/show/progress.h"
#include "targets/observatory/store/store.h"

namespace observatory::host {

// What one log brought.
struct IngestCounts {
  std::string name;
  std::uint64_t fresh = 0;
  std::uint64_t known = 0;
  std::uint64_t conflicting = 0;
  std::uint64_t refused = 0;  // lines and records that could not be taken in
  std::uint64_t torn = 0;     // pieces that were torn off: what the format promises may happen
  bool readable = true;       // false: the file could not be opened or read to its end
  std::unordered_set<std::string> runs;

  std::uint64_t records() const { return fresh + known + conflicting; }
  void add(const IngestCounts& other);
};

// Takes logs into a store, in batches: a batch that was committed stays, whatever happens then.
class Ingest {
 public:
  explicit Ingest(Store& store) : store_(store) {}

  // Every record of the file. Reports what is no record, the first of each kind and the number of
  // the others. Throws StoreError; what is wrong with the file is in what it gives.
  IngestCounts take(const std::string& path);

 private:
  using Clock = std::chrono::steady_clock;

  // Reports of one file, few of each kind.
  class Complaints;

  void take_record(const RecordStream& stream, IngestCounts& counts, Complaints& complaints);
  void commit();
  void show_progress(const RecordStream& stream);

  Store& store_;
  ContentStore contents_;  // of all files: pieces of one log may come in their order
  Progress progress_;
  std::uint64_t uncommitted_ = 0;
  std::uint64_t taken_ = 0;
  Clock::time_point begun_ = Clock::now();
  Clock::time_point committed_ = Clock::now();
};

}  // namespace observatory::host
