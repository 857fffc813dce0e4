// SPDX-License-Identifier: MIT
#include "targets/observatory/command_metrics.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <ctime>
#include <string_view>

#include "targets/observatory/enrich/data_age.h"
#include "targets/observatory/metrics/metrics.h"
#include "targets/observatory/metrics_text.h"
#include "targets/observatory/show/json_text.h"
#include "targets/observatory/show/output.h"
#include "targets/observatory/show/terminal.h"

namespace observatory::host {
namespace {

struct NamedGroup {
  std::string_view name;
  MetricGroup group;
};

constexpr std::array<NamedGroup, 6> kGroups = {{{"reachability", MetricGroup::kReachability},
                                                {"geography", MetricGroup::kGeography},
                                                {"concentration", MetricGroup::kConcentration},
                                                {"software", MetricGroup::kSoftware},
                                                {"latency", MetricGroup::kLatency},
                                                {"risk", MetricGroup::kRisk}}};

std::vector<std::string> group_names() {
  std::vector<std::string> names;
  names.reserve(kGroups.size());
  for (const NamedGroup& one : kGroups) names.emplace_back(one.name);
  return names;
}

// Each once, in the order of the list above; all when none is named.
std::vector<MetricGroup> groups_named(const std::vector<std::string>& names) {
  std::vector<MetricGroup> groups;
  for (const NamedGroup& one : kGroups) {
    const bool named = std::find(names.begin(), names.end(), one.name) != names.end();
    if (names.empty() || named) groups.push_back(one.group);
  }
  return groups;
}

}  // namespace

CLI::App* CommandMetrics::setup(CLI::App& app) {
  CLI::App* const command = app.add_subcommand("metrics", "Print the figures of the network");
  command
      ->add_option("GROUP", groups_,
                   "reachability, geography, concentration, software,\n"
                   "latency, risk; all when none is named")
      ->check(CLI::IsMember(group_names()))
      ->option_text(" ");
  command->add_option("--format", format_, "table (without this option, too), json or csv")
      ->option_text("FORMAT")
      ->check(CLI::IsMember({"table", "json", "csv"}));
  command
      ->add_option("--top", most_,
                   "Entries of each list in a table: 10 without this option,\n"
                   "0 is all")
      ->option_text("N");
  question_.add_to(*command);
  command->group("Commands");
  return command;
}

bool CommandMetrics::run() {
  const Store store(question_.database(), Store::Access::kRead);
  const Question question = question_.question(store);
  Enricher enricher(question_.enrich());
  const Snapshot snapshot = take_snapshot(store, enricher, question);
  const auto metrics = metrics_of(snapshot, enricher, groups_named(groups_));

  Output out;
  if (format_ == "json") {
    out.write(json_text(metrics, 2) + "\n");
  } else if (format_ == "csv") {
    out.write(metrics_csv(metrics));
  } else {
    out.write(metrics_table(metrics, standard_page(), most_));
  }
  out.flush();
  if (snapshot.observations == 0) report("no observations of that chain in that time");
  const std::string warning = stale_warning(enricher.sources(), std::time(nullptr));
  if (!warning.empty()) report(warning);
  return true;
}

}  // namespace observatory::host
