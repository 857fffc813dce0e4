// SPDX-License-Identifier: MIT
// The rules by themselves; tests/scenario/manners_test.cpp has them in whole runs.
#include "core/run/manners.h"

#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "core/base/ip_network.h"
#include "core/base/ip_text.h"
#include "core/run/opt_out.h"
#include "tests/catch2.h"

namespace observatory {
namespace {

using manners::kHour;
using manners::kMinute;

IpAddress ip(std::string_view text) {
  IpAddress address;
  REQUIRE(read_ip(text, address));
  return address;
}

constexpr KeyedHash::Key kKey = {1, 2, 3};

std::unique_ptr<Manners> started(Instant now) {
  auto manners = std::make_unique<Manners>();
  manners->start(kKey, now);
  return manners;
}

// When a visit may begin that is wanted at `now`; checks that it may not a moment before.
Instant first_chance(const Manners& manners, const Place& place, Instant now) {
  const Permission permission = manners.ask(place, now);
  if (permission.kind == Permission::Kind::kNow) return now;
  REQUIRE(permission.kind == Permission::Kind::kNotBefore);
  REQUIRE(permission.at > now);
  CHECK(manners.ask(place, permission.at + -1).kind == Permission::Kind::kNotBefore);
  return permission.at;
}

TEST_CASE("the networks of addresses are told from their first bits") {
  const auto reads = [](std::string_view text, std::string_view first, unsigned bits) {
    IpNetwork network;
    INFO(text);
    REQUIRE(read_network(text, network));
    CHECK(network.ip == ip(first));
    CHECK(network.bits == bits);
  };
  reads("192.0.2.77", "192.0.2.77", 32);
  reads("192.0.2.77/24", "192.0.2.0", 24);
  reads("192.0.2.77/29", "192.0.2.72", 29);
  reads("192.0.2.77/0", "0.0.0.0", 0);
  reads("2001:db8:1:2:3::9", "2001:db8:1:2:3::9", 128);
  reads("2001:db8:1:2:3::9/48", "2001:db8:1::", 48);
  reads("2001:db8:ffff::/33", "2001:db8:8000::", 33);
  IpNetwork network;
  for (const std::string_view text : {"192.0.2.0/33", "192.0.2.0/", "192.0.2.0/-1", "192.0.2/24",
                                      "2001:db8::/129", "/24", "", "192.0.2.0/2a"}) {
    INFO(text);
    CHECK_FALSE(read_network(text, network));
  }
  REQUIRE(read_network("192.0.2.72/29", network));
  CHECK(contains(network, ip("192.0.2.72")));
  CHECK(contains(network, ip("192.0.2.79")));
  CHECK_FALSE(contains(network, ip("192.0.2.80")));
  CHECK_FALSE(contains(network, ip("192.0.2.71")));
  // The bytes of an IPv6 address are no IPv4 address.
  CHECK_FALSE(contains(network, ip("c000:248::")));
}

TEST_CASE("only this machine itself is loopback, in all its forms") {
  for (const std::string_view text : {"127.0.0.1", "127.255.255.255", "::1", "::ffff:127.3.2.1"}) {
    CHECK(is_loopback(ip(text)));
  }
  for (const std::string_view text :
       {"126.255.255.255", "128.0.0.1", "0.0.0.0", "::", "::2", "::127.0.0.1", "100::1",
        "::ffff:128.0.0.1", "64:ff9b::127.0.0.1", "2002:7f00:1::", "::1:0:0:0:1"}) {
    INFO(text);
    CHECK_FALSE(is_loopback(ip(text)));
  }
}

TEST_CASE("one server in other clothes is one server") {
  const auto manners = started({7});
  manners->enter({ip("192.0.2.1"), 1}, {7});
  for (const std::string_view text : {"192.0.2.1", "::ffff:192.0.2.1", "64:ff9b::c000:201"}) {
    INFO(text);
    CHECK(manners->ask({ip(text), 2}, {8}).kind == Permission::Kind::kNotBefore);
    CHECK(manners->address_key({ip(text), 3}) == manners->address_key({ip("192.0.2.1"), 4}));
  }
  CHECK(manners->ask({ip("::ffff:192.0.3.1"), 2}, {8}).kind == Permission::Kind::kNow);
}

TEST_CASE("behind a proxy the rules are kept by the name") {
  const Instant now{50 * kHour};
  const auto manners = started(now);
  const Place onion{ip("127.0.0.1"), 50001, "abc.onion"};
  const Place beside{ip("127.0.0.1"), 50002, "abc.onion"};
  const Place other{ip("127.0.0.1"), 50001, "def.onion"};
  manners->enter(onion, now);
  manners->leave(onion, now);
  CHECK(manners->ask(other, now).kind == Permission::Kind::kNow);
  CHECK(first_chance(*manners, beside, now) == now + manners::kAddressGap);
  manners->back_off_endpoint(onion, now);
  CHECK(manners->ask(onion, now + 5 * kHour).kind == Permission::Kind::kHeldBack);
  CHECK(manners->ask(onion, now + 6 * kHour).kind == Permission::Kind::kNow);
  CHECK(manners->ask(beside, now + 5 * kHour).kind == Permission::Kind::kNow);
  manners->back_off_address(onion, now);
  CHECK(manners->ask(beside, now + 5 * kHour).kind == Permission::Kind::kHeldBack);
  CHECK(manners->ask(other, now + 5 * kHour).kind == Permission::Kind::kNow);
}

TEST_CASE("every promise is kept to the moment, and never forgotten too early, for a month") {
  // Visits at random; each must come when the rules, computed from the whole past, allow it, or at
  // most a tenth of a second (gaps) or ten minutes (ceilings) later.
  std::mt19937 random(3);
  Instant now{kHour};
  const auto manners = started(now);
  std::map<std::string, std::vector<Instant>> past;
  struct Rule {
    std::string group;
    Micros gap;
    std::size_t hourly;
  };
  Micros waited = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string network = "198.51." + std::to_string(random() % 3);
    const std::string address = network + "." + std::to_string(random() % 8);
    const auto port = static_cast<std::uint16_t>(random() % 8);
    const Place place{ip(address), port};
    const Instant wanted = now;
    now = first_chance(*manners, place, now);
    for (int tries = 0; first_chance(*manners, place, now) > now; ++tries) {
      REQUIRE(tries < 10);
      now = first_chance(*manners, place, now);
    }
    waited += now - wanted;
    manners->enter(place, now);
    Micros due = wanted.us;
    for (const Rule& rule : {Rule{address + ":" + std::to_string(port), 0, 2},
                             Rule{address, 5 * kSecond, 12}, Rule{network, kSecond, 60}}) {
      std::vector<Instant>& times = past[rule.group];
      if (!times.empty()) {
        REQUIRE(now - times.back() >= rule.gap);
        due = std::max(due, times.back().us + rule.gap + 100 * kMillisecond);
      }
      if (times.size() >= rule.hourly) {
        const Instant before = times[times.size() - rule.hourly];
        REQUIRE(now - before >= kHour);
        due = std::max(due, before.us + kHour + (rule.hourly == 2 ? kSecond : 10 * kMinute));
      }
      times.push_back(now);
    }
    REQUIRE(now.us <= due);
    now = now + static_cast<Micros>(random() % (random() % 4 == 0 ? 600 : 20)) * 300 * kMillisecond;
  }
  CHECK(waited > 0);
}

TEST_CASE("where the table has no room a visit waits for it, and what is known is not forgotten") {
  const Instant now{kHour};
  const auto manners = started(now);
  std::vector<Place> visited;
  std::size_t waiting = 0;
  for (unsigned i = 0; i < 4 * limits::kManners; ++i) {
    const Place place{ip("10." + std::to_string(i >> 16) + "." + std::to_string(i >> 8 & 255) +
                         "." + std::to_string(i & 255)),
                      1};
    const Permission permission = manners->ask(place, now + static_cast<Micros>(i) * kSecond / 16);
    if (permission.kind == Permission::Kind::kNow) {
      manners->enter(place, now + static_cast<Micros>(i) * kSecond / 16);
      visited.push_back(place);
    } else {
      REQUIRE(permission.kind == Permission::Kind::kNotBefore);
      ++waiting;
    }
  }
  CHECK(visited.size() > limits::kManners / 8);
  CHECK(visited.size() <= limits::kManners / 2);
  CHECK(waiting > limits::kManners);
  // Nothing that was let in has been pushed out: each is known still.
  const Instant end = now + 4 * limits::kManners * kSecond / 16;
  for (const Place& place : visited) {
    manners->back_off_address(place, end);
    CHECK(manners->ask(place, end).kind == Permission::Kind::kHeldBack);
  }
}

TEST_CASE("an opt-out covers what it names and nothing else") {
  OptOut list;
  for (const std::string_view line :
       {"", "   # nobody", "Electrum.Example.ORG  # asked", "\t*.wide.example\r", ".dot.example.",
        "192.0.2.0/25", "::ffff:198.51.100.0/120", "[2001:db8::7]", "2001:db8:5::/48",
        "203.0.113.9"}) {
    INFO(line);
    CHECK(list.add_line(line).empty());
  }
  for (const std::string_view host :
       {"electrum.example.org", "electrum.example.org.", "wide.example", "a.wide.example",
        "a.b.wide.example", "dot.example", "x.dot.example.", "192.0.2.127", "198.51.100.200",
        "2001:db8::7", "2001:db8:5:ffff::1", "::ffff:192.0.2.1", "64:ff9b::192.0.2.1",
        "203.0.113.9"}) {
    INFO(host);
    CHECK(list.covers(host));
  }
  for (const std::string_view host :
       {"example.org", "sub.electrum.example.org", "electrum.example.or", "notwide.example",
        "example", "192.0.2.128", "198.51.101.1", "2001:db8::8", "2001:db8:6::1", "203.0.113.90",
        "xelectrum.example.org", ""}) {
    INFO(host);
    CHECK_FALSE(list.covers(host));
  }
  for (const std::string_view line : {"a b", "192.0.2.0/99", "1.2.3", "*", "*.", ".", "a..b",
                                      "*.*.example", "http://example.org", "b\xc3\xbc.example"}) {
    INFO(line);
    CHECK_FALSE(list.add_line(line).empty());
  }
}

TEST_CASE("a list of opt-outs that is full says so, and keeps what it has") {
  OptOut list;
  const std::string longest =
      std::string(63, 'x') + "." + std::string(63, 'y') + "." + std::string(63, 'z') + ".";
  int taken = 0;
  while (list.add_line(longest + std::to_string(taken)).empty()) ++taken;
  CHECK(taken > 35);
  CHECK(list.add_line(longest + "next") == "no room for more opt-outs");
  for (int i = 0; i < taken; ++i) CHECK(list.covers(longest + std::to_string(i)));
  CHECK_FALSE(list.covers(longest + std::to_string(taken)));
}

}  // namespace
}  // namespace observatory
