// SPDX-License-Identifier: MIT
#include "core/run/announced.h"

#include <array>
#include <string>
#include <vector>

#include "core/electrum/peers.h"
#include "core/run/dns_seeds.h"
#include "tests/catch2.h"
#include "tests/support/sha256.h"

using namespace observatory;

namespace {

using Texts = std::vector<std::string>;

constexpr DefaultPorts kPorts = {60001, 60002};

std::string shown(const Endpoint& endpoint) {
  return std::string(endpoint.host.view()) + "/" + std::to_string(endpoint.port) +
         (endpoint.transport == Transport::kTls ? "s" : "t");
}

// A peers list as a server sends it, through the record, and what is announced by it.
Texts announced(std::string_view peers) {
  static std::array<std::uint8_t, limits::kRecordPool> pool;
  Record record(pool);
  test::Sha256Digest digest;
  record_peers(peers, digest, record);
  Announcements list(record, kPorts);
  Texts all;
  for (Announcement found; list.next(found);) {
    if (found.problem.empty()) {
      all.push_back(shown(found.endpoint) + (found.is_address ? " address" : ""));
    } else {
      all.push_back("! " + std::string(found.problem));
    }
  }
  return all;
}

std::string row(std::string_view address, std::string_view host, std::string_view words) {
  std::string text = "[[\"";
  text.append(address).append("\",\"").append(host).append("\",[").append(words).append("]]]");
  return text;
}

// A row's host with one usual port.
std::string host(std::string_view host) {
  const Texts found = announced(row("8.8.8.8", host, R"("v1.6","s1")"));
  REQUIRE(found.size() == 1);
  return found[0];
}

}  // namespace

TEST_CASE("a peers list names endpoints by t and s, with a port or without") {
  CHECK(announced(R"([["1.2.3.4","a.example",["v1.6","s50002","t50001"]],
                      ["5.6.7.8","b.example",["v1.4.2","p10000","t","s"]],
                      ["9.9.9.9","9.9.9.9",["v1.4","s443"]],
                      ["9.9.9.9","",["v1.4","t1"]],
                      ["x","c.example",["v1.4"]],
                      ["x","d.example",[]]])") ==
        Texts{"a.example/50002s", "a.example/50001t", "b.example/60001t", "b.example/60002s",
              "9.9.9.9/443s address", "9.9.9.9/1t address"});
  CHECK(
      announced(row("1.2.3.4", "a.example", R"("w50003","x","ws1","T1","S","v1.6 s5"," ","t7")")) ==
      Texts{"a.example/5s", "a.example/7t"});
}

TEST_CASE("no peers list, or one of another shape, announces nothing") {
  for (const std::string_view peers :
       {"[]", "null", "{}", "7", R"("s50002")", "[[]]", "[[[[[[]]]]]]", "[null,1,true]",
        R"([["1.2.3.4","a.example"]])", R"([["1.2.3.4",["a.example"],["s1"]]])",
        R"([["1.2.3.4","a.example","s1"]])", R"([["1.2.3.4","a.example",[["s1"]]]])",
        R"([["1.2.3.4","a.example",{"s":1}]])", R"([["1.2.3.4","a.example",[50001,null]]])"}) {
    INFO(peers);
    CHECK(announced(peers).empty());
  }
}

TEST_CASE("announced hosts are written in one way") {
  CHECK(host("A.Example") == "a.example/1s");
  CHECK(host("a.example.") == "a.example/1s");
  CHECK(host("xn--bcher-kva.example") == "xn--bcher-kva.example/1s");
  CHECK(host("[2a00:0:0::1]") == "2a00::1/1s address");
  CHECK(host("2A00:0000::0001") == "2a00::1/1s address");
  CHECK(host("::ffff:192.168.1.1") == "::ffff:c0a8:101/1s address");
  const std::string onion = std::string(56, 'a') + ".onion";
  CHECK(host(onion) == onion + "/1s");
  CHECK(host(onion + ".") == onion + "/1s");
}

TEST_CASE("announced hosts that are none are refused") {
  const std::string label(63, 'a');
  for (const std::string& bad : {std::string("caf\xc3\xa9.example"),
                                 std::string(R"(b\u00fccher.example)"),
                                 std::string(R"(a\u0000b)"),
                                 std::string(R"(a\nb)"),
                                 std::string(R"(a\u001b[31m)"),
                                 std::string(R"(a\"b)"),
                                 std::string(R"(a'b)"),
                                 std::string("a b"),
                                 std::string("a/b"),
                                 std::string("\xff\xfe"),
                                 std::string("a:1"),
                                 std::string("a.example:50002"),
                                 std::string("user@a.example"),
                                 std::string("."),
                                 std::string(".."),
                                 std::string("a..example"),
                                 std::string(300, 'a'),
                                 label + "a.example",
                                 label + "." + label + "." + label + "." + label + ".a",
                                 std::string("1.2.3"),
                                 std::string("256.1.1.1"),
                                 std::string("0177.0.0.1"),
                                 std::string("2130706433"),
                                 std::string("fe80::1%eth0"),
                                 std::string("[::1"),
                                 std::string(600, '.')}) {
    INFO(bad);
    CHECK(host(bad).substr(0, 2) == "! ");
  }
}

TEST_CASE("announced ports that are none, or too many, are refused one by one") {
  for (const std::string_view bad : {"s0", "s65536", "s99999999999999999999", "s-1", "s+1", "s01",
                                     "s1x", "ssl", "s 1x", "tcp", "t0", "t1.5", "tt"}) {
    INFO(bad);
    const Texts found = announced(row("", "a.example", "\"" + std::string(bad) + "\",\"v1\""));
    CHECK(found.at(0) ==
          (bad == "s 1x" ? "a.example/60002s" : "! a port that is not from 1 to 65535"));
    CHECK(found.size() == 1);
  }
  CHECK(announced(row("", "a.example", R"("s1","s2","t1","t1","s3")")) ==
        Texts{"a.example/1s", "! a second port of a kind", "a.example/1t",
              "! a second port of a kind", "! a second port of a kind"});
  CHECK(announced(row("", "a.example", R"("s0","s2")")).at(1) == "! a second port of a kind");
}

TEST_CASE("words that were cut on their way give no port") {
  // Cut behind 300 bytes, within "t50001": "t5" would be another port.
  const std::string filler(297, 'v');
  const Texts found = announced(row("", "a.example", "\"" + filler + "\",\"t50001\",\"s1\""));
  CHECK(found == Texts{"! words that were cut"});
}

TEST_CASE("a list of ten thousand peers is read as far as the record goes") {
  std::string peers = "[";
  for (int i = 0; i < 10'000; ++i) {
    const std::string number = std::to_string(i);
    peers += (i == 0 ? "" : ",");
    peers += R"(["1.2.3.4","h)" + number + R"(.example",["s50002","t0"]])";
  }
  const Texts found = announced(peers + "]");
  REQUIRE(found.size() == 2 * 512);
  CHECK(found[2 * 511] == "h511.example/50002s");
  CHECK(found[2 * 511 + 1].substr(0, 2) == "! ");
}

// --- DNS seeds

TEST_CASE("a seed is a name, alone or with a port") {
  const auto seed = [](std::string_view text) {
    EndpointLine line;
    read_dns_seed(text, kPorts, line);
    if (!line.problem.empty()) return "! " + std::string(line.problem);
    std::string all;
    for (std::size_t i = 0; i < line.count; ++i) all += " " + shown(line.endpoints[i]);
    return all;
  };
  CHECK(seed("Seed.example") == " seed.example/60001t seed.example/60002s");
  CHECK(seed("seed.example:700:s") == " seed.example/700s");
  CHECK(seed("seed.example:700:t") == " seed.example/700t");
  for (const std::string_view bad : {"", "seed.example:700", "seed.example:s", "seed.example:0:t",
                                     "a b", "1.2.3.4", "1.2.3.4:5:t", "::1", "[::1]:5:s"}) {
    INFO(bad);
    CHECK(seed(bad).substr(0, 2) == "! ");
  }
}
