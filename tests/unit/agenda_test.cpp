// SPDX-License-Identifier: MIT
#include "core/run/agenda.h"

#include <deque>
#include <memory>
#include <random>
#include <string>

#include "core/base/keyed_hash.h"
#include "tests/catch2.h"

namespace observatory {
namespace {

Visit visit_to(std::string_view host, Micros due, std::uint16_t port = 1) {
  Visit visit;
  REQUIRE(visit.endpoint.host.assign(host));
  visit.endpoint.port = port;
  visit.due = {due};
  return visit;
}

// The host of what is taken at that time; "-" when nothing is due.
std::string taken(Agenda& agenda, Micros now, bool announced_too = true) {
  Visit visit;
  if (!agenda.take({now}, 0, announced_too, visit)) return "-";
  agenda.drop(0);
  return std::string(visit.endpoint.host.view());
}

TEST_CASE("an agenda gives what is due longest, and of equals what was added first") {
  const auto agenda = std::make_unique<Agenda>();
  CHECK(agenda->empty());
  CHECK(agenda->next_due(true) == Instant::never());
  for (const auto& [host, due] : {std::pair{"b", 20}, {"a", 10}, {"c", 20}, {"d", 30}}) {
    REQUIRE(agenda->add(visit_to(host, due)));
  }
  CHECK(agenda->next_due(true) == Instant{10});
  CHECK(taken(*agenda, 9) == "-");
  CHECK(taken(*agenda, 10) == "a");
  CHECK(taken(*agenda, 10) == "-");
  CHECK(agenda->next_due(true) == Instant{20});
  CHECK(taken(*agenda, 100) == "b");
  CHECK(taken(*agenda, 100) == "c");
  CHECK(taken(*agenda, 100) == "d");
  CHECK(agenda->empty());
  CHECK(agenda->room() == Agenda::kRoom);
}

TEST_CASE("an agenda keeps everything that a visit is") {
  const auto agenda = std::make_unique<Agenda>();
  for (const bool v6 : {false, true}) {
    for (const bool repeats : {false, true}) {
      Visit visit = visit_to(std::string(255, 'x'), 7, 65535);
      visit.endpoint.transport = v6 ? Transport::kTls : Transport::kTcp;
      visit.number = 0xfffffffe;
      visit.announced_by = 0xfffffffd;
      visit.announced = v6;
      visit.seed = v6 ? 8 : 0;
      visit.knows_ip = !v6;
      visit.one_address = v6;
      visit.ip.family = v6 ? IpAddress::Family::kV6 : IpAddress::Family::kV4;
      for (std::size_t i = 0; i < 16; ++i) visit.ip.bytes[i] = static_cast<std::uint8_t>(200 + i);
      visit.hellos_at = {0x0123456789abcdef};
      visit.facts.fill(0xdeadbeef);
      visit.facts[1] = 1;
      REQUIRE(agenda->add(visit_to("before", 1)));
      REQUIRE(agenda->add(visit, repeats));
      REQUIRE(agenda->add(visit_to("behind", 99)));
      Visit into;
      REQUIRE(agenda->take({1}, 5, true, into));
      agenda->drop(5);
      REQUIRE(agenda->take({7}, 3, true, into));
      CHECK(into.endpoint.host.view() == visit.endpoint.host.view());
      CHECK(into.endpoint.port == 65535);
      CHECK(into.endpoint.transport == visit.endpoint.transport);
      CHECK(into.due == visit.due);
      CHECK(into.number == visit.number);
      CHECK(into.announced_by == visit.announced_by);
      CHECK(into.announced == visit.announced);
      CHECK(into.seed == visit.seed);
      CHECK(into.knows_ip == visit.knows_ip);
      CHECK(into.one_address == visit.one_address);
      CHECK(into.ip == visit.ip);
      CHECK(into.hellos_at == visit.hellos_at);
      CHECK(into.facts == (repeats ? visit.facts : FactHashes{}));
      agenda->drop(3);
      CHECK(taken(*agenda, 99) == "behind");
      CHECK(agenda->empty());
    }
  }
}

TEST_CASE("a visit that is under way keeps its room and is not given twice") {
  const auto agenda = std::make_unique<Agenda>();
  REQUIRE(agenda->add(visit_to("a", 1), true));
  REQUIRE(agenda->add_under_way(visit_to("b", 1), true, 1));
  while (agenda->add(visit_to("filler", 50))) continue;
  const std::size_t room = agenda->room();
  Visit a;
  REQUIRE(agenda->take({1}, 0, true, a));
  Visit none = visit_to("untouched", 3);
  CHECK_FALSE(agenda->take({1}, 2, true, none));
  CHECK(none.endpoint.host == "untouched");
  CHECK(agenda->next_due(true) == Instant{50});
  CHECK_FALSE(agenda->add(visit_to("c", 1)));

  a.due = {9};
  a.number = 2;
  a.facts[3] = 77;
  agenda->put_back(0, a);
  agenda->put_back(7, a);  // nothing is under way there
  agenda->drop(7);
  CHECK(agenda->room() == room);
  CHECK(agenda->next_due(true) == Instant{9});
  Visit again;
  REQUIRE(agenda->take({9}, 4, true, again));
  CHECK(again.endpoint.host == "a");
  CHECK(again.number == 2);
  CHECK(again.facts[3] == 77);
  agenda->drop(4);
  agenda->drop(1);
  CHECK(agenda->room() > room);
  CHECK(agenda->add(visit_to("c", 1)));
}

TEST_CASE("what servers announced comes when it is asked for") {
  const auto agenda = std::make_unique<Agenda>();
  Visit announced = visit_to("announced", 1);
  announced.announced = true;
  REQUIRE(agenda->add(announced));
  REQUIRE(agenda->add(visit_to("listed", 5)));
  CHECK(taken(*agenda, 4, false) == "-");
  CHECK(taken(*agenda, 5, false) == "listed");
  CHECK(taken(*agenda, 5, false) == "-");
  CHECK(taken(*agenda, 5, true) == "announced");
}

TEST_CASE("a full agenda says so, whatever is added and taken, and loses nothing") {
  const auto agenda = std::make_unique<Agenda>();
  std::mt19937 random(1);
  struct Entry {
    std::string host;
    Micros due;
  };
  std::deque<Entry> model;
  int refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    if (random() % 100 < (i / 2000 % 2 == 0 ? 70 : 30)) {
      const Entry entry{std::to_string(i) + std::string(random() % 240, 'h'),
                        static_cast<Micros>(random() % 1000)};
      if (agenda->add(visit_to(entry.host, entry.due), random() % 2 == 0)) {
        model.push_back(entry);
      } else {
        ++refused;
      }
    } else {
      const auto now = static_cast<Micros>(random() % 1000);
      auto best = model.end();
      for (auto entry = model.begin(); entry != model.end(); ++entry) {
        if (entry->due <= now && (best == model.end() || entry->due < best->due)) best = entry;
      }
      const std::string expected = best == model.end() ? "-" : best->host;
      if (best != model.end()) model.erase(best);
      REQUIRE(taken(*agenda, now) == expected);
    }
    REQUIRE(agenda->empty() == model.empty());
  }
  CHECK(refused > 100);
}

TEST_CASE("the keyed hash is SipHash-2-4") {
  // Key and lengths of the authors' vectors; the values are those of `openssl mac SIPHASH`.
  KeyedHash::Key key;
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i);
  std::array<std::uint8_t, 64> input;
  for (std::size_t i = 0; i < input.size(); ++i) input[i] = static_cast<std::uint8_t>(i);
  const auto hash = [&](std::size_t size, std::size_t cut) {
    KeyedHash keyed(key);
    keyed.put(ByteView(input).first(cut));
    keyed.put(ByteView(input).subspan(cut, size - cut));
    return keyed.finish();
  };
  for (const std::size_t cut : {0u, 1u}) {
    CHECK(hash(1, cut) == 0x74f839c593dc67fd);
    CHECK(hash(7, cut) == 0xab0200f58b01d137);
    CHECK(hash(8, cut) == 0x93f5f5799a932462);
    CHECK(hash(15, cut) == 0xa129ca6149be45e5);
    CHECK(hash(63, cut) == 0x958a324ceb064572);
  }
  CHECK(hash(0, 0) == 0x726fdb47dd0e0e31);
}

TEST_CASE("a visit that a server announced is taken out of an agenda when it is listed after all") {
  const auto agenda = std::make_unique<Agenda>();
  const auto announced = [](std::string_view host, std::uint16_t port) {
    Visit visit = visit_to(host, 10, port);
    visit.announced = true;
    return visit;
  };
  REQUIRE(agenda->add(visit_to("listed", 10)));
  for (const std::string_view host : {"a", "b", "c"})
    REQUIRE(agenda->add(announced(host, 1), true));
  REQUIRE(agenda->add_under_way(announced("now", 1), false, 3));
  Visit early = announced("early", 1);
  early.due = {9};
  REQUIRE(agenda->add(early));
  CHECK(agenda->next_due(true) == Instant{9});
  CHECK(agenda->next_due(false) == Instant{10});
  CHECK(agenda->withdraw(announced("early", 1).endpoint));

  CHECK_FALSE(agenda->withdraw(visit_to("listed", 10).endpoint));
  CHECK_FALSE(agenda->withdraw(announced("now", 1).endpoint));
  CHECK_FALSE(agenda->withdraw(announced("b", 2).endpoint));
  CHECK_FALSE(agenda->withdraw(announced("bb", 1).endpoint));
  Endpoint other = announced("b", 1).endpoint;
  other.transport = other.transport == Transport::kTls ? Transport::kTcp : Transport::kTls;
  CHECK_FALSE(agenda->withdraw(other));

  CHECK(agenda->withdraw(announced("b", 1).endpoint));
  CHECK_FALSE(agenda->withdraw(announced("b", 1).endpoint));
  for (const std::string_view host : {"listed", "a", "c", "-"}) CHECK(taken(*agenda, 10) == host);
  agenda->drop(3);
  CHECK(agenda->empty());
}

}  // namespace
}  // namespace observatory
