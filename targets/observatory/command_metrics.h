// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "targets/observatory/command.h"
#include "targets/observatory/question_options.h"

namespace observatory::host {

// `metrics`: the figures of the network, as tables, JSON or CSV.
class CommandMetrics final : public Command {
 public:
  CLI::App* setup(CLI::App& app) override;
  bool run() override;

 private:
  QuestionOptions question_;
  std::vector<std::string> groups_;
  std::string format_ = "table";
  std::size_t most_ = 10;
};

}  // namespace observatory::host
