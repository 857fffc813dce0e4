// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <string_view>

#include "platform/interface/bytes.h"

namespace observatory::posix {

// Reads a text file of the kind of /etc/hosts and /etc/resolv.conf word by word, whatever its size.
// Words are parted by blanks; '#' starts a comment. About 800 bytes, fit for the stack.
class WordFile final {
 public:
  // A file that cannot be opened, or is no file to be read, has no words. At most `most_bytes` of
  // it are read.
  WordFile(const char* path, std::size_t most_bytes);
  ~WordFile();
  WordFile(const WordFile&) = delete;
  WordFile& operator=(const WordFile&) = delete;

  // False at the end of the file, or where it cannot be read further.
  bool next();

  // The word that next() has found; empty when it was longer than any that means something. Valid
  // until the next call.
  std::string_view word() const { return {word_.data(), size_}; }
  bool starts_line() const { return starts_line_; }

 private:
  int next_byte();

  int file_;
  std::size_t bytes_left_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
  std::size_t size_ = 0;
  bool new_line_ = true;
  bool starts_line_ = false;
  std::array<char, 512> chunk_;
  std::array<char, 256> word_;  // a name has 255 bytes at the most
};

}  // namespace observatory::posix
