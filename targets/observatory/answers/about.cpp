// SPDX-License-Identifier: MIT
#include "targets/observatory/answers/about.h"

#include <algorithm>
#include <set>

#include "targets/observatory/answers/facts_text.h"
#include "targets/observatory/show/date_text.h"

namespace observatory::host {
namespace {

constexpr std::int64_t kFresh = std::int64_t{90} * 86'400'000;

}  // namespace

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

std::string stale_data(const Snapshot& snapshot, const Enricher& enricher) {
  const std::string oldest = date_text(snapshot.selection.window.until - kFresh).substr(0, 10);
  std::string line;
  for (const DataSource& source : enricher.sources()) {
    if (source.date.empty() || source.date >= oldest) continue;
    line += (line.empty() ? "" : ", ") + source.name + " is of " + source.date;
  }
  return line.empty() ? line : "Old data: " + line + ".";
}

}  // namespace observatory::host
