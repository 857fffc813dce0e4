// SPDX-License-Identifier: MIT
#include "targets/observatory/show/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "targets/observatory/show/display_text.h"

namespace observatory::host {
namespace {

constexpr std::chrono::milliseconds kBetween{200};

// Short work shows none.
constexpr std::chrono::milliseconds kFirst{500};

constexpr unsigned kAskedBetweenLooks = 64;
constexpr std::size_t kUsualWidth = 80;
constexpr std::string_view kToTheLeftAndClear = "\r\033[K";

std::size_t terminal_width() {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  return known ? size.ws_col : kUsualWidth;
}

void put(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stderr); }

}  // namespace

Progress::Progress() : terminal_(::isatty(STDERR_FILENO) == 1), next_(Clock::now() + kFirst) {}

bool Progress::due() {
  if (!terminal_ || ++asked_ % kAskedBetweenLooks != 0) return false;
  return Clock::now() >= next_;
}

void Progress::show(std::string_view text) {
  if (!terminal_) return;
  // One column less: some terminals go to the next line behind the last one.
  put(std::string(kToTheLeftAndClear) + fitted(text, terminal_width() - 1));
  shown_ = true;
  next_ = Clock::now() + kBetween;
}

void Progress::clear() {
  if (shown_) put(std::string(kToTheLeftAndClear));
  shown_ = false;
}

}  // namespace observatory::host
