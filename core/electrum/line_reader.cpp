// SPDX-License-Identifier: MIT
#include "core/electrum/line_reader.h"

#include <algorithm>
#include <cstring>

namespace observatory {

std::size_t LineReader::take(ByteView bytes) {
  const auto newline = std::find(bytes.begin(), bytes.end(), std::uint8_t{'\n'});
  complete_ = newline != bytes.end();
  const auto taken = static_cast<std::size_t>(newline - bytes.begin()) + (complete_ ? 1 : 0);
  if (length_ < buffer_.size()) {
    const std::size_t kept = std::min(taken, buffer_.size() - length_);
    if (kept > 0) std::memcpy(buffer_.data() + length_, bytes.data(), kept);
  }
  length_ += taken;
  return taken;
}

std::string_view LineReader::raw() const {
  return as_text(buffer_.first(std::min(length_, buffer_.size())));
}

std::string_view LineReader::line() const {
  std::string_view text = raw();
  if (complete_ && !too_long()) text.remove_suffix(eol() == Eol::kCrlf ? 2 : 1);
  return text;
}

Eol LineReader::eol() const {
  if (!complete_ || too_long()) return Eol::kNone;
  return length_ >= 2 && buffer_[length_ - 2] == '\r' ? Eol::kCrlf : Eol::kLf;
}

void LineReader::next() {
  length_ = 0;
  complete_ = false;
}

}  // namespace observatory
