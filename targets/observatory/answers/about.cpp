// SPDX-License-Identifier: MIT
#include "targets/observatory/answers/about.h"

#include "targets/observatory/answers/facts_text.h"
#include "targets/observatory/show/date_text.h"
#include "targets/observatory/show/display_text.h"

namespace observatory::host {
nlohmann::ordered_json about_snapshot(const Snapshot& snapshot, const Enricher& enricher) {
  nlohmann::ordered_json about;
  about["since"] = date_text(snapshot.selection.window.since);
  about["until"] = date_text(snapshot.selection.window.until);
  about["chain"] = snapshot.chain;
  about["vantages"] = nlohmann::ordered_json::array();
  for (const VantageView& vantage : snapshot.vantages) about["vantages"].push_back(vantage.name);
  about["runs"] = snapshot.runs.size();
  about["observations"] = snapshot.observations;
  about["endpoints"] = snapshot.endpoints.size();
  about["servers"] = snapshot.servers.size();
  about["operators"] = snapshot.operators.size();
  about["data"] = nlohmann::ordered_json::array();
  for (const DataSource& source : enricher.sources()) {
    about["data"].push_back({{"source", source.name},
                             {"date", cell_of(source.date)},
                             {"licence", cell_of(source.licence)},
                             {"attribution", cell_of(source.attribution)}});
  }
  return about;
}

std::string data_line(const Enricher& enricher) {
  std::string line;
  for (const DataSource& source : enricher.sources()) {
    line += (line.empty() ? "Data: " : ", ") + cell_text(cell_of(&source));
  }
  return line.empty() ? line : harmless(line) + "\n";
}

}  // namespace observatory::host
