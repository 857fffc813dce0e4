// SPDX-License-Identifier: MIT
// Every way in which an observation can end, each from the behaviour of a server or of the device.
#include <functional>
#include <set>
#include <string>

#include "tests/catch2.h"
#include "tests/scenario/scenario.h"

namespace observatory::scenario {
namespace {

using sim::Connection;
using sim::SimTlsServer;

struct Case {
  std::string_view what;
  std::string_view outcome;
  std::string_view phases;    // members of `us`
  std::string_view endpoint;  // 127.0.2.1 has port 1, unless `prepare` says otherwise
  std::function<void(Scenario&, sim::ScriptedServer&)> prepare;
  std::string_view seed = {};  // where the endpoint comes from
};

constexpr std::string_view kTcp = "127.0.2.1:1:t";
constexpr std::string_view kTls = "127.0.2.1:1:s";
constexpr std::string_view kOnion = "abcdefghijklmnop.onion:1:t";

// Sends this when the first line has come.
sim::LineHandler says(std::string text, bool then_closes = false) {
  return [text = std::move(text), then_closes](Connection& client, std::string_view) {
    if (client.received_so_far().find("\"id\":5") == std::string_view::npos) return;
    client.send(text);
    if (then_closes) client.close();
  };
}

sim::ByteHandler says_at_once(std::string text) {
  return [text = std::move(text)](Connection& client, ByteView) {
    client.send(text);
    client.close();
  };
}

std::function<void(Scenario&, sim::ScriptedServer&)> proxy_replies(int code) {
  return [code](Scenario& scenario, auto&) {
    scenario.proxy().says(sim::SocksProxy::Message::kRequest,
                          std::string("\5") + static_cast<char>(code));
  };
}

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"everything is answered", "ok", "connect,version,replies,pings", kTcp,
       [](Scenario&, auto& server) { server.on_line(electrumx()); }},
      {"a name of before protocol 1.1", "ok", "connect,version,replies,pings", kTcp,
       [](Scenario&, auto& server) {
         server.on_line(electrumx().result("server.version", "\"ElectrumX 1.0\""));
       }},
      {"closed behind server.version", "ok", "connect,version,replies", kTcp,
       [](Scenario&, auto& server) {
         server.on_line(electrumx().only_version().hangs_up_on("server.version"));
       }},
      {"reset behind server.version", "ok", "connect,tls,version,replies", kTls,
       [](Scenario&, auto& server) {
         server.on_bytes(tls_server([](Connection& client, std::string_view line) {
           electrumx().only_version()(client, line);
           client.reset();
         }));
       }},
      {"flooded behind server.version", "ok", "connect,version,replies", kTcp,
       [](Scenario&, auto& server) {
         server.on_line([](Connection& client, std::string_view line) {
           electrumx().only_version()(client, line);
           client.send(std::string(100'000, 'x'));
         });
       }},

      {"a name that does not exist", "dns_failed", "", "example.org:1:t",
       [](Scenario& scenario, auto&) { scenario.world.name_not_found("example.org"); }},
      {"a name without an address", "dns_failed", "", "example.org:1:t",
       [](Scenario& scenario, auto&) { scenario.world.name("example.org", {}); }},
      {"a name server that fails", "dns_failed", "", "example.org:1:s",
       [](Scenario& scenario, auto&) { scenario.world.lookup_fails("example.org"); }},
      {"a name server that is silent", "dns_timeout", "", "example.org:1:t",
       [](Scenario& scenario, auto&) { scenario.world.lookup_hangs("example.org"); }},

      {"nothing listens", "refused", "", "127.0.2.1:9:t", [](Scenario&, auto&) {}},
      {"nothing listens behind a name", "refused", "dns", "example.org:9:s",
       [](Scenario& scenario, auto&) { scenario.world.name("example.org", {"127.0.2.1"_ip}); }},
      {"no host there", "unreachable", "", "127.0.2.99:1:t", [](Scenario&, auto&) {}},
      {"a device without a network", "unreachable", "", kTcp,
       [](Scenario& scenario, auto&) { scenario.world.network_down(); }},
      {"a lost SYN", "connect_timeout", "", kTcp, [](Scenario&, auto& server) { server.ignore(); }},
      {"a network layer that gives up", "connect_timeout", "", kTcp,
       [](Scenario&, auto& server) { server.time_out(kSecond); }},

      {"reset when accepted", "reset", "connect", kTcp,
       [](Scenario&, auto& server) { server.reset_on_accept(); }},
      {"reset in the handshake", "reset", "connect", kTls,
       [](Scenario&, auto& server) { server.reset_after_receiving(1); }},
      {"reset behind the handshake", "reset", "connect,tls", kTls,
       [](Scenario&, auto& server) {
         server.on_bytes(tls_server([](Connection& client, auto) { client.reset(); }));
       }},
      {"reset within a reply", "reset", "connect", kTcp,
       [](Scenario&, auto& server) { server.on_line(electrumx()).reset_after(10); }},

      {"a handshake without an answer", "tls_timeout", "connect", kTls,
       [](Scenario&, auto& server) { server.on_bytes(SimTlsServer().silent()); }},
      {"a handshake that stops in the middle", "tls_timeout", "connect", kTls,
       [](Scenario&, auto& server) {
         server.on_bytes(SimTlsServer().record_size(4)).pieces(1, 2 * kSecond);
       }},
      {"an alert", "tls_alert", "connect", kTls,
       [](Scenario&, auto& server) { server.on_bytes(SimTlsServer().alert(40)); }},
      {"no common version", "tls_no_version", "connect", kTls,
       [](Scenario&, auto& server) {
         server.on_bytes(SimTlsServer().fail(TlsFailure::kNoCommonVersion, -0x6e80));
       }},
      {"a handshake that breaks the protocol", "tls_failed", "connect", kTls,
       [](Scenario&, auto& server) {
         server.on_bytes(SimTlsServer().fail(TlsFailure::kPeerMisbehaved, -0x7780));
       }},
      {"a certificate that cannot be read", "tls_failed", "connect", kTls,
       [](Scenario&, auto& server) {
         server.on_bytes(SimTlsServer().fail(TlsFailure::kBadCertificate));
       }},

      {"no reply over TCP", "reply_timeout", "connect", kTcp, [](Scenario&, auto&) {}},
      {"no reply over TLS", "reply_timeout", "connect,tls", kTls,
       [](Scenario&, auto& server) { server.on_bytes(SimTlsServer()); }},
      {"only notifications", "reply_timeout", "connect", kTcp,
       [](Scenario&, auto& server) {
         server.on_line(says("{\"jsonrpc\":\"2.0\",\"method\":\"blockchain.relayfee\"}\n"));
       }},
      {"a server that does not read", "reply_timeout", "connect", kTcp,
       [](Scenario& scenario, auto& server) {
         scenario.world.buffers(100, 100);
         server.stall();
       }},

      {"closed when accepted", "closed", "connect", kTcp,
       [](Scenario&, auto& server) { server.close_on_accept(); }},
      {"closed in the handshake", "closed", "connect", kTls,
       [](Scenario&, auto& server) { server.close_after_receiving(1); }},
      {"closed behind the handshake", "closed", "connect,tls", kTls,
       [](Scenario&, auto& server) {
         server.on_bytes(tls_server(electrumx()
                                        .only_version()
                                        .silent("server.version")
                                        .hangs_up_on("blockchain.headers.subscribe")));
       }},
      {"closed within a reply", "closed", "connect", kTcp,
       [](Scenario&, auto& server) { server.on_line(electrumx()).close_after(10); }},

      {"too much used", "rate_limited", "connect", kTcp,
       [](Scenario&, auto& server) {
         server.on_line(electrumx().error("server.version",
                                          R"({"code":-101,"message":"excessive resource usage"})"));
       }},
      {"a busy server", "rate_limited", "connect,tls", kTls,
       [](Scenario&, auto& server) {
         server.on_bytes(tls_server(
             electrumx().error("server.version", R"({"code":-102,"message":"server busy"})")));
       }},

      {"a line without end", "reply_too_long", "connect", kTcp,
       [](Scenario&, auto& server) { server.flood(); }},
      {"a line beyond our bound, then nothing", "reply_too_long", "connect", kTcp,
       [](Scenario&, auto& server) {
         server.on_line(says("\"" + std::string(limits::kLine, 'x') + "\"\n"));
       }},
      {"a line beyond our bound, then the end", "reply_too_long", "connect,tls", kTls,
       [](Scenario&, auto& server) {
         server.on_bytes(tls_server(says("\"" + std::string(limits::kLine, 'x') + "\"\n", true)));
       }},

      {"a line that is no JSON", "malformed_reply", "connect", kTcp,
       [](Scenario&, auto& server) { server.on_line(says("220 mail.example ESMTP\r\n")); }},
      {"JSON too deep for any reply", "malformed_reply", "connect", kTcp,
       [](Scenario&, auto& server) {
         server.on_line(says(std::string(5000, '[') + std::string(5000, ']') + "\n"));
       }},

      {"HTTP", "wrong_protocol", "connect", kTcp,
       [](Scenario&, auto& server) {
         server.on_bytes(says_at_once("HTTP/1.1 400 Bad Request\r\n\r\n"));
       }},
      {"TLS where TCP was listed", "wrong_protocol", "connect", kTcp,
       [](Scenario&, auto& server) { server.on_bytes(SimTlsServer()); }},
      {"SSH", "wrong_protocol", "connect", kTcp,
       [](Scenario&, auto& server) {
         server.on_accept([](Connection& client) { client.send("SSH-2.0-OpenSSH_9.2p1\r\n"); });
       }},
      {"TCP where TLS was listed", "wrong_protocol", "connect", kTls,
       [](Scenario&, auto& server) {
         server.on_bytes(says_at_once("{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32700}}\n"));
       }},

      {"JSON that answers nothing", "not_electrum", "connect", kTcp,
       [](Scenario&, auto& server) { server.on_line(says("{\"hello\":\"world\"}\n", true)); }},
      {"JSON that is no object", "not_electrum", "connect", kTcp,
       [](Scenario&, auto& server) { server.on_line(says("[1,2,3]\n")); }},
      {"JSON without end", "not_electrum", "connect", kTcp,
       [](Scenario&, auto& server) {
         std::string text;
         for (int i = 0; i < 100; ++i) text += "{}\n";
         server.on_line(says(text));
       }},
      {"an object for a version", "not_electrum", "connect,replies", kTcp,
       [](Scenario&, auto& server) {
         server.on_line(electrumx().result("server.version", R"({"version":"1"})"));
       }},

      {"server.version refused twice", "version_refused", "connect,replies", kTcp,
       [](Scenario&, auto& server) {
         server.on_line(
             electrumx().error("server.version", R"({"code":1,"message":"unsupported client"})"));
       }},

      {"no handle to spare", "exhausted", "", kTcp,
       [](Scenario& scenario, auto&) { scenario.world.stream_limit(0); }},
      {"no memory for TLS", "exhausted", "connect", kTls,
       [](Scenario& scenario, auto& server) {
         scenario.tls(0).out_of_memory();
         server.on_bytes(SimTlsServer());
       }},
      {"memory ends within the handshake", "exhausted", "connect", kTls,
       [](Scenario&, auto& server) {
         server.on_bytes(SimTlsServer().fail(TlsFailure::kOutOfMemory));
       }},
      {"memory ends behind the handshake", "exhausted", "connect,tls", kTls,
       [](Scenario& scenario, auto& server) {
         scenario.tls(0).out_of_memory_behind(0);
         server.on_bytes(tls_server(electrumx()));
       }},
      {"memory ends behind server.version", "exhausted", "connect,tls,version,replies", kTls,
       [](Scenario& scenario, auto& server) {
         scenario.tls(0).out_of_memory_behind(200);
         server.on_bytes(tls_server(electrumx()));
       }},

      {"an onion name", "needs_proxy", "", kOnion, [](Scenario&, auto&) {}},
      {"no proxy where there should be one", "proxy_failed", "", kOnion,
       [](Scenario& scenario, auto&) { scenario.proxy().server().refuse(); }},
      {"the proxy does not allow it", "proxy_refused", "", kOnion, proxy_replies(2)},
      {"no such onion service", "onion_not_found", "", kOnion, proxy_replies(0xF0)},
      {"no such onion name", "onion_invalid", "", kOnion, proxy_replies(0xF6)},
      {"no way to the onion service", "onion_unreachable", "", kOnion, proxy_replies(0xF3)},
      {"an onion service for its friends", "onion_locked", "", kOnion, proxy_replies(0xF4)},
      {"a name from elsewhere that leads into a network of its own", "forbidden_address", "dns",
       "inside.example:1:t",
       [](Scenario& scenario, auto&) { scenario.world.name("inside.example", {"127.0.2.1"_ip}); },
       "seed.example"},
      {"an address that opted out", "opted_out", "", kTcp,
       [](Scenario& scenario, auto&) { CHECK(scenario.opt_out.add_line("127.0.2.1").empty()); }},
      {"a name that opted out", "opted_out", "", "example.org:1:t",
       [](Scenario& scenario, auto&) { CHECK(scenario.opt_out.add_line("example.org").empty()); }},
  };
  return all;
}

TEST_CASE("each behaviour of a server ends in its own outcome") {
  for (const Case& one : cases()) {
    DYNAMIC_SECTION(one.what) {
      Scenario scenario;
      one.prepare(scenario, scenario.world.listen("127.0.2.1"_ip, 1));
      scenario.visit(one.endpoint, one.seed);
      scenario.run();
      const Kept& seen = scenario.only();
      INFO(seen.json());
      CHECK(seen.outcome() == one.outcome);
      CHECK(seen.phases() == one.phases);
      CHECK(seen.endpoint() == one.endpoint);
      CHECK(scenario.end().number(FieldId::kObservations) == 1);
      CHECK(scenario.end().number(FieldId::kReached) == (one.outcome == "ok" ? 1 : 0));
      // The next endpoint is not harmed by what came before it.
      CHECK(scenario.elapsed() <= limits::kVisit);
    }
  }
}

TEST_CASE("no outcome is without a scenario") {
  std::set<std::string_view> reached = {"held_back"};  // takes two visits: manners_test.cpp
  for (const Case& one : cases()) reached.insert(one.outcome);
  std::size_t outcomes = 0;
  for (int number = 0; number < 256; ++number) {
    const std::string_view name = outcome_name(static_cast<Outcome>(number));
    if (name.empty()) continue;
    ++outcomes;
    INFO(name);
    CHECK(reached.count(name) == 1);
  }
  CHECK(reached.size() == outcomes);
}

TEST_CASE("a visit is not coloured by the one before it in its slot") {
  // A healthy server is visited behind each of the cases, and is seen the same each time.
  std::string healthy;
  for (const Case& one : cases()) {
    Scenario scenario;
    auto& server = scenario.world.listen("127.0.2.1"_ip, 1);
    one.prepare(scenario, server);
    scenario.world.listen("127.0.2.7"_ip, 7).on_bytes(tls_server(electrumx()));
    scenario.visit(one.endpoint, one.seed);
    scenario.run_until([&] { return scenario.output.records().size() == 2; });
    scenario.world.network_down(false).stream_limit(1000).buffers(256 * 1024, 64 * 1024);
    scenario.tls(0).out_of_memory(false);
    scenario.list.add("127.0.2.7:7:s");
    scenario.run();
    const std::string facts = scenario.at("127.0.2.7:7:s").facts();
    if (healthy.empty()) healthy = facts;
    INFO(one.what);
    CHECK(facts == healthy);
  }
}

TEST_CASE("a certificate that cannot be read is recorded beside its outcome") {
  Scenario scenario;
  scenario.world.listen("127.0.2.1"_ip, 1)
      .on_bytes(SimTlsServer()
                    .chain({"leaf", "issuer"})
                    .self_signed()
                    .fail(TlsFailure::kBadCertificate, -0x2562));
  scenario.visit("127.0.2.1:1:s");
  scenario.run();
  const Kept& seen = scenario.only();
  CHECK(seen.text(FieldId::kTlsParseError) == "extensions.tag");
  CHECK(seen.number(FieldId::kTlsError) == -0x2562);
  CHECK(seen.number(FieldId::kLeafBytes) == 4);
  CHECK(seen.record().count(FieldId::kTlsChain) == 2);
  CHECK(seen.record().has(FieldId::kLeafSha256));
  CHECK_FALSE(seen.record().has(FieldId::kLeafSelfSigned));
  CHECK_FALSE(seen.record().has(FieldId::kLeafNameMatches));
}

TEST_CASE("an alert, an error code and a limit are recorded beside their outcome") {
  Scenario scenario;
  scenario.world.listen("127.0.2.1"_ip, 1).on_bytes(SimTlsServer().alert(40));
  scenario.world.listen("127.0.2.2"_ip, 2)
      .on_bytes(SimTlsServer().fail(TlsFailure::kPeerMisbehaved, -0x7780));
  scenario.world.listen("127.0.2.3"_ip, 3)
      .on_line(electrumx().error("server.version",
                                 R"({"code":-101,"message":"excessive resource usage"})"));
  scenario.visit("127.0.2.1:1:s");
  scenario.visit("127.0.2.2:2:s");
  scenario.visit("127.0.2.3:3:t");
  scenario.run();
  CHECK(scenario.at("127.0.2.1:1:s").number(FieldId::kTlsAlert) == 40);
  CHECK(scenario.at("127.0.2.2:2:s").number(FieldId::kTlsError) == -0x7780);
  CHECK(scenario.at("127.0.2.3:3:t").number(FieldId::kLimitCode) == -101);
  CHECK(scenario.at("127.0.2.3:3:t").text(FieldId::kLimitMessage) == "excessive resource usage");
}

}  // namespace
}  // namespace observatory::scenario
