// SPDX-License-Identifier: MIT
// One server directly, behind nginx, behind stunnel and behind balancers over two servers: which
// facts of the record stay the server's, which are of what stands in front, and what tells of a
// balancer. Where nginx or stunnel are missing the cases are skipped, and say so.
#include <algorithm>
#include <optional>
#include <set>

#include "tests/catch2.h"
#include "tests/integration/demo_process.h"
#include "tests/integration/tls_stack.h"

namespace observatory::integration {
namespace {

using Changed = std::vector<std::string>;

std::string at(int number) { return own_network() + std::to_string(number); }
std::string tls(int number) { return at(number) + ":" + kTlsPort + ":s"; }

// The demo's servers, by the last part of their addresses.
constexpr int kServer = 2;  // electrumx-1.16-git, with an RSA key
constexpr int kOther = 6;   // fulcrum-2.1.1, with one of P-256
constexpr int kTwinA = 33;  // two servers of the same software
constexpr int kTwinB = 34;  // with the same certificate
constexpr const char* kServers =
    "electrumx-1.16-git,fulcrum-2.1.1,shared-certificate-1,shared-certificate-2";

// What stands in front.
constexpr int kNginx = 101;         // of kServer
constexpr int kStunnel = 102;       // of kServer
constexpr int kBalancer = 103;      // of kServer and kOther, and speaks TLS itself
constexpr int kPassing = 104;       // of the same two; passes their TLS on
constexpr int kPassingTwins = 105;  // of the twins; passes their TLS on

// nginx takes the name, 16 bytes, and the keys of its tickets from a file of 48 bytes.
constexpr const char* kTicketKeyName = "key of the front";
constexpr const char* kTicketKeyNameHex = "6b6579206f66207468652066726f6e74";

// All servers, and all that stands in front of them.
class Fronts {
 public:
  Fronts(const std::string& nginx, const std::string& stunnel) {
    const std::string key = folder_.write("key", kTicketKeyName + std::string(32, 'k'));
    // Protocols, order, cache and timeout are those that the manuals of electrs and of its
    // descendants give (electrs doc/config.md).
    const std::string own_tls = "ssl_certificate " + files_.path("rsa.chain") +
                                "; ssl_certificate_key " + files_.path("rsa.key") +
                                "; ssl_session_cache shared:SSL:1m; ssl_session_timeout 4h; "
                                "ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; "
                                "ssl_prefer_server_ciphers on; ssl_session_ticket_key " +
                                key + ";";
    const std::string body = "stream {\n" + pool("mixed", kServer, kOther, "50001") +
                             pool("mixed_tls", kServer, kOther, kTlsPort) +
                             pool("twins", kTwinA, kTwinB, kTlsPort) +
                             server(kNginx, " ssl", at(kServer) + ":50001", own_tls) +
                             server(kBalancer, " ssl", "mixed", own_tls) +
                             // The kernel of another machine would have another window.
                             server(kPassing, " rcvbuf=16k", "mixed_tls", "") +
                             server(kPassingTwins, "", "twins", "") + "}\n";
    nginx_.emplace(nginx_command(nginx, folder_, body),
                   Words{at(kNginx), at(kBalancer), at(kPassing), at(kPassingTwins)});
    stunnel_.emplace(stunnel_command(stunnel, folder_,
                                     "[front]\naccept = " + at(kStunnel) + ":" + kTlsPort +
                                         "\nconnect = " + at(kServer) +
                                         ":50001\ncert = " + files_.path("rsa.chain") +
                                         "\nkey = " + files_.path("rsa.key") + "\n"),
                     Words{at(kStunnel)});
  }

  const Certificates& files() const { return files_; }

  // What the demo tells of the server, on TLS.
  Json truth(int number) const {
    for (const Json& line : network_.truth()) {
      if (endpoint_of(line) == at(number) + ":" + kTlsPort + ":tls") return line;
    }
    throw std::runtime_error("the demo has no server " + std::to_string(number));
  }

 private:
  static std::string pool(const std::string& name, int first, int second, const std::string& port) {
    return "upstream " + name + " { server " + at(first) + ":" + port + "; server " + at(second) +
           ":" + port + "; }\n";
  }
  static std::string server(int number, const std::string& listening, const std::string& backend,
                            const std::string& options) {
    return "server { listen " + at(number) + ":" + kTlsPort + listening + "; proxy_pass " +
           backend + "; " + options + " }\n";
  }

  Certificates files_;
  DemoProcess network_{kServers};
  TempFolder folder_;
  std::optional<Stack> nginx_;
  std::optional<Stack> stunnel_;
};

std::optional<Fronts> fronts() {
  const std::string nginx = program("nginx");
  const std::string stunnel = program("stunnel4");
  if (nginx.empty() || stunnel.empty() || program("openssl").empty() || !has_stream_module()) {
    return std::nullopt;
  }
  return std::optional<Fronts>(std::in_place, nginx, stunnel);
}

// The observations of each address in their order; all of them succeeded.
using Records = std::map<std::string, std::vector<Json>>;

Records visited(const std::vector<int>& numbers, const Words& options, bool* is_new) {
  Words endpoints;
  for (const int number : numbers) endpoints.push_back(tls(number));
  const Log log = visit(endpoints, options);
  *is_new = text_of(log.run, "tls_newest") == "TLSv1.3";
  Records records;
  for (const Json& record : log.observations) {
    INFO(to_text(record));
    CHECK(text_of(record, "outcome") == "ok");
    records[text_of(record, "host")].push_back(record);
  }
  return records;
}

Changed changed(const Json& record) {
  Changed names;
  const Json* const list = find(record, "changed");
  if (list == nullptr) return {"absent"};
  for (const Json& name : list->items()) names.push_back(to_text(name));
  return names;
}

// The dotted paths at which two records differ. What differs between any two visits is left out;
// the certificate counts as one.
class Difference {
 public:
  Difference(const Json& one, const Json& other) { compare("", one, other); }
  const std::set<std::string>& paths() const { return paths_; }

 private:
  static bool is_compared(const std::string& path) {
    static const std::set<std::string> varying = {
        "seq", "t", "host", "ip", "us", "tcp.rtt_us", "tcp.rttvar_us", "tcp.min_rtt_us",
        "tcp.connect_rtt_us", "tcp.retransmits",
        // A block cipher rounds them up: two programs may agree by chance.
        "tls.session_ticket.lengths",
        // Of TLS 1.2 with our curves in the client's order; TLS 1.3 takes the share that we sent.
        "tls.server_hello.key_share"};
    return varying.count(path) == 0;
  }

  void compare(const std::string& path, const Json& one, const Json& other) {
    if (!is_compared(path)) return;
    if (path == "tls.leaf" || !one.is(Json::Kind::kObject) || !other.is(Json::Kind::kObject)) {
      if (to_text(one) != to_text(other)) paths_.insert(path);
      return;
    }
    std::set<std::string> names(one.names().begin(), one.names().end());
    names.insert(other.names().begin(), other.names().end());
    for (const std::string& name : names) {
      const std::string below = path.empty() ? name : path + "." + name;
      const Json* const first = one.find(name);
      const Json* const second = other.find(name);
      if (first != nullptr && second != nullptr) {
        compare(below, *first, *second);
      } else if (is_compared(below)) {
        paths_.insert(below);
      }
    }
  }

  std::set<std::string> paths_;
};

// Which of two servers this is an observation of.
int server_of(const Json& record, const Fronts& fronts, int one, int other) {
  const std::string donation = text_of(record, "electrum.donation");
  if (donation == text_of(fronts.truth(one), "donation")) return one;
  CHECK(donation == text_of(fronts.truth(other), "donation"));
  return other;
}

}  // namespace

TEST_CASE("nginx and stunnel change nothing but TLS, and what they change stays") {
  const std::optional<Fronts> all = fronts();
  if (!all) return;
  bool is_new = false;
  const Records records =
      visited({kServer, kNginx, kStunnel}, {"--visits", "3", "--every", "1"}, &is_new);
  const std::vector<Json>& direct = records.at(at(kServer));
  const std::vector<Json>& nginx = records.at(at(kNginx));
  const std::vector<Json>& stunnel = records.at(at(kStunnel));

  for (const auto& [host, visits] : records) {
    INFO(host);
    REQUIRE(visits.size() == 3);
    CHECK(changed(visits[0]) == Changed{"absent"});
    for (std::size_t i = 1; i < 3; ++i) CHECK(changed(visits[i]).empty());
    const Json truth = all->truth(kServer);
    CHECK(text_of(visits[0], "electrum.software") == text_of(truth, "claims"));
    CHECK(text_of(visits[0], "electrum.donation") == text_of(truth, "donation"));
    CHECK(text_of(visits[0], "electrum.banner.sha256") == text_of(truth, "banner_sha256"));
    CHECK(text_of(visits[0], "electrum.tip.height") == text_of(truth, "tip_height"));
    CHECK(text_of(visits[0], "wire.order") == text_of(truth, "wire.order"));
    CHECK(text_of(visits[0], "wire.echo_float") == text_of(truth, "wire.echo_float"));
  }

  // All three are OpenSSL. The server and nginx choose by their own order, and so alike; stunnel
  // chooses by ours.
  std::set<std::string> expected = {"tls.records",
                                    "tls.session_ticket.lifetime_hint",
                                    "tls.session_ticket.key_name",
                                    "tls.chain",
                                    "tls.chain_bytes",
                                    "tls.leaf"};
  CHECK(Difference(direct[0], nginx[0]).paths() == expected);
  expected.insert({"tls.cipher", "tls.server_hello.cipher_suite", "tls.ja3s"});
  CHECK(Difference(direct[0], stunnel[0]).paths() == expected);
  CHECK(text_of(direct[0], "tls.cipher") ==
        (is_new ? "TLS_AES_256_GCM_SHA384" : "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"));

  CHECK(text_of(direct[0], "tls.leaf.sha256") ==
        text_of(all->truth(kServer), "certificate.leaf_sha256"));
  CHECK(text_of(nginx[0], "tls.leaf.sha256") == all->files().sha256("rsa"));
  CHECK(text_of(stunnel[0], "tls.leaf.sha256") == all->files().sha256("rsa"));

  // OpenSSL's own lifetime, what the configuration says, and what stunnel(8) says of
  // sessionCacheTimeout.
  CHECK(text_of(direct[0], "tls.session_ticket.lifetime_hint") == "7200");
  CHECK(text_of(nginx[0], "tls.session_ticket.lifetime_hint") == "14400");
  CHECK(text_of(stunnel[0], "tls.session_ticket.lifetime_hint") == "300");

  const auto key_names = [](const std::vector<Json>& visits) {
    std::set<std::string> names;
    for (const Json& record : visits) names.insert(text_of(record, "tls.session_ticket.key_name"));
    return names;
  };
  CHECK(key_names(nginx) == std::set<std::string>{kTicketKeyNameHex});
  CHECK(key_names(direct).size() == 1);
  CHECK(key_names(stunnel).size() == 1);
}

TEST_CASE("a balancer shows as changes from visit to visit, and as what does not change") {
  const std::optional<Fronts> all = fronts();
  if (!all) return;
  bool is_new = false;
  const Records records = visited({kOther, kBalancer, kPassing, kPassingTwins},
                                  {"--visits", "4", "--every", "1"}, &is_new);

  // The demo's Fulcrum makes ticket keys anew for each connection, as the real one does.
  for (std::size_t i = 1; i < 4; ++i) {
    CHECK(changed(records.at(at(kOther))[i]) == Changed{"ticket_key"});
  }

  // In their own words, and as others write them: all that two servers differ in.
  const Changed words = {"software", "banner", "donation", "features", "peers", "replies"};
  Changed handshake_and_words = {"ticket_key", "certificate"};
  // The suites of TLS 1.2 name the kind of the key.
  if (!is_new) handshake_and_words = {"tls", "server_hello", "ticket_key", "certificate"};
  handshake_and_words.insert(handshake_and_words.end(), words.begin(), words.end());
  const Changed twins = {"ticket_key", "banner", "donation", "features", "peers"};

  struct Balancer {
    int number;
    int one;
    int other;
    const Changed& at_another;
  };
  for (const Balancer& balancer : {Balancer{kBalancer, kServer, kOther, words},
                                   Balancer{kPassing, kServer, kOther, handshake_and_words},
                                   Balancer{kPassingTwins, kTwinA, kTwinB, twins}}) {
    const std::vector<Json>& visits = records.at(at(balancer.number));
    CAPTURE(balancer.number);
    REQUIRE(visits.size() == 4);
    CHECK(changed(visits[0]) == Changed{"absent"});
    const bool passes = balancer.number != kBalancer;
    const int first = server_of(visits[0], *all, balancer.one, balancer.other);
    int last = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const int server = server_of(visits[i], *all, balancer.one, balancer.other);
      CAPTURE(i, server);
      CHECK(server != last);  // round robin
      last = server;
      const bool is_first = server == first;
      if (i > 0 && is_first && passes && server == kOther) {
        CHECK(changed(visits[i]) == Changed{"ticket_key"});
      } else if (i > 0) {
        CHECK(changed(visits[i]) == (is_first ? Changed{} : balancer.at_another));
      }
      // Of whom the certificate is.
      CHECK(text_of(visits[i], "tls.leaf.sha256") ==
            (passes ? text_of(all->truth(server), "certificate.leaf_sha256")
                    : all->files().sha256("rsa")));
    }
  }

  // TLS that is passed on is the server's; TCP is the balancer's.
  for (const Json& record : records.at(at(kPassing))) {
    CHECK(text_of(record, "tcp.window") != "absent");
    CHECK(text_of(record, "tcp.window") != text_of(records.at(at(kOther))[0], "tcp.window"));
  }
  // Its ticket key is one and the same, and the balancer's, whoever answers.
  for (const Json& record : records.at(at(kBalancer))) {
    CHECK(text_of(record, "tls.session_ticket.key_name") == kTicketKeyNameHex);
  }
}

TEST_CASE("JARM is of what ends TLS, and behind a balancer that passes it on, of nobody") {
  const std::optional<Fronts> all = fronts();
  if (!all) return;
  bool is_new = false;
  const Records records = visited({kServer, kOther, kNginx, kStunnel, kBalancer, kPassing},
                                  {"--timeout", "5", "--tls-fingerprint", "jarm"}, &is_new);
  const auto said = [&](int number, const std::string& field) {
    return text_of(records.at(at(number))[0], "tls." + field);
  };
  std::set<std::string> different;
  for (const int number : {kServer, kOther, kNginx, kStunnel, kPassing}) {
    CHECK(said(number, "jarm").size() == 62);
    different.insert(said(number, "jarm"));
  }
  CHECK(different.size() == 5);
  CHECK(said(kBalancer, "jarm") == said(kNginx, "jarm"));

  // Extension 0, with which a server acknowledges a name (RFC 6066 section 3): Python's and Qt's
  // servers do not without a callback, nginx and stunnel have one.
  for (const int number : {kNginx, kStunnel, kBalancer}) {
    CHECK(said(number, "jarm_raw").find("ff01-0000-") != std::string::npos);
  }
  for (const int number : {kServer, kOther, kPassing}) {
    CHECK(said(number, "jarm_raw").find("ff01-0000-") == std::string::npos);
  }

  // One connection goes here, the next there: the visit, hello2, and the ten of JARM. hello2 gets
  // ECDHE with AES-256-GCM, and the server's kind of signature (RFC 5289).
  const std::map<int, std::string> suites = {{kServer, "49200"}, {kOther, "49196"}};
  const int first = server_of(records.at(at(kPassing))[0], *all, kServer, kOther);
  const int second = first == kServer ? kOther : kServer;
  CHECK(said(kServer, "hello2.cipher_suite") == suites.at(kServer));
  CHECK(said(kPassing, "hello2.cipher_suite") == suites.at(second));
  const auto split = [](const std::string& raw) {
    std::vector<std::string> parts(1);
    for (const char c : raw) {
      if (c == ',') {
        parts.emplace_back();
      } else {
        parts.back() += c;
      }
    }
    return parts;
  };
  const std::vector<std::string> parts = split(said(kPassing, "jarm_raw"));
  REQUIRE(parts.size() == 10);
  for (std::size_t i = 0; i < 10; ++i) {
    CHECK(parts[i] == split(said(i % 2 == 0 ? first : second, "jarm_raw"))[i]);
  }
}

}  // namespace observatory::integration
