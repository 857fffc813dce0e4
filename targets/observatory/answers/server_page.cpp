// SPDX-License-Identifier: MIT
#include "targets/observatory/answers/server_page.h"

#include <algorithm>
#include <set>
#include <vector>

#include "core/record/json_writer.h"
#include "targets/observatory/answers/about.h"
#include "targets/observatory/answers/certificate_sheet.h"
#include "targets/observatory/answers/endpoint_sheet.h"
#include "targets/observatory/answers/facts_text.h"
#include "targets/observatory/answers/server_history.h"
#include "targets/observatory/answers/server_sheet.h"
#include "targets/observatory/show/display_text.h"
#include "targets/observatory/show/sheet.h"
#include "targets/observatory/show/text_sink.h"

namespace observatory::host {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kLargestRecord = std::size_t{1} << 20;  // FORMAT.md

ordered_json operator_json(const Snapshot& snapshot, const Server& server) {
  if (server.operated_by >= snapshot.operators.size()) return nullptr;
  const Operator& found = snapshot.operators[server.operated_by];
  ordered_json names = ordered_json::array();
  for (const std::uint32_t place : found.servers) names.push_back(snapshot.servers[place].name);
  return {{"name", found.name}, {"servers", names}, {"evidence", found.evidence}};
}

ordered_json sights_json(const Snapshot& snapshot, const Server& server) {
  ordered_json sights = ordered_json::array();
  for (const std::uint32_t place : server.endpoints) {
    const EndpointView& view = snapshot.endpoints[place];
    for (const auto& [vantage, sight] : view.sights) {
      sights.push_back({{"endpoint", endpoint_text(view.endpoint)},
                        {"vantage", snapshot.vantages[vantage].name},
                        {"tried", sight.tried},
                        {"reached", sight.reached},
                        {"rtt_ms", cell_of_us(sight.min_us)},
                        {"connect_ms", cell_of_us(sight.median_us)},
                        {"samples", sight.samples}});
    }
  }
  return sights;
}

ordered_json latest_json(const Store& store, const Snapshot& snapshot, const Server& server) {
  std::vector<std::uint8_t> pool(2 * kLargestRecord);
  Record record(pool);
  ordered_json latest = ordered_json::array();
  for (const std::uint32_t place : server.endpoints) {
    const EndpointView& view = snapshot.endpoints[place];
    record.clear();
    if (!store.read(view.last_run, view.last_seq, record)) continue;
    TextSink text;
    write_json(record, text);
    latest.push_back(ordered_json::parse(text.text()));
  }
  return latest;
}

// The rows of which `keep` says so, as objects.
template <typename Keep>
ordered_json rows_json(const Sheet& sheet, Keep keep) {
  ordered_json rows = ordered_json::array();
  for (const std::vector<Cell>& row : sheet.rows) {
    if (keep(row)) rows.push_back(row_object(sheet.columns, row));
  }
  return rows;
}

// ---- for people --------------------------------------------------------------------------------

struct Shown {
  std::string_view name;
  std::string_view heading;
  bool numbers = false;
  bool date = false;
};

// ISO 8601 to the minute: 2026-11-22 18:00.
Cell minute(const Cell& date) {
  constexpr std::size_t kSeconds = 4;  // ":00Z"
  if (!date.is_string()) return date;
  std::string text = date.get<std::string>();
  text.resize(text.size() - std::min(text.size(), kSeconds));
  std::replace(text.begin(), text.end(), 'T', ' ');
  return text;
}

// Some members of objects, a column each; nothing when there are no rows.
std::string section(std::string_view title, const ordered_json& rows,
                    const std::vector<Shown>& columns, const Table::Page& page) {
  if (rows.empty()) return {};
  Sheet sheet;
  for (const Shown& column : columns) {
    sheet.columns.push_back({column.name, column.heading, column.numbers});
  }
  for (const ordered_json& row : rows) {
    std::vector<Cell>& cells = sheet.rows.emplace_back();
    for (const Shown& column : columns) {
      const auto member = row.find(column.name);
      const Cell cell = member == row.end() ? Cell() : *member;
      cells.push_back(column.date ? minute(cell) : cell);
    }
  }
  return "\n" + std::string(title) + "\n\n" + sheet_table(sheet, page);
}

// Names of columns and what they hold, where anything is known.
ordered_json known_members(const ordered_json& row, const std::vector<std::string_view>& names) {
  ordered_json members = ordered_json::array();
  for (const std::string_view name : names) {
    const auto member = row.find(name);
    if (member == row.end() || member->is_null() || (member->is_array() && member->empty())) {
      continue;
    }
    members.push_back({{"name", name}, {"value", *member}});
  }
  return members;
}

// What server.features and others said, of the first endpoint that said anything.
ordered_json said_members(const ordered_json& latest) {
  for (const ordered_json& record : latest) {
    const auto said = record.find("electrum");
    if (said == record.end()) continue;
    ordered_json members = ordered_json::array();
    const auto put = [&](std::string_view name, const ordered_json& value) {
      members.push_back(
          {{"name", name}, {"value", value.is_object() ? ordered_json(value.dump()) : value}});
    };
    for (const auto& [name, value] : said->items()) {
      if (name == "banner" || name == "peers" || name == "features") continue;
      put(name, value);
    }
    if (said->contains("peers") && (*said)["peers"].contains("count")) {
      put("peers", (*said)["peers"]["count"]);
    }
    if (said->contains("features")) {
      for (const auto& [name, value] : (*said)["features"].items()) put(name, value);
    }
    return members;
  }
  return ordered_json::array();
}

// The lines of the first banner, indented; each made harmless by itself.
std::string banner_text(const ordered_json& latest, const Table::Page& page) {
  for (const ordered_json& record : latest) {
    const ordered_json::json_pointer where("/electrum/banner/text");
    if (!record.contains(where)) continue;
    auto banner = record.at(where).get<std::string>();
    banner.resize(banner.find_last_not_of("\r\n") + 1);
    std::string text = "\nBanner\n\n";
    for (std::size_t begin = 0; begin <= banner.size();) {
      const std::size_t end = std::min(banner.find('\n', begin), banner.size());
      std::string line = banner.substr(begin, end - begin);
      if (!line.empty() && line.back() == '\r') line.pop_back();
      line = "  " + harmless(line);
      text += (page.width == 0 ? line : fitted(line, page.width)) + "\n";
      begin = end + 1;
    }
    return text;
  }
  return {};
}

}  // namespace

ordered_json server_page(const Store& store, const Enricher& enricher, const Snapshot& snapshot,
                         std::uint32_t server) {
  const Server& found = snapshot.servers[server];
  std::vector<Endpoint> endpoints;
  std::set<std::string> names;
  std::set<std::string> certificates;
  for (const std::uint32_t place : found.endpoints) {
    const EndpointView& view = snapshot.endpoints[place];
    endpoints.push_back(view.endpoint);
    names.insert(endpoint_text(view.endpoint));
    if (view.certificate) certificates.insert(view.certificate->sha256);
  }
  const auto first_is_one_of = [](const std::set<std::string>& wanted) {
    return [&wanted](const std::vector<Cell>& row) {
      return wanted.count(row.front().get<std::string>()) > 0;
    };
  };

  ordered_json page;
  page["snapshot"] = about_snapshot(snapshot, enricher);
  page["server"] = server_row(snapshot, found);
  page["operator"] = operator_json(snapshot, found);
  page["endpoints"] = rows_json(endpoint_sheet(snapshot), first_is_one_of(names));
  page["sights"] = sights_json(snapshot, found);
  page["certificates"] = rows_json(certificate_sheet(snapshot), first_is_one_of(certificates));
  page["latest"] = latest_json(store, snapshot, found);
  page["history"] = sheet_json(server_history(store, endpoints));
  return page;
}

std::string server_page_text(const ordered_json& page_of_server, const Table::Page& page) {
  const ordered_json& server = page_of_server["server"];
  const ordered_json& snapshot = page_of_server["snapshot"];
  std::string text = harmless(server["name"].get<std::string>()) + "\n" + "From " +
                     snapshot["since"].get<std::string>() + " to " +
                     snapshot["until"].get<std::string>() + "; the history is of all time.\n";

  ordered_json facts = known_members(
      server, {"hosts",       "addresses",     "country",         "country_source", "city",
               "city_source", "asn",           "as_name",         "asn_source",     "provider",
               "kind",        "provider_rule", "provider_source", "software",       "tip_height",
               "vantages",    "outcomes",      "rtt_ms",          "connect_ms",     "joined_by",
               "changed",     "operator",      "first_seen",      "last_seen"});
  const ordered_json& operated_by = page_of_server["operator"];
  if (operated_by.is_object() && operated_by["servers"].size() > 1) {
    facts.push_back({{"name", "operator's servers"}, {"value", operated_by["servers"]}});
    for (const ordered_json& evidence : operated_by["evidence"]) {
      facts.push_back({{"name", "evidence"}, {"value", evidence}});
    }
  }
  const std::vector<Shown> pairs = {{"name", "what"}, {"value", "is"}};
  text += section("Server", facts, pairs, page);
  text += section("Endpoints", page_of_server["endpoints"],
                  {{"endpoint", "endpoint"},
                   {"outcomes", "outcomes"},
                   {"software", "software"},
                   {"protocol", "protocol"},
                   {"tip_height", "height", true},
                   {"tls", "tls"},
                   {"certificate", "certificate"}},
                  page);
  text += section("Seen from", page_of_server["sights"],
                  {{"vantage", "vantage"},
                   {"endpoint", "endpoint"},
                   {"reached", "reached", true},
                   {"tried", "tried", true},
                   {"rtt_ms", "rtt ms", true},
                   {"connect_ms", "connect ms", true},
                   {"samples", "samples", true}},
                  page);
  text += section("Certificates", page_of_server["certificates"],
                  {{"subject", "subject"},
                   {"issuer", "issuer"},
                   {"not_after", "valid until", false, true},
                   {"key", "key"},
                   {"state", "state"},
                   {"san", "names"},
                   {"sha256", "sha256"},
                   {"spki_sha256", "key sha256"}},
                  page);
  text += section("What it says of itself", said_members(page_of_server["latest"]), pairs, page);
  text += banner_text(page_of_server["latest"], page);
  text += section("History", page_of_server["history"],
                  {{"what", "what"},
                   {"value", "value"},
                   {"first_seen", "first seen", false, true},
                   {"last_seen", "last seen", false, true},
                   {"observations", "times", true},
                   {"detail", "detail"}},
                  page);
  return text;
}

}  // namespace observatory::host
