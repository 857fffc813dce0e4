// SPDX-License-Identifier: MIT
// What a visit records of the handshake, however it ends and however often it is made.
#include <string>
#include <vector>

#include "tests/catch2.h"
#include "tests/scenario/scenario.h"

namespace observatory::scenario {
namespace {

constexpr Micros kTrip = 100 * kMillisecond;
const std::string kKeyName = "the name of key";

std::string member(const Kept& seen, const std::string& name) {
  const std::size_t at = seen.json().find("\"" + name + "\":");
  if (at == std::string::npos) return "";
  const std::size_t value = at + name.size() + 3;
  const char first = seen.json()[value];
  const char last = first == '{' ? '}' : first == '[' ? ']' : ',';
  return seen.json().substr(
      value, seen.json().find(last, value) - value + static_cast<std::size_t>(last != ','));
}

std::string ticket(char last) { return kKeyName + last + std::string(100, 'T'); }

const std::string kNewHello =
    R"({"version":771,"selected_version":772,"cipher_suite":4866,"extension_identifiers":[43,51],)"
    R"("session_id_bytes":32,"key_share":29})";
const std::string kOldHello =
    R"({"version":771,"cipher_suite":49200,"extension_identifiers":[65281,23],"session_id_bytes":0})";

TEST_CASE("TLS 1.3: hello, trace and tickets, whose number and length their records tell") {
  Scenario scenario;
  scenario.world.listen("192.0.2.1"_ip, 1)
      .round_trip(kTrip)
      .on_bytes(tls_server(electrumx()).tickets({ticket('y'), ticket('y')}));
  scenario.visit("192.0.2.1:1:s");
  scenario.run();
  const Kept& seen = scenario.only();
  CHECK(seen.outcome() == "ok");
  CHECK(member(seen, "server_hello") == kNewHello);
  CHECK(seen.text(FieldId::kTlsJa3s) == "771,4866,43-51");
  CHECK(seen.number(FieldId::kUsTlsFirstByte) == kTrip);
  CHECK(member(seen, "session_ticket") ==
        R"({"count":2,"lengths":[116,116],"lifetime_hint":7200,)"
        R"("key_name":"746865206e616d65206f66206b657979","same_key_name":true})");
  // ServerHello: message 4, fixed part 70, block 2 and 46. The tickets share a record.
  CHECK(member(seen, "records").starts_with(R"(["22:122","23:)"));
  CHECK(member(seen, "records").ends_with(R"(,"22:266"])"));
}

TEST_CASE("TLS 1.2: the ticket in clear is recorded, and it alone") {
  Scenario scenario;
  scenario.world.listen("192.0.2.1"_ip, 1)
      .on_bytes(tls_server(electrumx())
                    .version(sim::SimTlsServer::Version::kTls12)
                    .tickets({ticket('1'), ticket('2')}));
  scenario.visit("192.0.2.1:1:s");
  scenario.run();
  const Kept& seen = scenario.only();
  CHECK(member(seen, "server_hello") == kOldHello);
  CHECK(seen.text(FieldId::kTlsJa3s) == "771,49200,65281-23");
  CHECK(member(seen, "session_ticket") ==
        R"({"count":2,"lengths":[116,116],"lifetime_hint":7200,)"
        R"("key_name":"746865206e616d65206f66206b657931","same_key_name":false})");
  CHECK_FALSE(seen.number(FieldId::kTlsEncryptedExtensions));
}

TEST_CASE("trace and tickets are the same wherever the network cuts") {
  for (const std::size_t size : {1U, 3U, 64U, 4096U}) {
    INFO(size);
    Scenario scenario;
    const sim::SimTlsServer tls = tls_server(electrumx()).tickets({ticket('y')});
    scenario.world.listen("192.0.2.1"_ip, 1).pieces(size, 0).on_bytes(tls);
    scenario.visit("192.0.2.1:1:s");
    scenario.run();
    const Kept& seen = scenario.only();
    CHECK(seen.outcome() == "ok");
    CHECK(seen.number(FieldId::kTicketCount) == 1);
    CHECK(member(seen, "records").ends_with(R"(,"22:133"])"));
  }
}

TEST_CASE("the facts are those of the connection that was talked over") {
  Scenario scenario;
  scenario.world.listen("192.0.2.1"_ip, 1)
      .on_bytes(tls_server(electrumx()).needs_tls12().tickets({ticket('y')}));
  scenario.visit("192.0.2.1:1:s");
  scenario.run();
  const Kept& seen = scenario.only();
  CHECK(seen.number(FieldId::kConnections) == 2);
  CHECK(member(seen, "server_hello") == kOldHello);
  CHECK(seen.number(FieldId::kTicketCount) == 1);
}

TEST_CASE("a handshake that breaks off anywhere leaves what had come") {
  std::string hello_before;
  for (std::size_t bytes = 0; bytes < 200; bytes += 1) {
    INFO(bytes);
    Scenario scenario;
    auto& server = scenario.world.listen("192.0.2.1"_ip, 1);
    server.on_bytes(tls_server(electrumx()));
    if (bytes > 0) {
      server.close_after(bytes);
    } else {
      server.close_on_accept();
    }
    scenario.visit("192.0.2.1:1:s");
    scenario.run();
    const Kept& seen = scenario.only();
    CHECK(seen.outcome() == "closed");
    CHECK(seen.number(FieldId::kUsTlsFirstByte).has_value() == (bytes > 0));
    // 5 bytes of the record's header, 4 of the message's, 70 up to the compression method.
    const std::string hello = member(seen, "server_hello");
    CHECK(hello.empty() == (bytes < 5 + 4 + 70));
    CHECK(hello.size() >= hello_before.size());
    CHECK((seen.text(FieldId::kTlsJa3s) == "771,4866,43-51") == (bytes >= 127));
    CHECK(member(seen, "records").empty() == (bytes < 127));
    hello_before = hello;
  }
  CHECK(hello_before == kNewHello);
}

TEST_CASE("a handshake that stalls behind the hello times out with its facts") {
  using namespace std::string_literals;
  const std::string hello = "\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03"s + std::string(32, 'r') +
                            '\x20' + std::string(32, 's') +
                            "\x13\x02\x00\x00\x2e\x00\x2b\x00\x02\x03\x04"s +
                            "\x00\x33\x00\x24\x00\x1d\x00\x20"s + std::string(32, 'k');
  Scenario scenario;
  scenario.world.listen("192.0.2.1"_ip, 1).on_bytes([&](sim::Connection& client, ByteView) {
    client.send(hello);
  });
  scenario.visit("192.0.2.1:1:s");
  scenario.run();
  const Kept& seen = scenario.only();
  CHECK(seen.outcome() == "tls_timeout");
  CHECK(member(seen, "server_hello") == kNewHello);
  CHECK(member(seen, "records") == R"(["22:122"])");
}

TEST_CASE("a visit over TCP has no facts of TLS, not even of the visit before") {
  Scenario scenario;
  scenario.world.listen("192.0.2.1"_ip, 1).on_bytes(tls_server(electrumx()).tickets({ticket('y')}));
  scenario.world.listen("192.0.2.2"_ip, 2).on_line(electrumx());
  scenario.world.listen("192.0.2.3"_ip, 3).refuse();
  scenario.visit("192.0.2.1:1:s");
  scenario.visit("192.0.2.2:2:t");
  scenario.visit("192.0.2.3:3:s");
  scenario.run();
  CHECK_FALSE(member(scenario.at("192.0.2.1:1:s"), "session_ticket").empty());
  for (const char* endpoint : {"192.0.2.2:2:t", "192.0.2.3:3:s"}) {
    CHECK(scenario.at(endpoint).json().find("\"tls\":{") == std::string::npos);
    CHECK_FALSE(scenario.at(endpoint).number(FieldId::kUsTlsFirstByte));
  }
}

}  // namespace
}  // namespace observatory::scenario
