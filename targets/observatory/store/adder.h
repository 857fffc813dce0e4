// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/byte_sink.h"
#include "core/base/software_sha256.h"
#include "targets/observatory/store/record_packing.h"
#include "targets/observatory/store/row_finder.h"
#include "targets/observatory/store/store.h"

namespace observatory::host {

// Bytes that are written and read again and again in the same memory.
class ByteBuffer final : public ByteSink {
 public:
  void put(ByteView bytes) override { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  using ByteSink::put;

  void clear() { bytes_.clear(); }
  ByteView bytes() const { return bytes_; }

 private:
  std::vector<std::uint8_t> bytes_;
};

// Takes records in: Store's add(), add_known() and commit(). What was not committed is gone with
// the object. After a StoreError nothing more can be added.
class Adder {
 public:
  Adder(Database& database, RecordPacking& packing);

  Added add(const Record& record, std::string_view raw);
  bool add_known(const KnownEndpoint& known);
  void commit();

 private:
  // What was added to a run since the last commit().
  struct RunChange {
    std::uint32_t held = 0;
    std::uint32_t misdated = 0;
    std::optional<std::int64_t> first_t;
    std::optional<std::int64_t> last_t;
  };

  void begin();
  RowId run_of(const Record& record);
  std::optional<Added> compare(std::int64_t id, ByteView cbor);
  void describe_run(RowId run, const Record& record);
  void end_run(RowId run, const Record& record);
  RowId endpoint_row(const Endpoint& endpoint);
  RowId address_row(const Record& record);
  RowId certificate_row(const Record& record);
  RowId facts_row(const Record& record);
  RowId peers_row(const Record& record, std::int64_t id);
  RowId changed_row(const Record& record);
  void add_observation(RowId run, std::uint32_t seq, RowId endpoint, std::int64_t id,
                       const Record& record);
  ByteView hash_of(std::string_view content);

  Database& database_;
  RecordPacking& packing_;
  std::optional<Transaction> transaction_;
  std::int64_t latest_possible_ = 0;  // ms; later is in the future

  ByteBuffer cbor_;
  SoftwareSha256 digest_;
  Sha256 hash_{};
  std::unordered_map<RowId, RunChange> run_changes_;

  RowFinder vantages_;
  RowFinder runs_;
  RowFinder endpoints_;
  RowFinder addresses_;
  RowFinder certificates_;
  RowFinder facts_;
  RowFinder peers_;
  RowFinder changed_;
  Statement find_record_;
  Statement insert_record_;
  Statement insert_raw_;
  Statement insert_conflict_;
  Statement insert_observation_;
  Statement insert_known_;
  Statement describe_run_;
  Statement end_run_;
  Statement count_run_;
};

}  // namespace observatory::host
