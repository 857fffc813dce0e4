// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/base/software_sha256.h"
#include "core/record/record.h"
#include "targets/observatory/read/content_store.h"
#include "targets/observatory/read/json_record_reader.h"

namespace observatory::host {

inline constexpr std::size_t kLongestRecord = std::size_t{1} << 20;  // bytes, in either form

// A file cannot be opened or read. what() is for people and names the file.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Something in a file that is no record.
struct Problem {
  bool torn = false;    // the end of the file is missing: what the format promises may happen
  std::string message;  // for people, with the file's name and the place
};

// The records of one file, JSON Lines or a CBOR sequence, whichever its first byte shows. Needs
// the same memory for a file of any size: a few times kLongestRecord.
//
// A bad line of JSON Lines is one problem, and reading resumes at the next line. A CBOR sequence
// ends at a malformed record, as nothing marks where the next one begins. Records of an
// unsupported version or an unknown type are a problem each and are passed over in both forms.
//
// References in CBOR (core/record/content.h) are replaced by what they stand for. What is missing,
// because the file is a piece of a log, is missing from the record and marked in `truncated`; one
// problem at the end of the file says how much it was.
class RecordStream {
 public:
  enum class Next { kRecord, kProblem, kEnd };

  // `path` is a file, or `-` for standard input. Throws InputError when it cannot be opened;
  // so does next() when it cannot be read. `contents` outlives the stream; streams over the pieces
  // of one log, in their order, share it.
  RecordStream(const std::string& path, ContentStore& contents);
  ~RecordStream();
  RecordStream(const RecordStream&) = delete;
  RecordStream& operator=(const RecordStream&) = delete;

  Next next();

  // What next() found. Valid until it is called again.
  const Record& record() const { return record_; }
  const Problem& problem() const { return problem_; }

  // The file as messages name it.
  const std::string& name() const { return name_; }

 private:
  enum class Form { kUnknown, kJson, kCbor, kDone };

  Next detect();
  Next next_line();
  Next next_cbor();
  Next expand(ByteView record, const std::string& where);
  Next end();
  Next read_line(std::string_view line, bool terminated);
  Next pass_long_line();
  Next found(const std::string& where, const std::string& what, bool torn = false);
  std::string at_line() const;
  std::string at_offset(std::uint64_t offset) const;

  ByteView waiting() const { return ByteView(buffer_).subspan(begin_, end_ - begin_); }
  void drop(std::size_t count);
  void fill();  // more bytes, or at_end_

  std::string name_;
  int file_;
  bool at_end_ = false;
  std::vector<std::uint8_t> buffer_;
  std::size_t begin_ = 0;  // of what was read and not yet used
  std::size_t end_ = 0;
  std::uint64_t offset_ = 0;  // of buffer_[begin_] in the file
  std::uint64_t line_ = 0;    // of the line that was read last
  Form form_ = Form::kUnknown;

  ContentStore& contents_;
  SoftwareSha256 digest_;
  std::vector<std::uint8_t> expanded_;  // one record without references
  std::uint64_t missing_ = 0;           // values that references lead to and that are not here

  JsonRecordReader json_;
  std::vector<std::uint8_t> pool_;
  Record record_;
  Problem problem_;
};

}  // namespace observatory::host
