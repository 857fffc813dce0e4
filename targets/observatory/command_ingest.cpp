// SPDX-License-Identifier: MIT
#include "targets/observatory/command_ingest.h"

#include <CLI/CLI.hpp>

#include "targets/observatory/ingest.h"
#include "targets/observatory/show/output.h"
#include "targets/observatory/show/table.h"

namespace observatory::host {
namespace {

std::vector<std::string> row_of(const IngestCounts& counts) {
  const auto text = [](std::uint64_t count) { return std::to_string(count); };
  return {counts.name,        text(counts.records()),   text(counts.fresh),
          text(counts.known), text(counts.conflicting), text(counts.refused),
          text(counts.torn),  text(counts.runs.size())};
}

std::string counted(std::uint64_t count, const std::string& thing) {
  return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

std::string sentence_of(const Totals& totals, const std::string& path) {
  std::string text = path + " holds " + counted(totals.observations, "observation") + " of " +
                     counted(totals.runs, "run") + " from " + counted(totals.vantages, "vantage") +
                     "\n";
  if (totals.undated > 0) {
    text += counted(totals.undated, "observation") +
            " in no question about time: the clock was not set, or cannot have been right\n";
  }
  if (totals.conflicts > 0) {
    text += counted(totals.conflicts, "record") +
            " kept beside another one of the same vantage, run and seq, which counts\n";
  }
  return text;
}

}  // namespace

CLI::App* CommandIngest::setup(CLI::App& app) {
  CLI::App* const command = app.add_subcommand("ingest", "Take log files into the database");
  command
      ->add_option("LOG", logs_,
                   "JSON Lines or CBOR sequences, plain or packed by gzip or zstd, told apart\n"
                   "by content; - is standard input. Taking a record in again changes nothing")
      ->required();
  database_.add_to(*command);
  command->footer(
      "Exit status: 0 all was taken in or is known (torn ends are no failure: a power cut\n"
      "leaves them), 1 a file could not be read, or something in it was refused,\n"
      "2 wrong usage.");
  command->group("Commands");
  return command;
}

bool CommandIngest::run() {
  const std::string path = database_.path();
  Store store(path, Store::Access::kWrite);
  Ingest ingest(store);
  Table table({{"log"},
               {"records", true},
               {"new", true},
               {"known", true},
               {"conflicting", true},
               {"refused", true},
               {"torn", true},
               {"runs", true}});
  IngestCounts total;
  total.name = "all";
  for (const std::string& log : logs_) {
    const IngestCounts counts = ingest.take(log);
    table.add_row(row_of(counts));
    total.add(counts);
  }
  if (logs_.size() > 1) table.add_row(row_of(total));

  Output out;
  out.write(table.text() + "\n" + sentence_of(store.totals(), path));
  out.flush();
  return total.readable && total.refused == 0;
}

}  // namespace observatory::host
