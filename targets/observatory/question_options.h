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

// The options of every command that asks a question: --db --since --until --at --vantage --chain
// --reached, and of what enriches: --mmdb --annotations --libloc --no-libloc.
class QuestionOptions {
 public:
  void add_to(CLI::App& command);

  std::string database() const { return database_.path(); }
  const EnrichOptions& enrich() const { return enrich_; }

  // Dates are ISO 8601 in UTC (2026-11-22, 2026-11-22T18:00, with Z or without), or as long ago
  // (36h, 7d, 2w): before the end of store.latest_day(), so that an answer does not depend on when
  // it is asked for. --at is the day that ends there; without --since a window is a day, without
  // --until it ends with the data. Without any of them: store.latest_day().
  // Throws std::runtime_error that names the option, and where the store holds no observations.
  Question question(const Store& store) const;

 private:
  DatabaseOption database_;
  EnrichOptions enrich_;
  std::string since_;
  std::string until_;
  std::string at_;
  std::vector<std::string> vantages_;
  std::string chain_ = "bitcoin";
  bool reached_only_ = false;
};

}  // namespace observatory::host
