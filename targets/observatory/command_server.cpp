// SPDX-License-Identifier: MIT
#include "targets/observatory/command_server.h"

#include <CLI/CLI.hpp>

#include "targets/observatory/answers/server_lookup.h"
#include "targets/observatory/answers/server_page.h"
#include "targets/observatory/show/date_text.h"
#include "targets/observatory/show/display_text.h"
#include "targets/observatory/show/json_text.h"
#include "targets/observatory/show/output.h"
#include "targets/observatory/show/terminal.h"
#include "targets/observatory/stale_data.h"

namespace observatory::host {
namespace {

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + harmless(name);
  return text;
}

// Names that the servers of an answer can be asked for by.
std::vector<std::string> names_of(const Snapshot& snapshot,
                                  const std::vector<std::uint32_t>& servers) {
  std::vector<std::string> names;
  names.reserve(servers.size());
  for (const std::uint32_t server : servers) names.push_back(snapshot.servers[server].name);
  return names;
}

std::string not_found(const Snapshot& snapshot, const std::string& name) {
  const std::vector<std::string> closest = closest_names(snapshot, name);
  return "no server \"" + harmless(name) + "\" was looked at from " +
         date_text(snapshot.selection.window.since) + " to " +
         date_text(snapshot.selection.window.until) +
         (closest.empty() ? "; `electrum-observatory servers` lists those that were"
                          : "; the closest names are " + listed(closest));
}

}  // namespace

CLI::App* CommandServer::setup(CLI::App& app) {
  CLI::App* const command =
      app.add_subcommand("server", "Tell all that is known of one server, its history included");
  command
      ->add_option("NAME", name_,
                   "Its name, one of its hosts, an address, or an endpoint:\n"
                   "electrum.example.org, 203.0.113.7, [2001:db8::1]:50002")
      ->required();
  question_.add_to(*command);
  command->add_option("--format", format_, "table (also without this option) or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->option_text("FORMAT");
  command->group("Commands");
  return command;
}

bool CommandServer::run() {
  const Store store(question_.database(), Store::Access::kRead);
  Enricher enricher(question_.enrich());
  const Snapshot snapshot = take_snapshot(store, enricher, question_.question(store));
  const std::vector<std::uint32_t> found = servers_named(snapshot, name_);
  if (found.size() != 1) {
    report(found.empty() ? not_found(snapshot, name_)
                         : "several servers are at " + harmless(name_) + ": " +
                               listed(names_of(snapshot, found)));
    return false;
  }
  const nlohmann::ordered_json page = server_page(store, enricher, snapshot, found.front());
  Output out;
  out.write(format_ == "json" ? json_text(page, 2) + "\n"
                              : server_page_text(page, standard_page()));
  out.flush();
  warn_of_stale_data(enricher);
  return true;
}

}  // namespace observatory::host
