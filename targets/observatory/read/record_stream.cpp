// SPDX-License-Identifier: MIT
#include "targets/observatory/read/record_stream.h"

#include <algorithm>

#include "core/record/cbor_reader.h"
#include "targets/observatory/show/display_text.h"

namespace observatory::host {
namespace {

constexpr std::size_t kChunk = std::size_t{64} << 10;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// How every writer begins a record. Inside a JSON text its quotes could only stand escaped.
constexpr std::string_view kBeginning = "{\"type\":\"";

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

RecordStream::RecordStream(const std::string& path, ContentStore& contents)
    : source_(path),
      buffer_(kLongestRecord + kChunk),
      contents_(contents),
      expanded_(kLongestRecord),
      pool_(2 * kLongestRecord),
      record_(pool_) {}

RecordStream::~RecordStream() = default;

RecordStream::Next RecordStream::next() {
  raw_ = {};
  while (true) {
    if (begin_ == end_ && !at_end_) fill();
    if (begin_ == end_ && at_end_) return end();
    switch (form_) {
      case Form::kUnknown:
        if (const Next next = detect(); next != Next::kEnd) return next;
        break;
      case Form::kJson:
        return next_line();
      case Form::kCbor:
        return next_cbor();
      case Form::kDone:
        return end();
    }
  }
}

// kEnd: the form is known now, and nothing else happened.
RecordStream::Next RecordStream::detect() {
  const std::uint8_t first = buffer_[begin_];
  if (first == 0) return pass_nuls();
  if (first >> 5 == 5) {  // a map, RFC 8949 section 3
    form_ = Form::kCbor;
    return Next::kEnd;
  }
  while (!at_end_ && end_ - begin_ < kByteOrderMark.size()) fill();
  if (as_text(waiting()).substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    drop(kByteOrderMark.size());
  } else if (first >= 0x7F ||
             (first < 0x20 && !is_blank(as_text(waiting().first(1))) && first != '\n')) {
    form_ = Form::kDone;
    return found(Problem::Kind::kUnreadable, "",
                 "neither JSON Lines nor a CBOR sequence of records");
  }
  form_ = Form::kJson;
  return Next::kEnd;
}

RecordStream::Next RecordStream::next_line() {
  std::size_t searched = 0;
  while (true) {
    const std::string_view text = as_text(waiting());
    const std::size_t feed = text.find('\n', searched);
    const std::size_t length =
        std::min(text.substr(0, feed).find('\0', searched), std::min(feed, text.size()));
    if (length > kLongestRecord) return pass_long_line();
    const bool whole = length < text.size();  // or the end of what there will ever be
    if (!whole && !at_end_) {
      searched = text.size();
      fill();
      continue;
    }
    const bool terminated = whole && text[length] == '\n';
    if (length == 0 && whole && !terminated) return pass_nuls();
    if (length == 0 && !whole) return Next::kEnd;

    if (!inside_line_) ++line_;
    inside_line_ = !terminated;
    const std::string_view line = text.substr(0, length);
    if (is_blank(line)) {
      drop(length + (terminated ? 1 : 0));
      searched = 0;
      continue;
    }
    std::size_t used = length + (terminated ? 1 : 0);
    const Next next = read_line(line, terminated, used);
    drop(used);
    return next;
  }
}

// `used` is what the whole line takes; less, when another record begins inside it.
RecordStream::Next RecordStream::read_line(std::string_view line, bool terminated,
                                           std::size_t& used) {
  const JsonResult result = json_.read(line, record_);
  if (result.status == JsonStatus::kOk) {
    if (result.skipped) raw_ = line;
    return Next::kRecord;
  }
  std::size_t size = line.size();
  const bool glued = result.status == JsonStatus::kNoJson && is_glued(line, size);
  if (glued) {
    used = size;
    inside_line_ = true;
  }
  if (glued || (result.status == JsonStatus::kNoJson && !terminated)) {
    const bool last = !glued && used == waiting().size();
    return found(Problem::Kind::kTorn, at_line(),
                 std::string(last ? "the last" : "a") + " record is torn: " + std::to_string(size) +
                     " bytes from " + at_offset(offset_) + " on are left out");
  }
  return found(result.status == JsonStatus::kUnsupported ? Problem::Kind::kUnsupported
                                                         : Problem::Kind::kMalformed,
               at_line(), result.why);
}

// Whether a record that was torn off is followed by a whole one, which begins at `start`.
bool RecordStream::is_glued(std::string_view line, std::size_t& start) {
  const std::size_t last = line.rfind(kBeginning);
  if (last == std::string_view::npos || last == 0) return false;
  if (json_.read(line.substr(last), record_).status != JsonStatus::kOk) return false;
  start = last;
  return true;
}

RecordStream::Next RecordStream::pass_nuls() {
  const std::uint64_t start = offset_;
  do {
    const std::string_view text = as_text(waiting());
    drop(std::min(text.find_first_not_of('\0'), text.size()));
    if (waiting().empty() && !at_end_) fill();
  } while (!waiting().empty() && waiting().front() == 0);
  const std::string count = std::to_string(offset_ - start);
  return found(Problem::Kind::kTorn, at_offset(start),
               count + (count == "1" ? " NUL byte is" : " NUL bytes are") +
                   " left out, as a power cut leaves them");
}

RecordStream::Next RecordStream::pass_long_line() {
  if (!inside_line_) ++line_;
  inside_line_ = false;
  const std::uint64_t start = offset_;
  while (true) {
    const std::string_view text = as_text(waiting());
    const std::size_t length = std::min(text.find('\n'), text.size());
    const bool terminated = length < text.size();
    drop(length + (terminated ? 1 : 0));
    if (terminated || at_end_) break;
    fill();
  }
  return found(
      Problem::Kind::kTooLong, at_line(),
      "longer than a record can be: " + std::to_string(offset_ - start) + " bytes are left out");
}

RecordStream::Next RecordStream::next_cbor() {
  while (true) {
    const ByteView bytes = waiting();
    if (bytes.front() == 0) return pass_nuls();
    const ReadResult result =
        read_cbor(bytes.first(std::min(bytes.size(), kLongestRecord)), record_);
    if (result.status == Status::kIncomplete && bytes.size() < kLongestRecord) {
      if (!at_end_) {
        fill();
        continue;
      }
      const std::string size = std::to_string(bytes.size());
      const std::string where = at_offset(offset_);
      drop(bytes.size());
      return found(Problem::Kind::kTorn, where,
                   "the last record is torn: " + size + " bytes are left out");
    }
    begin_of_record_ = offset_;
    drop(result.consumed);
    if (result.status == Status::kOk) return expand(bytes.first(result.consumed));
    const std::string where = place();
    if (result.status == Status::kUnsupported) {
      return found(Problem::Kind::kUnsupported, where,
                   unsupported_version(record_.number(FieldId::kVersion)));
    }
    form_ = Form::kDone;
    const std::string what =
        result.status == Status::kIncomplete ? "longer than a record can be" : "malformed record";
    return found(Problem::Kind::kUnreadable, where, what + "; the rest of the file cannot be read");
  }
}

RecordStream::Next RecordStream::expand(ByteView record) {
  const Expansion expansion = expand_cbor(record, contents_, digest_, expanded_);
  if (expansion.status == Status::kOverflow) {
    return found(Problem::Kind::kTooLong, place(),
                 "longer than a record can be, with what it refers to");
  }
  const ReadResult result =
      ok(expansion.status) ? read_cbor(expansion.record, record_) : ReadResult{expansion.status};
  if (!ok(result.status)) {
    return found(Problem::Kind::kMalformed, place(),
                 "malformed record: a reference stands where none can be");
  }
  missing_ += expansion.missing;
  if (result.skipped) raw_ = as_text(expansion.record);
  const std::uint64_t type = record_.number(FieldId::kType);
  if (!enum_name(field_of(FieldId::kType), type).empty()) return Next::kRecord;
  return found(Problem::Kind::kUnsupported, place(), "unknown record type " + std::to_string(type));
}

RecordStream::Next RecordStream::end() {
  if (!told_ending_) {
    told_ending_ = true;
    if (source_.ending() == ByteSource::Ending::kTorn) {
      return found(Problem::Kind::kTorn, "", "the end of the packed file is torn");
    }
    if (source_.ending() == ByteSource::Ending::kBroken) {
      return found(Problem::Kind::kUnreadable, "",
                   "the packed file is broken (" + harmless(source_.problem()) +
                       "); the rest of it cannot be read");
    }
  }
  if (missing_ == 0) return Next::kEnd;
  const std::string count = std::to_string(missing_);
  missing_ = 0;
  return found(Problem::Kind::kMissing, "",
               count + (count == "1" ? " value is" : " values are") +
                   " missing, which stood in a part of the log that is not here");
}

RecordStream::Next RecordStream::found(Problem::Kind kind, const std::string& where,
                                       const std::string& what) {
  problem_ = {kind, name() + ": " + where + (where.empty() ? "" : ": ") + what};
  return Next::kProblem;
}

std::string RecordStream::place() const {
  return form_ == Form::kJson ? at_line() : at_offset(begin_of_record_);
}

std::string RecordStream::at_line() const { return "line " + std::to_string(line_); }

std::string RecordStream::at_offset(std::uint64_t offset) const {
  return "byte " + std::to_string(offset);
}

void RecordStream::drop(std::size_t count) {
  begin_ += count;
  offset_ += count;
}

void RecordStream::fill() {
  if (end_ + kChunk > buffer_.size()) {
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
              buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
    end_ -= begin_;
    begin_ = 0;
  }
  // What waits is never longer than kLongestRecord here, so that there is room.
  const std::size_t count =
      source_.read(MutableByteView(buffer_).subspan(end_, std::min(kChunk, buffer_.size() - end_)));
  at_end_ = count == 0;
  end_ += count;
}

}  // namespace observatory::host
