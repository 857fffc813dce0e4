// SPDX-License-Identifier: MIT
#include "targets/observatory/ingest.h"

#include <map>

#include "targets/observatory/show/output.h"

namespace observatory::host {
namespace {

// A batch is one commit, which waits for the disk; and what a kill may cost.
constexpr std::uint64_t kBatch = 10'000;
constexpr std::chrono::seconds kLongestBatch{1};

constexpr std::uint64_t kReportsOfAKind = 3;

// Kinds of complaints, and how they are counted when there are too many to be told each.
enum class Complaint : std::uint8_t {
  kTorn,
  kMissing,
  kMalformed,
  kUnsupported,
  kTooLong,
  kUnreadable,
  kNameless,
  kConflict,
};

std::string_view words_for(Complaint complaint) {
  switch (complaint) {
    case Complaint::kTorn:
      return "torn records";
    case Complaint::kMissing:
      return "pieces with missing values";
    case Complaint::kMalformed:
      return "malformed records";
    case Complaint::kUnsupported:
      return "records of an unsupported version or type";
    case Complaint::kTooLong:
      return "records that are too long";
    case Complaint::kUnreadable:
      return "parts that cannot be read";
    case Complaint::kNameless:
      return "records without vantage, run or seq";
    case Complaint::kConflict:
      return "records that differ from the one of the same name";
  }
  return {};
}

Complaint complaint_of(Problem::Kind kind) {
  switch (kind) {
    case Problem::Kind::kTorn:
      return Complaint::kTorn;
    case Problem::Kind::kMissing:
      return Complaint::kMissing;
    case Problem::Kind::kMalformed:
      return Complaint::kMalformed;
    case Problem::Kind::kUnsupported:
      return Complaint::kUnsupported;
    case Problem::Kind::kTooLong:
      return Complaint::kTooLong;
    case Problem::Kind::kUnreadable:
      return Complaint::kUnreadable;
  }
  return Complaint::kMalformed;
}

std::string run_of(const Record& record) {
  return std::string(record.text(FieldId::kVantage)) + '\0' +
         std::string(as_text(record.bytes(FieldId::kRun)));
}

}  // namespace

void IngestCounts::add(const IngestCounts& other) {
  fresh += other.fresh;
  known += other.known;
  conflicting += other.conflicting;
  refused += other.refused;
  torn += other.torn;
  readable = readable && other.readable;
  runs.insert(other.runs.begin(), other.runs.end());
}

class Ingest::Complaints {
 public:
  Complaints(const std::string& file, Progress& progress) : file_(file), progress_(progress) {}

  void add(Complaint kind, const std::string& message) {
    if (++counts_[kind] > kReportsOfAKind) return;
    progress_.clear();
    report(message);
  }

  void count_others() {
    progress_.clear();
    for (const auto& [kind, count] : counts_) {
      if (count <= kReportsOfAKind) continue;
      report(file_ + ": and " + std::to_string(count - kReportsOfAKind) + " more " +
             std::string(words_for(kind)));
    }
  }

 private:
  const std::string& file_;
  Progress& progress_;
  std::map<Complaint, std::uint64_t> counts_;
};

IngestCounts Ingest::take(const std::string& path) {
  IngestCounts counts;
  counts.name = path == "-" ? "standard input" : path;
  try {
    RecordStream stream(path, contents_);
    Complaints complaints(stream.name(), progress_);
    for (bool more = true; more;) {
      // Whoever waits for a slow pipe must not keep others from the database meanwhile.
      if (uncommitted_ > 0 && stream.has_to_wait()) commit();
      switch (stream.next()) {
        case RecordStream::Next::kEnd:
          more = false;
          break;
        case RecordStream::Next::kRecord:
          take_record(stream, counts, complaints);
          break;
        case RecordStream::Next::kProblem: {
          const Problem& problem = stream.problem();
          if (problem.kind == Problem::Kind::kTorn) ++counts.torn;
          if (!problem.expected()) ++counts.refused;
          complaints.add(complaint_of(problem.kind), problem.message);
          break;
        }
      }
      if (progress_.due()) show_progress(stream);
    }
    complaints.count_others();
  } catch (const InputError& error) {
    progress_.clear();
    report(error.what());
    counts.readable = false;
  }
  commit();
  progress_.clear();
  return counts;
}

void Ingest::take_record(const RecordStream& stream, IngestCounts& counts, Complaints& complaints) {
  const Record& record = stream.record();
  const std::string_view missing = Store::missing_name(record);
  if (!missing.empty()) {
    ++counts.refused;
    complaints.add(Complaint::kNameless, stream.name() + ": " + stream.place() +
                                             ": a record without " + std::string(missing));
    return;
  }
  counts.runs.insert(run_of(record));
  switch (store_.add(record, stream.raw())) {
    case Added::kNew:
      ++counts.fresh;
      break;
    case Added::kKnown:
      ++counts.known;
      break;
    case Added::kConflict:
      ++counts.conflicting;
      complaints.add(Complaint::kConflict,
                     stream.name() + ": " + stream.place() +
                         ": another record of the same vantage, run and seq is there; both are "
                         "kept, and the first one counts");
      break;
  }
  ++taken_;
  if (++uncommitted_ >= kBatch || Clock::now() - committed_ >= kLongestBatch) commit();
}

void Ingest::commit() {
  store_.commit();
  uncommitted_ = 0;
  committed_ = Clock::now();
}

void Ingest::show_progress(const RecordStream& stream) {
  const std::chrono::duration<double> passed = Clock::now() - begun_;
  std::string text = stream.name();
  if (stream.size() > 0) {
    text += " " + std::to_string(stream.position() * 100 / stream.size()) + " %";
  }
  text += ", " + std::to_string(taken_) + " records, " +
          std::to_string(static_cast<std::uint64_t>(static_cast<double>(taken_) / passed.count())) +
          " a second";
  progress_.show(text);
}

}  // namespace observatory::host
