// SPDX-License-Identifier: MIT
#pragma once

#include <array>

#include "core/base/byte_sink.h"
#include "core/base/status.h"
#include "core/record/record.h"
#include "targets/probe/options.h"

namespace observatory {

// Writes records to a file or to standard output, each in one go as far as it fits the buffer.
//
// A record that cannot be written whole is taken back where that is possible (a regular file is
// cut to its last whole record), so that a full disk costs no more than the record. The same holds
// for what a power cut tore off: before records are appended to a regular file, a torn last line of
// JSON Lines is ended, and a torn last record of a CBOR sequence is cut off.
class RecordFile final {
 public:
  RecordFile() = default;
  ~RecordFile();
  RecordFile(const RecordFile&) = delete;
  RecordFile& operator=(const RecordFile&) = delete;

  // `name` null: standard output. False, with the reason on standard error, when it cannot be
  // written to, or holds something else than records of this format. With Format::kAuto, kText for
  // a terminal and kJsonl for everything else.
  [[nodiscard]] bool open(const char* name, Format format);

  Format format() const { return format_; }
  bool is_terminal() const { return terminal_; }

  // kFailed, with the reason on standard error, when the record could not be written.
  Status write(const Record& record);

 private:
  class Buffer final : public ByteSink {
   public:
    explicit Buffer(RecordFile& file) : file_(file) {}
    void put(ByteView bytes) override;
    void flush();
    bool failed() const { return failed_; }

   private:
    RecordFile& file_;
    std::size_t size_ = 0;
    bool failed_ = false;
  };

  bool mend();
  bool mend_lines();
  bool mend_sequence();
  bool refuse() const;
  void complain(const char* what) const;

  const char* name_ = "standard output";
  int descriptor_ = -1;
  bool owned_ = false;
  bool regular_ = false;
  bool terminal_ = false;
  Format format_ = Format::kJsonl;
  std::array<std::uint8_t, 16 * 1024> buffer_;
};

}  // namespace observatory
