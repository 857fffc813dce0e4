// SPDX-License-Identifier: MIT
// The connections that a fingerprint takes beyond a visit: which, when, to whom, and what is made
// of servers that answer, keep silent, refuse or send garbage.
#include <string>

#include "core/tls/jarm.h"
#include "tests/catch2.h"
#include "tests/scenario/scenario.h"
#include "tests/support/jarm_vectors.h"

namespace observatory::scenario {
namespace {

using sim::Connection;
using sim::ScriptedServer;
using sim::SimTlsServer;
using test::JarmVector;

constexpr std::string_view kEndpoint = "192.0.2.1:50002:s";
constexpr std::size_t kFirstJarm = 2;  // connection 0 is the visit, 1 the hello of TLS 1.2

// A server that serves the visit, and answers the connections behind it as a recorded one did.
class Recorded {
 public:
  explicit Recorded(ScriptedServer& server, const std::string& name = "stunnel-default-rsa",
                    const SimTlsServer& visit = tls_server(electrumx()))
      : vector(test::jarm_vector(name)), server_(server) {
    server.on_bytes([this, visit](Connection& client, ByteView bytes) {
      if (client.index() == 0) return visit(client, bytes);
      // In one segment with every byte of it, or not at all.
      if (whole_record(client.received_so_far())) answer(client);
    });
  }

  // What comes in the place of the recorded answer, to the connections of these numbers.
  void instead(std::size_t first, std::size_t last, sim::ConnectionHandler action) {
    first_ = first;
    last_ = last;
    action_ = std::move(action);
  }

  const JarmVector vector;

 private:
  static bool whole_record(std::string_view bytes) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
    return bytes.size() >= 5 && bytes.size() == 5u + byte(3) * 256u + byte(4);
  }

  void answer(Connection& client) {
    // Refused ones count, too; there is never a second one under way.
    const std::size_t index = server_.connect_times().size() - 1;
    if (action_ && first_ <= index && index <= last_) return action_(client);
    // The flights to the fourth hello are those of a server of TLS 1.2, as to ours.
    const std::size_t probe = index < kFirstJarm ? 3 : index - kFirstJarm;
    client.send(vector.exchanges.at(probe).flight);
  }

  ScriptedServer& server_;
  std::size_t first_ = 1;
  std::size_t last_ = 0;
  sim::ConnectionHandler action_;
};

struct World {
  explicit World(TlsFingerprint fingerprint)
      : server(scenario.world.listen("192.0.2.1"_ip, 50002)) {
    scenario.options.tls_fingerprint = fingerprint;
  }

  const Kept& run(std::string_view endpoint = kEndpoint) {
    scenario.visit(endpoint);
    scenario.run();
    CHECK(server.max_simultaneous() == 1);
    return scenario.only();
  }
  std::size_t connections() const { return server.connect_times().size(); }

  Scenario scenario;
  ScriptedServer& server;
};

std::string raw_of(const JarmVector& vector, std::size_t first, std::size_t last) {
  std::string raw;
  for (std::size_t i = 0; i < kJarmProbes; ++i) {
    if (i > 0) raw += ",";
    raw += first <= i && i <= last ? std::string(kNoJarmReply) : vector.exchanges[i].raw;
  }
  return raw;
}

TEST_CASE("through a proxy all hellos take the way of the visit, under its user") {
  World world(TlsFingerprint::kJarm);
  const Recorded recorded(world.server);
  sim::SocksProxy& proxy = world.scenario.proxy().name("abc.onion", "192.0.2.1"_ip);
  const Kept& seen = world.run("abc.onion:50002:s");
  CHECK(seen.outcome() == "ok");
  CHECK(seen.record().has(FieldId::kTlsJarm));
  CHECK(world.connections() == 1 + 1 + 10);
  REQUIRE(proxy.requests().size() == world.connections());
  for (const sim::SocksProxy::Request& request : proxy.requests()) {
    CHECK(request.name == "abc.onion");
    CHECK(request.user == proxy.requests()[0].user);
  }
}

}  // namespace

TEST_CASE("without the option a visit has one connection") {
  World world(TlsFingerprint::kHello);
  const Recorded recorded(world.server);
  const Kept& seen = world.run();
  CHECK(seen.outcome() == "ok");
  CHECK(world.connections() == 1);
  CHECK(seen.json().find("jarm") == std::string::npos);
  CHECK(seen.json().find("hello2") == std::string::npos);
}

TEST_CASE("JARM's ten hellos go out one by one, and the fingerprint is the reference's") {
  const auto name = GENERATE(as<std::string>(), "stunnel-default-rsa", "nginx-http2-rsa",
                             "openssl3-tls13only-rsa", "plaintext-jsonrpc");
  World world(TlsFingerprint::kJarm);
  const Recorded recorded(world.server, name);
  const Kept& seen = world.run();
  CAPTURE(name, seen.json());
  CHECK(seen.outcome() == "ok");
  CHECK(seen.text(FieldId::kTlsJarm) == recorded.vector.jarm);
  CHECK(seen.text(FieldId::kTlsJarmRaw) == recorded.vector.raw);
  CHECK_FALSE(seen.number(FieldId::kTlsJarmTimeouts));
  CHECK_FALSE(seen.number(FieldId::kConnections));
  REQUIRE(world.connections() == kFirstJarm + kJarmProbes);
  for (std::size_t i = 0; i < kJarmProbes; ++i) {
    CAPTURE(i);
    const std::string_view sent = world.server.received(kFirstJarm + i);
    const std::string_view recorded_hello = recorded.vector.exchanges[i].hello;
    // The same up to the random bytes; the host here has as many characters as there.
    REQUIRE(sent.size() == recorded_hello.size());
    CHECK(sent.substr(0, 11) == recorded_hello.substr(0, 11));
    CHECK(sent.find("192.0.2.1") == recorded_hello.find("localhost"));
  }
}

TEST_CASE("each connection waits for the one before to be closed, and then for the gap") {
  World world(TlsFingerprint::kJarm);
  world.server.round_trip(80 * kMillisecond);
  const Recorded recorded(world.server);
  world.run();
  const std::vector<Instant>& times = world.server.connect_times();
  REQUIRE(times.size() == 12);
  for (std::size_t i = kFirstJarm; i < times.size(); ++i) {
    CAPTURE(i);
    // A round trip to connect, one for hello and answer, then the gap.
    CHECK(times[i] - times[i - 1] == 2 * 80 * kMillisecond + limits::kHelloGap);
  }
  CHECK(times[1] - times[0] >= limits::kHelloGap);
}

TEST_CASE("no byte that is random in a hello is used twice") {
  World world(TlsFingerprint::kJarm);
  const Recorded recorded(world.server);
  world.run();
  for (std::size_t i = 1; i < 12; ++i) {
    for (std::size_t j = 1; j < i; ++j) {
      CHECK(world.server.received(i).substr(11, 32) != world.server.received(j).substr(11, 32));
    }
  }
}

TEST_CASE("hello2 is one connection with TLS 1.2, of which the server's flight is described") {
  World world(TlsFingerprint::kHello2);
  const Recorded recorded(world.server, "nginx-http2-rsa");
  const Kept& seen = world.run();
  CAPTURE(seen.json());
  CHECK(world.connections() == 2);
  CHECK(seen.number(FieldId::kHello2Outcome) == static_cast<Micros>(Outcome::kOk));
  // The recorded answer to JARM's fourth hello, which the reference reads as
  // c013|0303|http/1.0|ff01-0000-0001-000b-0023-0010-0017, in decimal.
  CHECK(seen.number(FieldId::kHello2Version) == 771);
  CHECK(seen.number(FieldId::kHello2CipherSuite) == 49171);
  CHECK(seen.text(FieldId::kHello2Alpn) == "http/1.0");
  CHECK(seen.text(FieldId::kHello2Ja3s) == "771,49171,65281-0-1-11-35-16-23");
  CHECK(seen.json().find(R"("records":["22:89","22:512","22:307","22:300","22:4"])") !=
        std::string::npos);
  CHECK_FALSE(seen.record().has(FieldId::kTlsJarmRaw));
}

TEST_CASE("an advertised name is the server name of every hello, an address of JARM's alone") {
  World world(TlsFingerprint::kJarm);
  world.scenario.world.name("an.example", {"192.0.2.1"_ip});
  const Recorded recorded(world.server);
  const bool named = GENERATE(true, false);
  world.run(named ? "an.example:50002:s" : kEndpoint);
  const std::string_view host = named ? "an.example" : "192.0.2.1";
  REQUIRE(world.connections() == 12);
  const bool in_hello2 = world.server.received(1).find(host) != std::string_view::npos;
  CHECK(in_hello2 == named);
  for (std::size_t i = kFirstJarm; i < 12; ++i) {
    CHECK(world.server.received(i).find(host) != std::string_view::npos);
  }
}

TEST_CASE("a probe that is not answered is counted, and then there is no hash") {
  World world(TlsFingerprint::kJarm);
  Recorded recorded(world.server);
  recorded.instead(kFirstJarm + 3, kFirstJarm + 3, [](Connection&) {});
  const Kept& seen = world.run();
  CAPTURE(seen.json());
  CHECK(world.connections() == 12);
  CHECK_FALSE(seen.record().has(FieldId::kTlsJarm));
  CHECK(seen.text(FieldId::kTlsJarmRaw) == raw_of(recorded.vector, 3, 3));
  CHECK(seen.number(FieldId::kTlsJarmTimeouts) == 1);
  const std::vector<Instant>& times = world.server.connect_times();
  CHECK(times[6] - times[5] == limits::kHelloTimeout + limits::kHelloGap);
}

TEST_CASE("an answer that never comes whole is read as far as it came, and counted") {
  World world(TlsFingerprint::kJarm);
  Recorded recorded(world.server);
  recorded.instead(kFirstJarm, kFirstJarm, [&](Connection& client) {
    client.send(std::string_view(recorded.vector.exchanges[0].flight).substr(0, 47));
  });
  const Kept& seen = world.run();
  CAPTURE(seen.json());
  CHECK(seen.number(FieldId::kTlsJarmTimeouts) == 1);
  CHECK_FALSE(seen.record().has(FieldId::kTlsJarm));
}

TEST_CASE("two connections in a row that time out end the series") {
  World world(TlsFingerprint::kJarm);
  Recorded recorded(world.server);
  recorded.instead(kFirstJarm + 2, 99, [](Connection&) {});
  const Kept& seen = world.run();
  CHECK(world.connections() == kFirstJarm + 4);
  CHECK(seen.outcome() == "ok");
  CHECK(seen.text(FieldId::kTlsJarmRaw) == raw_of(recorded.vector, 2, 9));
  CHECK(seen.number(FieldId::kTlsJarmTimeouts) == 8);
  CHECK_FALSE(seen.record().has(FieldId::kTlsJarm));
}

TEST_CASE("a server that takes no more connections after some is left alone") {
  World world(TlsFingerprint::kJarm);
  Recorded recorded(world.server);
  const bool refuses = GENERATE(true, false);
  recorded.instead(kFirstJarm + 2, kFirstJarm + 2, [&](Connection& client) {
    client.send(recorded.vector.exchanges[2].flight);
    refuses ? world.server.refuse() : world.server.ignore();
  });
  const Kept& seen = world.run();
  CAPTURE(refuses, seen.json());
  CHECK(world.connections() == kFirstJarm + 5);
  CHECK(seen.text(FieldId::kTlsJarmRaw) == raw_of(recorded.vector, 3, 9));
  // The first refusal is an answer; the one after it, and what was not tried, is none.
  CHECK(seen.number(FieldId::kTlsJarmTimeouts) == (refuses ? 6 : 7));
  CHECK_FALSE(seen.record().has(FieldId::kTlsJarm));
}

TEST_CASE("a single connection that is refused, reset or closed is an answer like any other") {
  World world(TlsFingerprint::kJarm);
  Recorded recorded(world.server);
  const auto how = GENERATE(as<std::string>(), "refused", "reset", "closed", "alert", "garbage");
  recorded.instead(kFirstJarm + 4, kFirstJarm + 4, [&](Connection& client) {
    if (how == "reset") client.reset();
    if (how == "closed") client.close();
    if (how == "alert") client.send(std::string_view("\x15\x03\x03\x00\x02\x02\x28", 7));
    if (how == "garbage") client.send("HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  if (how == "refused") {
    recorded.instead(kFirstJarm + 3, kFirstJarm + 3, [&](Connection& client) {
      client.send(recorded.vector.exchanges[3].flight);
      world.server.refuse();
      world.scenario.world.after(limits::kHelloGap + 200 * kMillisecond,
                                 [&] { world.server.accept(); });
    });
  }
  const Kept& seen = world.run();
  CAPTURE(how, seen.json());
  CHECK(world.connections() == 12);
  CHECK(seen.text(FieldId::kTlsJarmRaw) == raw_of(recorded.vector, 4, 4));
  CHECK(seen.text(FieldId::kTlsJarm).size() == kJarmHash);
  CHECK(seen.text(FieldId::kTlsJarm).substr(12, 3) == "000");
}

TEST_CASE("a server that resets every hello is a fingerprint too") {
  World world(TlsFingerprint::kJarm);
  Recorded recorded(world.server);
  recorded.instead(1, 99, [](Connection& client) { client.reset(); });
  const Kept& seen = world.run();
  CHECK(world.connections() == 12);
  CHECK(seen.number(FieldId::kHello2Outcome) == static_cast<Micros>(Outcome::kReset));
  CHECK(seen.text(FieldId::kTlsJarm) == std::string(kJarmHash, '0'));
}

TEST_CASE("answers count however they are cut, and a flood is not read") {
  World world(TlsFingerprint::kJarm);
  Recorded recorded(world.server);
  SECTION("byte by byte") { world.scenario.world.read_limit(1); }
  SECTION("hellos written in pieces") { world.scenario.world.write_limit(7); }
  const Kept& seen = world.run();
  CHECK(seen.text(FieldId::kTlsJarm) == recorded.vector.jarm);
}

TEST_CASE("hello2 says how its connection ended") {
  World world(TlsFingerprint::kHello2);
  Recorded recorded(world.server);
  Outcome expected = Outcome::kOk;
  sim::ConnectionHandler action;
  SECTION("alert") {
    expected = Outcome::kTlsAlert;
    action = [](Connection& client) {
      client.send(std::string_view("\x15\x03\x03\x00\x02\x02\x46", 7));
    };
  }
  SECTION("silence") {
    expected = Outcome::kTlsTimeout;
    action = [](Connection&) {};
  }
  SECTION("plain JSON") {
    expected = Outcome::kWrongProtocol;
    action = [](Connection& client) { client.send("{}\n"); };
  }
  SECTION("close") {
    expected = Outcome::kClosed;
    action = [](Connection& client) { client.close(); };
  }
  SECTION("a hello and then a reset") {
    expected = Outcome::kReset;
    action = [&](Connection& client) {
      client.send(std::string_view(recorded.vector.exchanges[3].flight).substr(0, 100));
      client.reset();
    };
  }
  recorded.instead(1, 1, action);
  const Kept& seen = world.run();
  CAPTURE(seen.json());
  CHECK(seen.outcome() == "ok");
  CHECK(seen.number(FieldId::kHello2Outcome) == static_cast<Micros>(expected));
  CHECK(seen.record().has(FieldId::kHello2Alert) == (expected == Outcome::kTlsAlert));
  if (expected == Outcome::kTlsAlert) CHECK(seen.number(FieldId::kHello2Alert) == 70);
}

TEST_CASE("a handshake that failed is no reason to ask for less") {
  SimTlsServer visit = tls_server(electrumx());
  std::string outcome;
  SECTION("refused by an alert") {
    visit.alert(40);
    outcome = "tls_alert";
  }
  SECTION("no common version") {
    visit.fail(TlsFailure::kNoCommonVersion);
    outcome = "tls_no_version";
  }
  SECTION("broken") {
    visit.fail(TlsFailure::kPeerMisbehaved);
    outcome = "tls_failed";
  }
  SECTION("silent") {
    visit.silent();
    outcome = "tls_timeout";
  }
  World world(TlsFingerprint::kJarm);
  const Recorded recorded(world.server, "stunnel-default-rsa", visit);
  const Kept& seen = world.run();
  CHECK(seen.outcome() == outcome);
  CHECK(seen.text(FieldId::kTlsJarm) == recorded.vector.jarm);
}

TEST_CASE("who wants no more of us is asked for no more") {
  SimTlsServer visit;
  std::string outcome;
  SECTION("it limits us") {
    visit = tls_server(electrumx().error("server.version", R"({"code":-101,"message":"busy"})"));
    outcome = "rate_limited";
  }
  SECTION("it closes in place of an answer") {
    visit = tls_server(electrumx().silent("server.version").hangs_up_on("server.version"));
    outcome = "closed";
  }
  World world(TlsFingerprint::kJarm);
  const Recorded recorded(world.server, "stunnel-default-rsa", visit);
  SECTION("it closes in the handshake") {
    world.server.close_after_receiving(1);
    outcome = "closed";
  }
  SECTION("it resets in the handshake") {
    world.server.reset_after_receiving(1);
    outcome = "reset";
  }
  SECTION("it does not listen") {
    world.server.refuse();
    outcome = "refused";
  }
  if (outcome.empty()) return;
  const Kept& seen = world.run();
  CHECK(seen.outcome() == outcome);
  CHECK(world.connections() == 1);
  CHECK_FALSE(seen.record().has(FieldId::kTlsJarmRaw));
}

TEST_CASE("a server that limits us after its first answer is asked for no more") {
  World world(TlsFingerprint::kJarm);
  const Recorded recorded(
      world.server, "stunnel-default-rsa",
      tls_server(electrumx().error("server.banner", R"({"code":-102,"message":"too much"})")));
  const Kept& seen = world.run();
  CHECK(seen.number(FieldId::kLimitCode) == -102);
  CHECK(world.connections() == 1);
}

TEST_CASE("an endpoint of TCP has no further connection") {
  World world(TlsFingerprint::kJarm);
  world.server.on_line(electrumx());
  CHECK(world.run("192.0.2.1:50002:t").outcome() == "ok");
  CHECK(world.connections() == 1);
}

TEST_CASE("the address stays taken until the last hello, and another slot waits for it") {
  Scenario scenario(2);
  scenario.options.tls_fingerprint = TlsFingerprint::kJarm;
  ScriptedServer& first = scenario.world.listen("192.0.2.1"_ip, 50002);
  const Recorded recorded(first);
  scenario.world.listen("192.0.2.1"_ip, 50001).on_line(electrumx());
  scenario.visit("192.0.2.1:50002:s");
  scenario.visit("192.0.2.1:50001:t");
  scenario.run();
  CHECK(scenario.world.max_simultaneous("192.0.2.1"_ip) == 1);
  CHECK(scenario.at("192.0.2.1:50002:s").text(FieldId::kTlsJarm) == recorded.vector.jarm);
  CHECK(scenario.at("192.0.2.1:50001:t").outcome() == "ok");
}

TEST_CASE("the series goes to the address that answered the visit") {
  World world(TlsFingerprint::kJarm);
  world.scenario.world.name("an.example", {"192.0.2.9"_ip, "192.0.2.1"_ip});
  ScriptedServer& other = world.scenario.world.listen("192.0.2.9"_ip, 50002).refuse();
  const Recorded recorded(world.server);
  const Kept& seen = world.run("an.example:50002:s");
  CHECK(other.connect_times().size() == 1);
  CHECK(world.connections() == 12);
  CHECK(seen.record().has(FieldId::kTlsJarm));
}

TEST_CASE("the longest series ends in the time that is documented") {
  World world(TlsFingerprint::kJarm);
  Recorded recorded(world.server);
  // Every other one is silent: never two in a row.
  recorded.instead(1, 99, [&](Connection& client) {
    if (client.index() % 2 == 0) client.reset();
  });
  world.run();
  const Instant visit_over = world.server.connect_times()[1];
  CHECK(world.connections() == 12);
  CHECK(world.scenario.end().written_at() - visit_over <=
        11 * (limits::kHelloTimeout + limits::kHelloGap));
}

TEST_CASE("a run that is stopped leaves the series at once") {
  World world(TlsFingerprint::kJarm);
  const Recorded recorded(world.server);
  world.scenario.visit(kEndpoint);
  world.scenario.run_until([&] { return world.connections() == 5; });
  world.scenario.stop();
  world.scenario.run();
  CHECK(world.connections() == 5);
  CHECK(world.scenario.observations().empty());
}

TEST_CASE("a device without randomness sends no hello") {
  World world(TlsFingerprint::kJarm);
  Recorded recorded(world.server);
  recorded.instead(1, 1, [&](Connection& client) {
    client.close();
    world.scenario.world.no_randomness();
  });
  const Kept& seen = world.run();
  CHECK(world.connections() == 2);
  CHECK(seen.number(FieldId::kTlsJarmTimeouts) == 10);
  CHECK_FALSE(seen.record().has(FieldId::kTlsJarm));
}

TEST_CASE("hostile text in an answer leaves the record as sound as any") {
  World world(TlsFingerprint::kJarm);
  Recorded recorded(world.server);
  // A ServerHello of which the ALPN has 250 bytes, in every answer: more than the raw text holds.
  std::string hello = std::string("\x03\x03", 2) + std::string(32, 'r') + std::string(1, '\0') +
                      "\xc0\x2f" + std::string(1, '\0');
  const std::string alpn(250, '"');
  hello += std::string("\x01\x01\x00\x10\x00\xfd\x00\xfb\xfa", 9) + alpn;
  const auto length = static_cast<char>(static_cast<unsigned char>(hello.size() - 256));
  const auto more = static_cast<char>(static_cast<unsigned char>(hello.size() - 252));
  const std::string record =
      std::string("\x16\x03\x03\x01", 4) + more + std::string("\x02\x00\x01", 3) + length + hello;
  recorded.instead(1, 99, [&](Connection& client) { client.send(record); });
  const Kept& seen = world.run();
  CHECK(world.connections() == 12);
  CHECK(seen.text(FieldId::kTlsJarmRaw).size() == 1024);
  CHECK(seen.text(FieldId::kTlsJarmRaw).substr(0, 261) == "c02f|0303|" + alpn + "|");
  CHECK(seen.record().is_cut(FieldId::kTlsJarmRaw));
  CHECK_FALSE(seen.record().has(FieldId::kTlsJarm));
  CHECK_FALSE(seen.number(FieldId::kTlsJarmTimeouts));
}

}  // namespace observatory::scenario
