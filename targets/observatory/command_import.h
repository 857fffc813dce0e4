// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "targets/observatory/command.h"
#include "targets/observatory/database_option.h"

namespace observatory::host {

// `import`: takes the endpoints of server lists into the database, as known ones.
class CommandImport final : public Command {
 public:
  CLI::App* setup(CLI::App& app) override;
  bool run() override;

 private:
  std::string name_of(const std::string& path) const;

  DatabaseOption database_;
  std::string name_;
  std::vector<std::string> lists_;
};

}  // namespace observatory::host
