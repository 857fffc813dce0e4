// SPDX-License-Identifier: MIT
#include "targets/observatory/command_export.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <optional>

#include "targets/observatory/answers/about.h"
#include "targets/observatory/answers/certificate_sheet.h"
#include "targets/observatory/answers/endpoint_sheet.h"
#include "targets/observatory/answers/observation_sheet.h"
#include "targets/observatory/answers/server_sheet.h"
#include "targets/observatory/show/json_text.h"
#include "targets/observatory/show/output.h"
#include "targets/observatory/show/output_file.h"
#include "targets/observatory/stale_data.h"

namespace observatory::host {
namespace {

using Write = std::function<void(std::string_view)>;

// Rows as they come, in one of the two forms.
class RowWriter {
 public:
  RowWriter(const std::vector<SheetColumn>& columns, bool csv, const Write& write)
      : columns_(columns), csv_(csv), write_(write) {
    if (csv_) write_(csv_names(columns_));
  }

  void put(const std::vector<Cell>& row) {
    write_(csv_ ? csv_row(row) : json_text(row_object(columns_, row)) + "\n");
    ++rows_;
  }

  std::uint64_t rows() const { return rows_; }

 private:
  const std::vector<SheetColumn>& columns_;
  bool csv_;
  const Write& write_;
  std::uint64_t rows_ = 0;
};

// What a file cannot say of itself.
std::string sidecar_text(const nlohmann::ordered_json& about, const std::string& what,
                         const std::string& format, std::uint64_t rows,
                         const std::vector<SheetColumn>& columns) {
  nlohmann::ordered_json meta;
  meta["made_by"] = "electrum-observatory " OBSERVATORY_VERSION;
  meta["what"] = what;
  meta["format"] = format;
  meta["rows"] = rows;
  meta["columns"] = nlohmann::ordered_json::array();
  for (const SheetColumn& column : columns) meta["columns"].push_back(column.name);
  meta["snapshot"] = about;
  return json_text(meta, 2) + "\n";
}

}  // namespace

CLI::App* CommandExport::setup(CLI::App& app) {
  CLI::App* const command =
      app.add_subcommand("export", "Write a whole snapshot for R, pandas, DuckDB or a spreadsheet");
  question_.add_to(*command);
  command
      ->add_option("--what", what_,
                   "servers (also without this option), endpoints,\n"
                   "observations or certificates")
      ->check(CLI::IsMember({"servers", "endpoints", "observations", "certificates"}))
      ->option_text("ROWS");
  command
      ->add_option("--format", format_,
                   "jsonl (also without this option), an object a line, or csv")
      ->check(CLI::IsMember({"jsonl", "csv"}))
      ->option_text("FORMAT");
  command
      ->add_option("-o,--output", file_,
                   "Write there, and to FILE.meta.json the window, the columns and\n"
                   "the sources of the data with their licences")
      ->option_text("FILE");
  command->group("Commands");
  return command;
}

bool CommandExport::run() {
  const Store store(question_.database(), Store::Access::kRead);
  Enricher enricher(question_.enrich());
  const Snapshot snapshot = take_snapshot(store, enricher, question_.question(store));

  Output out;
  std::optional<OutputFile> file;
  if (!file_.empty()) file.emplace(file_);
  const Write write = [&](std::string_view text) { file ? file->write(text) : out.write(text); };

  Sheet sheet;
  if (what_ == "servers") sheet = server_sheet(snapshot);
  if (what_ == "endpoints") sheet = endpoint_sheet(snapshot);
  if (what_ == "certificates") sheet = certificate_sheet(snapshot);
  if (what_ == "observations") sheet.columns = observation_columns();
  RowWriter rows(sheet.columns, format_ == "csv", write);
  for (const std::vector<Cell>& row : sheet.rows) rows.put(row);
  if (what_ == "observations") {
    each_observation_cells(store, snapshot.selection,
                           [&](const std::vector<Cell>& row) { rows.put(row); });
  }

  if (!file) {
    out.flush();
    return true;
  }
  OutputFile sidecar(file_ + ".meta.json");
  sidecar.write(
      sidecar_text(about_snapshot(snapshot, enricher), what_, format_, rows.rows(), sheet.columns));
  file->commit();
  sidecar.commit();
  return true;
}

}  // namespace observatory::host
