// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "targets/observatory/command.h"
#include "targets/observatory/question_options.h"

namespace observatory::host {

// `server`: all that is known of one.
class CommandServer final : public Command {
 public:
  CLI::App* setup(CLI::App& app) override;
  bool run() override;

 private:
  QuestionOptions question_;
  std::string name_;
  std::string format_ = "table";
};

}  // namespace observatory::host
