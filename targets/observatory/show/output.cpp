// SPDX-License-Identifier: MIT
#include "targets/observatory/show/output.h"

#include <cerrno>
#include <string>
#include <system_error>

namespace observatory::host {
namespace {

[[noreturn]] void fail(int error) {
  throw std::runtime_error("standard output: " + std::generic_category().message(error));
}

}  // namespace

void Output::write(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) fail(errno);
}

void Output::flush() {
  if (std::fflush(stdout) != 0) fail(errno);
}

void report(std::string_view message) {
  const std::string line = "electrum-observatory: " + std::string(message) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace observatory::host
