// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "targets/observatory/command.h"

namespace observatory::host {

// `decode`: prints records as JSON Lines, or as a table.
class CommandDecode final : public Command {
 public:
  CLI::App* setup(CLI::App& app) override;
  bool run() override;

 private:
  std::vector<std::string> files_;
  bool table_ = false;
};

}  // namespace observatory::host
