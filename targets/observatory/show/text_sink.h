// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "core/base/byte_sink.h"

namespace observatory::host {

// A sink that grows.
class TextSink final : public ByteSink {
 public:
  void put(ByteView bytes) override { text_ += as_text(bytes); }
  using ByteSink::put;

  void clear() { text_.clear(); }
  std::string_view text() const { return text_; }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace observatory::host
