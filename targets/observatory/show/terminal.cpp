// SPDX-License-Identifier: MIT
#include "targets/observatory/show/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "core/base/number.h"

namespace observatory::host {
namespace {

constexpr std::size_t kUsualWidth = 80;
constexpr std::uint64_t kLargestWidth = 10'000;

std::string_view environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::size_t terminal_width() {
  std::uint64_t columns = 0;
  if (read_unsigned(environment("COLUMNS"), columns, kLargestWidth) && columns > 0) {
    return static_cast<std::size_t>(columns);
  }
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return kUsualWidth;
}

}  // namespace

Table::Page standard_page() {
  if (::isatty(STDOUT_FILENO) == 0) return {};
  return {terminal_width(), environment("NO_COLOR").empty() && environment("TERM") != "dumb"};
}

}  // namespace observatory::host
