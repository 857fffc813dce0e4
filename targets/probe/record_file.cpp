// SPDX-License-Identifier: MIT
#include "targets/probe/record_file.h"

#include <fcntl.h>
#include <stdio.h>  // rename
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "core/base/byte_writer.h"
#include "core/record/cbor_writer.h"
#include "core/record/json_writer.h"
#include "platform/posix/errno_mapping.h"
#include "targets/probe/console.h"
#include "targets/probe/descriptor_sink.h"
#include "targets/probe/record_ends.h"
#include "targets/probe/text_line.h"

namespace observatory {
namespace {

// -1 where that cannot be, with the reason in last_error().
int open_output(const char* name) {
  int descriptor = ::open(name, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (descriptor >= 0) return descriptor;
  // A device or a pipe may be for writing only. What is not there at all could not be made above,
  // for the reason of then.
  const int reason = posix::last_error();
  descriptor = ::open(name, O_WRONLY | O_APPEND | O_CLOEXEC);
  if (descriptor < 0) posix::restore_error(reason);
  return descriptor;
}

}  // namespace

RecordFile::~RecordFile() {
  if (owned_) ::close(descriptor_);
}

bool RecordFile::open(const Options& options) {
  descriptor_ = STDOUT_FILENO;
  half_ = static_cast<off_t>(options.keep / 2);
  if (options.output != nullptr) {
    name_ = options.output;
    if (half_ > 0 && !can_be_kept()) return false;
    descriptor_ = open_output(name_);
    owned_ = descriptor_ >= 0;
  }
  struct stat status = {};
  if (descriptor_ < 0 || fstat(descriptor_, &status) != 0) {
    complain_of("cannot write");
    return false;
  }
  terminal_ = isatty(descriptor_) == 1;
  regular_ = owned_ && S_ISREG(status.st_mode);
  format_ = options.format;
  if (format_ == Format::kAuto) format_ = terminal_ ? Format::kText : Format::kJsonl;
  if (half_ > 0 && !lock()) return false;
  if (regular_ && status.st_size > 0 && !mend()) return false;
  return half_ == 0 || shrink();
}

// A symbolic link would be renamed in the place of what it leads to, and the ceiling missed.
bool RecordFile::can_be_kept() {
  const std::string_view name = name_;
  if (name.size() > kLongestName) {
    complain({"--keep: the name of the log is longer than ", Digits(kLongestName), " bytes"});
    return false;
  }
  std::memcpy(older_.data(), name.data(), name.size());
  std::memcpy(older_.data() + name.size(), ".1", 3);
  for (const char* const file : {name_, static_cast<const char*>(older_.data())}) {
    struct stat status = {};
    if (lstat(file, &status) != 0 || S_ISREG(status.st_mode)) continue;
    complain({"--keep: ", file, " is no regular file"});
    return false;
  }
  return true;
}

bool RecordFile::lock() const {
  struct stat ours = {};
  struct stat named = {};
  const bool locked = flock(descriptor_, LOCK_EX | LOCK_NB) == 0;
  // Where locks are not known there is nothing to go by. Who waited for a rotation to end has got
  // the older file.
  const bool taken = !locked && posix::is_not_now(posix::last_error());
  const bool moved = fstat(descriptor_, &ours) != 0 || stat(name_, &named) != 0 ||
                     ours.st_ino != named.st_ino || ours.st_dev != named.st_dev;
  if (!taken && !moved) return true;
  complain({"--keep: another run writes to ", name_});
  return false;
}

bool RecordFile::mend() {
  switch (mend_end(descriptor_, format_, buffer_)) {
    case Mended::kWhole:
      return true;
    case Mended::kFailed:
      complain_of("cannot mend the end of");
      return false;
    case Mended::kOtherKind:
      complain({name_, " holds something else than records of --format ",
                format_ == Format::kCbor ? "cbor" : "jsonl", " and is left as it is"});
      return false;
  }
  return false;
}

// Brings the files of an earlier run under the ceiling of this one.
bool RecordFile::shrink() {
  struct stat status = {};
  const off_t bytes = size();
  if (bytes > half_) {
    const off_t from = first_cut_from(descriptor_, format_, bytes - half_, buffer_);
    if (from < 0) {
      complain_of("cannot read");
      return false;
    }
    if (!copy_to_older(from)) return false;
    if (ftruncate(descriptor_, 0) != 0) {
      complain_of("cannot empty");
      return false;
    }
    complain({name_, ": dropped the oldest ", Digits(static_cast<std::uint64_t>(from)),
              " bytes, as --keep demands"});
  } else if (stat(older_.data(), &status) == 0 && status.st_size > half_) {
    if (unlink(older_.data()) != 0) {
      complain({"cannot remove ", older_.data(), ": ", last_reason()});
      return false;
    }
    complain({older_.data(), ": removed, it was longer than half of --keep"});
  }
  return true;
}

// Until the copy is whole and saved the file stays as it is: power may go at any moment.
bool RecordFile::copy_to_older(off_t from) {
  unlink(older_.data());
  const int copy = ::open(older_.data(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  bool copied = copy >= 0;
  if (copied) {
    DescriptorSink into(copy, buffer_);
    std::array<std::uint8_t, 512> piece;
    ssize_t count = 0;
    while ((count = pread(descriptor_, piece.data(), piece.size(), from)) > 0) {
      into.put(ByteView(piece).first(static_cast<std::size_t>(count)));
      from += count;
    }
    copied = into.flush() && count == 0 && fsync(copy) == 0;
  }
  if (!copied) {
    complain({"cannot write ", older_.data(), ": ", last_reason()});
    unlink(older_.data());
  }
  if (copy >= 0) ::close(copy);
  return copied;
}

bool RecordFile::rotate() {
  struct stat status = {};
  // Saved first: the older file is to be whole whatever happens.
  if (fstat(descriptor_, &status) != 0 || fsync(descriptor_) != 0) {
    complain_of("cannot save");
    return false;
  }
  if (rename(name_, older_.data()) != 0) {
    complain({"cannot rename ", name_, " to ", older_.data(), ": ", last_reason()});
    return false;
  }
  const int next = ::open(name_, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
  if (next < 0 || fchmod(next, status.st_mode & 07777) != 0) {
    complain_of("cannot begin anew");
    if (next >= 0) ::close(next);
    return false;
  }
  ::close(descriptor_);
  descriptor_ = next;
  return lock();
}

Status RecordFile::write(const Record& record) {
  const bool is_run = record.number(FieldId::kType) == static_cast<std::uint64_t>(RecordType::kRun);
  if (is_run) begin_run(record);
  bool leave_out = false;
  if (half_ > 0 && !make_room(record, leave_out)) return Status::kFailed;
  if (leave_out) return Status::kOk;
  const off_t start = regular_ ? size() : 0;
  DescriptorSink sink(descriptor_, buffer_);
  if (begun_anew_ && !is_run) sink.put(run_record());
  put_record(record, sink);
  if (sink.flush()) {
    begun_anew_ = false;
    if (format_ == Format::kCbor) segment_.remember(record);
    return Status::kOk;
  }
  complain_of("cannot write");
  if (regular_ && start >= 0 && ftruncate(descriptor_, start) != 0) {
    complain_of("cannot take back half a record from");
  }
  return Status::kFailed;
}

void RecordFile::begin_run(const Record& record) {
  if (format_ == Format::kCbor) {
    segment_.begin(record.has(FieldId::kRun) ? record.bytes(FieldId::kRun) : ByteView());
  }
  ByteWriter writer(run_record_);
  if (format_ != Format::kText) put_record(record, writer);
  run_record_size_ = writer.written().size();
}

// Begins a new file where the record would make this one too long.
bool RecordFile::make_room(const Record& record, bool& leave_out) {
  const auto half = static_cast<std::uint64_t>(half_);
  ByteWriter here({});
  put_record(record, here);
  if (static_cast<std::uint64_t>(size()) + here.needed() <= half) return true;

  // There it stands behind the run's record, and refers to nothing.
  ByteWriter anew({});
  const bool is_run = record.number(FieldId::kType) == static_cast<std::uint64_t>(RecordType::kRun);
  if (!is_run) anew.put(run_record());
  if (format_ == Format::kCbor) {
    write_cbor(record, anew);
  } else {
    put_record(record, anew);
  }
  if (anew.needed() > half) {
    complain({"a record of ", Digits(anew.needed()), " bytes is longer than half of --keep and ",
              "was left out"});
    ++left_out_;
    leave_out = true;
    return true;
  }
  if (!rotate()) return false;
  begun_anew_ = true;
  if (format_ == Format::kCbor && record.has(FieldId::kRun)) {
    segment_.begin(record.bytes(FieldId::kRun));
  }
  return true;
}

off_t RecordFile::size() const { return lseek(descriptor_, 0, SEEK_END); }

void RecordFile::put_record(const Record& record, ByteSink& into) {
  switch (format_) {
    case Format::kAuto:
    case Format::kJsonl:
      write_json(record, into);
      return into.put_byte('\n');
    case Format::kCbor:
      return segment_.write(record, into);
    case Format::kText:
      return put_text_line(record, into);
  }
}

void RecordFile::complain_of(std::string_view what) const {
  const std::string_view reason = last_reason();
  complain({what, " ", name_, ": ", reason});
}

}  // namespace observatory
