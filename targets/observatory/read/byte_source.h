// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "platform/interface/bytes.h"
#include "targets/observatory/read/input_error.h"

namespace observatory::host {

// The bytes of one file. What gzip (RFC 1952) or zstd (RFC 8878) has packed, which its first bytes
// show, comes expanded, also where several such files were joined. Memory does not grow with what
// a file expands to: zstd's window may be 128 MiB at the most, as in zstd's own program.
class ByteSource {
 public:
  // How a file ended, once read() gave 0.
  enum class Ending : std::uint8_t {
    kWhole,
    kTorn,    // packed, and its end is missing: as a power cut or a full disk leaves it
    kBroken,  // packed, and what follows cannot be expanded
  };

  // `path` is a file, or `-` for standard input. Throws InputError when it cannot be opened.
  explicit ByteSource(const std::string& path);
  ~ByteSource();
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  // Puts the next bytes into `into`, at least one of them; 0 at the end. Throws InputError when
  // the file cannot be read.
  std::size_t read(MutableByteView into);

  // The file is a pipe or the like, and read() would wait.
  bool has_to_wait() const;

  Ending ending() const { return ending_; }

  // Why it is kBroken, in words.
  const std::string& problem() const { return problem_; }

  // The file as messages name it.
  const std::string& name() const { return name_; }

  // Bytes of the file that were read so far, and all that it has; 0 where that is not known.
  std::uint64_t position() const { return position_; }
  std::uint64_t size() const { return size_; }

 private:
  enum class Form : std::uint8_t { kUnknown, kPlain, kGzip, kZstd, kDone };
  struct Gzip;
  struct Zstd;

  // One step of expanding.
  struct Step {
    std::size_t made = 0;
    std::string problem;  // in words, when it cannot go on
  };

  [[noreturn]] void fail() const;
  void fill();
  void detect();
  std::size_t read_plain(MutableByteView into);
  std::size_t read_packed(MutableByteView into);
  Step expand_gzip(MutableByteView into);
  Step expand_zstd(MutableByteView into);
  bool pass_nuls();
  ByteView waiting() const { return ByteView(buffer_).subspan(begin_, end_ - begin_); }

  std::string name_;
  int file_;
  bool at_end_ = false;
  std::vector<std::uint8_t> buffer_;  // as it stands in the file
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t position_ = 0;
  std::uint64_t size_ = 0;

  Form form_ = Form::kUnknown;
  bool between_members_ = true;  // of a packed file: nothing is begun
  std::unique_ptr<Gzip> gzip_;
  std::unique_ptr<Zstd> zstd_;
  Ending ending_ = Ending::kWhole;
  std::string problem_;
};

}  // namespace observatory::host
