// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "targets/observatory/command.h"
#include "targets/observatory/question_options.h"
#include "targets/observatory/show/sheet.h"

namespace observatory::host {

// `servers`: a row for each server.
class CommandServers final : public Command {
 public:
  CLI::App* setup(CLI::App& app) override;
  bool run() override;

 private:
  void ask(Sheet& sheet) const;

  QuestionOptions question_;
  std::string format_ = "table";
  std::vector<std::string> columns_;
  std::vector<std::string> filters_;
  std::string sort_;
};

}  // namespace observatory::host
