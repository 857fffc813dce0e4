// SPDX-License-Identifier: MIT
// The rules of targets/observatory/README.md, one by one.
#include "targets/observatory/snapshot/snapshot.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "targets/observatory/metrics/metrics.h"
#include "targets/observatory/read/json_record_reader.h"
#include "targets/observatory/snapshot/chains.h"
#include "targets/observatory/snapshot/median.h"
#include "tests/catch2.h"
#include "tests/unit/record_samples.h"

using namespace observatory;
using namespace observatory::host;
using namespace observatory::samples;

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kStart = 1'750'000'000'000;  // 2025-06-15 15:06:40 UTC, in ms
constexpr const char* kTestnet4 =
    "00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043";

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "observatory-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

std::string digest(char digit) { return std::string(64, digit); }

// What a server says, as members of an observation. `more` goes into its features.
std::string says(const std::string& software, const std::string& more = "",
                 const std::string& genesis = std::string(kBitcoinGenesis)) {
  return R"(,"electrum":{"software":")" + software + R"(","features":{"genesis_hash":")" + genesis +
         "\"" + more + "}}";
}

// What it shows: certificate and key of these digits.
std::string shows(char certificate, char key, const std::string& more = "") {
  return R"(,"us":{"tls":100},"tls":{"version":"TLSv1.3","leaf":{"sha256":")" +
         digest(certificate) + R"(","spki_sha256":")" + digest(key) + R"(","self_signed":true)" +
         more + "}}";
}

std::string names(const std::string& host) {
  return R"(,"hosts":{")" + host + R"(":{"ssl_port":50002}})";
}

// A network, observation by observation, and the snapshot of it.
class Network {
 public:
  Network() : store_(folder_.file("db"), Store::Access::kWrite) {}

  // Begins another run of a vantage.
  void run(const std::string& vantage, const std::string& more = R"(,"clock":"ntp")") {
    vantage_ = vantage;
    ++run_;
    seq_ = 0;
    add(R"({"type":"run","v":1,)" + name() + R"(,"t":)" + std::to_string(t_) + more + "}");
  }

  // An observation of the run: "host:port:t outcome", with further members.
  void see(const std::string& endpoint, const std::string& outcome, const std::string& more = "") {
    if (run_ == 0) run("a");
    t_ += 1000;
    const std::size_t port = endpoint.find_last_of(':', endpoint.size() - 3);
    const bool tls = endpoint.back() == 's';
    add(R"({"type":"observation","v":1,)" + name() + R"(,"seq":)" + std::to_string(++seq_) +
        R"(,"t":)" + std::to_string(t_) + R"(,"host":")" + endpoint.substr(0, port) +
        R"(","port":)" + endpoint.substr(port + 1, endpoint.size() - port - 3) +
        R"(,"transport":")" + (tls ? "tls" : "tcp") + R"(","outcome":")" + outcome + "\"" + more +
        "}");
  }

  void import(const std::string& list, const std::string& host) {
    KnownEndpoint known;
    known.endpoint.host = host;
    known.endpoint.port = 50002;
    known.endpoint.transport = Transport::kTls;
    known.list = list;
    REQUIRE(store_.add_known(known));
  }

  void annotate(const std::string& lines) {
    std::ofstream(folder_.file("annotations.csv")) << lines;
    options_.annotations = {folder_.file("annotations.csv")};
  }

  Snapshot snapshot(Question question = {}) {
    store_.commit();
    if (question.selection.window.until == 0) question.selection.window = *store_.latest_day();
    options_.without_libloc = true;
    enricher_ = std::make_unique<Enricher>(options_);
    return take_snapshot(store_, *enricher_, question);
  }

  const Enricher& enricher() const { return *enricher_; }
  std::int64_t now() const { return t_; }
  void wait(std::int64_t ms) { t_ += ms; }

 private:
  std::string name() const {
    return R"("vantage":")" + vantage_ + R"(","run":"00000000000000)" + std::to_string(10 + run_) +
           "\"";
  }

  void add(const std::string& line) {
    CAPTURE(line);
    REQUIRE(reader_.read(line, box_.record).status == JsonStatus::kOk);
    REQUIRE(store_.add(box_.record, {}) == Added::kNew);
  }

  Folder folder_;
  Store store_;
  EnrichOptions options_;
  std::unique_ptr<Enricher> enricher_;
  JsonRecordReader reader_;
  OwnedRecord box_;
  std::string vantage_;
  int run_ = 0;
  int seq_ = 0;
  std::int64_t t_ = kStart;
};

// "name: endpoints, by rules" of every server.
std::vector<std::string> servers_in(const Snapshot& snapshot) {
  std::vector<std::string> list;
  for (const Server& server : snapshot.servers) {
    std::string text = server.name + ": " + std::to_string(server.endpoints.size());
    for (const std::string& rule : server.joined_by) text += " " + rule;
    list.push_back(text);
  }
  return list;
}

std::vector<std::string> operators_in(const Snapshot& snapshot) {
  std::vector<std::string> list;
  for (const Operator& one : snapshot.operators) {
    list.push_back(one.name + ": " + std::to_string(one.servers.size()));
  }
  return list;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("the median is exact for few values and near for many, whatever their order") {
  Median few;
  CHECK_FALSE(few.value());
  for (const std::uint32_t value : {7u, 1u, 100u, 4u}) few.add(value);
  CHECK(few.value() == 5u);  // of 4 and 7, rounded down
  few.add(5);
  CHECK(few.value() == 5u);

  // 1000, 1001, ... 5999 forwards, and in two parts backwards.
  Median up;
  Median low;
  Median high;
  for (std::uint32_t value = 1000; value < 6000; ++value) up.add(value);
  for (std::uint32_t value = 5999; value >= 1000; --value) (value < 1100 ? low : high).add(value);
  low.merge(high);
  CHECK(up.value() == low.value());
  CHECK(up.count() == 5000);
  CHECK(low.count() == 5000);
  const double off = std::abs(static_cast<double>(*up.value()) - 3499) / 3499;
  CHECK(off < 0.002);

  Median edges;
  for (int i = 0; i < 200; ++i) edges.add(UINT32_MAX);
  CHECK(*edges.value() > UINT32_MAX / 256 * 255);
}

TEST_CASE("chains have names and hashes, and a text that is no hash is none") {
  CHECK(genesis_of("bitcoin") == std::string(kBitcoinGenesis));
  CHECK(genesis_of("testnet4") == std::string(kTestnet4));
  CHECK(genesis_of("testnet") == genesis_of("testnet3"));
  CHECK(genesis_of(digest('A')) == digest('a'));
  CHECK_FALSE(genesis_of("dogecoin"));
  CHECK_FALSE(genesis_of(""));
  CHECK(chain_name(kTestnet4) == "testnet4");
  CHECK(chain_name(digest('a')).empty());
  CHECK(genesis_hash(std::string(63, 'a') + "g").empty());
  CHECK(genesis_hash(std::string(63, 'a')).empty());
}

TEST_CASE("what says nothing of a server is not tried, and ok alone is reached") {
  // Rules T1 and T2. Written out: the list is the rule.
  const Texts silent = {"exhausted", "needs_proxy",       "held_back",
                        "opted_out", "forbidden_address", "proxy_failed"};
  Network network;
  for (std::size_t outcome = 0; outcome < 30; ++outcome) {
    const std::string name(outcome_name(static_cast<Outcome>(outcome)));
    network.see("h" + std::to_string(outcome) + ".example:1:t", name);
  }
  const Snapshot snapshot = network.snapshot();
  REQUIRE(snapshot.endpoints.size() == 30);
  for (const EndpointView& view : snapshot.endpoints) {
    const auto outcome = static_cast<std::size_t>(std::stoi(view.endpoint.host.substr(1)));
    const std::string name(outcome_name(static_cast<Outcome>(outcome)));
    CAPTURE(name);
    CHECK(view.tried() == (std::find(silent.begin(), silent.end(), name) == silent.end()));
    CHECK(view.reached() == (name == "ok"));
    CHECK(view.outcomes[outcome] == 1);
  }
  CHECK_FALSE(tells_of_server(static_cast<Outcome>(30)));
}

TEST_CASE("a window takes its beginning and leaves its end") {
  Network network;
  network.see("a.example:1:t", "ok");
  const std::int64_t first = network.now();
  network.see("b.example:1:t", "ok");
  network.see("c.example:1:t", "ok");
  Question question;
  question.selection.window = {first + 1000, first + 2000};
  const Snapshot snapshot = network.snapshot(question);
  CHECK(servers_in(snapshot) == Texts{"b.example: 1"});
  CHECK(snapshot.observations == 1);
}

TEST_CASE("observations of a device without the date are counted and in no window") {
  Network network;
  network.run("a", R"(,"clock":"unset")");
  network.see("a.example:1:t", "ok");
  network.run("a");
  network.see("b.example:1:t", "ok");
  const Snapshot snapshot = network.snapshot();
  CHECK(servers_in(snapshot) == Texts{"b.example: 1"});
  CHECK(snapshot.undated == 1);
}

TEST_CASE("what a server says is of its latest visit that went well") {
  Network network;
  network.see("a.example:2:s", "ok", shows('1', '1') + says("Old 1"));
  network.see("a.example:2:s", "ok", shows('2', '2') + says("New 2"));
  network.see("a.example:2:s", "reply_timeout", shows('3', '3'));
  network.see("a.example:2:s", "tls_failed",
              R"(,"tls":{"leaf":{"sha256":")" + digest('4') + "\"}}");
  network.see("a.example:2:s", "connect_timeout");
  const Snapshot snapshot = network.snapshot();
  REQUIRE(snapshot.endpoints.size() == 1);
  const EndpointView& view = snapshot.endpoints[0];
  CHECK(view.facts->software == "New 2");          // rule E1
  CHECK(view.certificate->sha256 == digest('3'));  // rule E2: that handshake was completed
  CHECK(view.first + 4000 == view.last);
  CHECK(view.last_seq == 4);
}

TEST_CASE("a host is one server, over TCP and TLS and on any port") {
  Network network;
  network.see("a.example:50001:t", "ok", says("X 1"));
  network.see("a.example:50002:s", "ok", shows('1', '1') + says("X 1"));
  network.see("a.example:60002:s", "ok", shows('2', '2') + says("Y 2"));
  network.see("b.example:50001:t", "ok", says("X 1"));
  const Snapshot snapshot = network.snapshot();
  CHECK(servers_in(snapshot) == Texts{"a.example: 3 name", "b.example: 1"});
  CHECK(snapshot.servers[0].software == Texts{"X 1", "Y 2"});
  for (std::size_t i = 0; i < snapshot.servers.size(); ++i) {
    for (const std::uint32_t endpoint : snapshot.servers[i].endpoints) {
      CHECK(snapshot.endpoints[endpoint].server == i);
    }
  }
}

TEST_CASE("two names at one address and port are one server when they say and show the same") {
  const std::string ip = R"(,"ip":"192.0.2.1")";
  const auto joined = [&](const std::string& endpoint, const std::string& more) {
    Network network;
    network.see("a.example:2:s", "ok", ip + shows('1', '1') + says("X 1"));
    network.see(endpoint, "ok", more);
    return network.snapshot().servers.size() == 1;
  };
  CHECK(joined("b.example:2:s", ip + shows('2', '1') + says("X 1")));  // renewed: the same key
  CHECK(joined("192.0.2.1:2:s", shows('1', '1') + says("X 1")));
  CHECK_FALSE(joined("b.example:2:s", ip + shows('1', '2') + says("X 1")));  // another key
  CHECK_FALSE(joined("b.example:3:s", ip + shows('1', '1') + says("X 1")));  // another port
  CHECK_FALSE(joined("b.example:2:s", ip + shows('1', '1') + says("X 2")));  // other software
  CHECK_FALSE(joined("b.example:2:t", ip + says("X 1")));                    // other transport
  CHECK_FALSE(joined("b.example:2:s", ip + says("X 1")));                    // shows no key
  CHECK_FALSE(joined("b.example:2:s", R"(,"ip":"192.0.2.2")" + shows('1', '1') + says("X 1")));

  const auto over_tcp = [&](const std::string& more) {
    Network network;
    network.see("a.example:1:t", "ok", ip + says("X 1"));
    network.see("b.example:1:t", "ok", ip + more);
    return servers_in(network.snapshot());
  };
  CHECK(over_tcp(says("X 1")) == Texts{"a.example: 2 address"});
  CHECK(over_tcp(says("X 1", R"(,"protocol_max":"1.6")")).size() == 2);
  CHECK(over_tcp("").size() == 2);

  // Nothing was said on either side.
  Network dead;
  dead.see("a.example:1:t", "refused", ip);
  dead.see("b.example:1:t", "refused", ip);
  CHECK(dead.snapshot().servers.size() == 2);
}

TEST_CASE("hosts that a server names are the same server when both sides say so or show one key") {
  const auto servers = [&](const std::string& of_a, const std::string& of_b) {
    Network network;
    network.see("a.example:2:s", "ok", of_a);
    network.see("b.example:2:s", "ok", of_b);
    return servers_in(network.snapshot());
  };
  const Texts one = {"a.example: 2 hosts"};
  CHECK(servers(shows('1', '1') + says("X 1", names("b.example")),
                shows('2', '2') + says("X 1", names("A.Example."))) == one);
  CHECK(servers(shows('1', '1') + says("X 1", names("b.example")), shows('2', '1') + says("X 1")) ==
        one);
  CHECK(servers(shows('1', '1') + says("X 1", names("b.example")), shows('2', '2') + says("X 1"))
            .size() == 2);
  CHECK(servers(shows('1', '1') + says("X 1"), shows('1', '1') + says("X 1")).size() == 2);

  // A certificate that was shown without its key proves nothing.
  Network network;
  network.see("a.example:2:s", "tls_failed",
              R"(,"tls":{"leaf":{"spki_sha256":")" + digest('1') + "\"}}");
  network.see("a.example:1:t", "ok", says("X 1", names("b.example")));
  network.see("b.example:2:s", "ok", shows('1', '1') + says("X 1"));
  CHECK(network.snapshot().servers.size() == 2);
}

TEST_CASE("a server is called by a name before an address before an onion, and lies at its first") {
  const std::string onion = "aaaa.onion";
  const std::string both = R"(,"hosts":{"aaaa.onion":{"tcp_port":1},"z.example":{"tcp_port":1}})";
  Network network;
  network.see(onion + ":1:t", "ok", R"(,"ip":"127.0.0.1","proxied":true)" + says("X 1", both));
  network.see("z.example:1:t", "ok", R"(,"ip":"2001:db8::1")" + says("X 1", both));
  network.see("z.example:1:t", "ok", R"(,"ip":"198.51.100.9")" + says("X 1", both));
  network.see("198.51.100.9:1:t", "ok", says("X 1", both));
  network.see("bbbb.onion:1:t", "needs_proxy");
  network.see("gone.example:1:t", "dns_failed");
  const Snapshot snapshot = network.snapshot();
  REQUIRE(servers_in(snapshot) ==
          Texts{"bbbb.onion: 1", "gone.example: 1", "z.example: 3 address hosts"});
  const Server& server = snapshot.servers[2];
  REQUIRE(server.addresses.size() == 2);
  CHECK(server.addresses[0].family == IpAddress::Family::kV4);
  CHECK_FALSE(server.onion);
  CHECK(snapshot.servers[0].onion);
  CHECK(snapshot.servers[0].place->kind == ProviderKind::kOnion);
  CHECK_FALSE(snapshot.servers[1].onion);
  CHECK(snapshot.servers[1].place->kind == ProviderKind::kUnknown);
}

TEST_CASE("servers of another chain are set aside and counted") {
  Network network;
  network.see("a.example:1:t", "ok", says("X 1"));
  network.see("b.example:1:t", "ok", says("X 1", "", kTestnet4));
  network.see("b.example:2:t", "refused");  // rule C2: as its host
  network.see("c.example:1:t", "ok", says("X 1", "", digest('C')));
  network.see("d.example:1:t", "refused");                      // of none: kept
  network.see("e.example:1:t", "ok", says("X 1", "", "moon"));  // no hash: of none
  // One host, two chains: what does not answer there may be either.
  network.see("f.example:1:t", "ok", says("X 1"));
  network.see("f.example:2:t", "ok", says("X 1", "", kTestnet4));
  network.see("f.example:3:t", "refused");
  Snapshot snapshot = network.snapshot();
  CHECK(servers_in(snapshot) ==
        Texts{"a.example: 1", "d.example: 1", "e.example: 1", "f.example: 2 name"});
  CHECK(snapshot.other_chains ==
        std::map<std::string, std::uint64_t>{{kTestnet4, 2}, {digest('c'), 1}});
  CHECK(snapshot.observations == 5);

  Question question;
  question.chain = "testnet4";
  snapshot = network.snapshot(question);
  CHECK(servers_in(snapshot) ==
        Texts{"b.example: 2 name", "d.example: 1", "e.example: 1", "f.example: 2 name"});
  question.chain = digest('C');
  CHECK(servers_in(network.snapshot(question)) ==
        Texts{"c.example: 1", "d.example: 1", "e.example: 1", "f.example: 1"});
  question.chain = "moon";
  CHECK_THROWS_AS(network.snapshot(question), std::runtime_error);
}

TEST_CASE("what never answered has the chain of the lists that name it") {
  Network network;
  network.run("a", R"(,"clock":"ntp","chain":"testnet4")");
  network.see("a.example:1:t", "refused");
  network.see("b.example:1:t", "refused");
  network.see("c.example:1:t", "ok", says("X 1"));  // what it says counts more
  network.run("b", R"(,"clock":"ntp")");
  network.see("b.example:1:t", "refused");
  const Snapshot snapshot = network.snapshot();
  CHECK(servers_in(snapshot) == Texts{"b.example: 1", "c.example: 1"});
  CHECK(snapshot.other_chains == std::map<std::string, std::uint64_t>{{kTestnet4, 1}});
}

TEST_CASE("certificates, keys, donations and annotations make operators, with evidence") {
  const std::string bc1 = "bc1qxy2kgdygjrsqtzq2n0yrf2493p83kkfjhx0wlh";
  const auto donates = [](const std::string& text) {
    return R"(,"electrum":{"software":"X 1","donation":")" + text + "\"}";
  };
  Network network;
  network.see("cert1.example:2:s", "ok", shows('1', '1') + says("X 1"));
  network.see("cert2.example:2:s", "ok", shows('1', '1') + says("X 2"));
  network.see("key1.example:2:s", "ok", shows('2', '3') + says("X 1"));
  network.see("key2.example:2:s", "ok", shows('4', '3') + says("X 1"));
  network.see("gift1.example:1:t", "ok", donates(bc1));
  network.see("gift2.example:1:t", "ok", donates(bc1));
  network.see("thanks1.example:1:t", "ok", donates("no donations, thank you very much"));
  network.see("thanks2.example:1:t", "ok", donates("no donations, thank you very much"));
  network.see("short1.example:1:t", "ok", donates("none"));
  network.see("short2.example:1:t", "ok", donates("none"));
  network.see("known1.example:1:t", "ok", R"(,"ip":"192.0.2.1")" + says("X 1"));
  network.see("known2.example:2:s", "ok", shows('5', '5') + says("X 1"));
  network.annotate("key,field,value,note\n192.0.2.1,operator,Satoshi,\n" + digest('5') +
                   ",operator,Satoshi,\nkey1.example,operator,Hal,\n");
  const Snapshot snapshot = network.snapshot();
  CHECK(snapshot.servers.size() == 12);
  CHECK(operators_in(snapshot) ==
        Texts{"Hal: 2", "Satoshi: 2", "cert1.example: 2", "gift1.example: 2", "short1.example: 1",
              "short2.example: 1", "thanks1.example: 1", "thanks2.example: 1"});
  const auto evidence = [&](std::size_t place) { return snapshot.operators[place].evidence; };
  CHECK(evidence(0) ==
        Texts{"the same key, SHA-256 " + digest('3') + ": key1.example, key2.example"});
  CHECK(evidence(1) == Texts{"annotated as operated by Satoshi: known1.example, known2.example"});
  CHECK(evidence(2) ==
        Texts{"the same certificate, SHA-256 " + digest('1') + ": cert1.example, cert2.example",
              "the same key, SHA-256 " + digest('1') + ": cert1.example, cert2.example"});
  CHECK(evidence(3) ==
        Texts{"the same donation address " + bc1 + ": gift1.example, gift2.example"});
  CHECK(evidence(4).empty());
  CHECK(snapshot.operators[0].annotated);
  CHECK_FALSE(snapshot.operators[2].annotated);
  for (std::size_t i = 0; i < snapshot.operators.size(); ++i) {
    for (const std::uint32_t server : snapshot.operators[i].servers) {
      CHECK(snapshot.servers[server].operated_by == i);
    }
  }
}

TEST_CASE("a vantage that reaches little of what others reach is suspect and not counted") {
  // Five endpoints; a and b reach all, c none.
  const auto seen = [](Network& network, const std::string& vantage, int from, int reached) {
    network.run(vantage);
    for (int i = from; i < 5; ++i) {
      network.see("h" + std::to_string(i) + ".example:1:t", i < reached ? "ok" : "unreachable");
    }
  };
  Network network;
  seen(network, "a", 0, 5);
  seen(network, "b", 0, 4);
  seen(network, "c", 0, 0);
  Snapshot snapshot = network.snapshot();
  REQUIRE(snapshot.vantages.size() == 3);
  CHECK_FALSE(snapshot.vantages[0].suspect);
  CHECK_FALSE(snapshot.vantages[1].suspect);
  CHECK(snapshot.vantages[2].suspect);
  CHECK(snapshot.vantages[1].reached == 4);
  CHECK(snapshot.vantages[2].tried == 5);
  CHECK(snapshot.servers[0].reached_all);
  CHECK(snapshot.servers[4].reached_any);
  CHECK_FALSE(snapshot.servers[4].reached_majority);  // one of two is no majority
  CHECK_FALSE(snapshot.servers[4].reached_all);

  // A fifth is enough, and so is a network that nobody else reaches.
  Network fifth;
  seen(fifth, "a", 0, 5);
  seen(fifth, "c", 0, 1);
  CHECK_FALSE(fifth.snapshot().vantages[1].suspect);
  Network down;
  seen(down, "a", 0, 2);
  seen(down, "c", 0, 0);
  CHECK_FALSE(down.snapshot().vantages[1].suspect);  // the others reach two of five
  Network few;
  seen(few, "a", 0, 5);
  seen(few, "c", 1, 0);
  CHECK_FALSE(few.snapshot().vantages[1].suspect);  // four are too few to tell
  CHECK_FALSE(few.snapshot().servers[1].reached_majority);
}

TEST_CASE("held back is neither reached nor tried in a majority") {
  Network network;
  for (const char* const vantage : {"a", "b", "c"}) {
    network.run(vantage);
    network.see("x.example:1:t", vantage == std::string("a") ? "ok" : "held_back");
    network.see("y.example:1:t", "opted_out");
  }
  const Snapshot snapshot = network.snapshot();
  CHECK(snapshot.servers[0].reached_all);
  CHECK(snapshot.servers[0].reached_majority);
  CHECK_FALSE(snapshot.servers[1].tried);
  CHECK_FALSE(snapshot.servers[1].reached_majority);
  CHECK_FALSE(snapshot.servers[1].reached_all);
}

TEST_CASE("latency is of visits without loss and without proxy, of all endpoints of a server") {
  Network network;
  const auto times = [](int connect, int least, int ping) {
    return R"(,"us":{"connect":)" + std::to_string(connect) + R"(,"pings":[)" +
           std::to_string(ping) + R"(,9999]},"tcp":{"min_rtt_us":)" + std::to_string(least);
  };
  network.see("a.example:1:t", "ok", times(5000, 4900, 4950) + "}");
  network.see("a.example:1:t", "ok", times(100, 90, 80) + R"(,"connect_retransmits":1})");
  network.see("a.example:1:t", "ok", times(200, 90, 80) + R"(,"retransmits":1})");
  network.see("a.example:1:t", "ok", R"(,"proxied":true)" + times(300, 90, 80) + "}");
  network.see("a.example:1:t", "reply_timeout", times(7000, 6900, 4000) + "}");
  network.see("a.example:2:t", "ok", times(6000, 4800, 4850) + "}");
  network.see("a.example:2:t", "refused");
  const Snapshot snapshot = network.snapshot();
  REQUIRE(snapshot.servers.size() == 1);
  const Sight& sight = snapshot.servers[0].sights.at(0);
  CHECK(sight.min_us == 4000u);
  CHECK(sight.median_us == 6000u);
  CHECK(sight.samples == 3);
  const Sight& first = snapshot.endpoints[0].sights.at(0);
  CHECK(first.median_us == 6000u);  // of 5000 and 7000
  CHECK(first.samples == 2);
}

TEST_CASE("a question may leave out what was never reached, and other vantages") {
  Network network;
  network.run("a");
  network.see("up.example:1:t", "ok");
  network.see("up.example:2:t", "refused");
  network.see("down.example:1:t", "refused");
  network.run("b");
  network.see("down.example:1:t", "ok");
  Question question;
  question.reached_only = true;
  question.selection.vantages = {"a"};
  const Snapshot snapshot = network.snapshot(question);
  CHECK(servers_in(snapshot) == Texts{"up.example: 2 name"});
  CHECK(snapshot.observations == 2);
  CHECK(snapshot.vantages[0].tried == 2);
  CHECK(snapshot.runs.size() == 1);
}

TEST_CASE("figures that nobody knows are null, of an empty snapshot and of one server") {
  Network network;
  network.see("b.example:1:t", "ok", says("X 1", "", kTestnet4));
  const std::vector<MetricGroup> groups = {MetricGroup::kReachability,  MetricGroup::kGeography,
                                           MetricGroup::kConcentration, MetricGroup::kSoftware,
                                           MetricGroup::kLatency,       MetricGroup::kRisk};
  Snapshot snapshot = network.snapshot();
  nlohmann::ordered_json json = metrics_of(snapshot, network.enricher(), groups);
  CHECK(json["snapshot"]["servers"] == 0);
  CHECK(json["reachability"]["tcp"]["ratio"].is_null());
  CHECK(json["concentration"]["provider"]["hhi"].is_null());
  CHECK(json["risk"]["eclipse"]["provider"].is_null());

  network.see("a.example:1:t", "ok", R"(,"us":{"connect":7})" + says("a/v2 \u00e9"));
  snapshot = network.snapshot();
  json = metrics_of(snapshot, network.enricher(), groups);
  CHECK(json["reachability"]["servers"]["ratio"] == 1.0);
  CHECK(json["reachability"]["unseen"]["estimate"].is_null());  // one vantage cannot tell
  CHECK(json["concentration"]["operator"]["hhi"] == 1.0);
  CHECK(json["concentration"]["operator"]["hhi_unbiased"].is_null());
  CHECK(json["software"]["implementation"][0]["key"] == "a");
  CHECK(json["latency"]["by_server"][0]["median_us"] == 7);
}

TEST_CASE("lists tell how much of the network they name, and by what they share how large it is") {
  Network network;
  for (const std::string host : {"a", "b", "c", "d"}) network.see(host + ".example:1:t", "ok");
  network.see("e.example:1:t", "refused");
  for (const std::string host : {"a", "b", "c", "e", "f"}) network.import("one", host + ".example");
  for (const std::string host : {"b", "c", "f"}) network.import("two", host + ".example");
  const Snapshot snapshot = network.snapshot();
  const auto json = metrics_of(snapshot, network.enricher(), {MetricGroup::kReachability});
  const auto& lists = json["reachability"]["lists"];
  REQUIRE(lists.size() == 2);
  CHECK(lists[0].dump() == R"({"key":"one","hosts":5,"tried":4,"reached":3,"coverage":0.75})");
  CHECK(lists[1].dump() == R"({"key":"two","hosts":3,"tried":2,"reached":2,"coverage":0.5})");
  const auto& pairs = json["reachability"]["recapture"];
  REQUIRE(pairs.size() == 3);
  // (5+1)(4+1)/(3+1) - 1; (5+1)(3+1)/(3+1) - 1; (3+1)(4+1)/(2+1) - 1
  CHECK(pairs[0]["with"] == "reached");
  CHECK(pairs[0]["estimate"] == 6.5);
  CHECK(pairs[1]["with"] == "two");
  CHECK(pairs[1]["both"] == 3);
  CHECK(pairs[1]["estimate"] == 5.0);
  CHECK(pairs[2]["key"] == "two");
  CHECK(pairs[2]["estimate"].get<double>() > 5.666);
  CHECK(pairs[2]["estimate"].get<double>() < 5.667);
}

TEST_CASE("the claim of a software is parted from its version") {
  Network network;
  int number = 0;
  for (const char* const claim :
       {"ElectrumX 1.16.0", "electrs/0.10.5", "electrs-esplora 0.4.1", "Fulcrum 2.1.1",
        "My Own Server v2", "server-v3", "x_1.2", "9", "nothing to part", "v1.0"}) {
    network.see("h" + std::to_string(number++) + ".example:1:t", "ok", says(claim));
  }
  const Snapshot snapshot = network.snapshot();
  const auto json = metrics_of(snapshot, network.enricher(), {MetricGroup::kSoftware});
  Texts found;
  for (const auto& one : json["software"]["implementation"]) found.push_back(one["key"]);
  CHECK(found == Texts{"9", "ElectrumX", "Fulcrum", "My Own Server", "electrs", "electrs-esplora",
                       "nothing to part", "server", "v1.0", "x"});
}

TEST_CASE(
    "servers equally far from four vantages are a cluster, and places beyond light are told") {
  // Berlin's light reaches 99.93 km in each ms there and back. Paris is 878 km away, New York 6385.
  Network network;
  const auto visit = [&](const std::string& host, const std::string& ip, int connect) {
    network.see(
        host + ":1:t", "ok",
        R"(,"ip":")" + ip + R"(","us":{"connect":)" + std::to_string(connect) + "}" + says("X 1"));
  };
  for (const char* const vantage : {"v1", "v2", "v3", "v4"}) {
    network.run(vantage);
    visit("a.example", "192.0.2.1", 10000);
    visit("b.example", "192.0.2.2", 11999);
    visit("c.example", "192.0.2.3", 12001);
  }
  network.annotate(
      "v1,latitude,52.52,\nv1,longitude,13.40,\n"
      "192.0.2.1,latitude,48.86,\n192.0.2.1,longitude,2.35,\n"
      "192.0.2.2,latitude,40.71,\n192.0.2.2,longitude,-74.01,\n");
  const Snapshot snapshot = network.snapshot();
  const auto json = metrics_of(snapshot, network.enricher(), {MetricGroup::kLatency})["latency"];
  REQUIRE(json["clusters"].size() == 1);
  CHECK(json["clusters"][0]["servers"] == Texts{"a.example", "b.example"});
  CHECK(json["clusters"][0]["spread_us"] == 1999);
  REQUIRE(json["impossible_geo"].size() == 1);
  CHECK(json["impossible_geo"][0]["server"] == "b.example");
  CHECK(json["impossible_geo"][0]["vantage"] == "v1");
  CHECK(std::abs(json["impossible_geo"][0]["distance_km"].get<double>() - 6385) < 5);
}

TEST_CASE("servers whose facts change between visits, or with several addresses, may be pools") {
  Network network;
  const auto visit = [&](const std::string& host, const std::string& ip,
                         const std::string& changed) {
    network.see(host + ":1:t", "ok",
                R"(,"ip":")" + ip + R"(","visit":2,"changed":[)" + changed + "]" + says("X 1"));
  };
  visit("one.example", "192.0.2.1", R"("banner","tip","peers")");
  visit("two.example", "192.0.2.2", R"("stack","banner","certificate")");
  visit("many.example", "192.0.2.3", "");
  visit("many.example", "192.0.2.4", "");
  const Snapshot snapshot = network.snapshot();
  const auto json = metrics_of(snapshot, network.enricher(), {MetricGroup::kLatency});
  const auto& pools = json["latency"]["pools"];
  REQUIRE(pools.size() == 2);
  CHECK(pools[0]["server"] == "many.example");
  CHECK(pools[0]["addresses"] == 2);
  CHECK(pools[1]["changed"] == Texts{"certificate", "stack"});
}

TEST_CASE("risks count servers by what their certificates say") {
  Network network;
  const std::string expired = R"(,"not_after":1000000000)";
  const std::string good = R"(,"not_after":4000000000,"name_matches":true)";
  const auto issued = [](const std::string& shown) {
    std::string text = shown;
    text.replace(text.find("\"self_signed\":true"), 18, "\"self_signed\":false");
    return text;
  };
  network.see("good.example:2:s", "ok",
              issued(shows('1', '1', good)) +
                  R"(,"electrum":{"donation":"bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"})");
  network.see("own.example:2:s", "ok",
              shows('2', '2', R"(,"not_after":4000000000,"name_matches":false)") + says("X 1"));
  network.see("own.example:1:t", "ok", says("X 1"));
  network.see("old.example:2:s", "ok", issued(shows('3', '3', expired)) + says("X 1"));
  network.see("plain.example:1:t", "ok", R"(,"electrum":{"donation":"ask me for it"})");
  network.see("plain.example:2:s", "refused");
  network.see("dead.example:1:t", "refused");
  const Snapshot snapshot = network.snapshot();
  const auto risk = metrics_of(snapshot, network.enricher(), {MetricGroup::kRisk})["risk"];
  CHECK(risk["self_signed_share"] == 1.0 / 3);
  CHECK(risk["expired_share"] == 1.0 / 3);
  CHECK(risk["name_mismatch_share"] == 1.0 / 3);
  CHECK(risk["plain_tcp_share"] == 2.0 / 4);
  CHECK(risk["tcp_only_share"] == 1.0 / 4);
  CHECK(risk["transparency"]["issued_certificate"] == 1.0 / 4);
  CHECK(risk["transparency"]["name"] == 1.0);
  CHECK(risk["transparency"]["donation"] == 1.0 / 4);
  CHECK(risk["single_pick"]["unknown"] == 1.0);
  CHECK(risk["eclipse"]["operator"]["count"] == 1);
  CHECK(risk["eclipse"]["operator"]["at_least_one"] == 1.0);  // ten picks of five servers
}
