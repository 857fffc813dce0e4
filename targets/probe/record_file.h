// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <array>
#include <string_view>

#include "core/base/status.h"
#include "core/record/cbor_segment.h"
#include "core/record/record.h"
#include "targets/probe/options.h"

namespace observatory {

// Writes records to a file or to standard output, each in one go as far as it fits the buffer.
//
// A record that cannot be written whole is taken back where that is possible (a regular file is
// cut to its last whole record), so that a full disk costs no more than the record. What a power
// cut tore off is mended before records are appended (record_ends.h).
//
// With a ceiling the file and the one before it (FILE and FILE.1) together never have more bytes
// than that. Before a record would make FILE longer than half of it, FILE is renamed to FILE.1,
// which that replaces at one stroke, and begun anew: FILE.1 holds whole records only, and every
// record stands in one of the two until it is among the oldest. A file that is begun anew in the
// midst of a run begins with the run's record, again (but for people), and refers to nothing in the
// one before: either can be read without the other.
class RecordFile final {
 public:
  // `digest` is for the hashes of a CBOR log, and outlives the file.
  explicit RecordFile(Digest& digest) : segment_(digest) {}
  ~RecordFile();
  RecordFile(const RecordFile&) = delete;
  RecordFile& operator=(const RecordFile&) = delete;

  // Opens Options::output in Options::format (kAuto: kText for a terminal and kJsonl for everything
  // else), with Options::keep as its ceiling. False, with the reason on standard error, when it
  // cannot be written to, holds something else than records of this format, or cannot have a
  // ceiling: it is no regular file, or another run with a ceiling writes to it.
  //
  // What is longer than a new ceiling allows loses its oldest records here, of a CBOR log whole
  // segments (core/record/cbor_segment.h).
  [[nodiscard]] bool open(const Options& options);

  bool is_terminal() const { return terminal_; }

  // kFailed, with the reason on standard error, when the record could not be written. One that is
  // longer than half of the ceiling is left out with a message, which is kOk.
  Status write(const Record& record);

  // Records that were left out.
  std::uint64_t left_out() const { return left_out_; }

 private:
  static constexpr std::size_t kLongestName = 1024;  // of a file with a ceiling
  static constexpr std::size_t kRunRecord = 1024;    // more than a `run` record takes

  bool can_be_kept();
  bool lock() const;
  bool mend();
  bool shrink();
  bool copy_to_older(off_t from);
  bool rotate();
  bool make_room(const Record& record, bool& leave_out);
  void begin_run(const Record& record);
  off_t size() const;
  ByteView run_record() const { return ByteView(run_record_).first(run_record_size_); }
  void put_record(const Record& record, ByteSink& into);
  void complain_of(std::string_view what) const;

  const char* name_ = "standard output";
  int descriptor_ = -1;
  bool owned_ = false;
  bool regular_ = false;
  bool terminal_ = false;
  Format format_ = Format::kJsonl;
  off_t half_ = 0;                            // of the ceiling; 0: there is none
  std::array<char, kLongestName + 3> older_;  // FILE.1, ends with a zero byte
  std::uint64_t left_out_ = 0;
  bool begun_anew_ = false;  // and the run's record does not stand in the file yet
  std::size_t run_record_size_ = 0;
  std::array<std::uint8_t, kRunRecord> run_record_;
  CborSegment segment_;
  std::array<std::uint8_t, 16 * 1024> buffer_;
};

}  // namespace observatory
