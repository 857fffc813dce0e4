// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "targets/observatory/command.h"
#include "targets/observatory/question_options.h"

namespace observatory::host {

// `export`: a snapshot whole, for R, pandas, DuckDB and the like.
class CommandExport final : public Command {
 public:
  CLI::App* setup(CLI::App& app) override;
  bool run() override;

 private:
  QuestionOptions question_;
  std::string what_ = "servers";
  std::string format_ = "jsonl";
  std::string file_;
};

}  // namespace observatory::host
