// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "targets/observatory/database_option.h"
#include "targets/observatory/enrich/enricher.h"
#include "targets/observatory/snapshot/snapshot.h"

namespace CLI {
class App;
}

namespace observatory::host {

// The options of every command that asks a question: --db --since --until --at --vantage --chain,
// and of what enriches: --mmdb --annotations --libloc --no-libloc.
class QuestionOptions {
 public:
  void add_to(CLI::App& command);

  std::string database() const { return database_.path(); }
  const EnrichOptions& enrich() const { return enrich_; }

  // Dates are ISO 8601 in UTC (2026-11-22, 2026-11-22T18:00, with Z or without), or as long ago
  // (36h, 7d, 2w); --at is the day that ends there. Without any of them: store.latest_day().
  // Throws std::runtime_error that names the option, and where the store holds no observations.
  Question question(const Store& store) const;

  // The same question of the day that ends at `time`, whatever the options say of the time;
  // messages name `option`.
  Question question_at(const Store& store, const std::string& option,
                       const std::string& time) const;

 private:
  DatabaseOption database_;
  EnrichOptions enrich_;
  std::string since_;
  std::string until_;
  std::string at_;
  std::vector<std::string> vantages_;
  std::string chain_ = "bitcoin";
};

}  // namespace observatory::host
