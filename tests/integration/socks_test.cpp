// SPDX-License-Identifier: MIT
// The probe and the proxies that people have: microsocks, and a Tor that knows nobody but itself.
// Where these programs are missing the cases are skipped, and say so.
#include <unistd.h>

#include "tests/catch2.h"
#include "tests/integration/demo_process.h"

namespace observatory::integration {
namespace {

constexpr const char* kPort = "1080";

// The program's path; empty, and a reason is printed, when there is none.
std::string program(const std::string& name) {
  for (const std::string folder : {"/usr/sbin/", "/usr/bin/", "/usr/local/bin/"}) {
    if (::access((folder + name).c_str(), X_OK) == 0) return folder + name;
  }
  WARN("skipped: " << name << " is not installed");
  return {};
}

// A proxy at an address of this test's own.
class Proxy {
 public:
  explicit Proxy(Words command) : process_(command) {
    REQUIRE(eventually([] { return accepts_connections(address(), std::stoi(kPort)); }));
  }

  static std::string address() { return own_network() + "200"; }
  static std::string url() { return "socks5://" + address() + ":" + kPort; }

 private:
  Process process_;
};

Words microsocks(const std::string& path, Words more = {}) {
  Words command = {path, "-i", Proxy::address(), "-p", kPort};
  command.insert(command.end(), more.begin(), more.end());
  return command;
}

Log visit(Words arguments, Seconds limit = Seconds(60)) {
  Words command = probe_command();
  const Words common = {"--format", "jsonl", "--vantage", "test", "--proxy", Proxy::url()};
  command.insert(command.end(), common.begin(), common.end());
  command.insert(command.end(), arguments.begin(), arguments.end());
  const Result result = run(command, limit);
  INFO(result.err);
  REQUIRE(result.status == 0);
  return read_log(result.out);
}

// A record without what a proxy changes by its nature, and what differs from one connection to the
// next: of TLS the length of a signature's record and a ticket key that is new each time.
std::string facts_of(const Json& record) {
  Json facts = record;
  for (const char* varies : {"us", "tcp", "t", "seq", "run", "proxied", "tls.records",
                             "tls.session_ticket.key_name", "tls.session_ticket.lengths"}) {
    facts = without(facts, varies);
  }
  return to_text(facts);
}

TEST_CASE("servers give the same away through microsocks as directly") {
  const std::string path = program("microsocks");
  if (path.empty()) return;
  const DemoProcess network;
  const Proxy proxy(microsocks(path));
  const TempFolder folder;
  std::string list;
  std::size_t listed = 0;
  for (const Json& truth : network.truth()) {
    if (text_of(truth, "outcome") != "ok" || text_of(truth, "name") == "dribbles") continue;
    list += text_of(truth, "address") + (text_of(truth, "transport") == "tls" ? " s" : " t") +
            text_of(truth, "port") + "\n";
    ++listed;
  }
  REQUIRE(listed > 50);
  const std::string file = folder.write("list", list);
  const Log direct = visit({"-f", file, "--slots", "16", "--ca-file", network.ca_path()});
  const Log proxied =
      visit({"-f", file, "--slots", "16", "--ca-file", network.ca_path(), "--proxy-all"});
  const auto expected = by_endpoint(direct);
  const auto found = by_endpoint(proxied);
  REQUIRE(found.size() == listed);
  for (const auto& [endpoint, record] : found) {
    CAPTURE(endpoint);
    CHECK(facts_of(record) == facts_of(expected.at(endpoint)));
    CHECK(text_of(expected.at(endpoint), "proxied") == "absent");
    CHECK(text_of(record, "proxied") == "true");
    CHECK(has(record, "us.proxy"));
    CHECK_FALSE(has(record, "us.connect"));
    CHECK_FALSE(has(record, "tcp"));
  }
}

TEST_CASE("microsocks connects to names, and says why it does not connect") {
  const std::string path = program("microsocks");
  if (path.empty()) return;
  const Proxy proxy(microsocks(path));
  const std::string silent = own_network() + "201";
  const Descriptor listener = silent_listener(silent, 50001);
  const Log log = visit(
      {"--proxy-all", "--timeout", "1", silent + ":50001:t", silent + ":50002:t", "localhost:1:t"});
  const auto found = by_endpoint(log);
  const Json& heard = found.at(silent + ":50001:tcp");
  CHECK(text_of(heard, "outcome") == "reply_timeout");
  CHECK(has(heard, "us.proxy"));
  CHECK(text_of(heard, "proxy_reply") == "absent");
  for (const std::string& refused : {silent + ":50002:tcp", std::string("localhost:1:tcp")}) {
    CAPTURE(refused);
    CHECK(text_of(found.at(refused), "outcome") == "refused");
    CHECK(text_of(found.at(refused), "proxy_reply") == "5");
  }
  CHECK(text_of(found.at("localhost:1:tcp"), "ip") == "absent");
}

TEST_CASE("a proxy that knows its users knows none of ours") {
  const std::string path = program("microsocks");
  if (path.empty()) return;
  const Proxy proxy(microsocks(path, {"-u", "somebody", "-P", "secret"}));
  const Log log = visit({"abc.onion:50001:t"});
  CHECK(text_of(log.observations.at(0), "outcome") == "proxy_failed");
  CHECK(text_of(log.observations.at(0), "proxy_reply") == "absent");
}

TEST_CASE("without a proxy where there should be one every visit says so at once") {
  const Log log = visit({"abc.onion:50001:t", "def.onion:50002:s"}, Seconds(5));
  REQUIRE(log.observations.size() == 2);
  for (const Json& record : log.observations) {
    CHECK(text_of(record, "outcome") == "proxy_failed");
    CHECK(text_of(record, "proxied") == "true");
  }
}

TEST_CASE("a proxy may have an IPv6 address") {
  Words command = probe_command();
  const Words arguments = {"--format", "jsonl", "--proxy", "socks5://[::1]:1/", "abc.onion:1:t"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const Result result = run(command);
  REQUIRE(result.status == 0);
  CHECK(text_of(read_log(result.out).observations.at(0), "outcome") == "proxy_failed");
}

// Its only authority is a port of loopback where nobody listens, so it speaks to nobody, and every
// way that it could look for ends in time.
TEST_CASE("a Tor without a network says what is wrong with a name, and that it finds no way") {
  const std::string path = program("tor");
  if (path.empty()) return;
  const TempFolder folder;
  const std::string nobody(40, '2');
  const std::string config = folder.write(
      "torrc", "DataDirectory " + folder.path("data") + "\nSocksPort " + Proxy::address() + ":" +
                   kPort + " ExtendedErrors\nSocksTimeout 2\nUseDefaultFallbackDirs 0\n" +
                   "DirAuthority nobody orport=1 v3ident=" + std::string(40, '1') +
                   " 127.0.0.1:1 " + nobody + "\n");
  const Proxy proxy({path, "--defaults-torrc", "/nonexistent", "--ignore-missing-torrc", "-f",
                     config, "--quiet"});
  // The second is right: the key is Ed25519's base point, 58 66 .. 66, the sum is of SHA3-256
  // (rend-spec-v3, section 6). The first is it with another last letter but two.
  const std::string right = "lbtgmztgmztgmztgmztgmztgmztgmztgmztgmztgmztgmztgmztmn5ad.onion";
  std::string wrong = right;
  wrong[53] = 'a';
  const Log log = visit({"--slots", "4", wrong + ":50001:t", right + ":50001:t", right + ":50002:s",
                         "short.onion:50001:t"});
  const auto found = by_endpoint(log);
  for (const std::string& endpoint : {wrong + ":50001:tcp", std::string("short.onion:50001:tcp")}) {
    CAPTURE(endpoint);
    CHECK(text_of(found.at(endpoint), "outcome") == "onion_invalid");
    CHECK(text_of(found.at(endpoint), "proxy_reply") == "246");
  }
  for (const std::string& endpoint : {right + ":50001:tcp", right + ":50002:tls"}) {
    CAPTURE(endpoint);
    CHECK(text_of(found.at(endpoint), "outcome") == "connect_timeout");
    CHECK(text_of(found.at(endpoint), "proxy_reply") == "6");
  }
  // Tor takes no private addresses out of itself.
  const Log local = visit({"--proxy-all", "127.0.0.1:50001:t"});
  CHECK(text_of(local.observations.at(0), "outcome") == "proxy_refused");
}

}  // namespace
}  // namespace observatory::integration
