// SPDX-License-Identifier: MIT
// electrum-observatory: reads what electrum-probe wrote. Answers 0 when everything was done, 1
// when something failed, 2 when the command line made no sense.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <exception>
#include <memory>
#include <sstream>
#include <vector>

#include "core/record/schema.h"
#include "targets/observatory/command_decode.h"
#include "targets/observatory/command_format.h"
#include "targets/observatory/output.h"

namespace observatory::host {
namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;

std::string version_text() {
  return "electrum-observatory " OBSERVATORY_VERSION "\nrecord format " +
         std::to_string(kFormatVersion) + "\nMIT license";
}

// A file that is opened must never get the number of a standard stream that was closed: what is
// meant for the terminal would go into it. Opened the wrong way round, so that use still fails.
void keep_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(stream, F_GETFD) >= 0) continue;
    const int opened = ::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    if (opened >= 0 && opened != stream) ::close(opened);
  }
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
  for (std::size_t i = 0; i < commands.size(); ++i) {
    if (parts[i]->parsed()) return commands[i]->run() ? 0 : kFailed;
  }
  return kUsage;
}

}  // namespace
}  // namespace observatory::host

int main(int argc, char** argv) {
  try {
    observatory::host::keep_standard_streams();
    std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of write, which has a message
    return observatory::host::run(argc, argv);
  } catch (const std::exception& error) {
    observatory::host::report(error.what());
    return 1;
  }
}
