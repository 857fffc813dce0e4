// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "targets/observatory/command.h"

namespace observatory::host {

// `format`: prints the description of the record format.
class CommandFormat final : public Command {
 public:
  CLI::App* setup(CLI::App& app) override;
  bool run() override;

 private:
  std::string document_ = "markdown";
};

}  // namespace observatory::host
