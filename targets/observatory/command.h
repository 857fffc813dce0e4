// SPDX-License-Identifier: MIT
#pragma once

#include <stdexcept>

namespace CLI {
class App;
}

namespace observatory::host {

// The command line made no sense, as was found out only after it was parsed: the program's answer
// is
// 2. what() names the option.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// One command of the program, used in two steps.
class Command {
 public:
  virtual ~Command() = default;
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  // Adds the command and its arguments to the command line; parsing fills them in. Touches no
  // file. Called once; the command outlives `app`'s parsing. Returns the command's own part.
  virtual CLI::App* setup(CLI::App& app) = 0;

  // Does the work. False: something failed, was reported, and the program's answer is 1. Throws
  // std::exception with a message for the user when there is no going on; UsageError among them.
  virtual bool run() = 0;

 protected:
  Command() = default;
};

}  // namespace observatory::host
