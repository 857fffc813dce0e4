// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "targets/observatory/command.h"
#include "targets/observatory/database_option.h"

namespace observatory::host {

// `ingest`: takes the records of logs into the database.
class CommandIngest final : public Command {
 public:
  CLI::App* setup(CLI::App& app) override;
  bool run() override;

 private:
  DatabaseOption database_;
  std::vector<std::string> logs_;
};

}  // namespace observatory::host
