// SPDX-License-Identifier: MIT
#include "targets/observatory/command_servers.h"

#include <CLI/CLI.hpp>

#include "targets/observatory/answers/about.h"
#include "targets/observatory/answers/server_sheet.h"
#include "targets/observatory/answers/sheet_query.h"
#include "targets/observatory/show/geojson.h"
#include "targets/observatory/show/json_text.h"
#include "targets/observatory/show/output.h"
#include "targets/observatory/show/terminal.h"
#include "targets/observatory/stale_data.h"

namespace observatory::host {
namespace {

using nlohmann::ordered_json;

std::string columns_help() {
  std::size_t widest = 0;
  for (const ServerColumn& column : server_columns()) {
    widest = std::max(widest, column.column.name.size());
  }
  std::string text = "Columns (* stands in the table when none are chosen):\n";
  for (const ServerColumn& column : server_columns()) {
    text += std::string(column.usual ? "  * " : "    ") + std::string(column.column.name) +
            std::string(widest + 2 - column.column.name.size(), ' ') + std::string(column.meaning) +
            "\n";
  }
  return text + "\n" +
         "Examples:\n"
         "  servers --filter country=DE --filter reached=yes --sort rtt_ms\n"
         "  servers --filter software~fulcrum --columns name,software,protocol,tip_height\n"
         "  servers --filter certificate=expired --format csv";
}

std::vector<std::string> usual_columns() {
  std::vector<std::string> names;
  for (const ServerColumn& column : server_columns()) {
    if (column.usual) names.emplace_back(column.column.name);
  }
  return names;
}

// Where each server that is left is: by name, which is known before columns are chosen.
ordered_json features(const Snapshot& snapshot, const std::vector<std::string>& names,
                      const Sheet& sheet) {
  std::map<std::string, std::optional<Coordinates>> places;
  for (const Server& server : snapshot.servers) places[server.name] = coordinates_of(server);
  ordered_json features = ordered_json::array();
  for (std::size_t i = 0; i < sheet.rows.size(); ++i) {
    features.push_back(geojson_feature(places[names[i]], row_object(sheet.columns, sheet.rows[i])));
  }
  return features;
}

std::string table_text(const Snapshot& snapshot, const Enricher& enricher, const Sheet& sheet) {
  const ordered_json about = about_snapshot(snapshot, enricher);
  std::string text = sheet.rows.empty() ? "" : sheet_table(sheet, standard_page()) + "\n";
  text += std::to_string(sheet.rows.size()) + " of " + std::to_string(snapshot.servers.size()) +
          " servers; " + about["since"].get<std::string>() + " to " +
          about["until"].get<std::string>() + "\n";
  return text + data_line(enricher);
}

}  // namespace

CLI::App* CommandServers::setup(CLI::App& app) {
  CLI::App* const command = app.add_subcommand("servers", "List the servers, a row for each");
  question_.add_to(*command);
  command->add_option("--format", format_, "table (also without this option), json, csv or geojson")
      ->check(CLI::IsMember({"table", "json", "csv", "geojson"}))
      ->option_text("FORMAT");
  command->add_option("--columns", columns_, "These columns, in this order: a,b,c")
      ->delimiter(',')
      ->option_text("NAMES");
  command
      ->add_option("--filter", filters_,
                   "Servers for which this holds: KEY=VALUE, KEY!=VALUE,\n"
                   "KEY~PART, KEY<VALUE or KEY>VALUE, where KEY is a column;\n"
                   "an empty VALUE is what is not known; may be repeated")
      ->expected(1)
      ->take_all()
      ->option_text("CONDITION");
  command->add_option("--sort", sort_, "By this column; COLUMN:desc the other way round")
      ->option_text("COLUMN");
  command->footer(columns_help());
  command->group("Commands");
  return command;
}

void CommandServers::ask(Sheet& sheet) const {
  try {
    filter_rows(sheet, filters_);
    if (!sort_.empty()) sort_rows(sheet, sort_);
  } catch (const QueryError& error) {
    throw UsageError(error.what());
  }
}

bool CommandServers::run() {
  std::vector<std::string> columns = columns_;
  if (columns.empty() && format_ == "table") columns = usual_columns();
  const auto choose = [&](Sheet& sheet) {
    if (!columns.empty()) choose_columns(sheet, columns);
  };
  Sheet empty;
  for (const ServerColumn& column : server_columns()) empty.columns.push_back(column.column);
  ask(empty);  // what makes no sense is found before the database is looked for
  try {
    choose(empty);
  } catch (const QueryError& error) {
    throw UsageError(error.what());
  }

  const Store store(question_.database(), Store::Access::kRead);
  Enricher enricher(question_.enrich());
  const Snapshot snapshot = take_snapshot(store, enricher, question_.question(store));
  Sheet sheet = server_sheet(snapshot);
  ask(sheet);
  std::vector<std::string> names;
  for (const std::vector<Cell>& row : sheet.rows) names.push_back(row.front().get<std::string>());
  choose(sheet);

  Output out;
  if (format_ == "csv") {
    out.write(sheet_csv(sheet));
  } else if (format_ == "geojson") {
    const ordered_json all =
        geojson_collection(features(snapshot, names, sheet), about_snapshot(snapshot, enricher));
    out.write(json_text(all, 2) + "\n");
  } else if (format_ == "json") {
    ordered_json answer;
    answer["snapshot"] = about_snapshot(snapshot, enricher);
    answer["servers"] = sheet_json(sheet);
    out.write(json_text(answer, 2) + "\n");
  } else {
    out.write(table_text(snapshot, enricher, sheet));
  }
  out.flush();
  warn_of_stale_data(enricher);
  return true;
}

}  // namespace observatory::host
