// SPDX-License-Identifier: MIT
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace observatory::host {

// A file that is there whole or not at all: it is written beside its place, as `<path>.part`, and
// takes it with commit(). Without that, what was written is gone with the object. Every function
// throws std::runtime_error that names the file when something cannot be written.
class OutputFile {
 public:
  explicit OutputFile(std::string path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(std::string_view text);
  void commit();

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  std::string path_;
  std::string part_;
  std::unique_ptr<std::FILE, Close> file_;
  bool committed_ = false;
};

}  // namespace observatory::host
