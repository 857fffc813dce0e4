// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "targets/observatory/command.h"
#include "targets/observatory/enrich/enricher.h"

namespace observatory::host {

// `geo status`: which data of addresses are loaded, and how old they are. `geo lookup`: what they
// say of addresses.
class CommandGeo final : public Command {
 public:
  CLI::App* setup(CLI::App& app) override;
  bool run() override;

 private:
  EnrichOptions options_;
  std::vector<std::string> addresses_;
  std::string format_ = "table";
  CLI::App* lookup_ = nullptr;
};

}  // namespace observatory::host
