// SPDX-License-Identifier: MIT
// Answers from snapshots that are made by hand.
#include <algorithm>
#include <string>
#include <vector>

#include "core/base/ip_text.h"
#include "targets/observatory/answers/certificate_sheet.h"
#include "targets/observatory/answers/diff.h"
#include "targets/observatory/answers/endpoint_sheet.h"
#include "targets/observatory/answers/facts_text.h"
#include "targets/observatory/answers/server_lookup.h"
#include "targets/observatory/answers/server_sheet.h"
#include "targets/observatory/answers/sheet_query.h"
#include "tests/catch2.h"

using namespace observatory;
using namespace observatory::host;

namespace {

constexpr std::int64_t kNoon = 1'795'348'800'000;  // 2026-11-22T12:00:00Z

IpAddress ip(std::string_view text) {
  IpAddress address;
  REQUIRE(read_ip(text, address));
  return address;
}

const Place& nowhere() {
  static const Place kNowhere;
  return kNowhere;
}

// A snapshot that grows server by server.
struct Network {
  // Adds a server with one endpoint, reached by each of `reached` vantages of `tried`.
  EndpointView& add(const std::string& host, std::uint16_t port, Transport transport,
                    std::uint32_t reached = 1, std::uint32_t tried = 1) {
    EndpointView& view = snapshot.endpoints.emplace_back();
    view.endpoint = {host, port, transport};
    view.server = static_cast<std::uint32_t>(snapshot.servers.size());
    view.first = kNoon - 3'600'000;
    view.last = kNoon;
    Server& server = snapshot.servers.emplace_back();
    server.name = host;
    server.endpoints = {static_cast<std::uint32_t>(snapshot.endpoints.size() - 1)};
    server.place = &nowhere();
    server.operated_by = static_cast<std::uint32_t>(snapshot.operators.size());
    server.tried = tried > 0;
    server.reached_any = reached > 0;
    snapshot.operators.push_back({host, false, {view.server}, {}});
    for (std::uint32_t vantage = 0; vantage < tried; ++vantage) {
      while (snapshot.vantages.size() <= vantage) {
        snapshot.vantages.push_back({"v" + std::to_string(snapshot.vantages.size()), 0, 0, false});
      }
      Sight sight;
      sight.tried = 2;
      sight.reached = vantage < reached ? 1 : 0;
      sight.min_us = 10'000 * (vantage + 1);
      sight.median_us = 12'345 * (vantage + 1);
      sight.samples = 2;
      view.sights[vantage] = sight;
      server.sights[vantage] = sight;
      view.outcomes[static_cast<std::size_t>(Outcome::kOk)] += sight.reached;
      view.outcomes[static_cast<std::size_t>(Outcome::kRefused)] += 2 - sight.reached;
    }
    return view;
  }

  Server& last() { return snapshot.servers.back(); }

  Snapshot snapshot;
};

void give_certificate(EndpointView& view, const std::string& sha256, const std::string& spki) {
  view.certificate.emplace();
  view.certificate->sha256 = sha256;
  view.certificate->spki_sha256 = spki;
  view.certificate->subject = "CN=" + view.endpoint.host;
}

Cell cell(const Sheet& sheet, std::size_t row, std::string_view name) {
  for (std::size_t i = 0; i < sheet.columns.size(); ++i) {
    if (sheet.columns[i].name == name) return sheet.rows.at(row).at(i);
  }
  FAIL("no column " << name);
  return {};
}

std::string names_after(Sheet sheet, const std::vector<std::string>& filters,
                        const std::string& order = "") {
  filter_rows(sheet, filters);
  if (!order.empty()) sort_rows(sheet, order);
  std::string names;
  for (const auto& row : sheet.rows) names += row.front().get<std::string>() + " ";
  return names;
}

Sheet animals() {
  return {{{"name", "name"}, {"legs", "legs", true}, {"wild", "wild"}, {"food", "food"}},
          {{"Ant", 6, true, {"Leaves", "sugar"}},
           {"bee", 6, nullptr, {"sugar"}},
           {"cow", 4, false, Cell::array()},
           {"snake", nullptr, true, {"cow"}}}};
}

// What changed, a line each: server, change, endpoint, before, after.
std::string text_of(const std::vector<Change>& changes) {
  std::string text;
  const Sheet sheet = change_sheet(changes);
  for (const auto& row : sheet.rows) {
    for (const Cell& item : row) text += cell_text(item) + "|";
    text += "\n";
  }
  return text;
}

std::string error_of(const std::string& filter) {
  try {
    const Filter made(filter, animals().columns);
  } catch (const QueryError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a filter keeps the rows for which it holds") {
  CHECK(names_after(animals(), {"name=ANT"}) == "Ant ");
  CHECK(names_after(animals(), {"name!=ant"}) == "bee cow snake ");
  CHECK(names_after(animals(), {"name~N"}) == "Ant snake ");
  CHECK(names_after(animals(), {"legs=6"}) == "Ant bee ");
  CHECK(names_after(animals(), {"legs<5"}) == "cow ");
  CHECK(names_after(animals(), {"legs>4"}) == "Ant bee ");
  CHECK(names_after(animals(), {"wild=yes"}) == "Ant snake ");
  CHECK(names_after(animals(), {"wild=false"}) == "cow ");
  CHECK(names_after(animals(), {"legs=6", "wild=true"}) == "Ant ");
  CHECK(names_after(animals(), {"name>b"}) == "bee cow snake ");
}

TEST_CASE("of a list one text is enough for a filter, and none may be what it excludes") {
  CHECK(names_after(animals(), {"food=sugar"}) == "Ant bee ");
  CHECK(names_after(animals(), {"food!=leaves"}) == "bee cow snake ");
  CHECK(names_after(animals(), {"food~ow"}) == "snake ");
}

TEST_CASE("what is not known is found by an empty value alone") {
  CHECK(names_after(animals(), {"legs="}) == "snake ");
  CHECK(names_after(animals(), {"legs!="}) == "Ant bee cow ");
  CHECK(names_after(animals(), {"food="}) == "cow ");
  CHECK(names_after(animals(), {"legs<100"}) == "Ant bee cow ");
  CHECK(names_after(animals(), {"legs~"}) == "Ant bee cow ");
}

TEST_CASE("a condition may hold the signs of another one") {
  const Sheet sheet{{{"name", "name"}}, {{"a=b"}, {"!~<>"}}};
  CHECK(names_after(sheet, {"name=a=b"}) == "a=b ");
  CHECK(names_after(sheet, {"name~<>"}) == "!~<> ");
}

TEST_CASE("a condition that makes no sense says what there is") {
  CHECK(error_of("name") ==
        "--filter name: expected KEY=VALUE, KEY!=VALUE, KEY~PART, KEY<VALUE or KEY>VALUE");
  CHECK(error_of("name!x").find("expected KEY=VALUE") != std::string::npos);
  CHECK(error_of("colour=red") ==
        "--filter colour=red: there is no column \"colour\"; there are name legs wild food");
  CHECK(error_of("name=") == "");
}

TEST_CASE("rows are sorted by numbers as numbers, and what is not known comes last") {
  CHECK(names_after(animals(), {}, "legs") == "cow Ant bee snake ");
  CHECK(names_after(animals(), {}, "legs:desc") == "Ant bee cow snake ");
  CHECK(names_after(animals(), {}, "name:desc") == "snake cow bee Ant ");
  CHECK_THROWS_AS(names_after(animals(), {}, "legs:down"), QueryError);
  CHECK_THROWS_AS(names_after(animals(), {}, "arms"), QueryError);
}

TEST_CASE("columns are chosen by name, in the order asked for") {
  Sheet sheet = animals();
  choose_columns(sheet, {"legs", "name"});
  CHECK(sheet_csv(sheet) == "legs,name\r\n6,Ant\r\n6,bee\r\n4,cow\r\n,snake\r\n");
  CHECK_THROWS_AS(choose_columns(sheet, {"wings"}), QueryError);
}

TEST_CASE("every column of servers has a name of its own and a meaning") {
  std::vector<std::string_view> names;
  for (const ServerColumn& column : server_columns()) {
    names.push_back(column.column.name);
    CHECK_FALSE(column.meaning.empty());
  }
  std::sort(names.begin(), names.end());
  CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
}

TEST_CASE("a row of a server has what its endpoints say and show together") {
  Network network;
  EndpointView& tls = network.add("a.example", 50002, Transport::kTls, 1, 2);
  tls.facts.emplace();
  tls.facts->protocol = "1.4.2";
  tls.facts->name_matches = false;
  tls.tip_height = 900'000;
  give_certificate(tls, "aa", "bb");
  tls.certificate->self_signed = true;
  tls.certificate->not_after = kNoon / 1000 - 1;
  Place place;
  place.country = "DE";
  place.asn = 64500;
  place.latitude = 52.5;
  place.longitude = 13.25;
  const DataSource source{"libloc", "", "2026-10-01", "CC BY-SA 4.0", ""};
  place.country_source = &source;
  Server& server = network.last();
  server.place = &place;
  server.addresses = {ip("203.0.113.7"), ip("2001:db8::1")};
  server.software = {"Fulcrum 2.1.1"};

  const Sheet sheet = server_sheet(network.snapshot);
  REQUIRE(sheet.rows.size() == 1);
  const auto text = [&](std::string_view name) { return cell_text(cell(sheet, 0, name)); };
  CHECK(text("name") == "a.example");
  CHECK(text("ports") == "s50002");
  CHECK(text("addresses") == "203.0.113.7, 2001:db8::1");
  CHECK(text("country") == "DE");
  CHECK(text("country_source") == "libloc 2026-10-01");
  CHECK(cell(sheet, 0, "asn") == 64500);
  CHECK(cell(sheet, 0, "city").is_null());
  CHECK(text("vantages") == "1/2");
  CHECK(cell(sheet, 0, "reached") == true);
  CHECK(cell(sheet, 0, "vantages_tried") == 2);
  CHECK(cell(sheet, 0, "rtt_ms") == 10.0);
  CHECK(cell(sheet, 0, "connect_ms") == 12.345);
  CHECK(cell(sheet, 0, "tip_height") == 900'000);
  CHECK(text("certificate") == "self-signed, expired, other name");
  CHECK(text("outcomes") == "refused 3, ok 1");
  CHECK(text("first_seen") == "2026-11-22T11:00:00Z");
  CHECK(text("last_seen") == "2026-11-22T12:00:00Z");
  const std::optional<Coordinates> where = coordinates_of(server);
  REQUIRE(where);
  CHECK(where->longitude == 13.25);
}

TEST_CASE("a certificate that several servers show is one row with all of them") {
  Network network;
  give_certificate(network.add("b.example", 50002, Transport::kTls), "cc", "key");
  give_certificate(network.add("a.example", 50002, Transport::kTls), "cc", "key");
  give_certificate(network.add("c.example", 443, Transport::kTls), "aa", "key");
  const Sheet sheet = certificate_sheet(network.snapshot);
  REQUIRE(sheet.rows.size() == 2);
  CHECK(cell(sheet, 0, "sha256") == "aa");
  CHECK(cell_text(cell(sheet, 1, "servers")) == "a.example, b.example");
  CHECK(cell_text(cell(sheet, 1, "endpoints")) == "b.example:50002:s, a.example:50002:s");
}

TEST_CASE("endpoints are written as the probe takes them") {
  CHECK(endpoint_text({"a.example", 50001, Transport::kTcp}) == "a.example:50001:t");
  CHECK(endpoint_text({"2001:db8::1", 50002, Transport::kTls}) == "[2001:db8::1]:50002:s");
  Network network;
  network.add("a.example", 50001, Transport::kTcp, 0, 1);
  const Sheet sheet = endpoint_sheet(network.snapshot);
  CHECK(cell(sheet, 0, "endpoint") == "a.example:50001:t");
  CHECK(cell(sheet, 0, "reached") == false);
  CHECK(cell(sheet, 0, "server") == "a.example");
}

TEST_CASE("a server is found by name, host, endpoint and address") {
  Network network;
  network.add("a.example", 50001, Transport::kTcp);
  network.last().addresses = {ip("203.0.113.7")};
  network.add("2001:db8::1", 50002, Transport::kTls);
  network.last().addresses = {ip("2001:db8::1")};
  network.add("b.example", 50001, Transport::kTcp);
  network.last().addresses = {ip("203.0.113.7")};
  using Found = std::vector<std::uint32_t>;
  const Snapshot& snapshot = network.snapshot;
  CHECK(servers_named(snapshot, "A.Example") == Found{0});
  CHECK(servers_named(snapshot, "a.example:50001") == Found{0});
  CHECK(servers_named(snapshot, "a.example:50001:t") == Found{0});
  CHECK(servers_named(snapshot, "a.example:50001:s").empty());
  CHECK(servers_named(snapshot, "[2001:db8::1]:50002:s") == Found{1});
  CHECK(servers_named(snapshot, "2001:0db8:0::1") == Found{1});
  CHECK(servers_named(snapshot, "203.0.113.7") == Found{0, 2});
  CHECK(servers_named(snapshot, "").empty());
}

TEST_CASE("the closest names come by distance, and far ones not at all") {
  Network network;
  for (const char* const name :
       {"electrum.example.org", "electrum2.example.org", "fulcrum.example.net", "x.test"}) {
    network.add(name, 50001, Transport::kTcp);
  }
  using Names = std::vector<std::string>;
  CHECK(closest_names(network.snapshot, "elektrum.example.org", 2) ==
        Names{"electrum.example.org", "electrum2.example.org"});
  CHECK(closest_names(network.snapshot, "fulcrum") == Names{"fulcrum.example.net"});
  CHECK(closest_names(network.snapshot, "nothing-like-it-at-all").empty());
  CHECK(closest_names(network.snapshot, std::string(100'000, 'x')).empty());
}

TEST_CASE("servers come and go by being reached") {
  Network before;
  before.add("down.example", 1, Transport::kTcp, 0, 1);
  before.add("gone.example", 1, Transport::kTcp);
  before.add("same.example", 1, Transport::kTcp);
  before.add("vanished.example", 1, Transport::kTcp);
  before.add("silent.example", 1, Transport::kTcp, 0, 1);
  Network after;
  after.add("down.example", 1, Transport::kTcp);
  after.add("gone.example", 1, Transport::kTcp, 0, 1);
  after.add("new.example", 1, Transport::kTcp);
  after.add("same.example", 1, Transport::kTcp);
  CHECK(text_of(diff(before.snapshot, after.snapshot)) ==
        "down.example|came||refused 2|ok 1, refused 1|\n"
        "gone.example|went||ok 1, refused 1|refused 2|\n"
        "new.example|came||not tried|ok 1, refused 1|\n"
        "vanished.example|went||ok 1, refused 1|not tried|\n");
  CHECK(diff(after.snapshot, after.snapshot).empty());
}

TEST_CASE("a certificate that is renewed with its key is told from another one") {
  Network before;
  give_certificate(before.add("a.example", 2, Transport::kTls), "a1", "k1");
  give_certificate(before.add("b.example", 2, Transport::kTls), "b1", "k2");
  before.add("c.example", 2, Transport::kTls);
  Network after;
  give_certificate(after.add("a.example", 2, Transport::kTls), "a2", "k1");
  give_certificate(after.add("b.example", 2, Transport::kTls), "b2", "k3");
  give_certificate(after.add("c.example", 2, Transport::kTls), "c1", "k4");
  CHECK(text_of(diff(before.snapshot, after.snapshot)) ==
        "a.example|certificate|a.example:2:s|a1, CN=a.example|a2, CN=a.example, same key|\n"
        "b.example|certificate|b.example:2:s|b1, CN=b.example|b2, CN=b.example|\n");
}

TEST_CASE("software, addresses and providers are compared where both sides know them") {
  Place hetzner;
  hetzner.provider = "Hetzner";
  Place network_only;
  network_only.asn = 64500;
  network_only.as_name = "Example Ltd";
  Network before;
  before.add("a.example", 1, Transport::kTcp);
  before.last().software = {"ElectrumX 1.16.0"};
  before.last().addresses = {ip("203.0.113.7")};
  before.last().place = &hetzner;
  before.add("b.example", 1, Transport::kTcp);
  before.last().software = {"Fulcrum 1.9"};
  Network after;
  after.add("a.example", 1, Transport::kTcp);
  after.last().software = {"Fulcrum 2.1.1"};
  after.last().addresses = {ip("203.0.113.8")};
  after.last().place = &network_only;
  after.add("b.example", 1, Transport::kTcp);
  CHECK(text_of(diff(before.snapshot, after.snapshot)) ==
        "a.example|software||ElectrumX 1.16.0|Fulcrum 2.1.1|\n"
        "a.example|address||203.0.113.7|203.0.113.8|\n"
        "a.example|provider||Hetzner|AS64500 Example Ltd|\n");
}

TEST_CASE("a server that is listed under another name is met again by its address") {
  Network before;
  before.add("203.0.113.7", 1, Transport::kTcp);
  before.last().addresses = {ip("203.0.113.7")};
  before.last().software = {"a"};
  Network after;
  after.add("a.example", 1, Transport::kTcp);
  after.last().addresses = {ip("203.0.113.7")};
  after.last().software = {"b"};
  CHECK(text_of(diff(before.snapshot, after.snapshot)) == "a.example|software||a|b|\n");
}

TEST_CASE("two servers that became one did not go") {
  Network before;
  before.add("a.example", 1, Transport::kTcp);
  before.add("b.example", 1, Transport::kTcp);
  Network after;
  after.add("a.example", 1, Transport::kTcp);
  EndpointView& other = after.snapshot.endpoints.emplace_back(after.snapshot.endpoints.front());
  other.endpoint.host = "b.example";
  after.last().endpoints = {0, 1};
  CHECK(diff(before.snapshot, after.snapshot).empty());
}
