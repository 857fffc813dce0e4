// SPDX-License-Identifier: MIT
// `electrum-observatory metrics` over a network that does not exist, of which everything is known:
// tests/network/generate.py wrote its logs and what is true of it.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/catch2.h"
#include "tests/integration/process.h"

using namespace observatory::integration;
using Json = nlohmann::ordered_json;

namespace {

const Words kLogs = {"berlin-0.jsonl", "paris-1.jsonl", "virginia-2.jsonl", "tokyo-3.jsonl"};

// Generated and taken in once.
class Network {
 public:
  static const Network& get() {
    static const Network network;
    return network;
  }

  std::string path(const std::string& name) const { return folder_.path(name); }
  const Json& truth() const { return truth_; }

  void ingest(const std::string& database, const Words& logs) const {
    Words command = {OBSERVATORY_BINARY, "ingest", "--db", path(database)};
    for (const std::string& log : logs) command.push_back(path(log));
    REQUIRE(run(command).status == 0);
  }

  Result ask(const Words& arguments, const std::string& database = "db") const {
    Words command = {OBSERVATORY_BINARY,     "metrics",     "--db",
                     path(database),         "--no-libloc", "--annotations",
                     path("annotations.csv")};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return run(command);
  }

  Json json(Words arguments) const {
    arguments.insert(arguments.end(), {"--format", "json"});
    const Result result = ask(arguments);
    INFO(result.err);
    REQUIRE(result.status == 0);
    return Json::parse(result.out);
  }

 private:
  Network() {
    const Result result = run({"python3", GENERATOR, folder_.path(""), "--servers", "60",
                               "--vantages", "4", "--days", "2", "--every", "7200"});
    INFO(result.err);
    REQUIRE(result.status == 0);
    truth_ = Json::parse(content_of(path("truth.json")));
    ingest("db", kLogs);
  }

  TempFolder folder_;
  Json truth_;
};

// Each value of `truth` that `found` has not, by its path; counts what was compared.
void compare(const Json& truth, const Json& found, const std::string& path, Words& differences,
             std::size_t& compared) {
  if (truth.is_object() && found.is_object()) {
    for (const auto& [name, value] : truth.items()) {
      if (found.contains(name)) {
        compare(value, found.at(name), path + "/" + name, differences, compared);
      } else {
        differences.push_back(path + "/" + name + " is missing");
      }
    }
    return;
  }
  if (truth.is_array() && found.is_array() && truth.size() == found.size()) {
    for (std::size_t i = 0; i < truth.size(); ++i) {
      compare(truth[i], found[i], path + "/" + std::to_string(i), differences, compared);
    }
    return;
  }
  ++compared;
  const bool equal =
      truth.is_number_float() && found.is_number()
          ? std::abs(truth.get<double>() - found.get<double>()) <= 1e-12 * truth.get<double>()
          : truth == found;
  if (!equal) differences.push_back(path + ": " + truth.dump() + " is " + found.dump());
}

Words differences_of(const Json& truth, const Json& found) {
  Words differences;
  std::size_t compared = 0;
  compare(truth, found, "", differences, compared);
  CHECK(compared > 500);
  return differences;
}

Words lines_of(const std::string& text) {
  Words lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("metrics are what is true of the network, in the latest day and in all of its time") {
  const Network& network = Network::get();
  CHECK(differences_of(network.truth().at("day"), network.json({})) == Words());
  const Json& everything = network.truth().at("all");
  const Json found = network.json({"--since", "2w"});
  Json wanted = everything;
  wanted["snapshot"].erase("since");
  CHECK(differences_of(wanted, found) == Words());
  CHECK(found["snapshot"]["undated"] == network.truth().at("undated"));
  CHECK(found["snapshot"]["observations"] > network.json({})["snapshot"]["observations"]);
}

TEST_CASE("metrics are the same bytes each time, whatever the order in which logs came in") {
  const Network& network = Network::get();
  const std::string first = network.ask({"--format", "json"}).out;
  REQUIRE_FALSE(first.empty());
  CHECK((network.ask({"--format", "json"}).out == first));
  network.ingest("reversed", Words(kLogs.rbegin(), kLogs.rend()));
  CHECK((network.ask({"--format", "json"}, "reversed").out == first));
}

TEST_CASE("metrics have every field that is promised") {
  const Json json = Network::get().json({});
  const auto has = [&](const std::string& path, const Words& names) {
    const Json& part = json.at(Json::json_pointer(path));
    for (const std::string& name : names) {
      CAPTURE(path, name);
      CHECK(part.contains(name));
    }
  };
  has("",
      {"snapshot", "reachability", "geography", "concentration", "software", "latency", "risk"});
  has("/snapshot", {"since", "until", "vantages", "runs", "observations", "endpoints", "servers",
                    "operators", "data"});
  has("/snapshot/data/0", {"source", "date"});
  has("/reachability", {"tcp", "tls", "servers", "outcomes", "by_vantage", "unseen"});
  for (const char* const transport : {"/reachability/tcp", "/reachability/tls"}) {
    has(transport, {"tried", "reached", "ratio", "ci95"});
  }
  has("/reachability/servers",
      {"known", "reached_any", "reached_majority", "reached_all", "ratio", "ci95"});
  has("/reachability/outcomes", {"tcp", "tls"});
  has("/reachability/by_vantage/0", {"vantage", "tried", "reached", "suspect"});
  has("/reachability/unseen", {"method", "observed", "estimate", "se", "coverage"});
  has("/geography", {"country", "city", "asn", "organisation", "unlocated", "onion"});
  has("/geography/country/0", {"key", "count", "share"});
  has("/concentration",
      {"provider", "asn", "country", "operator", "cloud_share", "kinds", "certificate_reuse"});
  for (const char* const by : {"provider", "asn", "country", "operator"}) {
    has("/concentration/" + std::string(by),
        {"groups", "n", "hhi", "hhi_unbiased", "effective", "entropy", "gini", "nakamoto_50",
         "nakamoto_33", "top1", "top3", "ci95", "shares"});
  }
  has("/concentration/provider/ci95", {"hhi", "effective", "nakamoto_50", "top1"});
  has("/concentration/cloud_share", {"known", "upper"});
  has("/concentration/certificate_reuse/0", {"by", "value", "servers"});
  has("/software", {"implementation", "version", "observed", "verdict"});
  has("/software/verdict", {"confirmed", "modified", "spoofed", "unknown", "unjudged"});
  has("/latency", {"pairs", "by_server", "clusters", "impossible_geo", "pools"});
  has("/latency/by_server/0", {"server", "vantage", "min_us", "median_us", "n"});
  has("/risk", {"single_pick", "eclipse", "self_signed_share", "plain_tcp_share", "expired_share",
                "name_mismatch_share", "transparency"});
}

TEST_CASE("groups that are named are printed, and no others") {
  const Network& network = Network::get();
  const Json json = network.json({"risk", "software"});
  Words names;
  for (const auto& [name, value] : json.items()) names.push_back(name);
  CHECK(names == Words{"snapshot", "software", "risk"});
  CHECK(json["software"] == network.json({})["software"]);
}

TEST_CASE("a question may be of some vantages, another chain, a time, or what was reached") {
  const Network& network = Network::get();
  const Json& truth = network.truth().at("day");
  const Json all = network.json({"reachability"});

  const Json berlin = network.json({"reachability", "--vantage", "berlin-0"});
  CHECK(berlin["snapshot"]["vantages"] == 1);
  REQUIRE(berlin["reachability"]["by_vantage"].size() == 1);
  const Json& seen = truth["reachability"]["by_vantage"][0];
  CHECK(berlin["reachability"]["by_vantage"][0]["vantage"] == "berlin-0");
  CHECK(berlin["reachability"]["by_vantage"][0]["reached"] == seen["reached"]);
  const Json two = network.json({"--vantage", "berlin-0", "--vantage", "paris-1", "reachability"});
  CHECK(two["snapshot"]["vantages"] == 2);

  const Json& others = truth["snapshot"]["other_chains"];
  REQUIRE(others.size() == 1);
  const Json testnet = network.json({"reachability", "--chain", "testnet4"});
  CHECK(testnet["reachability"]["servers"]["reached_any"] == others[0]["servers"]);
  CHECK(testnet["snapshot"]["chain"] == "testnet4");

  const std::string until = all["snapshot"]["until"];
  const Json day = network.json({"reachability", "--at", until});
  CHECK(day["reachability"] == all["reachability"]);
  CHECK(network.json({"reachability", "--since", "24h"})["reachability"] == all["reachability"]);
  const Json hours = network.json({"reachability", "--until", until, "--since", "3h"});
  CHECK(hours["snapshot"]["observations"] < all["snapshot"]["observations"]);
  const Json none = network.json({"--since", "2020-01-01", "--until", "2020-01-02T03:04:05Z"});
  CHECK(none["snapshot"]["observations"] == 0);
  const Result told = network.ask({"--since", "2020-01-01", "--until", "2020-01-02"});
  CHECK(told.status == 0);
  CHECK(contains(told.err, "no observations of that chain in that time"));
  CHECK(none["snapshot"]["until"] == "2020-01-02T03:04:05Z");

  const Json reached = network.json({"reachability", "--reached"});
  CHECK(reached["reachability"]["servers"]["ratio"] == 1.0);
  CHECK(reached["snapshot"]["reached_only"] == true);
  CHECK(all["snapshot"]["reached_only"] == false);
  CHECK(reached["snapshot"]["servers"] == truth["reachability"]["servers"]["reached_any"]);
}

TEST_CASE("questions that make no sense are refused by name") {
  const Network& network = Network::get();
  for (const Words& wrong :
       {Words{"weather"}, Words{"--format", "xml"}, Words{"--since", "yesterday"},
        Words{"--since", "2025-02-30"}, Words{"--until", "2025-06-30T24:00"},
        Words{"--at", "1d", "--since", "2d"}, Words{"--chain", "dogecoin"}}) {
    CAPTURE(wrong);
    const Result result = network.ask(wrong);
    CHECK(result.status == 2);
    CHECK(result.out.empty());
    CHECK(contains(result.err, wrong[0]));
  }
  Result result = network.ask({"--vantage", "atlantis"});
  CHECK(result.status == 1);
  CHECK(contains(result.err, "--vantage: the database knows no \"atlantis\""));
  CHECK(contains(result.err, "tokyo-3"));
  result = network.ask({"--since", "2025-06-02", "--until", "2025-06-01"});
  CHECK(result.status == 1);
  CHECK(contains(result.err, "--since and --until"));
  result = run({OBSERVATORY_BINARY, "metrics", "--db", network.path("missing")});
  CHECK(result.status == 1);
  CHECK(contains(result.err, "missing"));
}

TEST_CASE("CSV has a line for each figure, and no cell that a spreadsheet could obey") {
  const Network& network = Network::get();
  const std::string run_record =
      R"({"type":"run","v":1,"vantage":"=v","run":"00000000000000aa","t":1751200000000,)"
      R"("clock":"ntp"})";
  const std::string visit =
      R"({"type":"observation","v":1,"vantage":"=v","run":"00000000000000aa","seq":1,)"
      R"("t":1751200000000,"host":"a.example","port":1,"transport":"tcp","outcome":"ok",)"
      R"("electrum":{"software":"=HYPERLINK(\"x\",1)\u001b[31m 1.0"}})";
  std::ofstream(network.path("hostile.jsonl")) << run_record << "\n" << visit << "\n";
  network.ingest("hostile", {"hostile.jsonl"});
  const Words lines = lines_of(network.ask({"--format", "csv"}, "hostile").out);
  REQUIRE_FALSE(lines.empty());
  CHECK(lines[0] == "group,metric,key,value\r");
  const auto has = [&](const std::string& line) {
    return std::find(lines.begin(), lines.end(), line + "\r") != lines.end();
  };
  CHECK(has("snapshot,servers,,1"));
  CHECK(has("reachability,tcp.ratio,,1.0"));
  CHECK(has("reachability,by_vantage.suspect,'=v,false"));
  CHECK(has(R"(software,version.count,"'=HYPERLINK(""x"",1)\u001b[31m 1.0",1)"));
  CHECK(has("reachability,outcomes.tcp.ok,,1"));
  for (const std::string& line : lines) {
    CHECK_FALSE(contains(line, ",="));
    CHECK_FALSE(contains(line, "\x1b"));
  }
  const Words big = lines_of(network.ask({"--format", "csv"}).out);
  const Json& servers = network.truth().at("day").at("reachability").at("servers");
  CHECK(std::find(big.begin(), big.end(),
                  "reachability,servers.reached_all,," + servers.at("reached_all").dump() + "\r") !=
        big.end());

  const std::string table = network.ask({}, "hostile").out;
  CHECK_FALSE(contains(table, "\x1b"));
}

TEST_CASE("tables have a section for each group and name the data they stand on") {
  const Network& network = Network::get();
  const Result result = network.ask({});
  CHECK(result.status == 0);
  for (const std::string_view part :
       {"REACHABILITY", "GEOGRAPHY", "CONCENTRATION", "SOFTWARE", "LATENCY", "RISK", "Hetzner",
        "testnet4", "ipcat of 20", "Electrum"}) {
    CAPTURE(part);
    CHECK(contains(result.out, part));
  }
  CHECK(contains(result.out, " more\n"));
  const Result longer = network.ask({"--top", "0"});
  CHECK_FALSE(contains(longer.out, " more\n"));
  CHECK(lines_of(longer.out).size() > lines_of(result.out).size());
  const Result one = network.ask({"geography"});
  CHECK(contains(one.out, "GEOGRAPHY"));
  CHECK_FALSE(contains(one.out, "RISK"));
}
