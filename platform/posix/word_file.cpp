// SPDX-License-Identifier: MIT
#include "platform/posix/word_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "platform/posix/errno_mapping.h"

namespace observatory::posix {
namespace {

constexpr int kEnd = -1;

bool is_blank(int byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

}  // namespace

// Without waiting, lest a pipe in the file's place holds up the whole program.
WordFile::WordFile(const char* path, std::size_t most_bytes)
    : file_(::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)), bytes_left_(most_bytes) {}

WordFile::~WordFile() {
  if (file_ >= 0) ::close(file_);
}

int WordFile::next_byte() {
  if (at_ == end_) {
    ssize_t count = -1;
    do {
      count = ::read(file_, chunk_.data(), std::min(chunk_.size(), bytes_left_));
    } while (count < 0 && is_interrupted(last_error()));
    if (count <= 0) return kEnd;
    at_ = 0;
    end_ = static_cast<std::size_t>(count);
    bytes_left_ -= end_;
  }
  return static_cast<unsigned char>(chunk_[at_++]);
}

bool WordFile::next() {
  bool comment = false;
  int byte = next_byte();
  while (comment || is_blank(byte) || byte == '#') {
    if (byte == kEnd) return false;
    if (byte == '\n') new_line_ = true;
    comment = byte == '#' || (comment && byte != '\n');
    byte = next_byte();
  }
  if (byte == kEnd) return false;

  starts_line_ = new_line_;
  new_line_ = false;
  size_ = 0;
  bool too_long = false;
  for (; byte != kEnd && !is_blank(byte) && byte != '#'; byte = next_byte()) {
    if (size_ == word_.size()) too_long = true;
    if (!too_long) word_[size_++] = static_cast<char>(byte);
  }
  if (too_long) size_ = 0;
  if (byte != kEnd) --at_;  // for the next call to see the end of the line
  return true;
}

}  // namespace observatory::posix
