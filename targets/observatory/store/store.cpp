// SPDX-License-Identifier: MIT
#include "targets/observatory/store/store.h"

#include <filesystem>
#include <system_error>

#include "targets/observatory/store/adder.h"
#include "targets/observatory/store/questions.h"
#include "targets/observatory/store/schema.h"

namespace observatory::host {
namespace {

const std::string& with_folder(const std::string& path, Store::Access access) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code failed;
  if (access == Store::Access::kWrite && !folder.empty()) {
    std::filesystem::create_directories(folder, failed);
  }
  if (failed) throw StoreError(folder.string() + ": " + failed.message());
  return path;
}

// A rollback journal, SQLite's default, and no write-ahead log:
//  * between ingests the database is one file, to be copied and to be asked on read-only media;
//    one with a log can be opened only where a file can be made beside it;
//  * it is safe where a home folder lies on another machine, which a log's shared memory is not.
// What a log would be better at costs little here. Who asks during an ingest waits for the end of
// a batch at the most, as the cache is large enough to keep a batch out of the file until then;
// who takes in waits for the statement that another process is reading with.
void tune_for_changes(Database& database) {
  database.execute("PRAGMA journal_mode = DELETE");
  database.execute("PRAGMA synchronous = FULL");
  database.execute("PRAGMA cache_size = -65536");  // KiB
  database.execute("PRAGMA temp_store = MEMORY");
}

}  // namespace

struct Store::Parts {
  Parts(const std::string& path, Access access)
      : database(path,
                 access == Access::kWrite ? Database::Mode::kChanges : Database::Mode::kQuestions),
        ready(prepare(access)),
        packing(database),
        questions(database, packing) {
    if (access == Access::kWrite) adder.emplace(database, packing);
  }

  bool prepare(Access access) {
    if (access == Access::kWrite && !database.writable()) {
      database.fail("cannot be written: it is read-only");
    }
    prepare_schema(database, access == Access::kWrite);
    if (access == Access::kWrite) tune_for_changes(database);
    return true;
  }

  Database database;
  bool ready;  // the tables are there, before statements are made
  RecordPacking packing;
  Questions questions;
  std::optional<Adder> adder;
};

Store::Store(const std::string& path, Access access)
    : parts_(std::make_unique<Parts>(with_folder(path, access), access)) {}

Store::~Store() = default;

std::string_view Store::missing_name(const Record& record) {
  if (!record.has(FieldId::kVantage)) return "vantage";
  if (!record.has(FieldId::kRun)) return "run";
  const bool is_run = record.number(FieldId::kType) == static_cast<std::uint64_t>(RecordType::kRun);
  const bool has_seq = record.has(FieldId::kSeq) && record.number(FieldId::kSeq) > 0;
  return is_run || has_seq ? std::string_view() : "seq";
}

Added Store::add(const Record& record, std::string_view raw) {
  return parts_->adder.value().add(record, raw);
}

bool Store::add_known(const KnownEndpoint& known) { return parts_->adder.value().add_known(known); }

void Store::commit() { parts_->adder.value().commit(); }

std::optional<Window> Store::latest_day() const { return parts_->questions.latest_day(); }

void Store::each_observation(const Selection& selection,
                             const std::function<void(const ObservationRow&)>& use) const {
  parts_->questions.each_observation(selection, use);
}

void Store::each_observation_of(const std::vector<Endpoint>& endpoints,
                                const std::function<void(const ObservationRow&)>& use) const {
  parts_->questions.each_observation_of(endpoints, use);
}

std::uint64_t Store::undated(const std::vector<std::string>& vantages) const {
  return parts_->questions.undated(vantages);
}

Endpoint Store::endpoint(RowId id) const { return parts_->questions.endpoint(id); }
IpAddress Store::address(RowId id) const { return parts_->questions.address(id); }
Facts Store::facts(RowId id) const { return parts_->questions.facts(id); }
Certificate Store::certificate(RowId id) const { return parts_->questions.certificate(id); }
Run Store::run(RowId id) const { return parts_->questions.run(id); }
std::string Store::vantage(RowId id) const { return parts_->questions.vantage(id); }
PeersList Store::peers(RowId id) const { return parts_->questions.peers(id); }

std::vector<Run> Store::runs(const Selection& selection) const {
  return parts_->questions.runs(selection);
}

std::vector<KnownEndpoint> Store::known_endpoints() const {
  return parts_->questions.known_endpoints();
}

bool Store::read(RowId run, std::uint32_t seq, Record& record) const {
  return parts_->questions.read(run, seq, record);
}

std::string Store::raw(RowId run, std::uint32_t seq) const {
  return parts_->questions.raw(run, seq);
}

Totals Store::totals() const { return parts_->questions.totals(); }

}  // namespace observatory::host
