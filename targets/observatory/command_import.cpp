// SPDX-License-Identifier: MIT
#include "targets/observatory/command_import.h"

#include <CLI/CLI.hpp>
#include <filesystem>

#include "targets/observatory/read/server_list.h"
#include "targets/observatory/show/output.h"
#include "targets/observatory/show/table.h"
#include "targets/observatory/store/store.h"

namespace observatory::host {

CLI::App* CommandImport::setup(CLI::App& app) {
  CLI::App* const command =
      app.add_subcommand("import", "Take lists of servers into the database, as known endpoints");
  command
      ->add_option("LIST", lists_,
                   "Electrum's servers.json, or lines such as: host t50001 s50002;\n"
                   "plain or packed; - is standard input")
      ->required();
  command
      ->add_option("--name", name_, "Name of the list; default: that of the file, without its end")
      ->option_text("NAME");
  database_.add_to(*command);
  command->footer(
      "Exit status: 0 done, 1 a list could not be read, or a part of it; 2 wrong usage.");
  command->group("Commands");
  return command;
}

bool CommandImport::run() {
  Store store(database_.path(), Store::Access::kWrite);
  Table table(
      {{"list"}, {"file"}, {"endpoints", true}, {"new", true}, {"known", true}, {"refused", true}});
  bool whole = true;
  for (const std::string& path : lists_) {
    try {
      const ServerList list = read_server_list(path);
      std::uint64_t fresh = 0;
      for (const ListedEndpoint& listed : list.endpoints) {
        KnownEndpoint known;
        known.endpoint = {listed.host, listed.port, listed.transport};
        known.list = name_of(path);
        if (store.add_known(known)) ++fresh;
      }
      store.commit();
      for (const std::string& problem : list.problems) report(problem);
      whole = whole && list.refused == 0;
      const std::size_t count = list.endpoints.size();
      table.add_row({name_of(path), path, std::to_string(count), std::to_string(fresh),
                     std::to_string(count - fresh), std::to_string(list.refused)});
    } catch (const InputError& error) {
      report(error.what());
      whole = false;
    }
  }
  Output out;
  if (table.rows() > 0) out.write(table.text());
  out.flush();
  return whole;
}

std::string CommandImport::name_of(const std::string& path) const {
  if (!name_.empty()) return name_;
  return path == "-" ? "standard input" : std::filesystem::path(path).stem().string();
}

}  // namespace observatory::host
