// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <utility>
#include <vector>

#include "targets/observatory/metrics_text.h"

namespace observatory::host {
namespace {

using Json = nlohmann::ordered_json;

std::string fixed(double value, int decimals) {
  std::array<char, 64> text{};
  const int length = std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return {text.data(), static_cast<std::size_t>(length)};
}

// Cells: empty where nothing is known.
std::string percent(const Json& share) {
  return share.is_number() ? fixed(share.get<double>() * 100, 1) + " %" : std::string();
}

std::string percents(const Json& interval) {
  if (!interval.is_array()) return {};
  return fixed(interval[0].get<double>() * 100, 1) + " to " +
         fixed(interval[1].get<double>() * 100, 1) + " %";
}

std::string decimal(const Json& value, int decimals) {
  if (value.is_number_integer()) return value.dump();
  return value.is_number() ? fixed(value.get<double>(), decimals) : std::string();
}

std::string decimals_between(const Json& interval, int decimals) {
  if (!interval.is_array()) return {};
  return fixed(interval[0].get<double>(), decimals) + " to " +
         fixed(interval[1].get<double>(), decimals);
}

std::string milliseconds(const Json& us) {
  return us.is_number() ? fixed(us.get<double>() / 1000, 1) : std::string();
}

std::string words(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_null()) return {};
  if (!value.is_array()) return value.dump();
  std::string text;
  for (const Json& one : value) text += (text.empty() ? "" : ", ") + words(one);
  return text;
}

// A cell of an entry.
using CellOf = std::function<std::string(const Json&)>;

CellOf member(const char* name, std::string (*shown)(const Json&) = words) {
  return [=](const Json& entry) { return shown(entry.at(name)); };
}

struct ListColumn {
  Table::Column column;
  CellOf cell;
};

class Report {
 public:
  Report(const Table::Page& page, std::size_t most) : page_(page), most_(most) {}

  void heading(std::string_view name) { text_ += "\n" + std::string(name) + "\n\n"; }

  void table(const Table& table) {
    text_ += table.text(page_);
    text_ += '\n';
  }

  // The first entries of a list; nothing for an empty one.
  void list(const Json& entries, const std::vector<ListColumn>& columns) {
    if (entries.empty()) return;
    std::vector<Table::Column> headings;
    headings.reserve(columns.size());
    for (const ListColumn& one : columns) headings.push_back(one.column);
    Table table(std::move(headings));
    const std::size_t shown =
        most_ == 0 ? entries.size() : std::min<std::size_t>(most_, entries.size());
    for (std::size_t i = 0; i < shown; ++i) {
      std::vector<std::string> cells;
      cells.reserve(columns.size());
      for (const ListColumn& one : columns) cells.push_back(one.cell(entries[i]));
      table.add_row(cells);
    }
    text_ += table.text(page_);
    if (shown < entries.size()) {
      text_ += "and " + std::to_string(entries.size() - shown) + " more\n";
    }
    text_ += '\n';
  }

  // [{"key","count","share"}]
  void shares(std::string_view heading, const Json& entries) {
    list(entries, {{{heading}, member("key")},
                   {{"servers", true}, member("count")},
                   {{"share", true}, member("share", percent)}});
  }

  // Without the empty line behind the last section.
  std::string take() {
    if (text_.size() > 1 && text_.substr(text_.size() - 2) == "\n\n") text_.pop_back();
    return std::move(text_);
  }

 private:
  Table::Page page_;
  std::size_t most_;
  std::string text_;
};

std::string count(const Json& object, const char* name, const char* one, const char* many) {
  const auto number = object.at(name).get<std::uint64_t>();
  return std::to_string(number) + " " + (number == 1 ? one : many);
}

void put_snapshot(const Json& snapshot, Report& report) {
  Table table({{"snapshot"}, {"", false, 200}});
  table.add_row({"window", words(snapshot.at("since")) + " to " + words(snapshot.at("until"))});
  table.add_row({"chain", words(snapshot.at("chain"))});
  if (snapshot.at("reached_only").get<bool>()) table.add_row({"of", "servers that were reached"});
  table.add_row({"seen", count(snapshot, "vantages", "vantage", "vantages") + ", " +
                             count(snapshot, "runs", "run", "runs") + ", " +
                             count(snapshot, "observations", "observation", "observations")});
  table.add_row({"network", count(snapshot, "endpoints", "endpoint", "endpoints") + ", " +
                                count(snapshot, "addresses", "address", "addresses") + ", " +
                                count(snapshot, "servers", "server", "servers") + ", " +
                                count(snapshot, "operators", "operator", "operators")});
  for (const Json& other : snapshot.at("other_chains")) {
    table.add_row(
        {"set aside", count(other, "servers", "server", "servers") + " of " +
                          words(other.at(other.at("name").is_null() ? "genesis" : "name"))});
  }
  if (snapshot.at("undated") != 0) {
    table.add_row({"without date", count(snapshot, "undated", "observation", "observations")});
  }
  for (const Json& source : snapshot.at("data")) {
    const std::string date = words(source.at("date"));
    table.add_row(
        {"data", words(source.at("source")) + " of " + (date.empty() ? "an unknown date" : date)});
  }
  report.table(table);
}

void put_reachability(const Json& json, Report& report) {
  report.heading("REACHABILITY");
  Table reach({{"what"}, {"of", true}, {"reached", true}, {"share", true}, {"95 %", true}});
  for (const char* const transport : {"tcp", "tls"}) {
    const Json& one = json.at(transport);
    reach.add_row({std::string(transport) + " endpoints", words(one.at("tried")),
                   words(one.at("reached")), percent(one.at("ratio")), percents(one.at("ci95"))});
  }
  const Json& servers = json.at("servers");
  reach.add_row({"servers, by any vantage", words(servers.at("known")),
                 words(servers.at("reached_any")), percent(servers.at("ratio")),
                 percents(servers.at("ci95"))});
  reach.add_row({"servers, by the majority", words(servers.at("known")),
                 words(servers.at("reached_majority"))});
  reach.add_row({"servers, by all", words(servers.at("known")), words(servers.at("reached_all"))});
  report.table(reach);

  Table outcomes({{"outcome"}, {"tcp", true}, {"tls", true}});
  const Json& tcp = json.at("outcomes").at("tcp");
  const Json& tls = json.at("outcomes").at("tls");
  std::vector<std::string> names;
  for (const auto& [name, number] : tcp.items()) names.push_back(name);
  for (const auto& [name, number] : tls.items()) {
    if (!tcp.contains(name)) names.push_back(name);
  }
  const auto cell = [](const Json& numbers, const std::string& name) {
    return numbers.contains(name) ? words(numbers.at(name)) : std::string();
  };
  for (const std::string& name : names) {
    outcomes.add_row({name, cell(tcp, name), cell(tls, name)});
  }
  report.table(outcomes);

  report.list(json.at("by_vantage"),
              {{{"vantage"}, member("vantage")},
               {{"tried", true}, member("tried")},
               {{"reached", true}, member("reached")},
               {{"suspect"}, [](const Json& one) {
                  return std::string(one.at("suspect").get<bool>() ? "yes" : "no");
                }}});

  const Json& unseen = json.at("unseen");
  Table estimate({{"servers seen", true}, {"estimated", true}, {"+-", true}, {"coverage", true}});
  estimate.add_row({words(unseen.at("observed")), decimal(unseen.at("estimate"), 1),
                    decimal(unseen.at("se"), 1), percent(unseen.at("coverage"))});
  report.table(estimate);

  report.list(json.at("lists"), {{{"list"}, member("key")},
                                 {{"hosts", true}, member("hosts")},
                                 {{"tried", true}, member("tried")},
                                 {{"reached", true}, member("reached")},
                                 {{"of all reached", true}, member("coverage", percent)}});
  report.list(
      json.at("recapture"),
      {{{"list"}, member("key")},
       {{"with"}, member("with")},
       {{"in both", true}, member("both")},
       {{"estimated", true}, [](const Json& one) { return decimal(one.at("estimate"), 1); }},
       {{"+-", true}, [](const Json& one) { return decimal(one.at("se"), 1); }}});
}

void put_geography(const Json& json, Report& report) {
  report.heading("GEOGRAPHY");
  report.shares("country", json.at("country"));
  report.list(json.at("city"), {{{"city"}, member("key")},
                                {{"country"}, member("country")},
                                {{"servers", true}, member("count")},
                                {{"share", true}, member("share", percent)}});
  report.list(json.at("asn"), {{{"network"}, member("key")},
                               {{"name"}, member("name")},
                               {{"servers", true}, member("count")},
                               {{"share", true}, member("share", percent)}});
  Table rest({{"not located"}, {"servers", true}});
  rest.add_row({"onion", words(json.at("onion"))});
  rest.add_row({"no country known", words(json.at("unlocated"))});
  rest.add_row({"no city known", words(json.at("unknown").at("city"))});
  rest.add_row({"no network known", words(json.at("unknown").at("asn"))});
  report.table(rest);
}

void put_concentration(const Json& json, Report& report) {
  report.heading("CONCENTRATION");
  Table figures({{"by"},
                 {"servers", true},
                 {"unknown", true},
                 {"groups", true},
                 {"effective", true},
                 {"95 %", true},
                 {"HHI", true},
                 {"top 1", true},
                 {"top 3", true},
                 {"half", true},
                 {"third", true},
                 {"entropy", true},
                 {"Gini", true}});
  for (const char* const by : {"provider", "asn", "country", "operator"}) {
    const Json& one = json.at(by);
    const Json& intervals = one.at("ci95");
    figures.add_row({by, words(one.at("n")), words(one.at("unknown")), words(one.at("groups")),
                     decimal(one.at("effective"), 1),
                     decimals_between(intervals.value("effective", Json()), 1),
                     decimal(one.at("hhi"), 4), percent(one.at("top1")), percent(one.at("top3")),
                     words(one.at("nakamoto_50")), words(one.at("nakamoto_33")),
                     decimal(one.at("entropy"), 2), decimal(one.at("gini"), 2)});
  }
  report.table(figures);
  report.shares("provider", json.at("provider").at("shares"));
  report.shares("operator", json.at("operator").at("shares"));
  report.shares("kind", json.at("kinds"));
  const Json& cloud = json.at("cloud_share");
  Table clouds({{"in clouds"}, {"share", true}});
  clouds.add_row({"known", percent(cloud.at("known"))});
  clouds.add_row({"if all unknown are", percent(cloud.at("upper"))});
  report.table(clouds);
  report.list(json.at("certificate_reuse"),
              {{{"shared"}, member("by")},
               {{"servers", true},
                [](const Json& one) { return std::to_string(one.at("servers").size()); }},
               {{"value", false, 20}, member("value")},
               {{"names"}, member("servers")}});
}

void put_software(const Json& json, Report& report) {
  report.heading("SOFTWARE, AS CLAIMED");
  report.shares("implementation", json.at("implementation"));
  report.shares("version", json.at("version"));
  report.list(json.at("several"), {{{"server"}, member("server")}, {{"claims"}, member("claims")}});
  Table rest({{"what wire habits say"}, {"servers", true}});
  for (const auto& [verdict, number] : json.at("verdict").items()) {
    rest.add_row({verdict, words(number)});
  }
  rest.add_row({"claims nothing", words(json.at("silent"))});
  report.table(rest);
}

void put_latency(const Json& json, Report& report) {
  report.heading("LATENCY");
  report.list(json.at("by_server"), {{{"server"}, member("server")},
                                     {{"vantage"}, member("vantage")},
                                     {{"least ms", true}, member("min_us", milliseconds)},
                                     {{"median ms", true}, member("median_us", milliseconds)},
                                     {{"samples", true}, member("n")}});
  report.list(json.at("clusters"),
              {{{"equally far", true},
                [](const Json& one) { return std::to_string(one.at("servers").size()); }},
               {{"within ms", true}, member("spread_us", milliseconds)},
               {{"names"}, member("servers")}});
  report.list(
      json.at("impossible_geo"),
      {{{"cannot be there"}, member("server")},
       {{"vantage"}, member("vantage")},
       {{"least ms", true}, member("min_us", milliseconds)},
       {{"km", true}, [](const Json& one) { return decimal(one.at("distance_km"), 0); }},
       {{"at most", true}, [](const Json& one) { return decimal(one.at("furthest_km"), 0); }}});
  report.list(json.at("pools"), {{{"several machines"}, member("server")},
                                 {{"addresses", true}, member("addresses")},
                                 {{"changed"}, member("changed")}});
}

void put_risk(const Json& json, Report& report) {
  report.heading("RISK");
  Json picks = Json::array();
  for (const auto& [provider, share] : json.at("single_pick").items()) {
    picks.push_back({{"key", provider}, {"share", share}});
  }
  report.list(picks, {{{"one server at random is of"}, member("key")},
                      {{"chance", true}, member("share", percent)}});

  const Json& eclipse = json.at("eclipse");
  const std::string ten = "of " + words(eclipse.at("picks")) + " at random";
  Table exposure({{ten}, {"name"}, {"servers", true}, {"one or more", true}, {"all", true}});
  for (const char* const by : {"provider", "operator"}) {
    const Json& one = eclipse.at(by);
    if (one.is_null()) continue;
    exposure.add_row({std::string("the largest ") + by, words(one.at("key")),
                      words(one.at("count")), percent(one.at("at_least_one")),
                      percent(one.at("all"))});
  }
  report.table(exposure);

  Table shares({{"servers with"}, {"share", true}});
  const std::array<std::pair<const char*, const char*>, 5> lines = {
      {{"self_signed_share", "a self-signed certificate"},
       {"expired_share", "an expired certificate"},
       {"name_mismatch_share", "a certificate for another name"},
       {"plain_tcp_share", "plain TCP"},
       {"tcp_only_share", "nothing but plain TCP"}}};
  for (const auto& [name, what] : lines) shares.add_row({what, percent(json.at(name))});
  for (const auto& [name, share] : json.at("transparency").items()) {
    std::string what = name;
    for (char& c : what) c = c == '_' ? ' ' : c;
    shares.add_row({what, percent(share)});
  }
  report.table(shares);
}

}  // namespace

std::string metrics_table(const Json& metrics, const Table::Page& page, std::size_t most) {
  Report report(page, most);
  const std::array<std::pair<const char*, void (*)(const Json&, Report&)>, 7> groups = {
      {{"snapshot", put_snapshot},
       {"reachability", put_reachability},
       {"geography", put_geography},
       {"concentration", put_concentration},
       {"software", put_software},
       {"latency", put_latency},
       {"risk", put_risk}}};
  for (const auto& [name, put] : groups) {
    if (metrics.contains(name)) put(metrics.at(name), report);
  }
  return report.take();
}

}  // namespace observatory::host
