// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string_view>

namespace observatory::host {

// One line on standard error that tells how far a long work is, where that is a terminal; nothing
// at all in a pipe. Gone with the object, and before anything else is written there: clear().
class Progress {
 public:
  Progress();
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Whether the line is due to change; it does a few times a second. Quick, so that it can be
  // asked for each record.
  bool due();

  // Shows `text`, as much of it as fits.
  void show(std::string_view text);

  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  bool terminal_;
  bool shown_ = false;
  unsigned asked_ = 0;
  Clock::time_point next_;
};

}  // namespace observatory::host
