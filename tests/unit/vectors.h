// SPDX-License-Identifier: MIT
// Reads the files of tests/vectors; README.md there describes their form.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/byte_sink.h"

namespace vectors {

// A line of a vector file: a word, and the bytes that stand behind it.
struct Entry {
  std::string key;
  std::string bytes;
};

using Entries = std::vector<Entry>;

// Every entry of a file below tests/vectors. Fails the test case when the file is not there or
// breaks the form.
Entries read(const std::string& file);

// The names of the files of a folder below tests/vectors, in order.
std::vector<std::string> files(const std::string& folder);

// The text of a file anywhere.
std::string file_text(const std::string& path);

// The one entry of this key; fails the test case when there is none. And all of them together.
std::string one(const Entries& entries, std::string_view key);
bool has(const Entries& entries, std::string_view key);
std::string joined(const Entries& entries, std::string_view key);

std::vector<std::string> split(std::string_view text, char separator);
std::string from_base64(std::string_view text);
std::string hex(std::string_view bytes);

// Keeps everything.
class StringSink final : public observatory::ByteSink {
 public:
  void put(observatory::ByteView bytes) override { text += observatory::as_text(bytes); }
  using ByteSink::put;

  std::string text;
};

template <typename Put>
std::string text_of(const Put& put) {
  StringSink sink;
  put(sink);
  return std::move(sink.text);
}

}  // namespace vectors
