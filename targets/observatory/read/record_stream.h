// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/software_sha256.h"
#include "core/record/record.h"
#include "targets/observatory/read/byte_source.h"
#include "targets/observatory/read/content_store.h"
#include "targets/observatory/read/json_record_reader.h"

namespace observatory::host {

inline constexpr std::size_t kLongestRecord = std::size_t{1} << 20;  // bytes, in either form

// Something in a file that is no record.
struct Problem {
  enum class Kind : std::uint8_t {
    kTorn,         // a piece is missing: what the format promises may happen
    kMissing,      // what records refer to stood in another piece of the log
    kMalformed,    // no record
    kUnsupported,  // a record of another version, or of an unknown type
    kTooLong,
    kUnreadable,  // the rest of the file is lost
  };

  Kind kind = Kind::kMalformed;
  std::string message;  // for people, with the file's name and the place

  // The format promises that it may happen, so that it is held against nobody.
  bool expected() const { return kind == Kind::kTorn || kind == Kind::kMissing; }
};

// The records of one file, JSON Lines or a CBOR sequence, whichever its first byte shows, packed
// or not (byte_source.h). Needs the same memory for a file of any size: a few times kLongestRecord.
// Bytes in messages are those of the file as it is when it is not packed.
//
// A bad line of JSON Lines is one problem, and reading resumes at the next line. A CBOR sequence
// ends at a malformed record, as nothing marks where the next one begins. Records of an
// unsupported version or an unknown type are a problem each and are passed over in both forms.
//
// A record that was torn off inside a file, because another log or a restart was written behind it
// without a line feed, is a torn one, and so are NUL bytes, which a power cut leaves where a file
// had grown and nothing was written yet; reading resumes behind them. Only where a CBOR record was
// torn does the sequence end: a server's own text could stand where one would resume.
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

  // The line, or the bytes without references, of a record that holds something that this program
  // does not know; else empty.
  std::string_view raw() const { return raw_; }

  // Where in the file that was found, as messages say it: "line 3", "byte 417".
  std::string place() const;

  // Nothing can be read just now, because whoever writes into this pipe is slow.
  bool has_to_wait() const { return !at_end_ && source_.has_to_wait(); }

  // The file as messages name it.
  const std::string& name() const { return source_.name(); }

  // Bytes of the file that were read so far, and all that it has; 0 where that is not known.
  std::uint64_t position() const { return source_.position(); }
  std::uint64_t size() const { return source_.size(); }

 private:
  enum class Form { kUnknown, kJson, kCbor, kDone };

  Next detect();
  Next next_line();
  Next next_cbor();
  Next expand(ByteView record);
  Next end();
  Next read_line(std::string_view line, bool terminated, std::size_t& used);
  bool is_glued(std::string_view line, std::size_t& start);
  Next pass_long_line();
  Next pass_nuls();
  Next found(Problem::Kind kind, const std::string& where, const std::string& what);
  std::string at_line() const;
  std::string at_offset(std::uint64_t offset) const;

  ByteView waiting() const { return ByteView(buffer_).subspan(begin_, end_ - begin_); }
  void drop(std::size_t count);
  void fill();  // more bytes, or at_end_

  ByteSource source_;
  bool at_end_ = false;
  std::vector<std::uint8_t> buffer_;
  std::size_t begin_ = 0;  // of what was read and not yet used
  std::size_t end_ = 0;
  std::uint64_t offset_ = 0;           // of buffer_[begin_] in the file
  std::uint64_t begin_of_record_ = 0;  // offset of the CBOR record that was read last
  std::uint64_t line_ = 0;             // of the line that was read last
  bool inside_line_ = false;           // what waits is the rest of that line
  bool told_ending_ = false;
  Form form_ = Form::kUnknown;

  ContentStore& contents_;
  SoftwareSha256 digest_;
  std::vector<std::uint8_t> expanded_;  // one record without references
  std::uint64_t missing_ = 0;           // values that references lead to and that are not here

  JsonRecordReader json_;
  std::vector<std::uint8_t> pool_;
  Record record_;
  std::string_view raw_;
  Problem problem_;
};

}  // namespace observatory::host
