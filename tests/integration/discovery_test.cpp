// SPDX-License-Identifier: MIT
// --discover, --dns-seed and --allow-private against the demo network and a name server, in a
// network that has nothing but the loopback interface.
#include <atomic>
#include <set>

#include "tests/catch2.h"
#include "tests/integration/demo_process.h"
#include "tests/support/dns_server.h"
#include "tests/support/isolated_network.h"

namespace observatory::integration {
namespace {

using test::DnsQuery;
using test::DnsReply;
using test::kA;
using test::kAaaa;

// Servers that answer at once; the first announces more of the others than it has peers to make up.
constexpr const char* kServers =
    "many-peers,electrumx-1.20.0,fulcrum-2.1.1,fulcrum-1.9.8,electrs-0.10.9,electrumx-1.16.0";
std::string many_peers() { return own_network() + "22"; }
std::string nobody() { return own_network() + "201"; }

bool cannot_isolate() {
  const std::string problem = test::isolate_network("nameserver 127.0.0.1\n");
  if (problem.empty()) return false;
  WARN("skipped: " << problem);
  return true;
}

// A name server where the probe looks for one.
class Names {
 public:
  using Records = std::map<std::string, std::vector<std::string>>;

  explicit Names(Records records)
      : server_([records =
                     std::move(records)](const DnsQuery& query) { return answer(records, query); },
                "127.0.0.1", 53) {}

  std::set<std::string> asked() const {
    std::set<std::string> names;
    for (const DnsQuery& query : server_.queries()) names.insert(query.name);
    return names;
  }

 private:
  static std::vector<test::DnsServer::Datagram> answer(const Records& records,
                                                       const DnsQuery& query) {
    DnsReply reply(query);
    const auto found = records.find(query.name);
    const auto any = records.find("*");
    if (found == records.end() && any == records.end()) return {{reply.rcode(3).bytes()}};
    for (const std::string& address : (found == records.end() ? any : found)->second) {
      const bool v6 = address.find(':') != std::string::npos;
      if (v6 && query.type == kAaaa) reply.aaaa(query.name, address);
      if (!v6 && query.type == kA) reply.a(query.name, address);
    }
    return {{reply.bytes()}};
  }

  test::DnsServer server_;
};

Result probe(const Words& arguments) {
  Words words = probe_command();
  words.insert(words.end(), arguments.begin(), arguments.end());
  return run(words);
}

std::set<std::string> endpoints(const Log& log) {
  std::set<std::string> all;
  for (const Json& observation : log.observations) all.insert(endpoint_of(observation));
  CHECK(all.size() == log.observations.size());
  return all;
}

// A demo server, and not one of the hosts that they make up.
bool is_address(const Json& observation) {
  return text_of(observation, "host").starts_with("127.");
}

}  // namespace

TEST_CASE("with --allow-private every demo server is found from one, each once") {
  if (cannot_isolate()) return;
  const Names names({});
  const DemoProcess network(kServers);
  const std::vector<std::string> slots = {"1", "4"};
  std::set<std::string> truth;
  for (const Json& endpoint : network.truth()) truth.insert(endpoint_of(endpoint));
  REQUIRE(truth.size() == 12);
  for (const std::string& count : slots) {
    const Result result = probe(
        {many_peers() + ":50001:t", "--discover", "1000", "--allow-private", "--slots", count});
    INFO(result.err);
    CHECK(result.status == 0);
    const Log log = read_log(result.out);
    std::set<std::string> demo;
    std::map<std::string, Json> by_number;
    for (const Json& observation : log.observations) {
      by_number[text_of(observation, "seq")] = observation;
      const std::string who = text_of(observation, "announced_by");
      if (&observation != &log.observations.front()) {
        // Whoever announced it has it in its list, and was seen before.
        REQUIRE(by_number.count(who) == 1);
        const Json& announcer = by_number.at(who);
        CHECK(text_of(announcer, "outcome") == "ok");
        CHECK(text_of(announcer, "electrum.peers.list")
                  .find("\"" + text_of(observation, "host") + "\"") != std::string::npos);
      } else {
        CHECK(who == "absent");
      }
      if (is_address(observation)) {
        // Lists name servers of the network that do not run now, too.
        if (text_of(observation, "outcome") == "ok") demo.insert(endpoint_of(observation));
        CHECK((truth.count(endpoint_of(observation)) == 1) ==
              (text_of(observation, "outcome") == "ok"));
      } else {
        CHECK(text_of(observation, "outcome") == "dns_failed");
      }
    }
    CHECK(demo == truth);
    CHECK(endpoints(log).size() == log.observations.size());
    CHECK(text_of(log.end, "followed") == std::to_string(log.observations.size() - 1));
    CHECK(text_of(log.end, "refused") == "0");
    CHECK(std::stoi(text_of(log.end, "announced")) > 200);
  }
}

TEST_CASE("without it nothing that is not global is connected to, be it an address or a name") {
  if (cannot_isolate()) return;
  // Every name of the world leads into the network of the device.
  const Names names({{"*", {nobody(), "::1", "::ffff:10.0.0.1"}}});
  const Descriptor door = silent_listener(nobody(), 50001);
  const Descriptor other_door = silent_listener(nobody(), 50002);
  const DemoProcess network(kServers);
  const long begun = test::connections_begun();
  const Result result = probe({many_peers() + ":50001:t", "--discover", "1000"});
  const long ended = test::connections_begun();
  INFO(result.err);
  CHECK(result.status == 0);
  const Log log = read_log(result.out);
  REQUIRE(log.observations.size() > 100);
  CHECK(text_of(log.observations[0], "outcome") == "ok");
  for (std::size_t i = 1; i < log.observations.size(); ++i) {
    CHECK(text_of(log.observations[i], "outcome") == "forbidden_address");
    CHECK(text_of(log.observations[i], "announced_by") == "1");
    CHECK_FALSE(has(log.observations[i], "ip"));
    CHECK_FALSE(is_address(log.observations[i]));
  }
  // The other servers of the network, by their addresses.
  const Json* const peers = find(log.observations[0], "electrum.peers.list");
  REQUIRE(peers != nullptr);
  std::size_t refused = 0;
  for (const Json& row : peers->items()) {
    if (!to_text(row).starts_with("[\"127.")) continue;
    const std::string words = row.items()[2].text();
    for (std::size_t i = 1; i < words.size(); ++i) {
      if (words[i - 1] == ' ' && (words[i] == 's' || words[i] == 't')) ++refused;
    }
  }
  CHECK(refused > 20);
  CHECK(text_of(log.end, "refused") == std::to_string(refused));
  CHECK(text_of(log.end, "followed") == std::to_string(log.observations.size() - 1));
  // The kernel counts every connection of this network, and has seen the listed one alone.
  CHECK(ended - begun == 1);
}

TEST_CASE("no more is followed than --discover allows") {
  if (cannot_isolate()) return;
  const Names names({});
  const DemoProcess network(kServers);
  const Result result =
      probe({many_peers() + ":50001:t", "--discover", "7", "--allow-private", "-q"});
  const Log log = read_log(result.out);
  CHECK(log.observations.size() == 8);
  CHECK(text_of(log.end, "followed") == "7");
}

TEST_CASE("each address of a DNS seed is visited, and only global ones unless allowed") {
  if (cannot_isolate()) return;
  const DemoProcess network("electrs-0.10.9,fulcrum-2.1.1");
  const std::string first = own_network() + "9";
  const std::string second = own_network() + "6";
  const Names names({{"seed.example", {first, second}}, {"six.example", {"::1"}}});
  const Result allowed = probe({"--dns-seed", "Seed.example", "--dns-seed", "six.example:50001:t",
                                "--allow-private", first + ":50002:s"});
  INFO(allowed.err);
  CHECK(allowed.status == 0);
  const Log log = read_log(allowed.out);
  CHECK(endpoints(log) == std::set<std::string>{first + ":50001:tcp", first + ":50002:tls",
                                                second + ":50001:tcp", second + ":50002:tls",
                                                "::1:50001:tcp"});
  const std::map<std::string, Json> seen = by_endpoint(log);
  CHECK(text_of(seen.at(first + ":50001:tcp"), "seed") == "seed.example");
  CHECK(text_of(seen.at(first + ":50001:tcp"), "outcome") == "ok");
  CHECK(text_of(seen.at(first + ":50002:tls"), "seed") == "absent");  // listed
  CHECK(text_of(seen.at("::1:50001:tcp"), "seed") == "six.example");
  CHECK(text_of(log.end, "announced") == "5");
  CHECK(text_of(log.end, "followed") == "4");
  CHECK(text_of(log.end, "duplicates") == "1");

  const long begun = test::connections_begun();
  const Result refused = probe({"--dns-seed", "seed.example", "--dns-seed", "six.example"});
  CHECK(test::connections_begun() == begun);
  CHECK(refused.status == 0);
  CHECK(refused.err.empty());
  const Log nothing = read_log(refused.out);
  CHECK(nothing.observations.empty());
  CHECK(text_of(nothing.end, "refused") == "6");
  CHECK(text_of(nothing.end, "followed") == "0");
}

TEST_CASE("a DNS seed that gives nothing is told, and the rest of the run goes on") {
  if (cannot_isolate()) return;
  const DemoProcess network("electrs-0.10.9");
  const Names names(Names::Records{{"empty.example", {}}});
  const std::string server = own_network() + "9";
  const Result result = probe({"--dns-seed", "none.example", "--dns-seed", "empty.example",
                               "--dns-seed", "hidden.onion", server + ":50001:t"});
  CHECK(result.status == 1);
  CHECK(result.err ==
        "electrum-probe: DNS seed `none.example`: the name has no address\n"
        "electrum-probe: DNS seed `empty.example`: the name has no address\n"
        "electrum-probe: DNS seed `hidden.onion`: the name has no address\n");
  CHECK(names.asked() == std::set<std::string>{"none.example", "empty.example"});
  const Log log = read_log(result.out);
  REQUIRE(log.observations.size() == 1);
  CHECK(text_of(log.observations[0], "outcome") == "ok");
  CHECK(text_of(log.end, "bad_lines") == "3");
}

TEST_CASE("a DNS seed without a name server is told") {
  if (cannot_isolate()) return;
  const Result result = probe({"--dns-seed", "seed.example"});
  CHECK(result.status == 1);
  CHECK(result.err == "electrum-probe: DNS seed `seed.example`: no name server could tell\n");
}

}  // namespace observatory::integration
