// SPDX-License-Identifier: MIT
// Manners of whole runs, judged by what the servers saw: pauses, ceilings, back-off, opt-outs.
#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/catch2.h"
#include "tests/scenario/scenario.h"

namespace observatory::scenario {
namespace {

using manners::kHour;
using manners::kMinute;

constexpr Micros kWeek = 7 * 24 * kHour;
constexpr std::string_view kLimit = R"({"code":-101,"message":"excessive resource usage"})";

// One server, by the address and port where it listens, and the group that its address is in.
struct Watched {
  std::string address;
  std::string network;
  std::uint16_t port;
  sim::ScriptedServer* server;
};

// All times at which somebody connected, by what they have in common.
std::map<std::string, std::vector<Instant>> times_by(
    const std::vector<Watched>& servers, const std::function<std::string(const Watched&)>& group) {
  std::map<std::string, std::vector<Instant>> times;
  for (const Watched& watched : servers) {
    auto& of_group = times[group(watched)];
    const auto& connected = watched.server->connect_times();
    of_group.insert(of_group.end(), connected.begin(), connected.end());
  }
  for (auto& [name, of_group] : times) std::sort(of_group.begin(), of_group.end());
  return times;
}

Micros smallest_gap(const std::vector<Instant>& times) {
  Micros smallest = kWeek;
  for (std::size_t i = 1; i < times.size(); ++i) {
    smallest = std::min(smallest, times[i] - times[i - 1]);
  }
  return smallest;
}

// The most in any hour.
std::size_t busiest_hour(const std::vector<Instant>& times) {
  std::size_t most = 0;
  for (std::size_t first = 0, last = 0; last < times.size(); ++last) {
    while (times[last] - times[first] >= kHour) ++first;
    most = std::max(most, last - first + 1);
  }
  return most;
}

std::string endpoint_of(const Watched& watched) {
  return watched.address + " " + std::to_string(watched.port);
}

// What must hold whatever was listed. Ends are not visible to a server, beginnings are.
void check_manners(const std::vector<Watched>& servers) {
  for (const auto& [name, times] : times_by(servers, endpoint_of)) {
    INFO(name);
    CHECK(busiest_hour(times) <= 2);
  }
  for (const auto& [name, times] : times_by(servers, [](const auto& w) { return w.address; })) {
    INFO(name);
    CHECK(smallest_gap(times) >= 5 * kSecond);
    CHECK(busiest_hour(times) <= 12);
  }
  for (const auto& [name, times] : times_by(servers, [](const auto& w) { return w.network; })) {
    INFO(name);
    CHECK(smallest_gap(times) >= 1 * kSecond);
    CHECK(busiest_hour(times) <= 60);
  }
}

// --- A week of lists that nobody would write.

class Week {
 public:
  explicit Week(std::uint64_t seed)
      : scenario(static_cast<std::size_t>(1 + seed % 6), seed),
        random_(seed * 104729),
        networks_(1 + draw(12)) {
    scenario.world.step_limit(200'000'000);
    scenario.output.text_only();
    scenario.options.visits = static_cast<std::uint32_t>(1 + draw(40));
    scenario.options.every = static_cast<Micros>(1 + draw(6 * 3600)) * kSecond;
    const std::size_t endpoints = 10 + draw(60);
    for (std::size_t i = 0; i < endpoints; ++i) add(i);
  }

  Scenario scenario;
  std::vector<Watched> servers;

 private:
  std::size_t draw(std::size_t below) { return static_cast<std::size_t>(random_() % below); }

  void add(std::size_t number) {
    const bool v6 = draw(3) == 0;
    const std::string in_network = std::to_string(1 + draw(20));
    const std::string network = std::to_string(draw(networks_));
    // The networks of one number are neighbours that have all but the last bits in common.
    Watched watched;
    watched.network = (v6 ? "2001:db8:" : "198.51.") + network;
    // A /48 is larger than a /64: addresses in several of its subnets.
    watched.address = v6 ? watched.network + ":" + std::to_string(draw(3)) + "::" + in_network
                         : watched.network + "." + in_network;
    watched.port = static_cast<std::uint16_t>(50000 + draw(6));
    watched.server = &scenario.world.listen(sim::ip(watched.address), watched.port);
    const auto same = std::find_if(servers.begin(), servers.end(), [&](const Watched& other) {
      return other.server == watched.server;
    });
    if (same == servers.end()) {
      servers.push_back(watched);
      behave(*watched.server);
    }

    std::string listed = v6 ? "[" + watched.address + "]" : watched.address;
    if (draw(2) == 0) {
      listed = "h" + std::to_string(number) + ".example";
      std::vector<IpAddress> addresses = {sim::ip(watched.address)};
      // Some have further addresses, of other servers or of none.
      while (draw(3) == 0) addresses.push_back(sim::ip(servers[draw(servers.size())].address));
      scenario.world.name(listed, addresses, static_cast<Micros>(draw(3000)) * kMillisecond);
    } else if (!v6 && draw(5) == 0) {
      listed = "[::ffff:" + watched.address + "]";  // the same server in other clothes
      scenario.world.name(listed, {sim::ip(watched.address)});
    }
    scenario.visit(listed + ":" + std::to_string(watched.port) + ":t");
  }

  void behave(sim::ScriptedServer& server) {
    server.round_trip(static_cast<Micros>(1 + draw(300)) * kMillisecond);
    switch (draw(10)) {
      case 0:
        server.refuse();
        break;
      case 1:
        server.ignore();
        break;
      case 2:
        server.close_on_accept();
        break;
      case 3:
        server.reset_on_accept();
        break;
      case 4:
        server.on_line(electrumx().error("server.version", kLimit));
        break;
      case 5:
        server.on_line(electrumx().silent("server.version"));
        break;
      default:
        server.on_line(electrumx().takes("server.banner", static_cast<Micros>(draw(9)) * kSecond));
    }
  }

  std::mt19937_64 random_;
  std::size_t networks_;
};

TEST_CASE("whatever is listed, no server and no network sees more than manners allow, for a week") {
  std::size_t connections = 0;
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    INFO("seed " << seed);
    Week week(seed);
    const Instant end = week.scenario.world.now() + kWeek;
    week.scenario.run_until([&] { return week.scenario.world.now() >= end; });
    if (!week.scenario.scheduler().done()) week.scenario.stop();
    week.scenario.run();
    check_manners(week.servers);
    for (const Watched& watched : week.servers)
      connections += watched.server->connect_times().size();
  }
  CHECK(connections > 10'000);  // else nothing was tested
}

// --- Each rule by itself.

// Names that lead to `address`, each with a port of its own.
void add_ports(Scenario& scenario, std::vector<Watched>& servers, const std::string& address,
               int count) {
  for (int i = 0; i < count; ++i) {
    const auto port = static_cast<std::uint16_t>(1000 + i);
    auto& server = scenario.world.listen(sim::ip(address), port).on_line(electrumx());
    servers.push_back({address, "", port, &server});
    scenario.visit(address + ":" + std::to_string(port) + ":t");
  }
}

TEST_CASE("visits to one address are five seconds apart, and twelve in an hour") {
  Scenario scenario(4);
  std::vector<Watched> servers;
  add_ports(scenario, servers, "192.0.2.1", 30);
  scenario.run();
  CHECK(scenario.observations().size() == 30);
  for (const Kept* kept : scenario.observations()) CHECK(kept->outcome() == "ok");
  const auto times = times_by(servers, [](const auto& w) { return w.address; })["192.0.2.1"];
  REQUIRE(times.size() == 30);
  for (std::size_t i = 1; i < 12; ++i) {
    CHECK(times[i] - times[i - 1] >= 5 * kSecond);
    CHECK(times[i] - times[i - 1] <= 5 * kSecond + 500 * kMillisecond);
  }
  CHECK(busiest_hour(times) == 12);
  // Not stricter than it must be: the ceiling counts in steps of ten minutes.
  CHECK(times[12] - times[0] <= 70 * kMinute);
  CHECK(times[29] - times[0] <= 2 * 70 * kMinute + 2 * kMinute);
}

TEST_CASE("the pause at an address runs from the end of a visit") {
  Scenario scenario(2);
  // 20 ms there and back to connect, 3 s until the last reply has come.
  auto& slow = scenario.world.listen("192.0.2.1"_ip, 1)
                   .on_line(electrumx().takes("server.features", 3 * kSecond - 60 * kMillisecond));
  auto& next = scenario.world.listen("192.0.2.1"_ip, 2).on_line(electrumx());
  scenario.visit("192.0.2.1:1:t");
  scenario.visit("192.0.2.1:2:t");
  scenario.run();
  const Micros between = next.connect_times().at(0) - slow.connect_times().at(0);
  CHECK(between >= 8 * kSecond);
  CHECK(between <= 8 * kSecond + 200 * kMillisecond);
}

TEST_CASE("an endpoint is visited twice in an hour, under whatever names") {
  const std::size_t slots = GENERATE(1, 3);
  Scenario scenario(slots);
  auto& server = scenario.world.listen("192.0.2.1"_ip, 1).on_line(electrumx());
  for (int i = 0; i < 7; ++i) {
    const std::string name = "n" + std::to_string(i) + ".example";
    scenario.world.name(name, {"192.0.2.1"_ip});
    scenario.visit(name + ":1:t");
  }
  scenario.run();
  CHECK(scenario.observations().size() == 7);
  CHECK(scenario.end().number(FieldId::kReached) == 7);
  // Once to find out that it is too early, once when it is not, however often it had to wait; and
  // once more for each slot that wanted the same moment.
  for (int i = 0; i < 7; ++i) {
    CHECK(scenario.world.lookup_times("n" + std::to_string(i) + ".example").size() <= 1 + slots);
  }
  const auto& times = server.connect_times();
  REQUIRE(times.size() == 7);
  for (std::size_t i = 2; i < 7; ++i) {
    CHECK(times[i] - times[i - 2] >= kHour);
    CHECK(times[i] - times[i - 2] <= kHour + 10 * kSecond);
  }
}

TEST_CASE("visits into one network are a second apart, and sixty in an hour") {
  const bool v6 = GENERATE(false, true);
  Scenario scenario(8);
  std::vector<Watched> servers;
  for (int i = 1; i <= 70; ++i) {
    const std::string address =
        v6 ? "2001:db8:7:" + std::to_string(i) + "::1" : "192.0.2." + std::to_string(i);
    auto& server = scenario.world.listen(sim::ip(address), 1).on_line(electrumx());
    servers.push_back({address, "n", 1, &server});
    scenario.visit((v6 ? "[" + address + "]" : address) + ":1:t");
  }
  scenario.run();
  CHECK(scenario.end().number(FieldId::kReached) == 70);
  const auto times = times_by(servers, [](const auto& w) { return w.network; })["n"];
  CHECK(smallest_gap(times) >= 1 * kSecond);
  CHECK(busiest_hour(times) == 60);
  CHECK(times[59] - times[0] <= 66 * kSecond);
  CHECK(times[69] - times[0] <= 71 * kMinute);
}

TEST_CASE("this machine itself needs no pause") {
  const std::string host = GENERATE("127.0.0.1", "[::1]", "[::ffff:127.0.0.9]");
  Scenario scenario;
  const std::string bare = host.front() == '[' ? host.substr(1, host.size() - 2) : host;
  scenario.options.visits = 20;
  scenario.options.every = 1 * kSecond;
  auto& limits_us = scenario.world.listen(sim::ip(bare), 1);
  limits_us.on_line(electrumx().error("server.version", kLimit));
  auto& closes = scenario.world.listen(sim::ip(bare), 2).close_on_accept();
  scenario.visit(host + ":1:t");
  scenario.visit(host + ":2:t");
  scenario.run();
  CHECK(limits_us.connect_times().size() == 20);
  CHECK(closes.connect_times().size() == 20);
  CHECK_FALSE(scenario.end().number(FieldId::kHeldBack));
  CHECK(scenario.elapsed() < 21 * kSecond);
}

// --- Servers that want to be left alone.

TEST_CASE("a server that limits us is left alone for six hours, the whole address") {
  // Said in the place of an answer, or behind one.
  const bool at_once = GENERATE(true, false);
  Scenario scenario;
  auto& limits_us = scenario.world.listen("192.0.2.1"_ip, 1);
  limits_us.on_line(electrumx().error(at_once ? "server.version" : "server.banner", kLimit));
  auto& beside = scenario.world.listen("192.0.2.1"_ip, 2).on_line(electrumx());
  auto& neighbour = scenario.world.listen("192.0.2.2"_ip, 1).on_line(electrumx());
  scenario.options.visits = 9;
  scenario.options.every = 1 * kHour;
  for (const std::string_view endpoint : {"192.0.2.1:1:t", "192.0.2.1:2:t", "192.0.2.2:1:t"}) {
    scenario.visit(endpoint);
  }
  scenario.run();
  const auto& times = limits_us.connect_times();
  REQUIRE(times.size() == 2);  // at 0 and 6 hours, or 7
  CHECK(times[1] - times[0] >= 6 * kHour);
  CHECK(times[1] - times[0] <= 7 * kHour + kMinute);
  for (const Instant when : beside.connect_times()) {
    CHECK((when < times[0] || when - times[0] >= 6 * kHour));
  }
  CHECK(neighbour.connect_times().size() == 9);
  CHECK(scenario.observations().size() == 27);
  std::size_t held_back = 0;
  for (const Kept* kept : scenario.observations()) {
    if (kept->outcome() != "held_back") continue;
    ++held_back;
    CHECK(kept->phases().empty());
    CHECK(kept->text(FieldId::kHost) == "192.0.2.1");
    CHECK(kept->json().find("\"ip\":\"192.0.2.1\"") != std::string::npos);
  }
  CHECK(held_back == 18 - times.size() - beside.connect_times().size());
  CHECK(scenario.end().number(FieldId::kHeldBack) == static_cast<Micros>(held_back));
}

TEST_CASE("an endpoint that closes or resets in the place of an answer is left alone") {
  const int how = GENERATE(0, 1, 2, 3);
  Scenario scenario;
  auto& rude = scenario.world.listen("192.0.2.1"_ip, 1);
  if (how == 0) rude.close_on_accept();
  if (how == 1) rude.reset_on_accept();
  if (how == 2)
    rude.on_line(electrumx().only_version().silent("server.version").hangs_up_on("server.version"));
  if (how == 3) rude.on_bytes([](sim::Connection& client, ByteView) { client.close(); });
  auto& beside = scenario.world.listen("192.0.2.1"_ip, 2).on_line(electrumx());
  scenario.options.visits = 8;
  scenario.options.every = 1 * kHour;
  scenario.visit(how == 3 ? "192.0.2.1:1:s" : "192.0.2.1:1:t");
  scenario.visit("192.0.2.1:2:t");
  scenario.run();
  const auto& times = rude.connect_times();
  REQUIRE(times.size() == 2);
  CHECK(times[1] - times[0] >= 6 * kHour);
  CHECK(beside.connect_times().size() == 8);
  CHECK(scenario.end().number(FieldId::kHeldBack) == 6);
}

TEST_CASE("refusals, silence and nonsense are no reason to stay away") {
  const int how = GENERATE(0, 1, 2);
  Scenario scenario;
  auto& server = scenario.world.listen("192.0.2.1"_ip, 1);
  if (how == 0) server.refuse();
  if (how == 1) server.ignore();
  if (how == 2) server.on_line(electrumx().line("server.version", "no JSON\n"));
  scenario.options.visits = 5;
  scenario.visit("192.0.2.1:1:t");
  scenario.run();
  CHECK(server.connect_times().size() == 5);
  CHECK_FALSE(scenario.end().number(FieldId::kHeldBack));
}

TEST_CASE("an address that is left alone does not keep the others of its name from being seen") {
  Scenario scenario;
  scenario.world.listen("192.0.2.1"_ip, 1).close_on_accept();
  scenario.world.listen("198.51.100.1"_ip, 1).on_line(electrumx());
  scenario.world.name("two.example", {"192.0.2.1"_ip, "198.51.100.1"_ip});
  scenario.visit("192.0.2.1:1:t");
  scenario.visit("two.example:1:t");
  scenario.run();
  CHECK(scenario.at("192.0.2.1:1:t").outcome() == "closed");
  CHECK(scenario.at("two.example:1:t").outcome() == "ok");
  CHECK_FALSE(scenario.end().number(FieldId::kHeldBack));
}

// --- Those who opted out.

TEST_CASE("nobody who opted out is connected to, by name, address or network") {
  Scenario scenario(2);
  for (const std::string_view line :
       {"by-name.example", ".below.example", "192.0.2.1", "198.51.100.0/24", "2001:db8:5::/48"}) {
    REQUIRE(scenario.opt_out.add_line(line).empty());
  }
  scenario.options.visits = 3;
  scenario.options.every = 1 * kHour;
  std::vector<sim::ScriptedServer*> silent;
  const auto leads_to = [&](const std::string& host, std::vector<IpAddress> addresses) {
    for (const IpAddress& ip : addresses) {
      silent.push_back(&scenario.world.listen(ip, 1).on_line(electrumx()));
    }
    scenario.world.name(host, addresses);
    scenario.visit(host + ":1:t");
  };
  leads_to("By-Name.example", {"203.0.113.1"_ip});
  leads_to("deep.below.example", {"203.0.113.2"_ip});
  leads_to("below.example", {"203.0.113.3"_ip});
  leads_to("other.example", {"192.0.2.1"_ip});
  leads_to("two.example", {"198.51.100.7"_ip, "2001:db8:5:9::1"_ip});
  leads_to("mapped.example", {"::ffff:198.51.100.8"_ip});
  scenario.visit("192.0.2.1:1:s");
  scenario.visit("[2001:db8:5::1]:1:t");
  scenario.visit("[64:ff9b::192.0.2.1]:1:t");
  auto& seen = scenario.world.listen("203.0.113.9"_ip, 1).on_line(electrumx());
  scenario.world.name("notbelow.example", {"203.0.113.9"_ip});
  scenario.visit("notbelow.example:1:t");
  // One address of two: the other one is visited.
  auto& half = scenario.world.listen("203.0.113.10"_ip, 1).on_line(electrumx());
  scenario.world.name("half.example", {"192.0.2.1"_ip, "203.0.113.10"_ip});
  scenario.visit("half.example:1:t");
  scenario.run();

  for (const sim::ScriptedServer* server : silent) CHECK(server->connect_times().empty());
  CHECK(seen.connect_times().size() == 3);
  CHECK(half.connect_times().size() == 3);
  for (const std::string_view name : {"by-name.example", "deep.below.example", "below.example"}) {
    CHECK(scenario.world.lookup_times(name).empty());
  }
  std::map<std::string, int> outcomes;
  for (const Kept* kept : scenario.observations()) ++outcomes[kept->outcome()];
  // Each once, and half.example's first address by itself.
  CHECK(outcomes["opted_out"] == 9 + 1);
  CHECK(outcomes["ok"] == 6);
  CHECK(scenario.end().number(FieldId::kOptedOut) == outcomes["opted_out"]);
}

// --- Memory that is full.

TEST_CASE("more servers than the table of visits holds wait, and none goes out unpaced") {
  Scenario scenario(4);
  scenario.world.step_limit(500'000'000);
  // Each takes an entry for its endpoint, its address and its network.
  constexpr int kServers = static_cast<int>(limits::kManners);
  std::vector<Watched> servers;
  for (int i = 0; i < kServers; ++i) {
    const std::string network =
        std::to_string(i / 250 + 100) + "." + std::to_string(i % 250) + ".1";
    const std::string address = network + ".1";
    auto& server = scenario.world.listen(sim::ip(address), 1).on_line(electrumx());
    servers.push_back({address, network, 1, &server});
    for (const std::string& name : {"a" + std::to_string(i) + ".example", address}) {
      scenario.world.name(name, {sim::ip(address)});
      scenario.visit(name + ":1:t");
    }
  }
  scenario.run();
  CHECK(scenario.end().number(FieldId::kReached) == 2 * kServers);
  check_manners(servers);
  // It takes its hours, and no more of them than it must.
  CHECK(scenario.elapsed() >= 2 * kHour);
  CHECK(scenario.elapsed() <= 8 * kHour);
}

TEST_CASE("a visit for which the agenda has no room waits in its slot and is made all the same") {
  Scenario scenario(2);
  const std::string longest =
      std::string(63, 'x') + "." + std::string(63, 'y') + "." + std::string(63, 'z') + ".";
  constexpr int kNames = 200;  // with 250 bytes each: more than there is room for
  auto& server = scenario.world.listen("192.0.2.1"_ip, 1).on_line(electrumx());
  scenario.options.visits = 2;
  scenario.options.every = 30 * kMinute;
  for (int i = 0; i < kNames; ++i) {
    const std::string host = longest + std::to_string(i);
    scenario.world.name(host, {"127.0.0.1"_ip});
    scenario.world.listen("127.0.0.1"_ip, static_cast<std::uint16_t>(100 + i)).refuse();
    scenario.visit(host + ":" + std::to_string(100 + i) + ":t");
  }
  for (int i = 0; i < 3; ++i) {
    const std::string host = "late" + std::to_string(i) + ".example";
    scenario.world.name(host, {"192.0.2.1"_ip});
    scenario.visit(host + ":1:t");
  }
  scenario.run();
  const auto once = scenario.end().number(FieldId::kNotRepeated);
  REQUIRE(once);
  CHECK(*once > 50);
  CHECK(scenario.end().number(FieldId::kObservations) == 2 * (kNames + 3) - *once);
  CHECK(busiest_hour(server.connect_times()) == 2);
  CHECK(server.connect_times().size() >= 3);
}

// --- What manners cost.

// As the bundled list: hosts with a TCP and a TLS endpoint each, side by side.
Micros list_takes(const std::string& network, std::size_t slots, int hosts) {
  Scenario scenario(slots);
  for (int i = 0; i < hosts; ++i) {
    const std::string address = network + std::to_string(i) + ".1";
    scenario.world.listen(sim::ip(address), 1).round_trip(80 * kMillisecond).on_line(electrumx());
    scenario.world.listen(sim::ip(address), 2)
        .round_trip(80 * kMillisecond)
        .on_bytes(tls_server(electrumx()));
    const std::string name = "h" + std::to_string(i) + ".example";
    scenario.world.name(name, {sim::ip(address)}, 30 * kMillisecond);
    scenario.visit(name + ":1:t");
    scenario.visit(name + ":2:s");
  }
  scenario.run();
  CHECK(scenario.end().number(FieldId::kReached) == 2 * hosts);
  return scenario.elapsed();
}

TEST_CASE("a list of eighty servers takes hardly longer with manners than without") {
  const std::size_t slots = GENERATE(1, 4);
  const Micros without = list_takes("127.7.", slots, 80);
  const Micros with = list_takes("198.7.", slots, 80);
  INFO(slots << " slots: " << without / kMillisecond << " ms without, " << with / kMillisecond
             << " ms with");
  CHECK(with <= without + without / 4 + 6 * kSecond);
  // A server alone: the pause between its two endpoints.
  CHECK(list_takes("198.7.", 1, 1) <= list_takes("127.7.", 1, 1) + 6 * kSecond);
}

TEST_CASE("an interrupted run with visits still to come says so") {
  Scenario scenario;
  scenario.world.listen("192.0.2.1"_ip, 1).on_line(electrumx());
  scenario.options.visits = 2;
  scenario.visit("192.0.2.1:1:t");
  scenario.world.after(kMinute, [&] {
    scenario.stop();
    scenario.world.wake();
  });
  scenario.run();
  CHECK(scenario.elapsed() == kMinute);
  CHECK(scenario.scheduler().interrupted());
  CHECK(scenario.end().number(FieldId::kInterrupted) == 1);
  CHECK(scenario.end().number(FieldId::kObservations) == 1);
}

}  // namespace
}  // namespace observatory::scenario
