// SPDX-License-Identifier: MIT
// electrum-observatory: reads what electrum-probe wrote. Answers 0 when everything was done, 1
// when something failed, 2 when the command line made no sense.
#include <CLI/CLI.hpp>
#include <csignal>
#include <exception>
#include <memory>
#include <sstream>
#include <vector>

#include "core/record/schema.h"
#include "platform/posix/standard_streams.h"
#include "targets/observatory/command_decode.h"
#include "targets/observatory/command_diff.h"
#include "targets/observatory/command_export.h"
#include "targets/observatory/command_format.h"
#include "targets/observatory/command_geo.h"
#include "targets/observatory/command_import.h"
#include "targets/observatory/command_ingest.h"
#include "targets/observatory/command_metrics.h"
#include "targets/observatory/command_server.h"
#include "targets/observatory/command_servers.h"
#include "targets/observatory/show/output.h"

namespace observatory::host {
namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;

std::string version_text() {
  return "electrum-observatory " OBSERVATORY_VERSION "\nrecord format " +
         std::to_string(kFormatVersion) + "\nMIT license";
}

int run(int argc, char** argv) {
  CLI::App app("Measures the Electrum server network: reads what electrum-probe observed.",
               "electrum-observatory");
  app.set_version_flag("--version", version_text());
  app.require_subcommand(1);
  app.get_formatter()->label("SUBCOMMAND", "COMMAND");
  app.get_formatter()->label("TEXT", "");
  app.get_formatter()->label("REQUIRED", "");
  std::vector<std::unique_ptr<Command>> commands;
  commands.push_back(std::make_unique<CommandIngest>());
  commands.push_back(std::make_unique<CommandImport>());
  commands.push_back(std::make_unique<CommandMetrics>());
  commands.push_back(std::make_unique<CommandServers>());
  commands.push_back(std::make_unique<CommandServer>());
  commands.push_back(std::make_unique<CommandDiff>());
  commands.push_back(std::make_unique<CommandExport>());
  commands.push_back(std::make_unique<CommandGeo>());
  commands.push_back(std::make_unique<CommandDecode>());
  commands.push_back(std::make_unique<CommandFormat>());
  std::vector<CLI::App*> parts;
  parts.reserve(commands.size());
  for (const auto& command : commands) parts.push_back(command->setup(app));

  // After the commands, which would print it, too.
  app.footer(
      "Exit status: 0 done, 1 something failed, 2 wrong usage.\n"
      "electrum-observatory COMMAND --help tells more about a command.");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream err;
    const int code = app.exit(error, out, err);
    if (code != 0) {
      report(std::string(error.what()) +
             "\nelectrum-observatory --help tells what can be asked for.");
      return kUsage;
    }
    Output output;
    output.write(out.str());
    output.flush();
    return 0;
  }
  try {
    for (std::size_t i = 0; i < commands.size(); ++i) {
      if (parts[i]->parsed()) return commands[i]->run() ? 0 : kFailed;
    }
  } catch (const UsageError& error) {
    report(error.what());
  }
  return kUsage;
}

}  // namespace
}  // namespace observatory::host

int main(int argc, char** argv) {
  try {
    observatory::posix::hold_standard_streams();
    // A closed pipe, and a file at its limit, are errors of write, which have a message.
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
    return observatory::host::run(argc, argv);
  } catch (const std::exception& error) {
    observatory::host::report(error.what());
    return 1;
  }
}
