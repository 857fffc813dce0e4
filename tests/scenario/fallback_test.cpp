// SPDX-License-Identifier: MIT
// What takes a second connection, and that nothing takes more than it may.
#include <string>

#include "tests/catch2.h"
#include "tests/scenario/scenario.h"

namespace observatory::scenario {
namespace {

using sim::Connection;
using sim::SimTlsServer;

constexpr std::string_view kListForm = R"(["1.4","1.7"])";
constexpr std::string_view kStringForm = R"(,"1.4"])";

// What core/run/session.cpp knows of Electrum Personal Server.
constexpr Sha256 kPersonalServer = {
    0x4F, 0xAF, 0x9B, 0x44, 0x23, 0x95, 0xE5, 0xA3, 0xEC, 0x17, 0x76, 0x3D, 0x68, 0x78, 0x66, 0x6F,
    0x01, 0x10, 0x48, 0xD4, 0xAF, 0xE1, 0xBE, 0x3E, 0xFB, 0x3A, 0x8F, 0xB7, 0xAD, 0xDF, 0x6A, 0x40};

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

TEST_CASE("a server that our TLS library misreads is visited once more with TLS 1.2") {
  Scenario scenario;
  auto& server = scenario.world.listen("127.0.2.1"_ip, 50002);
  const SimTlsServer tls = tls_server(electrumx()).needs_tls12();
  server.on_bytes(tls);
  scenario.visit("127.0.2.1:50002:s");
  scenario.run();
  const Kept& seen = scenario.only();
  CHECK(seen.outcome() == "ok");
  CHECK(seen.number(FieldId::kTlsFallback) == 1);
  CHECK(seen.number(FieldId::kConnections) == 2);
  CHECK(seen.text(FieldId::kTlsVersion) == "TLSv1.2");
  CHECK_FALSE(seen.number(FieldId::kTlsError));
  CHECK(server.connect_times().size() == 2);
  CHECK(server.max_simultaneous() == 1);
  CHECK(tls.client_hellos() == 2);
  CHECK(scenario.tls(0).offer() == TlsOffer::kTls12);
}

TEST_CASE("the next visit offers the newest TLS again") {
  Scenario scenario;
  scenario.world.listen("127.0.2.1"_ip, 1).on_bytes(tls_server(electrumx()).needs_tls12());
  scenario.world.listen("127.0.2.2"_ip, 2).on_bytes(tls_server(electrumx()));
  scenario.visit("127.0.2.1:1:s");
  scenario.visit("127.0.2.2:2:s");
  scenario.run();
  CHECK(scenario.at("127.0.2.2:2:s").text(FieldId::kTlsVersion) == "TLSv1.3");
  CHECK_FALSE(scenario.at("127.0.2.2:2:s").number(FieldId::kTlsFallback));
}

TEST_CASE("a fallback that fails as well is not tried again") {
  Scenario scenario;
  auto& server = scenario.world.listen("127.0.2.1"_ip, 50002);
  server.on_bytes(tls_server(electrumx()).needs_tls12().fail(TlsFailure::kPeerMisbehaved, -0x7780));
  scenario.visit("127.0.2.1:50002:s");
  scenario.run();
  CHECK(scenario.only().outcome() == "tls_failed");
  CHECK(scenario.only().number(FieldId::kTlsFallback) == 1);
  CHECK(scenario.only().phases() == "connect");
  CHECK(server.connect_times().size() == 2);
}

TEST_CASE("addresses that did not answer take no connection from the fallbacks") {
  Scenario scenario;
  scenario.world.without_ipv6();
  scenario.world.name("example.org", {"2001:db8::1"_ip, "2001:db8::2"_ip, "127.0.2.1"_ip});
  auto& server = scenario.world.listen("127.0.2.1"_ip, 50002);
  server.on_bytes(tls_server(electrumx().refuses_lists()).needs_tls12());
  scenario.visit("example.org:50002:s");
  scenario.run();
  CHECK(scenario.only().outcome() == "ok");
  CHECK(scenario.only().number(FieldId::kConnections) == 3);
  CHECK(server.connect_times().size() == 3);
}

TEST_CASE("a handshake that we break off ends with our alert") {
  Scenario scenario;
  auto& server = scenario.world.listen("127.0.2.1"_ip, 50002);
  server.on_bytes(SimTlsServer().fail(TlsFailure::kBadCertificate));
  scenario.visit("127.0.2.1:50002:s");
  scenario.run();
  scenario.world.run_for(kSecond);
  CHECK(holds(server.received(0), std::string_view("\x15\x03\x03\x00\x02\x02", 6)));
}

TEST_CASE("a server that refuses a list of versions is asked once more with one version") {
  const bool tls = GENERATE(false, true);
  Scenario scenario;
  auto& server = scenario.world.listen("127.0.2.1"_ip, 1);
  const SimTlsServer over_tls = tls_server(electrs().refuses_lists());
  if (tls) {
    server.on_bytes(over_tls);
  } else {
    server.on_line(electrs().refuses_lists());
  }
  scenario.visit(tls ? "127.0.2.1:1:s" : "127.0.2.1:1:t");
  scenario.run();
  const Kept& seen = scenario.only();
  CHECK(seen.outcome() == "ok");
  CHECK(seen.number(FieldId::kConnections) == 2);
  CHECK(seen.number(FieldId::kVersionErrorCode) == 1);
  CHECK(seen.text(FieldId::kVersionErrorMessage) == "no lists");
  CHECK(seen.text(FieldId::kServerSoftware) == "electrs/0.11.1");
  CHECK(seen.text(FieldId::kWireArrival) == "1,2,3,4,5,6,7,8");
  CHECK(server.connect_times().size() == 2);
  CHECK(server.max_simultaneous() == 1);
  CHECK(holds(tls ? over_tls.received(0) : server.received(0), kListForm));
  CHECK_FALSE(holds(tls ? over_tls.received(1) : server.received(1), kListForm));
  CHECK(holds(tls ? over_tls.received(1) : server.received(1), kStringForm));
}

TEST_CASE("a server that refuses both forms is left alone") {
  Scenario scenario;
  auto& server = scenario.world.listen("127.0.2.1"_ip, 1);
  server.on_line(electrumx().error("server.version", R"({"code":1,"message":"unsupported"})"));
  scenario.visit("127.0.2.1:1:t");
  scenario.run();
  CHECK(scenario.only().outcome() == "version_refused");
  CHECK(scenario.only().number(FieldId::kConnections) == 2);
  CHECK(server.connect_times().size() == 2);
}

TEST_CASE("who refuses the first form and then fails in another way refused all the same") {
  Scenario scenario;
  auto& server = scenario.world.listen("127.0.2.1"_ip, 1);
  const bool tls = GENERATE(false, true);
  SimTlsServer over_tls;
  std::function<void()> then;
  const sim::LineHandler refuses = [&](Connection& client, std::string_view line) {
    if (client.index() == 0) {
      electrumx().refuses_lists()(client, line);
      then();
    } else {
      client.close();
    }
  };
  over_tls.on_line(refuses);
  if (tls) {
    server.on_bytes(over_tls);
  } else {
    server.on_line(refuses);
  }
  scenario.visit(tls ? "127.0.2.1:1:s" : "127.0.2.1:1:t");

  SECTION("it closes") {
    then = [] {};
  }
  SECTION("it listens no more") {
    then = [&] { server.refuse(); };
  }
  SECTION("it is lost") {
    then = [&] { server.ignore(); };
  }
  SECTION("it resets") {
    then = [&] { server.reset_on_accept(); };
  }
  SECTION("its TLS is gone") {
    then = [&] { over_tls.silent(); };
  }
  scenario.run();
  CHECK(scenario.only().outcome() == "version_refused");
  CHECK(scenario.only().text(FieldId::kVersionErrorMessage) == "no lists");
  CHECK(server.connect_times().size() == 2);
}

TEST_CASE("no visit opens more connections than it may") {
  Scenario scenario;
  auto& server = scenario.world.listen("127.0.2.1"_ip, 50002);
  server.on_bytes(tls_server(electrumx().error("server.version", R"({"code":1,"message":"never"})"))
                      .needs_tls12());
  scenario.visit("127.0.2.1:50002:s");
  scenario.run();
  CHECK(scenario.only().outcome() == "version_refused");
  CHECK(scenario.only().number(FieldId::kConnections) == limits::kConnections);
  CHECK(server.connect_times().size() == limits::kConnections);
}

TEST_CASE("Electrum Personal Server is known by its certificate and never sees a list") {
  Scenario scenario;
  scenario.digest.pretend("the certificate of its package", kPersonalServer);
  auto& server = scenario.world.listen("127.0.2.1"_ip, 50002);
  const SimTlsServer tls =
      tls_server(electrumx()).chain({"the certificate of its package", "another"});
  server.on_bytes(tls);
  // The same certificate further up in a chain is somebody else's.
  auto& other = scenario.world.listen("127.0.2.2"_ip, 50002);
  const SimTlsServer other_tls =
      tls_server(electrumx()).chain({"another", "the certificate of its package"});
  other.on_bytes(other_tls);
  scenario.visit("127.0.2.1:50002:s");
  scenario.visit("127.0.2.2:50002:s");
  scenario.run();
  CHECK(scenario.at("127.0.2.1:50002:s").outcome() == "ok");
  CHECK_FALSE(scenario.at("127.0.2.1:50002:s").number(FieldId::kConnections));
  CHECK(server.connect_times().size() == 1);
  CHECK_FALSE(holds(tls.received(0), kListForm));
  CHECK(holds(tls.received(0), kStringForm));
  CHECK(holds(other_tls.received(0), kListForm));
}

}  // namespace
}  // namespace observatory::scenario
