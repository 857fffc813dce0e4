// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "targets/observatory/command.h"
#include "targets/observatory/question_options.h"

namespace observatory::host {

// `diff`: what differs between two times, or between what two vantages see.
class CommandDiff final : public Command {
 public:
  CLI::App* setup(CLI::App& app) override;
  bool run() override;

 private:
  // The two things that are asked for.
  std::pair<Question, Question> questions(const Store& store) const;

  QuestionOptions question_;
  std::string from_;
  std::string to_;
  std::vector<std::string> between_;
  std::string format_ = "table";
};

}  // namespace observatory::host
