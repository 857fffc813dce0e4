// SPDX-License-Identifier: MIT
#include "targets/probe/record_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "core/record/cbor_scanner.h"
#include "core/record/cbor_writer.h"
#include "core/record/json_writer.h"
#include "platform/posix/errno_mapping.h"
#include "targets/probe/text_line.h"

namespace observatory {

RecordFile::~RecordFile() {
  if (owned_) ::close(descriptor_);
}

bool RecordFile::open(const char* name, Format format) {
  descriptor_ = STDOUT_FILENO;
  if (name != nullptr) {
    name_ = name;
    descriptor_ = ::open(name, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    // A device or a pipe may be for writing only.
    if (descriptor_ < 0) descriptor_ = ::open(name, O_WRONLY | O_APPEND | O_CLOEXEC);
    owned_ = descriptor_ >= 0;
  }
  struct stat status = {};
  if (descriptor_ < 0 || fstat(descriptor_, &status) != 0) {
    complain("cannot write");
    return false;
  }
  terminal_ = isatty(descriptor_) == 1;
  regular_ = owned_ && S_ISREG(status.st_mode);
  format_ = format;
  if (format_ == Format::kAuto) format_ = terminal_ ? Format::kText : Format::kJsonl;
  return !regular_ || status.st_size == 0 || mend();
}

bool RecordFile::mend() {
  switch (format_) {
    case Format::kCbor:
      return mend_sequence();
    case Format::kJsonl:
      return mend_lines();
    case Format::kAuto:
    case Format::kText:
      return true;
  }
  return true;
}

bool RecordFile::mend_lines() {
  char first = '{';
  char last = '\n';
  const off_t end = lseek(descriptor_, 0, SEEK_END);
  if (pread(descriptor_, &first, 1, 0) != 1 || pread(descriptor_, &last, 1, end - 1) != 1) {
    return true;  // for writing only: nothing can be known
  }
  if (first != '{') return refuse();
  if (last == '\n' || ::write(descriptor_, "\n", 1) == 1) return true;
  complain("cannot write");
  return false;
}

bool RecordFile::mend_sequence() {
  CborScanner scanner;
  off_t offset = 0;
  ssize_t count = 0;
  while ((count = pread(descriptor_, buffer_.data(), buffer_.size(), offset)) > 0) {
    scanner.feed(ByteView(buffer_).first(static_cast<std::size_t>(count)));
    offset += count;
  }
  if (count < 0) return true;  // for writing only: nothing can be known
  const auto whole = static_cast<off_t>(scanner.whole());
  if (whole == offset) return true;
  // A power cut leaves half a record, or zeros where the file had grown already.
  std::uint8_t next = 0;
  if (scanner.broken() && (pread(descriptor_, &next, 1, whole) != 1 || next != 0)) return refuse();
  if (ftruncate(descriptor_, whole) == 0) return true;
  complain("cannot cut the torn end off");
  return false;
}

bool RecordFile::refuse() const {
  std::fprintf(stderr, "electrum-probe: %s holds something else than records of --format %s\n",
               name_, format_ == Format::kCbor ? "cbor" : "jsonl");
  return false;
}

void RecordFile::Buffer::put(ByteView bytes) {
  while (!bytes.empty() && !failed_) {
    const std::size_t room = file_.buffer_.size() - size_;
    const ByteView fitting = bytes.first(std::min(room, bytes.size()));
    std::memcpy(file_.buffer_.data() + size_, fitting.data(), fitting.size());
    size_ += fitting.size();
    bytes = bytes.subspan(fitting.size());
    if (size_ == file_.buffer_.size()) flush();
  }
}

void RecordFile::Buffer::flush() {
  std::size_t written = 0;
  while (written < size_ && !failed_) {
    const ssize_t count =
        ::write(file_.descriptor_, file_.buffer_.data() + written, size_ - written);
    if (count > 0) {
      written += static_cast<std::size_t>(count);
    } else if (count == 0 || !posix::is_interrupted(posix::last_error())) {
      failed_ = true;
    }
  }
  size_ = 0;
}

Status RecordFile::write(const Record& record) {
  const off_t start = regular_ ? lseek(descriptor_, 0, SEEK_END) : 0;
  Buffer buffer(*this);
  switch (format_) {
    case Format::kAuto:
    case Format::kJsonl:
      write_json(record, buffer);
      buffer.put_byte('\n');
      break;
    case Format::kCbor:
      write_cbor(record, buffer);
      break;
    case Format::kText:
      put_text_line(record, buffer);
      break;
  }
  buffer.flush();
  if (!buffer.failed()) return Status::kOk;
  complain("cannot write");
  if (regular_ && start >= 0 && ftruncate(descriptor_, start) != 0) {
    complain("cannot take back half a record from");
  }
  return Status::kFailed;
}

void RecordFile::complain(const char* what) const {
  std::fprintf(stderr, "electrum-probe: %s %s: %s\n", what, name_,
               std::strerror(posix::last_error()));
}

}  // namespace observatory
