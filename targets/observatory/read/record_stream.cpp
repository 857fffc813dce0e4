// SPDX-License-Identifier: MIT
#include "targets/observatory/read/record_stream.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "core/record/cbor_reader.h"
#include "targets/observatory/show/display_text.h"

namespace observatory::host {
namespace {

constexpr std::size_t kChunk = std::size_t{64} << 10;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

[[noreturn]] void fail(const std::string& name) {
  throw InputError(name + ": " + std::generic_category().message(errno));
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

RecordStream::RecordStream(const std::string& path, ContentStore& contents)
    : name_(path == "-" ? "standard input" : harmless(path)),
      file_(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)),
      buffer_(kLongestRecord + kChunk),
      contents_(contents),
      expanded_(kLongestRecord),
      pool_(2 * kLongestRecord),
      record_(pool_) {
  if (file_ < 0) fail(name_);
}

RecordStream::~RecordStream() {
  if (file_ != STDIN_FILENO) ::close(file_);
}

RecordStream::Next RecordStream::next() {
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
    return found("", "neither JSON Lines nor a CBOR sequence of records");
  }
  form_ = Form::kJson;
  return Next::kEnd;
}

RecordStream::Next RecordStream::next_line() {
  std::size_t searched = 0;
  while (true) {
    const ByteView bytes = waiting();
    const std::size_t length = std::min(as_text(bytes).find('\n', searched), bytes.size());
    const bool terminated = length < bytes.size();
    if (length > kLongestRecord) return pass_long_line();
    if (terminated || at_end_) {
      if (length == 0 && !terminated) return Next::kEnd;
      ++line_;
      const std::string_view line = as_text(bytes.first(length));
      if (!is_blank(line)) {
        const Next next = read_line(line, terminated);
        drop(length + (terminated ? 1 : 0));
        return next;
      }
      drop(length + (terminated ? 1 : 0));
      searched = 0;
      continue;
    }
    searched = bytes.size();
    fill();
  }
}

RecordStream::Next RecordStream::read_line(std::string_view line, bool terminated) {
  const JsonResult result = json_.read(line, record_);
  if (result.status == JsonStatus::kOk) return Next::kRecord;
  if (result.status == JsonStatus::kNoJson && !terminated) {
    return found(at_line(),
                 "the last record is torn: " + std::to_string(line.size()) + " bytes from " +
                     at_offset(offset_) + " on are left out",
                 true);
  }
  return found(at_line(), result.why);
}

RecordStream::Next RecordStream::pass_long_line() {
  ++line_;
  const std::uint64_t start = offset_;
  while (true) {
    const std::string_view text = as_text(waiting());
    const std::size_t length = std::min(text.find('\n'), text.size());
    const bool terminated = length < text.size();
    drop(length + (terminated ? 1 : 0));
    if (terminated || at_end_) break;
    fill();
  }
  return found(at_line(), "longer than a record can be: " + std::to_string(offset_ - start) +
                              " bytes are left out");
}

RecordStream::Next RecordStream::next_cbor() {
  while (true) {
    const ByteView bytes = waiting();
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
      return found(where, "the last record is torn: " + size + " bytes are left out", true);
    }
    const std::string where = at_offset(offset_);
    drop(result.consumed);
    if (result.status == Status::kOk) return expand(bytes.first(result.consumed), where);
    if (result.status == Status::kUnsupported) {
      return found(where, unsupported_version(record_.number(FieldId::kVersion)));
    }
    form_ = Form::kDone;
    const std::string what =
        result.status == Status::kIncomplete ? "longer than a record can be" : "malformed record";
    return found(where, what + "; the rest of the file cannot be read");
  }
}

RecordStream::Next RecordStream::expand(ByteView record, const std::string& where) {
  const Expansion expansion = expand_cbor(record, contents_, digest_, expanded_);
  if (expansion.status == Status::kOverflow) {
    return found(where, "longer than a record can be, with what it refers to");
  }
  if (!ok(expansion.status) || !ok(read_cbor(expansion.record, record_).status)) {
    return found(where, "malformed record: a reference stands where none can be");
  }
  missing_ += expansion.missing;
  const std::uint64_t type = record_.number(FieldId::kType);
  if (!enum_name(field_of(FieldId::kType), type).empty()) return Next::kRecord;
  return found(where, "unknown record type " + std::to_string(type));
}

RecordStream::Next RecordStream::end() {
  if (missing_ == 0) return Next::kEnd;
  const std::string count = std::to_string(missing_);
  missing_ = 0;
  return found("",
               count + (count == "1" ? " value is" : " values are") +
                   " missing, which stood in a part of the log that is not here",
               true);
}

RecordStream::Next RecordStream::found(const std::string& where, const std::string& what,
                                       bool torn) {
  problem_ = {torn, name_ + ": " + where + (where.empty() ? "" : ": ") + what};
  return Next::kProblem;
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
  ssize_t count = 0;
  do {
    count = ::read(file_, buffer_.data() + end_, std::min(kChunk, buffer_.size() - end_));
  } while (count < 0 && errno == EINTR);
  if (count < 0) fail(name_);
  at_end_ = count == 0;
  end_ += static_cast<std::size_t>(count);
}

}  // namespace observatory::host
