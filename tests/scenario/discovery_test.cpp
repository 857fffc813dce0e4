// SPDX-License-Identifier: MIT
// Endpoints that servers and DNS seeds name: which are visited, in what order, and which never.
#include <algorithm>
#include <set>
#include <string>

#include "core/run/dns_seeds.h"
#include "tests/catch2.h"
#include "tests/scenario/scenario.h"

namespace observatory::scenario {
namespace {

using Texts = std::vector<std::string>;

std::string peer_row(std::string_view address, std::string_view host, std::string_view words) {
  std::string row = "[\"";
  row.append(address).append("\",\"").append(host).append("\",[\"").append(words).append("\"]]");
  return row;
}

// A server that announces these rows, one a peer.
ElectrumServer announcing(const Texts& rows) {
  std::string list = "[";
  for (const std::string& row : rows) list += (list.size() > 1 ? "," : "") + row;
  ElectrumServer server = electrumx();
  server.result("server.peers.subscribe", list + "]");
  return server;
}

Texts endpoints(const Scenario& scenario) {
  Texts all;
  for (const Kept* kept : scenario.observations()) all.push_back(kept->endpoint());
  return all;
}

struct Counts {
  Micros announced = -1;
  Micros followed = -1;
  Micros refused = -1;

  friend bool operator==(const Counts&, const Counts&) = default;
};

Counts counts(const Scenario& scenario) {
  const Kept& end = scenario.end();
  return {end.number(FieldId::kAnnounced).value_or(-1), end.number(FieldId::kFollowed).value_or(-1),
          end.number(FieldId::kRefused).value_or(-1)};
}

// Two hundred servers, each in a network of its own, so that manners let them be visited at once.
// Number i announces 2i + 1, 2i + 2 (a tree), itself, the one that announced it and the root
// (cycles); in vain beyond the last.
std::string nth_host(std::size_t i) { return "4." + std::to_string(i) + ".0.1"; }

void build_tree(Scenario& scenario, std::size_t servers) {
  for (std::size_t i = 0; i < servers; ++i) {
    Texts rows;
    for (const std::size_t peer : {2 * i + 1, 2 * i + 2, i, (i - 1) / 2, std::size_t{0}}) {
      if (peer < servers) rows.push_back(peer_row(nth_host(peer), nth_host(peer), "t1"));
    }
    scenario.world.listen(sim::ip(nth_host(i)), 1).on_line(announcing(rows));
  }
}

TEST_CASE("servers that announce each other are each visited once, breadth first") {
  constexpr std::size_t kServers = 200;
  const std::size_t most = GENERATE(1, 7, 100, 199, 1024);
  const std::size_t slots = GENERATE(1, 4);
  CAPTURE(most, slots);
  Scenario scenario(slots);
  scenario.options.discovery.most = most;
  build_tree(scenario, kServers);
  scenario.visit(nth_host(0) + ":1:t");
  scenario.run();

  const std::size_t visited = std::min(most + 1, kServers);
  const Texts seen = endpoints(scenario);
  REQUIRE(seen.size() == visited);
  std::map<std::string, std::size_t> depth{{nth_host(0) + ":1:t", 0}};
  std::map<Micros, std::string> by_number;
  std::size_t before = 0;
  for (const Kept* kept : scenario.observations()) {
    by_number[*kept->number(FieldId::kSeq)] = kept->endpoint();
    const auto who = kept->number(FieldId::kAnnouncedBy);
    CHECK(who.has_value() == (kept->endpoint() != seen[0]));
    if (!who) continue;
    // Whoever announced it was observed before, and announces it indeed.
    REQUIRE(by_number.count(*who) == 1);
    const std::size_t level = depth.at(by_number.at(*who)) + 1;
    depth[kept->endpoint()] = level;
    CHECK(level >= before);
    before = level;
  }
  if (slots == 1) {
    // Level by level, in the order of the announcements: the numbers of a binary heap.
    for (std::size_t i = 0; i < visited; ++i) CHECK(seen[i] == nth_host(i) + ":1:t");
  }
  CHECK(std::set<std::string>(seen.begin(), seen.end()).size() == visited);
  CHECK(counts(scenario).followed == static_cast<Micros>(visited) - 1);
  CHECK(counts(scenario).refused == 0);
  CHECK(scenario.end().number(FieldId::kObservations) == static_cast<Micros>(visited));
  CHECK_FALSE(scenario.end().number(FieldId::kDuplicates));
}

TEST_CASE("without --discover nobody is followed and nothing is counted") {
  Scenario scenario;
  build_tree(scenario, 3);
  scenario.visit(nth_host(0) + ":1:t");
  scenario.run();
  CHECK(scenario.observations().size() == 1);
  CHECK(counts(scenario) == Counts{-1, -1, -1});
}

TEST_CASE("what is listed is visited first and as listed, also when a server announces it before") {
  Scenario scenario;
  scenario.options.discovery.most = 2;
  scenario.world.name("inside.example", {"192.168.1.7"_ip});
  scenario.world.listen("192.168.1.7"_ip, 1).on_line(announcing({}));
  for (const std::string_view host : {"45.0.2.1", "45.0.3.1", "45.0.4.1"}) {
    scenario.world.listen(sim::ip(host), 1).on_line(announcing({}));
  }
  scenario.world.listen("45.0.1.1"_ip, 1)
      .on_line(announcing(
          {peer_row("45.0.2.1", "inside.example", "t1"), peer_row("45.0.2.1", "45.0.2.1", "t1")}));
  scenario.world.listen("45.0.4.1"_ip, 1)
      .on_line(announcing({peer_row("45.0.3.1", "45.0.3.1", "t1")}));
  scenario.visit("45.0.1.1:1:t");
  scenario.visit("inside.example:1:t");
  scenario.list.pause(3);
  scenario.visit("45.0.4.1:1:t");
  scenario.run();
  CHECK(endpoints(scenario) == Texts{"45.0.1.1:1:t", "inside.example:1:t", "45.0.4.1:1:t",
                                     "45.0.2.1:1:t", "45.0.3.1:1:t"});
  CHECK(scenario.at("inside.example:1:t").outcome() == "ok");
  CHECK_FALSE(scenario.at("inside.example:1:t").number(FieldId::kAnnouncedBy));
  CHECK(scenario.at("45.0.2.1:1:t").number(FieldId::kAnnouncedBy) == 1);
  CHECK(scenario.at("45.0.3.1:1:t").number(FieldId::kAnnouncedBy) == 3);
  // The place of what was listed after all is free again.
  CHECK(counts(scenario).followed == 2);
  CHECK_FALSE(scenario.end().number(FieldId::kDuplicates));
}

TEST_CASE("what was announced waits for the end of a list without keeping the device awake") {
  Scenario scenario;
  scenario.options.discovery.most = 1;
  scenario.world.listen("45.0.1.1"_ip, 1)
      .on_line(announcing({peer_row("45.0.2.1", "45.0.2.1", "t1")}));
  scenario.world.listen("45.0.2.1"_ip, 1).on_line(announcing({}));
  scenario.visit("45.0.1.1:1:t");
  scenario.list.pause(100);
  scenario.run();
  REQUIRE(scenario.observations().size() == 2);
  CHECK(scenario.observations()[1]->written_at() - scenario.observations()[0]->written_at() >=
        100 * limits::kRetry);
}

// Every way to write an address that is not for everybody.
const Texts kInside = {"192.168.1.1",
                       "10.0.0.1",
                       "127.0.0.1",
                       "169.254.169.254",
                       "100.64.0.1",
                       "224.0.0.1",
                       "192.0.2.1",
                       "0.0.0.0",
                       "255.255.255.255",
                       "::1",
                       "::",
                       "fe80::1",
                       "fd00::1",
                       "ff02::1",
                       "2001:db8::1",
                       "::ffff:10.0.0.1",
                       "::ffff:a00:1",
                       "::10.0.0.1",
                       "64:ff9b::a00:1",
                       "2002:a00:1::1",
                       "2001::1",
                       "[::1]",
                       "[::ffff:10.0.0.1]",
                       "::FFFF:10.0.0.1"};

TEST_CASE("announced addresses that are not global are refused and counted") {
  const bool allowed = GENERATE(false, true);
  Scenario scenario;
  scenario.options.discovery.most = 100;
  if (allowed) scenario.options.discovery.reach = Reach::kAnywhere;
  Texts rows;
  for (const std::string& inside : kInside) rows.push_back(peer_row("45.0.2.1", inside, "t1"));
  rows.push_back(peer_row("10.9.9.9", "", "t1"));  // no host: the address
  rows.push_back(peer_row("10.9.9.9", "45.0.2.1", "t1"));
  scenario.world.listen("45.0.1.1"_ip, 1).on_line(announcing(rows));
  scenario.world.listen("45.0.2.1"_ip, 1).on_line(announcing({}));
  scenario.visit("45.0.1.1:1:t");
  scenario.run();
  const auto refused = static_cast<Micros>(kInside.size()) + 1;
  if (allowed) {
    // "::1" and "[::1]" are one, as are the ways to write the mapped address.
    CHECK(counts(scenario) == Counts{refused + 1, refused + 1 - 4, 0});
    CHECK(scenario.observations().size() == static_cast<std::size_t>(refused) + 2 - 4);
  } else {
    CHECK(counts(scenario) == Counts{refused + 1, 1, refused});
    CHECK(endpoints(scenario) == Texts{"45.0.1.1:1:t", "45.0.2.1:1:t"});
  }
}

// A server at 45.0.0.1 that announces `name`, and servers wherever that might lead.
struct World {
  World() {
    scenario.options.discovery.most = 10;
    scenario.world.listen("45.0.1.1"_ip, 1)
        .on_line(announcing({peer_row("45.0.9.1", "name.example", "t1")}));
    inside.on_line(announcing({}));
    outside.on_line(announcing({}));
    scenario.visit("45.0.1.1:1:t");
  }
  const Kept& visit() { return scenario.at("name.example:1:t"); }

  Scenario scenario;
  sim::ScriptedServer& inside = scenario.world.listen("192.168.1.1"_ip, 1);
  sim::ScriptedServer& outside = scenario.world.listen("45.0.9.1"_ip, 1);
};

TEST_CASE("an announced name that leads into a network of its own is not connected to") {
  World world;
  world.scenario.world.name("name.example", {"192.168.1.1"_ip, "fe80::1"_ip, "::1"_ip});
  world.scenario.run();
  CHECK(world.visit().outcome() == "forbidden_address");
  CHECK(world.visit().phases() == "dns");
  CHECK(world.visit().number(FieldId::kAddresses) == 3);
  CHECK_FALSE(world.visit().record().has(FieldId::kIp));
  CHECK(world.inside.connect_times().empty());
}

TEST_CASE("of an announced name's addresses only the global ones are tried") {
  World world;
  const bool refuses = GENERATE(false, true);
  if (refuses) world.outside.refuse();
  world.scenario.world.name("name.example",
                            {"192.168.1.1"_ip, "45.0.9.1"_ip, "::ffff:192.168.1.1"_ip});
  world.scenario.run();
  CHECK(world.visit().outcome() == (refuses ? "refused" : "ok"));
  CHECK(world.visit().number(FieldId::kAddresses) == 3);
  CHECK(world.visit().json().find("\"ip\":\"45.0.9.1\"") != std::string::npos);
  CHECK(world.outside.connect_times().size() == 1);
  CHECK(world.inside.connect_times().empty());
}

TEST_CASE("with --allow-private an announced name may lead anywhere") {
  World world;
  world.scenario.options.discovery.reach = Reach::kAnywhere;
  world.scenario.world.name("name.example", {"192.168.1.1"_ip});
  world.scenario.run();
  CHECK(world.visit().outcome() == "ok");
  CHECK(world.inside.connect_times().size() == 1);
}

TEST_CASE("a name that leads elsewhere at a later visit is looked at again") {
  // Announced on two ports: two visits, two lookups, and another answer in between.
  World world;
  world.scenario.world.listen("45.0.1.1"_ip, 1)
      .on_line(announcing({peer_row("45.0.9.1", "name.example", "t1\",\"s1")}));
  world.scenario.world.name("name.example", {"45.0.9.1"_ip});
  world.scenario.output.on_visit([&](const Endpoint& endpoint) {
    if (endpoint.transport != Transport::kTls) return;
    world.scenario.world.name("name.example", {"192.168.1.1"_ip});
  });
  world.scenario.run();
  CHECK(world.visit().outcome() == "ok");
  CHECK(world.scenario.at("name.example:1:s").outcome() == "forbidden_address");
  CHECK(world.inside.connect_times().empty());
}

TEST_CASE("a name that leads elsewhere when its visit is repeated is looked at again") {
  World world;
  world.scenario.options.visits = 3;
  world.scenario.world.name("name.example", {"45.0.9.1"_ip});
  world.scenario.output.on_visit([&, seen = 0](const Endpoint& endpoint) mutable {
    if (endpoint.host == "name.example" && ++seen == 2) {
      world.scenario.world.name("name.example", {"192.168.1.1"_ip});
    }
  });
  world.scenario.run();
  Texts outcomes;
  for (const Kept* kept : world.scenario.observations()) {
    if (kept->host() != "name.example") continue;
    outcomes.push_back(kept->outcome());
    CHECK(kept->number(FieldId::kAnnouncedBy) == 1);
  }
  CHECK(outcomes == Texts{"ok", "forbidden_address", "forbidden_address"});
  CHECK(world.inside.connect_times().empty());
}

TEST_CASE("a session connects to no address beyond its reach, whoever asks") {
  // An address needs no lookup, so only the look before the connection is left.
  Scenario scenario;
  auto& server = scenario.world.listen("192.168.1.1"_ip, 1).on_line(electrumx());
  sim::SimTls tls;
  Gate gate(scenario.opt_out);
  gate.start({}, scenario.world.now());
  const auto session =
      std::make_unique<Session>(scenario.world.platform(scenario.digest), tls, gate);
  for (const Reach reach : {Reach::kGlobal, Reach::kAnywhere}) {
    Visit visit;
    visit.endpoint = {{}, 1, Transport::kTcp};
    REQUIRE(visit.endpoint.host.assign("192.168.1.1"));
    session->begin(visit, "test", limits::kVisit, TlsFingerprint::kHello, true, reach);
    session->step();
    CHECK(session->done() == (reach == Reach::kGlobal));
    CHECK(server.connect_times().size() == (reach == Reach::kGlobal ? 0 : 1));
    if (session->done()) {
      CHECK(session->record().number(FieldId::kOutcome) ==
            static_cast<std::uint64_t>(Outcome::kForbiddenAddress));
    }
    session->release();
  }
}

TEST_CASE("onion names are counted, and followed only where there is a way to them") {
  const bool way = GENERATE(false, true);
  Scenario scenario;
  scenario.options.discovery.most = 1;
  scenario.options.discovery.follow_onions = way;
  const std::string onion = std::string(56, 'a') + ".onion";
  scenario.world.listen("45.0.1.1"_ip, 1)
      .on_line(announcing({peer_row(onion, onion, "t1"), peer_row(onion, onion + ".", "t1"),
                           peer_row("", "45.0.2.1", "t1")}));
  scenario.world.listen("45.0.2.1"_ip, 1).on_line(announcing({}));
  scenario.visit("45.0.1.1:1:t");
  scenario.run();
  CHECK(counts(scenario) == Counts{3, 1, 0});
  CHECK(endpoints(scenario).at(1) == (way ? onion + ":1:t" : "45.0.2.1:1:t"));
}

TEST_CASE(
    "through a proxy announced onions are visited, and names that cannot be checked are not") {
  const bool allowed = GENERATE(false, true);
  Scenario scenario;
  scenario.options.discovery.most = 10;
  scenario.options.discovery.follow_onions = true;
  if (allowed) scenario.options.discovery.reach = Reach::kAnywhere;
  const std::string onion = std::string(56, 'a') + ".onion";
  sim::SocksProxy& proxy = scenario.proxy(Scenario::Takes::kAll)
                               .name(onion, "192.168.1.1"_ip)
                               .name("name.example", "192.168.1.1"_ip);
  scenario.world.listen("192.168.1.1"_ip, 1).on_line(announcing({}));
  scenario.world.listen("45.0.1.1"_ip, 1)
      .on_line(announcing({peer_row(onion, onion, "t1"), peer_row("", "name.example", "t1")}));
  scenario.visit("45.0.1.1:1:t");
  scenario.run();
  REQUIRE(scenario.observations().size() == 3);
  CHECK(scenario.at("45.0.1.1:1:t").outcome() == "ok");
  CHECK(scenario.at(onion + ":1:t").outcome() == "ok");
  CHECK(scenario.at("name.example:1:t").outcome() == (allowed ? "ok" : "forbidden_address"));
  CHECK(proxy.requests().size() == (allowed ? 3 : 2));
}

TEST_CASE("a server cannot make us scan a host's ports") {
  Scenario scenario;
  scenario.options.discovery.most = 100;
  Texts rows;
  for (int port = 1; port <= 50; ++port) {
    rows.push_back(peer_row("", "45.0.2.1", "t" + std::to_string(port)));
  }
  rows.push_back(peer_row("", "45.0.3.1", "t1"));
  rows.push_back(peer_row("", "45.0.2.1", "t1"));  // known
  scenario.world.listen("45.0.1.1"_ip, 1).on_line(announcing(rows));
  scenario.visit("45.0.1.1:1:t");
  scenario.run();
  CHECK(counts(scenario) == Counts{52, 5, 46});
  CHECK(scenario.observations().size() == 6);
}

TEST_CASE("lists of peers without end are followed within bounds") {
  // Each server announces 512 names that nobody heard of before.
  Scenario scenario;
  scenario.options.discovery.most = limits::kMostDiscovered;
  std::size_t made = 0;
  const auto endless = [&](sim::Connection& client, std::string_view line) {
    Texts rows;
    for (int i = 0; i < 512; ++i) {
      rows.push_back(peer_row("", "name-" + std::to_string(made++) + ".example", "s1"));
    }
    announcing(rows)(client, line);
  };
  for (int i = 0; i < 5; ++i) {
    const std::string host = "45.1." + std::to_string(i) + ".1";
    scenario.world.listen(sim::ip(host), 1).on_line(endless);
    scenario.visit(host + ":1:t");
  }
  scenario.run();
  const Counts all = counts(scenario);
  CHECK(all.announced == 5 * 512);
  CHECK(all.refused == 0);
  // As many as half of the agenda takes.
  CHECK(all.followed > 200);
  CHECK(all.followed < static_cast<Micros>(Agenda::kRoom / 2 / Agenda::kHead));
  CHECK(scenario.observations().size() == 5 + static_cast<std::size_t>(all.followed));
}

TEST_CASE("what a run cannot remember is not followed") {
  Scenario scenario(limits::kMostSlots);
  scenario.options.discovery.most = 10;
  scenario.output.text_only();
  scenario.world.listen("45.0.1.1"_ip, 1)
      .on_line(announcing({peer_row("", "45.0.2.1", "t1"), peer_row("", "45.0.3.1", "t1")}));
  // Addresses without a server fail at once; the last one listed announces two more.
  const std::size_t free = GENERATE(0, 1, 2);
  const std::size_t listed = limits::kRemembered - free;
  scenario.list.generate(listed, [&](std::size_t i) {
    Endpoint endpoint{{}, 1, Transport::kTcp};
    const std::string host =
        i + 1 == listed ? "45.0.1.1"
                        : "127.1." + std::to_string(i / 256) + "." + std::to_string(i % 256);
    REQUIRE(endpoint.host.assign(host));
    return endpoint;
  });
  scenario.run();
  CHECK(scenario.output.text().find("\"followed\":" + std::to_string(free)) != std::string::npos);
}

TEST_CASE("a run that is stopped leaves what waits, and says so") {
  Scenario scenario;
  scenario.options.discovery.most = 100;
  build_tree(scenario, 50);
  scenario.visit(nth_host(0) + ":1:t");
  scenario.run_until([&] { return scenario.observations().size() == 5; });
  scenario.stop();
  scenario.run();
  CHECK(scenario.observations().size() == 5);
  CHECK(scenario.end().number(FieldId::kInterrupted) == 1);
}

// --- DNS seeds

struct Failures final : public SeedListener {
  void seed_failed(std::string_view seed, SeedProblem why) override {
    told.push_back(std::string(seed) + " " + std::to_string(static_cast<int>(why)));
  }
  Texts told;
};

// A scenario whose list goes on with seeds.
struct SeedRun {
  explicit SeedRun(std::vector<const char*> names) : seeds(std::move(names)) {}

  void run() {
    DnsSeeds source(scenario.list, seeds, DefaultPorts{}, scenario.world, scenario.world, failures);
    scenario.from(source);
    scenario.run();
  }

  Scenario scenario;
  std::vector<const char*> seeds;
  Failures failures;
};

TEST_CASE("every address of a DNS seed is an endpoint, behind what is listed") {
  SeedRun seeds({"seed.example", "one.example:700:s"});
  Scenario& scenario = seeds.scenario;
  scenario.world.name("seed.example", {"45.0.1.1"_ip, "2a00::1"_ip});
  scenario.world.name("one.example", {"45.0.1.1"_ip});
  scenario.world.listen("45.0.1.1"_ip, 50001).on_line(electrumx());
  scenario.world.listen("2a00::1"_ip, 50001).on_line(electrumx());
  scenario.visit("192.168.1.1:1:t");
  scenario.visit("45.0.1.1:50002:s");  // listed and in the seed: once
  seeds.run();
  Texts seen = endpoints(scenario);
  REQUIRE(seen.size() == 6);
  CHECK(Texts(seen.begin(), seen.begin() + 2) == Texts{"192.168.1.1:1:t", "45.0.1.1:50002:s"});
  // The address of before needs its pause, so the order is that of manners.
  std::sort(seen.begin() + 2, seen.end());
  CHECK(Texts(seen.begin() + 2, seen.end()) ==
        Texts{"2a00::1:50001:t", "2a00::1:50002:s", "45.0.1.1:50001:t", "45.0.1.1:700:s"});
  CHECK(scenario.at("2a00::1:50001:t").outcome() == "ok");
  CHECK(scenario.at("2a00::1:50001:t").text(FieldId::kSeed) == "seed.example");
  CHECK(scenario.at("45.0.1.1:700:s").text(FieldId::kSeed) == "one.example");
  CHECK(scenario.at("45.0.1.1:50002:s").text(FieldId::kSeed).empty());
  CHECK(counts(scenario) == Counts{5, 4, 0});
  CHECK(scenario.end().number(FieldId::kDuplicates) == 1);
  CHECK(seeds.failures.told.empty());
}

TEST_CASE("of a DNS seed only global addresses are visited") {
  const bool allowed = GENERATE(false, true);
  SeedRun seeds({"seed.example:1:t"});
  if (allowed) seeds.scenario.options.discovery.reach = Reach::kAnywhere;
  std::vector<IpAddress> addresses;
  for (const std::string_view inside :
       {"127.0.0.1", "10.0.0.1", "::1", "fe80::1", "2002:a00:1::1"}) {
    addresses.push_back(sim::ip(inside));
  }
  addresses.push_back("45.0.1.1"_ip);
  seeds.scenario.world.name("seed.example", addresses);
  seeds.run();
  CHECK(counts(seeds.scenario) == (allowed ? Counts{6, 6, 0} : Counts{6, 1, 5}));
  CHECK(seeds.scenario.observations().size() == (allowed ? 6 : 1));
}

TEST_CASE("a DNS seed may have more addresses than a visit tries") {
  SeedRun seeds({"seed.example:1:t"});
  std::vector<IpAddress> addresses;
  for (int i = 0; i < 200; ++i) addresses.push_back(sim::ip("45." + std::to_string(i) + ".0.1"));
  seeds.scenario.world.name("seed.example", addresses);
  seeds.run();
  CHECK(seeds.scenario.observations().size() == 2 * limits::kSeedAddresses);
}

TEST_CASE("where an endpoint comes from is recorded at each of its visits") {
  SeedRun seeds({"Seed.example:1:t"});
  Scenario& scenario = seeds.scenario;
  scenario.options.visits = 2;
  // In one network: the later ones are put off.
  std::vector<IpAddress> addresses;
  for (int i = 1; i <= 8; ++i) addresses.push_back(sim::ip("45.0.0." + std::to_string(i)));
  for (const IpAddress& address : addresses) scenario.world.listen(address, 1).on_line(electrumx());
  scenario.world.name("seed.example", addresses);
  seeds.run();
  REQUIRE(scenario.observations().size() == 16);
  for (const Kept* kept : scenario.observations()) {
    CHECK(kept->text(FieldId::kSeed) == "seed.example");
    CHECK(kept->outcome() == "ok");
  }
}

TEST_CASE("a DNS seed that gives nothing is told and counted, and the next one follows") {
  SeedRun seeds({"none.example", "broken.example", "hangs.example", "seed.example:1:t"});
  Scenario& scenario = seeds.scenario;
  scenario.world.lookup_fails("broken.example").lookup_hangs("hangs.example");
  scenario.world.name("seed.example", {"45.0.1.1"_ip});
  scenario.list.bad_lines(2);
  seeds.run();
  CHECK(seeds.failures.told == Texts{"none.example 0", "broken.example 1", "hangs.example 2"});
  CHECK(endpoints(scenario) == Texts{"45.0.1.1:1:t"});
  CHECK(scenario.end().number(FieldId::kBadLines) == 5);
  CHECK(scenario.elapsed() >= limits::kSeedLookup);
  CHECK(scenario.elapsed() < limits::kSeedLookup + kSecond);
}

TEST_CASE("a slow DNS seed holds up nobody") {
  SeedRun seeds({"seed.example:1:t"});
  Scenario& scenario = seeds.scenario;
  scenario.world.name("seed.example", {"45.0.1.1"_ip}, 3 * kSecond);
  scenario.world.listen("45.0.7.1"_ip, 1).on_line(electrumx());
  scenario.world.listen("45.0.1.1"_ip, 1).on_line(electrumx());
  scenario.visit("45.0.7.1:1:t");
  seeds.run();
  const auto begun = scenario.output.records().front().written_at();
  CHECK(scenario.at("45.0.7.1:1:t").written_at() - begun < kSecond);
  CHECK(scenario.at("45.0.1.1:1:t").written_at() - begun < 4 * kSecond);
}

TEST_CASE("a run that is stopped within a DNS seed's lookup gives it back") {
  SeedRun seeds({"hangs.example"});
  seeds.scenario.world.lookup_hangs("hangs.example");
  {
    DnsSeeds source(seeds.scenario.list, seeds.seeds, DefaultPorts{}, seeds.scenario.world,
                    seeds.scenario.world, seeds.failures);
    seeds.scenario.from(source);
    seeds.scenario.run_until([&] { return seeds.scenario.elapsed() > kSecond; });
    CHECK(seeds.scenario.world.open_lookups() == 1);
    seeds.scenario.stop();
    seeds.scenario.run_until([] { return false; });
    CHECK(seeds.scenario.scheduler().interrupted());
  }
  CHECK(seeds.scenario.world.open_lookups() == 0);
}

}  // namespace
}  // namespace observatory::scenario
