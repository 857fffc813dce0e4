// SPDX-License-Identifier: MIT
#include "targets/observatory/command_diff.h"

#include <CLI/CLI.hpp>
#include <array>

#include "targets/observatory/answers/about.h"
#include "targets/observatory/answers/diff.h"
#include "targets/observatory/show/date_text.h"
#include "targets/observatory/show/display_text.h"
#include "targets/observatory/show/json_text.h"
#include "targets/observatory/show/output.h"
#include "targets/observatory/show/terminal.h"
#include "targets/observatory/stale_data.h"

namespace observatory::host {
namespace {

using nlohmann::ordered_json;

ordered_json counts_of(const std::vector<Change>& changes) {
  std::array<std::uint64_t, kDifferences> counts{};
  for (const Change& change : changes) ++counts[static_cast<std::size_t>(change.difference)];
  ordered_json named;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    named[std::string(difference_name(static_cast<Difference>(i)))] = counts[i];
  }
  return named;
}

// "first   2026-11-20T19:00:00Z to ..., pi-berlin: 61 servers"; a vantage that was down itself
// says so, as what it did not reach is no news.
std::string side_text(std::string_view side, const Snapshot& snapshot) {
  std::string vantages;
  for (const VantageView& vantage : snapshot.vantages) {
    vantages += ", " + harmless(vantage.name) + (vantage.suspect ? " (suspect)" : "");
  }
  const Window& window = snapshot.selection.window;
  return std::string(side) + date_text(window.since) + " to " + date_text(window.until) + vantages +
         ": " + std::to_string(snapshot.servers.size()) + " servers\n";
}

// Digests of 64 digits, cut to what tells them apart, so that the rest of the row is seen, too.
Sheet for_people(Sheet sheet) {
  constexpr std::size_t kDigest = 64;
  constexpr std::size_t kEnough = 12;
  for (std::vector<Cell>& row : sheet.rows) {
    for (Cell& cell : row) {
      if (!cell.is_array() || row[1] != difference_name(Difference::kCertificate)) continue;
      auto& digest = cell.front().get_ref<std::string&>();
      if (digest.size() == kDigest) digest.resize(kEnough);
    }
  }
  return sheet;
}

}  // namespace

CLI::App* CommandDiff::setup(CLI::App& app) {
  CLI::App* const command = app.add_subcommand(
      "diff", "Tell what differs between two times, or between what two vantages see");
  auto* const from =
      command
          ->add_option("--from", from_, "The day that ends there is the first; dates as for --at")
          ->check(complaint_about_time)
          ->option_text("TIME");
  command
      ->add_option("--to", to_,
                   "The day that ends there is the second; without this option\n"
                   "the one that all questions are asked of")
      ->check(complaint_about_time)
      ->option_text("TIME")
      ->needs(from);
  command
      ->add_option("--between", between_,
                   "Two vantages, in place of two times: what the first sees, and\n"
                   "what the second sees")
      ->expected(2)
      ->excludes(from)
      ->option_text("FIRST SECOND");
  question_.add_to(*command);
  command->add_option("--format", format_, "table (also without this option), json or csv")
      ->check(CLI::IsMember({"table", "json", "csv"}))
      ->option_text("FORMAT");
  command->footer(
      "Changes:\n"
      "  came         reached in the second alone\n"
      "  went         reached in the first alone\n"
      "  certificate  an endpoint shows another one; \"same key\" where it was renewed\n"
      "  software, address, provider   another one than before\n"
      "\n"
      "Examples:\n"
      "  diff --from 7d\n"
      "  diff --from 2026-11-15 --to 2026-11-22 --format csv\n"
      "  diff --between pi-berlin router-lima");
  command->group("Commands");
  return command;
}

std::pair<Question, Question> CommandDiff::questions(const Store& store) const {
  if (!from_.empty()) {
    return {question_.question_at(store, from_),
            to_.empty() ? question_.question(store) : question_.question_at(store, to_)};
  }
  return {question_.question_of(store, between_[0]), question_.question_of(store, between_[1])};
}

bool CommandDiff::run() {
  if (from_.empty() && between_.empty()) {
    throw UsageError("diff: --from TIME or --between FIRST SECOND is missing");
  }
  const Store store(question_.database(), Store::Access::kRead);
  Enricher enricher(question_.enrich());
  auto [asked_first, asked_second] = questions(store);
  // Who is not reached is a part of the answer.
  asked_first.reached_only = false;
  asked_second.reached_only = false;
  const Snapshot first = take_snapshot(store, enricher, asked_first);
  const Snapshot second = take_snapshot(store, enricher, asked_second);
  for (const Snapshot* const side : {&first, &second}) {
    if (side->observations > 0) continue;
    const Window& window = side->selection.window;
    throw std::runtime_error("nothing was observed from " + date_text(window.since) + " to " +
                             date_text(window.until) + " that could be compared");
  }
  const std::vector<Change> changes = diff(first, second);
  const Sheet sheet = change_sheet(changes);

  Output out;
  if (format_ == "csv") {
    out.write(sheet_csv(sheet));
  } else if (format_ == "json") {
    ordered_json answer;
    answer["first"] = about_snapshot(first, enricher);
    answer["second"] = about_snapshot(second, enricher);
    answer["counts"] = counts_of(changes);
    answer["changes"] = sheet_json(sheet);
    out.write(json_text(answer, 2) + "\n");
  } else {
    if (!changes.empty()) out.write(sheet_table(for_people(sheet), standard_page()) + "\n");
    std::string sums;
    const ordered_json counts = counts_of(changes);
    for (const auto& [name, count] : counts.items()) {
      sums += (sums.empty() ? "" : ", ") + count.dump() + " " + name;
    }
    out.write(side_text("first   ", first) + side_text("second  ", second) + "changes " + sums +
              "\n");
  }
  out.flush();
  warn_of_stale_data(enricher);
  return true;
}

}  // namespace observatory::host
