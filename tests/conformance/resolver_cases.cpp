// SPDX-License-Identifier: MIT
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "tests/conformance/cases.h"

namespace observatory::conformance {
namespace {

struct Found {
  LookupState state = LookupState::kPending;
  std::vector<IpAddress> addresses;
};

// Starts a lookup and waits for its end, with nothing but wait() to tell of it.
Found look_up(Fixture& fixture, std::string_view name) {
  const LookupId lookup = fixture.resolver().start(name);
  REQUIRE(lookup != kNoLookup);
  std::array<IpAddress, 8> addresses;
  LookupResult result;
  const Instant deadline = fixture.clock().now() + 30 * kSecond;
  do {
    fixture.network().wait({}, deadline);
    result = fixture.resolver().poll(lookup, addresses);
  } while (result.state == LookupState::kPending && fixture.clock().now() < deadline);
  fixture.resolver().release(lookup);
  REQUIRE(result.count <= addresses.size());
  return {result.state, {addresses.begin(), addresses.begin() + result.count}};
}

IpAddress v4_loopback() { return {IpAddress::Family::kV4, {127, 0, 0, 1}}; }

IpAddress v6_loopback() {
  IpAddress address{.family = IpAddress::Family::kV6};
  address.bytes[15] = 1;
  return address;
}

CONFORMANCE_CASE("an IPv4 literal is its own address") {
  TestType fixture;
  const Instant before = fixture.clock().now();
  const Found found = look_up(fixture, "127.0.0.1");
  CHECK(found.state == LookupState::kFound);
  CHECK((found.addresses == std::vector{v4_loopback()}));
  // wait() came back for it.
  CHECK(fixture.clock().now() - before < 10 * kSecond);
}

CONFORMANCE_CASE("an IPv6 literal is its own address") {
  TestType fixture;
  const Found found = look_up(fixture, "0:0::1");
  CHECK(found.state == LookupState::kFound);
  CHECK((found.addresses == std::vector{v6_loopback()}));
}

CONFORMANCE_CASE("a name is found and wait() comes back when it is") {
  TestType fixture;
  const Instant before = fixture.clock().now();
  const Found found = look_up(fixture, fixture.known_name());
  CHECK(found.state == LookupState::kFound);
  CHECK_FALSE(found.addresses.empty());
  for (const IpAddress& address : found.addresses) {
    CHECK((address == v4_loopback() || address == v6_loopback()));
  }
  CHECK(fixture.clock().now() - before < 10 * kSecond);
}

CONFORMANCE_CASE("names are compared without case") {
  TestType fixture;
  std::string name(fixture.known_name());
  for (std::size_t i = 0; i < name.size(); i += 2) {
    if (name[i] >= 'a' && name[i] <= 'z') name[i] = static_cast<char>(name[i] - 'a' + 'A');
  }
  CHECK(look_up(fixture, name).state == LookupState::kFound);
}

CONFORMANCE_CASE("a name that does not exist is not found") {
  TestType fixture;
  const Found found = look_up(fixture, fixture.unknown_name());
  CHECK(found.state == LookupState::kNotFound);
  CHECK(found.addresses.empty());
}

CONFORMANCE_CASE("an answer may be asked for twice and into less room") {
  TestType fixture;
  const LookupId lookup = fixture.resolver().start("127.0.0.1");
  REQUIRE(lookup != kNoLookup);
  fixture.network().wait({}, fixture.clock().now() + kSecond);
  std::array<IpAddress, 2> addresses;
  for (std::size_t room = 0; room <= 2; ++room) {
    const LookupResult result = fixture.resolver().poll(lookup, std::span(addresses).first(room));
    CHECK(result.state == LookupState::kFound);
    CHECK(result.count == (room == 0 ? 0 : 1));
  }
  fixture.resolver().release(lookup);
}

CONFORMANCE_CASE("releasing a pending lookup does not block and does not disturb the next") {
  TestType fixture;
  const Instant before = fixture.clock().now();
  for (int turn = 0; turn < 5; ++turn) {
    const LookupId lookup = fixture.resolver().start(fixture.slow_name());
    REQUIRE(lookup != kNoLookup);
    fixture.resolver().release(lookup);
  }
  CHECK(fixture.clock().now() - before < kSecond);
  const Found found = look_up(fixture, "127.0.0.1");
  CHECK((found.addresses == std::vector{v4_loopback()}));
}

CONFORMANCE_CASE("a slow lookup does not hold up another") {
  TestType fixture;
  const LookupId slow = fixture.resolver().start(fixture.slow_name());
  REQUIRE(slow != kNoLookup);
  std::array<IpAddress, 1> address;
  CHECK(look_up(fixture, fixture.known_name()).state == LookupState::kFound);
  CHECK(fixture.resolver().poll(slow, address).state == LookupState::kPending);
  // wait() sleeps on for it meanwhile.
  const Instant deadline = fixture.clock().now() + 50 * kMillisecond;
  int returns = 0;
  for (; fixture.clock().now() < deadline && returns < 100; ++returns) {
    fixture.network().wait({}, deadline);
  }
  CHECK(returns <= 3);
  fixture.resolver().release(slow);
}

CONFORMANCE_CASE("beyond its places the resolver says so and has room again later") {
  TestType fixture;
  std::vector<LookupId> lookups;
  while (lookups.size() < 1000) {
    const LookupId lookup = fixture.resolver().start("127.0.0.1");
    if (lookup == kNoLookup) break;
    lookups.push_back(lookup);
  }
  // At least as many as a scheduler of a few slots needs; and not without bound.
  CHECK(lookups.size() >= 4);
  CHECK(lookups.size() < 1000);
  for (const LookupId lookup : lookups) {
    std::array<IpAddress, 1> address;
    CHECK(fixture.resolver().poll(lookup, address).state == LookupState::kFound);
    fixture.resolver().release(lookup);
  }
  CHECK(look_up(fixture, fixture.known_name()).state == LookupState::kFound);
}

CONFORMANCE_CASE("a seed is looked up like any name, one at a time") {
  TestType fixture;
  const LookupId seed = fixture.resolver().start_seed(fixture.known_name());
  REQUIRE(seed != kNoLookup);
  CHECK(fixture.resolver().start_seed(fixture.slow_name()) == kNoLookup);
  CHECK(look_up(fixture, fixture.known_name()).state == LookupState::kFound);
  std::array<IpAddress, 8> addresses;
  LookupResult result = fixture.resolver().poll(seed, addresses);
  for (int i = 0; i < 100 && result.state == LookupState::kPending; ++i) {
    fixture.network().wait({}, fixture.clock().now() + kSecond);
    result = fixture.resolver().poll(seed, addresses);
  }
  CHECK(result.state == LookupState::kFound);
  CHECK(result.count > 0);
  fixture.resolver().release(seed);
  const LookupId next = fixture.resolver().start_seed(fixture.unknown_name());
  REQUIRE(next != kNoLookup);
  fixture.resolver().release(next);
}

}  // namespace
}  // namespace observatory::conformance
