// SPDX-License-Identifier: MIT
#include "targets/observatory/command_decode.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <stdexcept>

#include "core/record/json_writer.h"
#include "targets/observatory/read/record_stream.h"
#include "targets/observatory/show/observation_table.h"
#include "targets/observatory/show/output.h"
#include "targets/observatory/show/terminal.h"
#include "targets/observatory/show/text_sink.h"

namespace observatory::host {
namespace {

// Hands every record of the file to `use`; false when some of it could not be read. A torn end is
// what the format promises after a power cut, and what is missing from a piece of a log was cut
// off by somebody: both are told and not held against the file.
bool read_file(const std::string& path, ContentStore& contents,
               const std::function<void(const Record&)>& use) {
  bool whole = true;
  RecordStream stream(path, contents);
  while (true) {
    switch (stream.next()) {
      case RecordStream::Next::kEnd:
        return whole;
      case RecordStream::Next::kRecord:
        use(stream.record());
        break;
      case RecordStream::Next::kProblem:
        report(stream.problem().message);
        whole = whole && stream.problem().expected();
        break;
    }
  }
}

}  // namespace

CLI::App* CommandDecode::setup(CLI::App& app) {
  CLI::App* const command =
      app.add_subcommand("decode", "Print the records of log files as JSON Lines or as a table");
  command
      ->add_option("FILE", files_,
                   "JSON Lines or a CBOR sequence, told apart by content;\n- is standard input")
      ->required();
  command->add_flag("--table", table_, "One row for each observation, and a line that sums up");
  command->group("Commands");
  return command;
}

bool CommandDecode::run() {
  Output out;
  ObservationTable table;
  TextSink line;
  ContentStore contents;
  // Whoever pipes a growing log in wants to see each record as it comes.
  bool live = false;
  const auto print = [&](const Record& record) {
    line.clear();
    write_json(record, line);
    line.put("\n");
    out.write(line.text());
    if (live) out.flush();
  };
  const auto collect = [&](const Record& record) { table.add(record); };

  bool whole = true;
  for (const std::string& path : files_) {
    live = path == "-";
    try {
      const bool good =
          table_ ? read_file(path, contents, collect) : read_file(path, contents, print);
      whole = whole && good;
    } catch (const InputError& error) {
      report(error.what());
      whole = false;
    }
  }
  if (table_) out.write(table.text(standard_page()));
  out.flush();
  return whole;
}

}  // namespace observatory::host
