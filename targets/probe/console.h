// SPDX-License-Identifier: MIT
// What the program says of itself, without the C library's streams: they bring a heap, and printf
// brings floating point.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "core/base/text_buffer.h"
#include "targets/probe/descriptor_sink.h"

namespace observatory {

// To a terminal: forget the line that the cursor stands in.
inline constexpr std::string_view kClearLine = "\r\033[K";

// Says "electrum-probe: " and the parts, one after the other, as one line on standard error, in one
// write as long as it has at most 1,000 bytes; on a terminal, in the place of the progress. Where
// that cannot be written it is lost.
void complain(std::initializer_list<std::string_view> parts);

// Why the last call of the system failed, in words; valid until the next call.
std::string_view last_reason();

// A number among the parts of a message; it lives as long as they are used.
class Digits {
 public:
  explicit Digits(std::uint64_t number);
  operator std::string_view() const { return text_.text(); }

 private:
  TextBuffer<20> text_;  // 2^64 - 1
};

// Text for standard output.
class Page {
 public:
  Page();
  Page(const Page&) = delete;
  Page& operator=(const Page&) = delete;

  ByteSink& sink() { return sink_; }

  // To be called once at the end. False, with the reason on standard error, when something of it
  // could not be written.
  [[nodiscard]] bool finish();

 private:
  std::array<std::uint8_t, 1024> buffer_;
  DescriptorSink sink_;
};

}  // namespace observatory
