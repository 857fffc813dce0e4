// SPDX-License-Identifier: MIT
#include "targets/observatory/question_options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "targets/observatory/enrich_options.h"
#include "targets/observatory/snapshot/chains.h"

namespace observatory::host {
namespace {

constexpr std::int64_t kHour = 3'600'000;  // ms
constexpr std::int64_t kDay = 24 * kHour;

// A date, or how long before the end of the data.
struct Moment {
  bool ago = false;
  std::int64_t ms = 0;
};

// Takes `digits` digits from the front of `text`.
bool take_number(std::string_view& text, std::size_t digits, unsigned& value) {
  if (text.size() < digits) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, value);
  if (error != std::errc() || end != text.data() + digits) return false;
  text.remove_prefix(digits);
  return true;
}

bool take(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

// `:MM` or `:SS`, below 60.
bool take_sixtieth(std::string_view& text, unsigned& value) {
  return take(text, ':') && take_number(text, 2, value) && value < 60;
}

// YYYY-MM-DD, and perhaps THH:MM or THH:MM:SS, and then perhaps Z.
std::optional<std::int64_t> date_in(std::string_view text) {
  using namespace std::chrono;
  unsigned year_number = 0;
  unsigned month_number = 0;
  unsigned day_number = 0;
  if (!take_number(text, 4, year_number) || !take(text, '-') ||
      !take_number(text, 2, month_number) || !take(text, '-') ||
      !take_number(text, 2, day_number)) {
    return std::nullopt;
  }
  const year_month_day date(year(static_cast<int>(year_number)), month(month_number),
                            day(day_number));
  if (!date.ok()) return std::nullopt;
  unsigned hours_number = 0;
  unsigned minutes_number = 0;
  unsigned seconds_number = 0;
  if (take(text, 'T') || take(text, ' ')) {
    if (!take_number(text, 2, hours_number) || hours_number > 23) return std::nullopt;
    if (!take_sixtieth(text, minutes_number)) return std::nullopt;
    if (!text.empty() && text.front() == ':' && !take_sixtieth(text, seconds_number)) {
      return std::nullopt;
    }
    static_cast<void>(take(text, 'Z'));
  }
  if (!text.empty()) return std::nullopt;
  const sys_seconds time =
      sys_days(date) + hours(hours_number) + minutes(minutes_number) + seconds(seconds_number);
  return duration_cast<milliseconds>(time.time_since_epoch()).count();
}

// A number and `h`, `d` or `w`.
std::optional<std::int64_t> span_in(std::string_view text) {
  constexpr std::int64_t kMost = 100'000;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end + 1 != text.data() + text.size()) return std::nullopt;
  if (number < 0 || number > kMost) return std::nullopt;
  switch (*end) {
    case 'h':
      return number * kHour;
    case 'd':
      return number * kDay;
    case 'w':
      return number * 7 * kDay;
    default:
      return std::nullopt;
  }
}

std::optional<Moment> moment_in(std::string_view text) {
  if (const auto date = date_in(text)) return Moment{false, *date};
  if (const auto span = span_in(text)) return Moment{true, *span};
  return std::nullopt;
}

// What is wrong with the text, for CLI11; empty when nothing is.
std::string complaint_about_chain(const std::string& text) {
  if (genesis_of(text)) return {};
  return "\"" + text +
         "\" is no chain: bitcoin, testnet3, testnet4, signet, regtest, or a genesis hash";
}

// REQUIRES a text that moment_in() takes. `end` is that of the data.
std::int64_t time_of(const std::string& text, std::int64_t end) {
  const Moment moment = moment_in(text).value_or(Moment());
  return moment.ago ? end - moment.ms : moment.ms;
}

[[noreturn]] void refuse_vantage(const std::string& name, const std::vector<std::string>& known) {
  std::string message = "--vantage: the database knows no \"" + name + "\", only: ";
  for (const std::string& one : known) {
    if (&one != &known.front()) message += ", ";
    message += one;
  }
  throw std::runtime_error(message);
}

void check_vantages(const std::vector<std::string>& wanted, const Store& store) {
  if (wanted.empty()) return;
  Selection everything;
  everything.window.until = INT64_MAX;
  std::vector<std::string> known;
  for (const Run& run : store.runs(everything)) {
    if (known.empty() || known.back() != run.vantage) known.push_back(run.vantage);
  }
  for (const std::string& name : wanted) {
    if (std::find(known.begin(), known.end(), name) == known.end()) refuse_vantage(name, known);
  }
}

}  // namespace

std::string complaint_about_time(const std::string& text) {
  if (moment_in(text)) return {};
  return "\"" + text + "\" is no date: 2026-11-22, 2026-11-22T18:00 (UTC), or 36h, 7d, 2w ago";
}

void QuestionOptions::add_to(CLI::App& command) {
  constexpr const char* kGroup = "The question";
  constexpr const char* kTime = "TIME";
  database_.add_to(command);
  command
      .add_option("--since", since_,
                  "From here on: 2026-11-22, 2026-11-22T18:00 (UTC), or 36h,\n"
                  "7d, 2w before the last observation's hour ends")
      ->option_text(kTime)
      ->check(complaint_about_time)
      ->group(kGroup);
  command.add_option("--until", until_, "Up to here")
      ->option_text(kTime)
      ->check(complaint_about_time)
      ->group(kGroup);
  command
      .add_option("--at", at_,
                  "The 24 hours that end there. Without --since, --until and\n"
                  "--at: the latest 24 hours that hold observations")
      ->option_text(kTime)
      ->check(complaint_about_time)
      ->excludes("--since")
      ->excludes("--until")
      ->group(kGroup);
  command.add_option("--vantage", vantages_, "Only what this one saw; may be given several times")
      ->option_text("NAME")
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->group(kGroup);
  command
      .add_option("--chain", chain_,
                  "bitcoin (without this option, too), testnet3, testnet4,\n"
                  "signet, regtest, or a genesis hash")
      ->option_text("NAME")
      ->check(complaint_about_chain)
      ->group(kGroup);
  command.add_flag("--reached", reached_only_, "Leave out servers that were never reached")
      ->group(kGroup);
  add_enrich_options(command, enrich_);
}

Question QuestionOptions::question(const Store& store) const {
  const std::optional<Window> latest = store.latest_day();
  if (!latest) {
    throw std::runtime_error(database() + ": no observations with a date that can be trusted");
  }
  check_vantages(vantages_, store);
  Question question;
  question.selection.vantages = vantages_;
  question.chain = chain_;
  question.reached_only = reached_only_;

  Window& window = question.selection.window;
  window = *latest;
  if (!at_.empty() || !until_.empty()) {
    window.until = time_of(at_.empty() ? until_ : at_, latest->until);
    window.since = window.until - kDay;
  }
  if (!since_.empty()) window.since = time_of(since_, latest->until);
  if (window.since >= window.until) {
    throw std::runtime_error(until_.empty()
                                 ? "--since: nothing was observed so late"
                                 : "--since and --until: the end is not behind the beginning");
  }
  return question;
}

Question QuestionOptions::question_at(const Store& store, const std::string& time) const {
  QuestionOptions other = *this;
  other.since_.clear();
  other.until_.clear();
  other.at_ = time;
  return other.question(store);
}

Question QuestionOptions::question_of(const Store& store, const std::string& vantage) const {
  QuestionOptions other = *this;
  other.vantages_ = {vantage};
  return other.question(store);
}

}  // namespace observatory::host
