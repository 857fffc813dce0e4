// SPDX-License-Identifier: MIT
#include "targets/observatory/show/output_file.h"

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace observatory::host {
namespace {

[[noreturn]] void fail(const std::string& path) {
  throw std::runtime_error(path + ": " + std::generic_category().message(errno));
}

}  // namespace

OutputFile::OutputFile(std::string path) : path_(std::move(path)), part_(path_ + ".part") {
  file_.reset(std::fopen(part_.c_str(), "wbe"));
  if (!file_) fail(part_);
}

OutputFile::~OutputFile() {
  if (!committed_) std::remove(part_.c_str());
}

void OutputFile::write(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size()) fail(part_);
}

void OutputFile::commit() {
  if (std::fclose(file_.release()) != 0) fail(part_);
  if (std::rename(part_.c_str(), path_.c_str()) != 0) fail(path_);
  committed_ = true;
}

}  // namespace observatory::host
