// SPDX-License-Identifier: MIT
#include "core/run/endpoint.h"

#include <string>
#include <vector>

#include "core/base/limits.h"
#include "core/run/endpoint_list.h"
#include "tests/catch2.h"
#include "tests/unit/vectors.h"

using namespace observatory;
using std::string_view_literals::operator""sv;

namespace {

std::string host_of(std::string_view text) {
  FixedString<limits::kHost> host;
  const std::string_view problem = read_host(text, host);
  return problem.empty() ? std::string(host.view()) : "! " + std::string(problem);
}

std::string shown(const EndpointLine& line) {
  if (!line.problem.empty()) {
    CHECK(line.count == 0);
    return "! " + std::string(line.problem);
  }
  std::string all;
  for (std::size_t i = 0; i < line.count; ++i) {
    const Endpoint& endpoint = line.endpoints[i];
    all += std::string(i == 0 ? "" : " ") + std::string(endpoint.host.view()) + "/" +
           std::to_string(endpoint.port) + (endpoint.transport == Transport::kTls ? "s" : "t");
  }
  return all;
}

constexpr DefaultPorts kPorts = {60001, 60002};

std::string argument(std::string_view text) {
  EndpointLine line;
  line.count = 3;  // what an earlier line left
  line.problem = "an earlier problem";
  read_endpoint_argument(text, kPorts, line);
  return shown(line);
}

std::string list_line(std::string_view text) {
  EndpointLine line;
  line.count = 3;
  line.problem = "an earlier problem";
  read_endpoint_line(text, kPorts, line);
  return shown(line);
}

Endpoint endpoint_of(std::string_view host, std::uint16_t port,
                     Transport transport = Transport::kTls) {
  Endpoint endpoint{{}, port, transport};
  REQUIRE(endpoint.host.assign(host));
  return endpoint;
}

constexpr std::uint8_t kKey[8] = {1, 2, 3, 4, 5, 6, 7, 8};

}  // namespace

TEST_CASE("Hosts are names and addresses, in lower case") {
  CHECK(host_of("electrum.example.org") == "electrum.example.org");
  CHECK(host_of("E-X.not.FYI") == "e-x.not.fyi");
  CHECK(host_of("a") == "a");
  CHECK(host_of("_x.example") == "_x.example");
  CHECK(host_of("xn--bcher-kva.example") == "xn--bcher-kva.example");
  CHECK(host_of("example.org.") == "example.org.");
  CHECK(host_of("22mgr2fndslabzvx4sj7ialugn2jv3cfqjb3dnj67a6vnrkp7g4l37ad.onion").size() == 62);
  CHECK(host_of("192.0.2.1") == "192.0.2.1");
  CHECK(host_of("1.2.3.4.example") == "1.2.3.4.example");
  CHECK(host_of("2001:DB8::1") == "2001:db8::1");
  CHECK(host_of("[2001:db8::1]") == "2001:db8::1");
  CHECK(host_of("::1") == "::1");
  CHECK(host_of("::ffff:192.0.2.1") == "::ffff:192.0.2.1");
  const std::string label(63, 'a');
  CHECK(host_of(label + ".b") == label + ".b");
  const std::string longest = label + "." + label + "." + label + "." + label;
  CHECK(longest.size() == 255);
  CHECK(host_of(longest) == longest);
}

TEST_CASE("What is no host is refused in words") {
  const std::string label(63, 'a');
  for (const std::string& bad : {std::string(),
                                 std::string(" "),
                                 std::string("a b"),
                                 std::string("a/b"),
                                 std::string("a@b"),
                                 std::string("caf\xc3\xa9.example"),
                                 std::string("a\0b", 3),
                                 std::string("a\nb"),
                                 std::string("."),
                                 std::string(".a"),
                                 std::string("a..b"),
                                 std::string("a.."),
                                 label + "a.b",
                                 label + "." + label + "." + label + "." + label + ".",
                                 std::string("1.2.3"),
                                 std::string("1.2.3.4.5"),
                                 std::string("256.1.1.1"),
                                 std::string("01.2.3.4"),
                                 std::string("1"),
                                 std::string("1.2.3.4."),
                                 std::string(":"),
                                 std::string(":::"),
                                 std::string("1:2"),
                                 std::string("[]"),
                                 std::string("["),
                                 std::string("[::1"),
                                 std::string("::1]"),
                                 std::string("[a.example]"),
                                 std::string("[1.2.3.4]"),
                                 std::string("fe80::1%eth0"),
                                 std::string("1:2:3:4:5:6:7:8:9"),
                                 std::string("12345::"),
                                 std::string("a.example:50001"),
                                 std::string("1::2::3"),
                                 std::string("g::1")}) {
    CAPTURE(bad);
    CHECK(host_of(bad).substr(0, 2) == "! ");
  }
}

TEST_CASE("Ports are from 1 to 65535, in plain digits") {
  const auto port_of = [](std::string_view text) {
    std::uint16_t port = 0;
    return read_port(text, port) ? static_cast<int>(port) : -1;
  };
  CHECK(port_of("1") == 1);
  CHECK(port_of("50002") == 50002);
  CHECK(port_of("65535") == 65535);
  for (const std::string_view bad : {"", "0", "65536", "-1", "+1", " 1", "1 ", "01", "0x10", "1e3",
                                     "99999999999999999999999", "a"}) {
    CAPTURE(bad);
    CHECK(port_of(bad) == -1);
  }
}

TEST_CASE("An argument is an endpoint, or a host that stands for both") {
  CHECK(argument("a.example:50001:t") == "a.example/50001t");
  CHECK(argument("A.Example:50002:s") == "a.example/50002s");
  CHECK(argument("192.0.2.1:443:s") == "192.0.2.1/443s");
  CHECK(argument("[2001:db8::1]:50002:s") == "2001:db8::1/50002s");
  CHECK(argument("2001:db8::1:50002:s") == "2001:db8::1/50002s");
  CHECK(argument("a.example") == "a.example/60001t a.example/60002s");
  CHECK(argument("192.0.2.1") == "192.0.2.1/60001t 192.0.2.1/60002s");
  CHECK(argument("::1") == "::1/60001t ::1/60002s");
  CHECK(argument("2001:db8::7") == "2001:db8::7/60001t 2001:db8::7/60002s");
  CHECK(argument("[::1]") == "::1/60001t ::1/60002s");
  CHECK(argument("a.example:1:t") == "a.example/1t");
  CHECK(argument("a.example:65535:s") == "a.example/65535s");
}

TEST_CASE("Arguments that name no endpoint are refused in words") {
  for (const std::string_view bad : {""sv,
                                     ":"sv,
                                     "::t"sv,
                                     ":50001:t"sv,
                                     "a.example:50001"sv,
                                     "a.example:t"sv,
                                     "a.example::t"sv,
                                     "a.example:0:t"sv,
                                     "a.example:65536:s"sv,
                                     "a.example:50001:x"sv,
                                     "a.example:50001:T"sv,
                                     "a.example:50001:tt"sv,
                                     "a.example:50001:"sv,
                                     "a.example:+1:t"sv,
                                     "a b:1:t"sv,
                                     "[::1:1:t"sv,
                                     "[::1]:50001"sv,
                                     "1.2.3:50001:t"sv,
                                     "a.example:1:t:s"sv,
                                     "a.example:50001:t "sv,
                                     "tcp://a.example:50001"sv,
                                     "a.example\0:1:t"sv,
                                     "[192.0.2.1]:1:t"sv}) {
    CAPTURE(bad);
    CHECK(argument(bad).substr(0, 2) == "! ");
  }
}

TEST_CASE("A line of a list is a host and ports, as Electrum writes them, or an argument") {
  CHECK(list_line("a.example t50001 s50002") == "a.example/50001t a.example/50002s");
  CHECK(list_line("a.example s50002 t50001") == "a.example/50002s a.example/50001t");
  CHECK(list_line("  A.example\ts700 \r") == "a.example/700s");
  CHECK(list_line("a.example t s") == "a.example/60001t a.example/60002s");
  CHECK(list_line("a.example s") == "a.example/60002s");
  CHECK(list_line("::1 t1") == "::1/1t");
  CHECK(list_line("[2001:db8::1] s443 # at home") == "2001:db8::1/443s");
  CHECK(list_line("a.example") == "a.example/60001t a.example/60002s");
  CHECK(list_line("a.example:50001:t # one") == "a.example/50001t");
  CHECK(list_line("a.example#t1") == "a.example/60001t a.example/60002s");
  CHECK(list_line("a t1 t2 t3 t4 s5 s6 s7 s8") == "a/1t a/2t a/3t a/4t a/5s a/6s a/7s a/8s");
  CHECK(list_line("a t1 t1") == "a/1t a/1t");
  for (const std::string_view none : {"", " ", "\t \r", "#", "# a.example t50001", "   # x"}) {
    CAPTURE(none);
    CHECK(list_line(none).empty());
  }
  for (const std::string_view bad :
       {"a t1 t2 t3 t4 s5 s6 s7 s8 s9"sv, "a.example 50001"sv, "a.example x1"sv, "a.example t0"sv,
        "a.example t65536"sv, "a.example t1 x"sv, "a.example tt"sv, "a.example T1"sv,
        "a.example:50001:t s50002"sv, "a/b t1"sv, "a.example v1.4"sv, "a.example t-1"sv,
        "a.example t1,s2"sv, "1.2.3 t1"sv, "\x1b[31m t1"sv, "a\0b t1"sv}) {
    CAPTURE(bad);
    CHECK(list_line(bad).substr(0, 2) == "! ");
  }
}

TEST_CASE("Every line of the bundled lists names endpoints") {
  struct List {
    const char* name;
    std::size_t least;
  };
  for (const List& list :
       {List{"bitcoin", 50}, List{"testnet", 1}, List{"testnet4", 1}, List{"signet", 1}}) {
    CAPTURE(list.name);
    const std::string text = vectors::file_text(std::string(OBSERVATORY_SOURCE_DIR) +
                                                "/targets/probe/servers/" + list.name + ".txt");
    std::size_t endpoints = 0;
    for (const std::string& line : vectors::split(text, '\n')) {
      CAPTURE(line);
      EndpointLine read;
      read_endpoint_line(line, {}, read);
      CHECK(read.problem.empty());
      const bool comment = line.empty() || line.front() == '#';
      // The words behind the host are the endpoints, one each.
      const std::size_t words = vectors::split(line, ' ').size();
      CHECK(read.count == (comment ? 0 : words - 1));
      CHECK(line.size() < limits::kEndpointLine);
      endpoints += read.count;
    }
    CHECK(endpoints >= list.least);
  }
}

TEST_CASE("An endpoint is seen again when host, port and transport are the same") {
  SeenEndpoints seen;
  seen.start(kKey);
  CHECK_FALSE(seen.seen(endpoint_of("a.example", 50001)));
  CHECK(seen.seen(endpoint_of("a.example", 50001)));
  CHECK_FALSE(seen.seen(endpoint_of("a.example", 50002)));
  CHECK_FALSE(seen.seen(endpoint_of("a.example", 50001, Transport::kTcp)));
  CHECK_FALSE(seen.seen(endpoint_of("b.example", 50001)));
  CHECK_FALSE(seen.seen(endpoint_of("", 1)));
  CHECK(seen.seen(endpoint_of("a.example", 50001)));
  CHECK(seen.seen(endpoint_of("a.example", 50002)));
  seen.start(kKey);
  CHECK_FALSE(seen.seen(endpoint_of("a.example", 50001)));
}

TEST_CASE("As many endpoints are remembered as the bound says, and further ones are not") {
  for (const std::uint8_t first : {std::uint8_t{0}, std::uint8_t{7}}) {
    std::uint8_t key[8] = {first, 0, 0, 0, 0, 0, 0, 9};
    SeenEndpoints seen;
    seen.start(key);
    const auto endpoint = [](std::size_t i) {
      return endpoint_of("h" + std::to_string(i) + ".example", 50002);
    };
    REQUIRE(limits::kRemembered == 2048);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < 2048; ++i) wrong += seen.seen(endpoint(i)) ? 1 : 0;
    for (std::size_t i = 0; i < 2048; ++i) wrong += seen.seen(endpoint(i)) ? 0 : 1;
    for (std::size_t round = 0; round < 2; ++round) {
      for (std::size_t i = 2048; i < 6000; ++i) wrong += seen.seen(endpoint(i)) ? 1 : 0;
    }
    for (std::size_t i = 0; i < 2048; ++i) wrong += seen.seen(endpoint(i)) ? 0 : 1;
    CHECK(wrong == 0);
  }
}
