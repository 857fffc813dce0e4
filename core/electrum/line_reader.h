// SPDX-License-Identifier: MIT
#pragma once

#include "platform/interface/bytes.h"

namespace observatory {

// How a line ended.
enum class Eol : std::uint8_t { kNone = 0, kLf = 1, kCrlf = 2, kMixed = 3 };

// Cuts a stream of bytes into lines, however they arrive. A line longer than the buffer is
// counted and its excess dropped; the stream goes on at the next newline.
//
//   while (!bytes.empty()) {
//     bytes = bytes.subspan(reader.take(bytes));
//     if (reader.complete()) { use(reader.line()); reader.next(); }
//   }
class LineReader {
 public:
  // The buffer belongs to the caller; its size is the longest line, terminator included.
  explicit LineReader(MutableByteView buffer) : buffer_(buffer) {}

  // Takes bytes up to and including the first newline, and says how many. REQUIRES !complete().
  std::size_t take(ByteView bytes);

  bool complete() const { return complete_; }

  // What has been read of the line, without its terminator; meaningful before complete() too.
  std::string_view line() const;
  Eol eol() const;

  // The same with its terminator: every byte as it came.
  std::string_view raw() const;

  // Bytes of the whole line so far, terminator and dropped bytes included.
  std::size_t length() const { return length_; }
  bool too_long() const { return length_ > buffer_.size(); }

  // Forgets the line.
  void next();

 private:
  MutableByteView buffer_;
  std::size_t length_ = 0;
  bool complete_ = false;
};

}  // namespace observatory
