// SPDX-License-Identifier: MIT
// Runs `electrum-observatory geo`.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/catch2.h"
#include "tests/integration/process.h"

using namespace observatory::integration;

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

const std::string kVectors = OBSERVATORY_VECTORS;
const std::string kMmdb = kVectors + "/mmdb/";
const std::string kSmall = kVectors + "/libloc/small.db";

Result geo(Words arguments) {
  Words command = {OBSERVATORY_BINARY, "geo"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run(command);
}

Words lines_of(const std::string& text) {
  std::istringstream stream(text);
  Words lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// A table's cells, which stand two blanks apart.
Words cells_of(const std::string& line) {
  Words cells;
  std::size_t at = 0;
  while (at < line.size()) {
    const std::size_t end = std::min(line.find("  ", at), line.size());
    cells.push_back(line.substr(at, end - at));
    at = std::min(line.find_first_not_of(' ', end), line.size());
  }
  return cells;
}

}  // namespace

TEST_CASE("geo status names every source with date, age and licence") {
  const Words sources = {"status",
                         "--libloc",
                         kSmall,
                         "--mmdb",
                         kMmdb + "flat-asn.mmdb",
                         "--mmdb",
                         kMmdb + "GeoLite2-City-Test.mmdb"};
  Words twice = sources;
  twice.insert(twice.end(), {"--mmdb", kMmdb + "GeoLite2-City-Test.mmdb"});
  const Result table = geo(twice);
  REQUIRE(table.status == 0);
  const Words lines = lines_of(table.out);
  REQUIRE(lines.size() > 6);
  CHECK(cells_of(lines[0]) ==
        Words{"SOURCE", "GIVES", "ENTRIES", "DATE", "DAYS OLD", "LICENCE", "FILE"});
  const Words first = cells_of(lines[1]);
  CHECK(first[0] == "asn");
  CHECK(first[1] == "country, AS");
  CHECK(first[3] == "2026-11-21");
  CHECK(cells_of(lines[2])[0] == "GeoLite2-City");
  CHECK(cells_of(lines[4])[0] == "libloc");
  CHECK(cells_of(lines[4])[5] == "CC BY-SA 4.0");
  CHECK(cells_of(lines[5])[0] == "ipcat");
  CHECK(cells_of(lines[6])[0] == "AS table");
  CHECK(table.out.find("IPFire Location, https://location.ipfire.org, CC BY-SA 4.0\n") !=
        std::string::npos);
  // What a licence asks for is said once, however many files are under it.
  const std::size_t maxmind = table.out.find("GeoLite2 data created by MaxMind");
  CHECK(maxmind != std::string::npos);
  CHECK(table.out.find("GeoLite2 data created by MaxMind", maxmind + 1) == std::string::npos);

  Words as_json = sources;
  as_json.insert(as_json.end(), {"--format", "json"});
  const Result again = geo(as_json);
  REQUIRE(again.status == 0);
  const Json json = Json::parse(again.out);
  REQUIRE(json["sources"].size() == 5);
  CHECK(json["missing"].empty());
  CHECK(json["sources"][2]["name"] == "libloc");
  CHECK(json["sources"][2]["file"] == kSmall);
  CHECK(json["sources"][2]["date"] == "2026-10-01");
  CHECK(json["sources"][2]["entries"] == 10);
  CHECK(json["sources"][2]["values"] == Json{"country", "AS"});
  CHECK(json["sources"][0].count("licence") == 0);
  for (const Json& source : json["sources"]) CHECK(source["age_days"].is_number_integer());
}

TEST_CASE("data older than 90 days are named on standard error, not in the answer") {
  const Result old = geo({"lookup", "--no-libloc", "--mmdb", kMmdb + "GeoIP2-City-Test.mmdb",
                          "2.125.160.216", "--format", "json"});
  REQUIRE(old.status == 0);
  const std::size_t warning = old.err.find("data older than 90 days: GeoIP2-City of 2026-02-04 (");
  CHECK(warning != std::string::npos);
  CHECK(old.out.find("older") == std::string::npos);
  CHECK(old.out.find("age") == std::string::npos);
}

TEST_CASE("geo lookup gives each value with its source, date and rule") {
  const Result result = geo({"lookup", "--libloc", kSmall, "--mmdb", kMmdb + "flat-city-ipv4.mmdb",
                             "11.1.0.1", "2a0a:0001::0001", "127.0.0.1", "--format", "json"});
  REQUIRE(result.status == 0);
  const Json json = Json::parse(result.out);
  REQUIRE(json.size() == 3);
  CHECK(json[0] == Json::parse(R"({
    "address": "11.1.0.1",
    "country": {"code": "IS", "source": "city ipv4", "date": "2026-11-21"},
    "city": {"name": "Reykjavík", "source": "city ipv4", "date": "2026-11-21"},
    "coordinates": {"latitude": 64.125, "longitude": -21.75,
                    "source": "city ipv4", "date": "2026-11-21"},
    "network": {"asn": 24940, "name": "Hetzner Online GmbH",
                "source": "libloc", "date": "2026-10-01"},
    "provider": {"name": "Hetzner", "kind": "cloud", "rule": "asn",
                 "source": "AS table", "date": "2026-08-22"}})"));
  CHECK(json[1]["address"] == "2a0a:1::1");
  CHECK(json[1]["provider"]["name"] == "Cloudflare");
  CHECK(json[1].count("city") == 0);
  CHECK(
      json[2] ==
      Json::parse(R"({"address": "127.0.0.1", "provider": {"kind": "unknown", "rule": "none"}})"));

  const Result table =
      geo({"lookup", "11.1.0.1", "--libloc", kSmall, "--mmdb", kMmdb + "flat-city-ipv4.mmdb"});
  REQUIRE(table.status == 0);
  const Words lines = lines_of(table.out);
  REQUIRE(lines.size() == 8);
  CHECK(cells_of(lines[1]) == Words{"11.1.0.1", "country", "IS", "city ipv4", "2026-11-21"});
  CHECK(cells_of(lines[2])[2] == "Reykjavík");
  CHECK(cells_of(lines[3])[2] == "64.125 -21.75");
  CHECK(cells_of(lines[4])[2] == "AS24940 Hetzner Online GmbH");
  CHECK(cells_of(lines[7]) == Words{"11.1.0.1", "by rule", "asn", "AS table", "2026-08-22"});
}

TEST_CASE("geo lookup tells what annotations say, and that they do") {
  const TempFolder folder;
  const std::string notes = folder.write("notes",
                                         "11.1.0.1,operator,Alice\nAS24940,note,big\n"
                                         "11.1.0.1,provider,\"Alice, Inc.\"\n");
  const Result result =
      geo({"lookup", "--libloc", kSmall, "--annotations", notes, "11.1.0.1", "--format", "json"});
  REQUIRE(result.status == 0);
  const Json place = Json::parse(result.out)[0];
  CHECK(place["operator"] == "Alice");
  CHECK(place["note"] == "big");
  CHECK(place["provider"] == Json::parse(R"({"name": "Alice, Inc.", "kind": "cloud",
                                             "rule": "annotation", "source": "annotations"})"));
}

TEST_CASE("every corrupt MaxMind DB ends geo with a message that names the file") {
  int count = 0;
  for (const auto& entry : fs::directory_iterator(kMmdb + "bad")) {
    const std::string path = entry.path().string();
    CAPTURE(path);
    const Result result = geo({"lookup", "--mmdb", path, "1.1.1.1", "2.125.160.216", "2001:218::"});
    CHECK(result.status == 1);
    CHECK(result.out.empty());
    CHECK(result.err.substr(0, path.size() + 24) == "electrum-observatory: " + path + ": ");
    CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
    ++count;
  }
  CHECK(count == 23);
}

TEST_CASE("files that are no data end geo with a message, and nothing of libloc's own") {
  const TempFolder folder;
  const std::string text = folder.write("text", std::string(20000, 'x'));
  const std::string torn = folder.write("torn", content_of(kSmall).substr(0, 5000));
  const std::string note = folder.write("note", "x,operator,a\ny,size,b\n");
  const auto ends = [&](const char* option, const std::string& path, const std::string& why) {
    const Result result = geo({"status", option, path});
    CHECK(result.status == 1);
    CHECK(result.err == "electrum-observatory: " + path + ": " + why + "\n");
  };
  for (const char* const option : {"--mmdb", "--libloc", "--annotations"}) {
    ends(option, folder.path("none"), "No such file or directory");
    ends(option, folder.path(""), "not a regular file");
    ends(option, "/dev/full", "not a regular file");
  }
  ends("--mmdb", text, "not a MaxMind DB");
  ends("--libloc", text, "not a database of libloc");
  ends("--libloc", torn, "broken or torn: a part of it lies beyond its end");
  ends("--annotations", note,
       "line 2: \"size\" is no field (operator, provider, kind, country, city, latitude, "
       "longitude, note)");
}

TEST_CASE("what data say cannot command a terminal") {
  const TempFolder folder;
  const std::string notes = folder.write("notes", "11.1.0.1,provider,\x1b[31mred\n");
  const Result result = geo({"lookup", "--libloc", kSmall, "--annotations", notes, "11.1.0.1"});
  REQUIRE(result.status == 0);
  CHECK(result.out.find('\x1b') == std::string::npos);
  CHECK(result.out.find("\\u001b[31mred") != std::string::npos);
}

TEST_CASE("geo without sense is wrong usage") {
  CHECK(geo({}).status == 2);
  CHECK(geo({"lookup"}).status == 2);
  CHECK(geo({"lookup", "example.org"}).status == 2);
  CHECK(geo({"lookup", "example.org"}).err.find("example.org is not an IP address") !=
        std::string::npos);
  CHECK(geo({"status", "--format", "csv"}).status == 2);
  CHECK(geo({"status", "--libloc", kSmall, "--no-libloc"}).status == 2);
  CHECK(geo({"--help"}).status == 0);
}

TEST_CASE("where libloc has no database it is said what stays unknown, and the rest goes on") {
  // A file system of the process's own, with nothing where the database would be.
  const std::string hide =
      "mount -t tmpfs none /usr/share && exec '" OBSERVATORY_BINARY "' geo \"$@\"";
  const Words alone = {"unshare", "--mount", "--map-root-user", "sh", "-c"};
  Words probe = alone;
  probe.emplace_back("mount -t tmpfs none /usr/share");
  if (run(probe).status != 0) {
    WARN("skipped: no file systems of its own for a process here");
    return;
  }
  Words command = alone;
  command.insert(command.end(), {hide, "geo", "lookup", "136.107.155.173", "--format", "json"});
  const Result result = run(command);
  REQUIRE(result.status == 0);
  CHECK(result.err.find("electrum-observatory: no /usr/share/libloc-location/location.db (Debian's "
                        "package libloc-database): countries, networks and most providers are "
                        "unknown\n") != std::string::npos);
  const Json place = Json::parse(result.out)[0];
  CHECK(place.count("country") == 0);
  CHECK(place["provider"]["name"] == "Google");
}

TEST_CASE("libloc's installed database gives what another reader of it finds") {
  const std::string database = "/usr/share/libloc-location/location.db";
  if (!fs::exists(database)) {
    WARN("skipped: no " + database + " (Debian's package libloc-database)");
    return;
  }
  const Result other = run({"python3", kVectors + "/libloc/libloc.py", "sample", database, "3000"});
  REQUIRE(other.status == 0);
  const Words rows = lines_of(other.out);
  REQUIRE(rows.size() == 3000);
  Words command = {"lookup", "--format", "json"};
  for (const std::string& row : rows) command.push_back(row.substr(0, row.find('\t')));
  const Result ours = geo(command);
  REQUIRE(ours.status == 0);
  const Json places = Json::parse(ours.out);
  REQUIRE(places.size() == rows.size());
  int located = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Json& place = places[i];
    const Json country = place.value("country", Json::object());
    const Json network = place.value("network", Json::object());
    const std::string found = place.value("address", "") + "\t" + country.value("code", "") + "\t" +
                              std::to_string(network.value("asn", 0L)) + "\t" +
                              network.value("name", "");
    CHECK(found == rows[i]);
    located += country.empty() ? 0 : 1;
  }
  CHECK(located > 2000);
}
