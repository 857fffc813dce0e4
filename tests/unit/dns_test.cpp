// SPDX-License-Identifier: MIT
// Names, messages and lookups of the DNS, without any network.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "core/base/ip_text.h"
#include "core/dns/lookup.h"
#include "core/dns/message.h"
#include "core/dns/name.h"
#include "core/dns/special_names.h"
#include "tests/catch2.h"
#include "tests/support/dns_message.h"
#include "tests/unit/vectors.h"

using namespace observatory;
using observatory::test::DnsQuery;
using observatory::test::DnsReply;
using observatory::test::kA;
using observatory::test::kAaaa;
using observatory::test::read_dns_query;

namespace {

using Texts = std::vector<std::string>;

DnsName name_of(std::string_view text) {
  DnsName name;
  REQUIRE(read_dns_name(text, name));
  return name;
}

Texts texts_of(const DnsAddresses& addresses, IpAddress::Family before = IpAddress::Family::kV4) {
  std::array<IpAddress, 2 * limits::kAddresses> copy;
  const std::size_t count = addresses.copy(before, copy);
  Texts texts;
  for (std::size_t i = 0; i < count; ++i) {
    texts.push_back(vectors::text_of([&](ByteSink& sink) { put_ip(copy[i], sink); }));
  }
  return texts;
}

const char* word_of(DnsAnswer answer) {
  switch (answer) {
    case DnsAnswer::kNotOurs:
      return "not_ours";
    case DnsAnswer::kAddresses:
      return "addresses";
    case DnsAnswer::kNoAddress:
      return "no_address";
    case DnsAnswer::kNoName:
      return "no_name";
    case DnsAnswer::kNoEdns:
      return "no_edns";
    case DnsAnswer::kFailed:
      return "failed";
  }
  return "?";
}

// What read_dns_answer() makes of an answer to the question for the addresses of www.test.
struct Read {
  std::string says;
  Texts addresses;
};

const DnsQuery kWww = {.id = 0x1234, .name = "www.test", .type = kA};

Read read(std::string_view message, DnsType type = DnsType::kA) {
  const DnsName name = name_of("www.test");
  DnsAddressesUpTo<limits::kAddresses> addresses;
  addresses.clear();
  // A copy of exactly its size, so that sanitizers see every byte beyond.
  const std::vector<std::uint8_t> exact(message.begin(), message.end());
  const DnsAnswer answer = read_dns_answer(exact, {name, type, 0x1234}, addresses);
  CHECK((answer == DnsAnswer::kAddresses) == !addresses.empty());
  return {word_of(answer), texts_of(addresses)};
}

DnsReply reply() { return DnsReply(kWww); }

}  // namespace

// --- names

TEST_CASE("a name becomes labels behind their lengths") {
  const auto wire = [](std::string_view text) {
    return std::string(as_text(name_of(text).wire()));
  };
  // The example of RFC 1035 section 4.1.4.
  CHECK(wire("F.ISI.ARPA") == std::string("\1F\3ISI\4ARPA\0", 12));
  CHECK(wire("F.ISI.ARPA.") == std::string("\1F\3ISI\4ARPA\0", 12));
  CHECK(wire("test") == std::string("\4test\0", 6));
  CHECK(wire("_a-\xC3\xA9 b.x") == std::string("\7_a-\xC3\xA9 b\1x\0", 11));
  const std::string label(63, 'a');
  CHECK(wire(label).size() == 65);
  // 255 bytes in all: three labels of 63 and one of 61.
  const std::string longest = label + '.' + label + '.' + label + '.' + std::string(61, 'b');
  CHECK(wire(longest).size() == 255);
  CHECK(wire(longest + '.').size() == 255);
}

TEST_CASE("what cannot be a name is none") {
  const std::string label(63, 'a');
  const std::string three = label + '.' + label + '.' + label + '.';
  for (const std::string& text :
       {std::string(), std::string("."), std::string(".."), std::string("a..b"), std::string(".a"),
        std::string("a.."), std::string("a\0b", 3), std::string(64, 'a'),
        std::string(64, 'a') + ".b", three + std::string(62, 'b'),
        three + "b." + std::string(60, 'b'), std::string(300, 'a'), std::string(5000, '.')}) {
    INFO(text);
    DnsName name;
    CHECK_FALSE(read_dns_name(text, name));
  }
}

TEST_CASE("case does not matter for ASCII letters, and for nothing else") {
  const auto same = [](std::string_view a, std::string_view b) {
    return same_without_case(as_bytes(a), as_bytes(b));
  };
  CHECK(same("AbZz-09_", "aBzZ-09_"));
  CHECK(same("", ""));
  CHECK_FALSE(same("a", "ab"));
  CHECK_FALSE(same("ab", "a"));
  CHECK_FALSE(same("@", "`"));
  CHECK_FALSE(same("[", "{"));
  CHECK_FALSE(same("\xC3\x89", "\xC3\xA9"));
}

TEST_CASE("some names are known without asking") {
  const struct {
    const char* name;
    LookupState state;
    Texts addresses;
  } table[] = {
      {"203.0.113.7", LookupState::kFound, {"203.0.113.7"}},
      {"2001:DB8::1", LookupState::kFound, {"2001:db8::1"}},
      {"::ffff:192.0.2.1", LookupState::kFound, {"192.0.2.1"}},
      {"localhost", LookupState::kFound, {"127.0.0.1", "::1"}},
      {"LocalHost.", LookupState::kFound, {"127.0.0.1", "::1"}},
      {"a.b.LOCALHOST", LookupState::kFound, {"127.0.0.1", "::1"}},
      {"expyuzz4wqqyqhjn.onion", LookupState::kNotFound, {}},
      {"a.ONION.", LookupState::kNotFound, {}},
      {"nobody.invalid", LookupState::kNotFound, {}},
      {"invalid", LookupState::kNotFound, {}},
      {"notlocalhost", LookupState::kPending, {}},
      {"localhost.test", LookupState::kPending, {}},
      {"onion.test", LookupState::kPending, {}},
      {"1.2.3", LookupState::kPending, {}},
      {"", LookupState::kPending, {}},
      {".", LookupState::kPending, {}},
  };
  for (const auto& row : table) {
    INFO(row.name);
    DnsAddressesUpTo<limits::kAddresses> addresses;
    addresses.clear();
    CHECK(known_without_asking(row.name, addresses) == row.state);
    CHECK(texts_of(addresses) == row.addresses);
  }
}

TEST_CASE("addresses keep their order, once each, eight of a family") {
  DnsAddressesUpTo<limits::kAddresses> addresses;
  addresses.clear();
  CHECK(addresses.empty());
  Texts v4;
  Texts v6;
  const auto add = [&](std::string_view text) {
    IpAddress ip;
    REQUIRE(read_ip(text, ip));
    addresses.add(ByteView(ip.bytes).first(ip.family == IpAddress::Family::kV4 ? 4 : 16));
  };
  for (int i = 0; i < 20; ++i) {
    const std::string number = std::to_string(20 - i);
    add("192.0.2." + number);
    add("2001:db8::" + number);
    add("192.0.2.20");
    add("::ffff:192.0.2.20");
    if (i < 8) v4.push_back("192.0.2." + number);
    if (i < 8) v6.push_back("2001:db8::" + number);
  }
  Texts both = v4;
  both.insert(both.end(), v6.begin(), v6.end());
  CHECK(texts_of(addresses) == both);
  both = v6;
  both.insert(both.end(), v4.begin(), v4.end());
  CHECK(texts_of(addresses, IpAddress::Family::kV6) == both);
  std::array<IpAddress, 9> few;
  CHECK(addresses.copy(IpAddress::Family::kV6, few) == 9);
  CHECK(few[8].family == IpAddress::Family::kV4);
  CHECK(addresses.has(IpAddress::Family::kV4));
  CHECK(addresses.first(IpAddress::Family::kV4).bytes[3] == 20);
  addresses.clear();
  CHECK(addresses.empty());
  CHECK(texts_of(addresses).empty());
}

// --- messages

TEST_CASE("queries and answers of other programs are written and read the same") {
  int cases = 0;
  for (const std::string& file : vectors::files("dns")) {
    vectors::Entries entries = vectors::read(file);
    for (std::size_t i = 0; i < entries.size();) {
      REQUIRE(entries[i].key == "case");
      INFO(file << ": " << entries[i].bytes);
      const Texts words = vectors::split(entries[i].bytes, ' ');
      vectors::Entries entry;
      for (++i; i < entries.size() && entries[i].key != "case"; ++i) entry.push_back(entries[i]);

      const DnsName name = name_of(words[0]);
      const DnsQuestion question = {name, words[1] == "A" ? DnsType::kA : DnsType::kAaaa,
                                    static_cast<std::uint16_t>(std::stoi(one(entry, "id")))};
      std::array<std::uint8_t, kDnsQuery> buffer;
      const ByteView query = write_dns_query(question, words.size() == 3, buffer);
      CHECK(vectors::hex(as_text(query)) == vectors::hex(one(entry, "query")));

      DnsAddressesUpTo<limits::kAddresses> addresses;
      addresses.clear();
      const std::string answer = one(entry, "answer");
      CHECK(word_of(read_dns_answer(as_bytes(answer), question, addresses)) == one(entry, "says"));
      Texts expected;
      for (const vectors::Entry& line : entry) {
        if (line.key != "address" || expected.size() == limits::kAddresses) continue;
        IpAddress ip;
        REQUIRE(read_ip(line.bytes, ip));
        expected.push_back(line.bytes.starts_with("::ffff:") ? line.bytes.substr(7) : line.bytes);
      }
      CHECK(texts_of(addresses) == expected);
      ++cases;
    }
  }
  CHECK(cases > 80);
}

TEST_CASE("the longest name fits into a query") {
  const std::string label(63, 'x');
  const DnsName name = name_of(label + '.' + label + '.' + label + '.' + std::string(61, 'x'));
  std::array<std::uint8_t, kDnsQuery> buffer;
  CHECK(write_dns_query({name, DnsType::kAaaa, 1}, true, buffer).size() == kDnsQuery);
}

TEST_CASE("an answer to another question, or no answer, is not ours") {
  const DnsReply ours = reply().a("www.test", "192.0.2.1");
  REQUIRE(read(ours.bytes()).says == "addresses");
  CHECK(read(DnsReply(ours).question("WWW.TeSt", kA).bytes()).says == "addresses");

  CHECK(read(DnsReply(ours).id(0x1235).bytes()).says == "not_ours");
  CHECK(read(DnsReply(ours).question("www.tess", kA).bytes()).says == "not_ours");
  CHECK(read(DnsReply(ours).question("ww.test", kA).bytes()).says == "not_ours");
  CHECK(read(DnsReply(ours).question("www.test.x", kA).bytes()).says == "not_ours");
  CHECK(read(DnsReply(ours).question("www.test", kAaaa).bytes()).says == "not_ours");
  CHECK(read(DnsReply(ours).question("www.test", kA, 3).bytes()).says == "not_ours");
  CHECK(read(DnsReply(ours).without_question().bytes()).says == "not_ours");
  CHECK(read(DnsReply(ours).flags(0x0100).bytes()).says == "not_ours");  // a query
  CHECK(read(DnsReply(ours).flags(0x8980).bytes()).says == "not_ours");  // opcode 1
  CHECK(read(ours.bytes(), DnsType::kAaaa).says == "not_ours");
  for (std::size_t size = 0; size < 12 + 10 + 4; ++size) {
    CHECK(read(ours.bytes().substr(0, size)).says == "not_ours");
  }
}

TEST_CASE("response codes mean what they say") {
  CHECK(read(reply().rcode(1).bytes()).says == "no_edns");
  CHECK(read(reply().rcode(1).without_question().bytes()).says == "no_edns");
  CHECK(read(reply().rcode(4).bytes()).says == "no_edns");
  CHECK(read(reply().rcode(2).bytes()).says == "failed");
  CHECK(read(reply().rcode(3).bytes()).says == "no_name");
  for (std::uint16_t rcode = 5; rcode < 16; ++rcode) {
    CHECK(read(reply().rcode(rcode).bytes()).says == "failed");
  }
  // Without the question nobody but those who understood nothing is believed.
  CHECK(read(reply().rcode(3).without_question().bytes()).says == "not_ours");
  CHECK(read(reply().bytes()).says == "no_address");
  CHECK(read(reply().flags(0x8400).bytes()).says == "no_address");  // an authority
  CHECK(read(reply().flags(0x8000).bytes()).says == "failed");      // neither knows nor asks: lame
}

TEST_CASE("aliases are followed in whatever order the records stand") {
  const Read in_order = read(reply()
                                 .cname("www.test", "b.test")
                                 .cname("b.test", "c.other")
                                 .a("c.other", "192.0.2.1")
                                 .a("c.other", "192.0.2.2")
                                 .bytes());
  CHECK(in_order.says == "addresses");
  CHECK(in_order.addresses == Texts{"192.0.2.1", "192.0.2.2"});
  const Read reversed = read(reply()
                                 .a("C.other", "192.0.2.2")
                                 .cname("B.TEST", "c.OTHER")
                                 .a("c.other", "192.0.2.1")
                                 .cname("www.test", "b.test")
                                 .bytes());
  CHECK(reversed.says == "addresses");
  CHECK(reversed.addresses == Texts{"192.0.2.2", "192.0.2.1"});
}

TEST_CASE("addresses of other names do not count") {
  CHECK(read(reply().a("evil.test", "192.0.2.66").bytes()).says == "no_address");
  const Read some = read(reply()
                             .a("evil.test", "192.0.2.66")
                             .a("www.test", "192.0.2.1")
                             .a("ww.test", "192.0.2.67")
                             .aaaa("www.test", "2001:db8::1")
                             .bytes());
  CHECK(some.addresses == Texts{"192.0.2.1"});
  CHECK(read(reply().cname("www.test", "b.test").a("evil.test", "192.0.2.66").bytes()).says ==
        "no_address");
  // Another class, and data of another size.
  const std::string owner = test::dns_name("www.test");
  CHECK(read(reply().record(owner, kA, "\1\2\3\4", 3).bytes()).says == "no_address");
  CHECK(read(reply().record(owner, kA, "\1\2\3").bytes()).says == "no_address");
  CHECK(read(reply().record(owner, kA, "\1\2\3\4\5").bytes()).says == "no_address");
  CHECK(read(reply().record(owner, kA, "").bytes()).says == "no_address");
}

TEST_CASE("aliases in a circle, or too many of them, fail") {
  CHECK(read(reply().cname("www.test", "www.test").bytes()).says == "failed");
  CHECK(read(reply().cname("www.test", "b.test").cname("b.test", "www.test").bytes()).says ==
        "failed");
  for (const std::size_t count : {limits::kDnsAliases, limits::kDnsAliases + 1}) {
    DnsReply chain = reply();
    std::string owner = "www.test";
    for (std::size_t i = 0; i < count; ++i) {
      const std::string target = "n" + std::to_string(i) + ".test";
      chain.cname(owner, target);
      owner = target;
    }
    chain.a(owner, "192.0.2.1");
    CHECK(read(chain.bytes()).says == (count == limits::kDnsAliases ? "addresses" : "failed"));
  }
}

TEST_CASE("a compressed name is read, and one that leads in a circle is nobody's") {
  using namespace std::string_literals;
  const std::string address = "\xC0\x00\x02\x01"s;
  const auto owned_by = [&](const std::string& owner) {
    return read(reply().record(owner, kA, address).bytes()).says;
  };
  // The question stands at 12, "test" at 16; this record's name at 26.
  CHECK(owned_by("\xC0\x0C"s) == "addresses");
  CHECK(owned_by("\3wWw\xC0\x10"s) == "addresses");
  CHECK(owned_by("\3www\4test\0"s) == "addresses");
  CHECK(owned_by("\xC0\x10"s) == "no_address");
  CHECK(owned_by("\xC0\x1A"s) == "no_address");       // itself
  CHECK(owned_by("\3www\xC0\x1A"s) == "no_address");  // its own beginning
  CHECK(owned_by("\3www\xC0\x1E"s) == "no_address");  // the pointer itself
  CHECK(owned_by("\3www\xC0\x30"s) == "no_address");  // ahead
  CHECK(owned_by("\xFF\xFF"s) == "no_address");       // beyond the end
  CHECK(owned_by("\xC0\x00"s) == "no_address");       // into the header
  CHECK(owned_by("\3www\4test"s) == "failed");        // without an end
  // Labels of kinds that do not exist (RFC 1035 keeps 01 and 10) cannot be skipped either.
  CHECK(owned_by("\x43www\4test\0"s) == "failed");
  // An alias that leads to a loop.
  CHECK(read(reply().record("\xC0\x0C"s, 5, "\xC0\x26"s).a("b", "192.0.2.1").bytes()).says ==
        "no_address");
}

TEST_CASE("pointers through ever more pointers end, however many there are") {
  // Every two bytes of a record's data point to the two before; the name of the next begins there.
  std::string pointers = std::string("\xC0\x0C", 2);
  for (std::size_t at = 12 + 10 + 4 + 12; pointers.size() < 1000; at += 2) {
    pointers += static_cast<char>(0xC0 | at >> 8);
    pointers += static_cast<char>(at & 0xFF);
  }
  const std::size_t last = 12 + 10 + 4 + 12 + pointers.size() - 2;
  const std::string owner = {static_cast<char>(0xC0 | last >> 8), static_cast<char>(last & 0xFF)};
  const Read found = read(reply()
                              .record(std::string("\xC0\x0C", 2), 16, pointers)
                              .record(owner, kA, "\xC0\x01\x02\x03")
                              .bytes());
  CHECK(found.says == "addresses");
}

TEST_CASE("of a truncated answer what is whole counts") {
  constexpr std::uint16_t kCut = DnsReply::kRecursive | DnsReply::kTruncated;
  const DnsReply two = reply().flags(kCut).a("www.test", "192.0.2.1").a("www.test", "192.0.2.2");
  CHECK(read(two.bytes()).addresses == Texts{"192.0.2.1", "192.0.2.2"});
  const std::string cut = two.bytes().substr(0, two.bytes().size() - 1);
  CHECK(read(cut).addresses == Texts{"192.0.2.1"});
  CHECK(read(DnsReply(two).says_answers(200).bytes()).addresses.size() == 2);
  // Nothing is left: somebody else may know more.
  CHECK(read(reply().flags(kCut).bytes()).says == "failed");
  CHECK(read(reply().flags(kCut).cname("www.test", "b.test").bytes()).says == "failed");
  // Not said to be truncated, and cut all the same.
  const std::string whole = DnsReply(two).flags(DnsReply::kRecursive).bytes();
  for (std::size_t size = 26; size < whole.size(); ++size) {
    CHECK(read(std::string_view(whole).substr(0, size)).says == "failed");
  }
  CHECK(read(reply().a("www.test", "192.0.2.1").says_answers(2).bytes()).says == "failed");
  // What stands behind the answers is not looked at.
  CHECK(read(whole + "rest").addresses.size() == 2);
}

TEST_CASE("no single wrong byte of an answer is believed beyond its bounds") {
  const std::string right = reply()
                                .cname("www.test", "b.test")
                                .record("\xC0\x24", kA, "\xC0\x02\x01\x01")
                                .a("b.test", "192.0.2.1")
                                .bytes();
  for (std::size_t at = 0; at < right.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      std::string wrong = right;
      wrong[at] = static_cast<char>(value);
      const Read result = read(wrong);
      CHECK(result.addresses.size() <= 2);
    }
  }
}

// --- lookups

namespace {

constexpr Instant kStart{1'000'000};

// A lookup, and who asks it: instants, servers by number, and what was sent to whom.
class Asked {
 public:
  explicit Asked(std::size_t servers, std::string_view name = "www.test") { start(servers, name); }

  void start(std::size_t servers, std::string_view name = "www.test") {
    addresses_.clear();
    lookup_.start(name_of(name), servers, {0x1111, 0x2222}, now);
  }

  struct Sent {
    std::size_t server;
    DnsQuery query;
  };

  // What is due to be sent now.
  std::vector<Sent> sent() {
    std::vector<Sent> all;
    for (int bound = 0; bound < 100; ++bound) {
      std::array<std::uint8_t, kDnsQuery> buffer;
      std::size_t server = 99;
      const ByteView bytes = lookup_.take_query(buffer, server);
      if (bytes.empty()) return all;
      const auto query = read_dns_query(as_text(bytes));
      REQUIRE(query);
      all.push_back({server, *query});
    }
    FAIL("sends without end");
    return all;
  }

  // The same in short: "A0 AAAA1", a small letter for a query without EDNS.
  std::string sends() {
    std::string words;
    for (const Sent& one : sent()) {
      if (!words.empty()) words += ' ';
      std::string type = one.query.type == kA ? "A" : "AAAA";
      if (!one.query.edns) type = one.query.type == kA ? "a" : "aaaa";
      words += type + std::to_string(one.server);
    }
    return words;
  }

  // Lets time pass until the lookup wants to act.
  Micros pass_until_due() {
    const Micros length = lookup_.deadline() - now;
    now = lookup_.deadline();
    lookup_.expire(now);
    return length;
  }
  void pass(Micros length) {
    now = now + length;
    lookup_.expire(now);
  }

  static DnsReply reply(std::uint16_t type) {
    const std::uint16_t id = type == kA ? 0x1111 : 0x2222;
    return DnsReply({.id = id, .name = "www.test", .type = type});
  }
  void receive(const DnsReply& reply, std::size_t server = 0) {
    lookup_.receive(server, as_bytes(reply.bytes()), now, addresses_);
  }
  void unreachable(std::size_t server) { lookup_.unreachable(server, now); }

  LookupState state() const { return lookup_.state(); }
  Instant deadline() const { return lookup_.deadline(); }
  Texts addresses() const { return texts_of(addresses_); }

  Instant now = kStart;

 private:
  DnsLookup lookup_;
  DnsAddressesUpTo<limits::kAddresses> addresses_;
};

DnsReply v4_reply() { return Asked::reply(kA).a("www.test", "192.0.2.1"); }
DnsReply v6_reply() { return Asked::reply(kAaaa).aaaa("www.test", "2001:db8::1"); }

}  // namespace

TEST_CASE("both families are asked for at once, each with its own id") {
  Asked lookup(2, "WWW.Test.");
  const auto sent = lookup.sent();
  REQUIRE(sent.size() == 2);
  CHECK(sent[0].query.type == kA);
  CHECK(sent[0].query.id == 0x1111);
  CHECK(sent[1].query.type == kAaaa);
  CHECK(sent[1].query.id == 0x2222);
  for (const auto& one : sent) {
    CHECK(one.server == 0);
    CHECK(one.query.name == "WWW.Test");
    CHECK(one.query.edns);
  }
  CHECK(lookup.sent().empty());
}

TEST_CASE("a lookup ends when both families have answered, whichever is first") {
  const bool v4_first = GENERATE(true, false);
  Asked lookup(1);
  CHECK(lookup.sends() == "A0 AAAA0");
  lookup.receive(v4_first ? v4_reply() : v6_reply());
  CHECK(lookup.state() == LookupState::kPending);
  // The same once more changes nothing.
  lookup.receive(v4_first ? v4_reply() : v6_reply());
  CHECK(lookup.state() == LookupState::kPending);
  lookup.receive(v4_first ? v6_reply() : v4_reply());
  CHECK(lookup.state() == LookupState::kFound);
  CHECK(lookup.addresses() == Texts{"192.0.2.1", "2001:db8::1"});
  CHECK(lookup.deadline() == Instant::never());
  CHECK(lookup.sends().empty());
  lookup.pass(100 * kSecond);
  lookup.receive(Asked::reply(kA).rcode(3));
  lookup.unreachable(0);
  CHECK(lookup.state() == LookupState::kFound);
}

TEST_CASE("a family that stays silent is waited for half a second") {
  Asked lookup(1);
  lookup.pass(300 * kMillisecond);
  lookup.receive(v4_reply());
  CHECK(lookup.pass_until_due() == 500 * kMillisecond);
  CHECK(lookup.state() == LookupState::kFound);
  CHECK(lookup.addresses() == Texts{"192.0.2.1"});
}

TEST_CASE("no address of one family leaves the other all its time") {
  Asked lookup(1);
  lookup.receive(Asked::reply(kA));
  CHECK(lookup.sends() == "AAAA0");
  CHECK(lookup.pass_until_due() == kSecond);
  CHECK(lookup.sends() == "aaaa0");
  lookup.receive(v6_reply());
  CHECK(lookup.state() == LookupState::kFound);
  CHECK(lookup.addresses() == Texts{"2001:db8::1"});
}

TEST_CASE("how two answers become one end") {
  const struct {
    DnsReply v4;
    DnsReply v6;
    LookupState end;
  } table[] = {
      {Asked::reply(kA), Asked::reply(kAaaa), LookupState::kNotFound},
      {Asked::reply(kA).rcode(3), Asked::reply(kAaaa).rcode(3), LookupState::kNotFound},
      {Asked::reply(kA).rcode(3), Asked::reply(kAaaa).rcode(2), LookupState::kNotFound},
      {Asked::reply(kA), Asked::reply(kAaaa).rcode(2), LookupState::kFailed},
      {Asked::reply(kA).rcode(2), Asked::reply(kAaaa).rcode(5), LookupState::kFailed},
      // Name servers that know no IPv6 and say that there is no such name (RFC 4074 section 4.2).
      {v4_reply(), Asked::reply(kAaaa).rcode(3), LookupState::kFound},
      {v4_reply(), Asked::reply(kAaaa), LookupState::kFound},
      {v4_reply(), Asked::reply(kAaaa).rcode(2), LookupState::kFound},
      {Asked::reply(kA).rcode(2), v6_reply(), LookupState::kFound},
  };
  for (const auto& row : table) {
    for (const bool v4_first : {true, false}) {
      Asked lookup(1);
      lookup.receive(v4_first ? row.v4 : row.v6);
      CHECK(lookup.state() == LookupState::kPending);
      lookup.receive(v4_first ? row.v6 : row.v4);
      CHECK(lookup.state() == row.end);
      CHECK(lookup.addresses().empty() == (row.end != LookupState::kFound));
    }
  }
}

TEST_CASE("a name that does not exist for one family is waited for half a second, too") {
  Asked lookup(1);
  lookup.receive(Asked::reply(kAaaa).rcode(3));
  CHECK(lookup.pass_until_due() == 500 * kMillisecond);
  CHECK(lookup.state() == LookupState::kNotFound);
}

TEST_CASE("silent servers are asked in turn, in rounds of double length, and then it fails") {
  Asked three(3);
  const struct {
    const char* sends;
    Micros seconds;
  } turns[] = {{"A0 AAAA0", 1}, {"A1 AAAA1", 1}, {"A2 AAAA2", 1}, {"a0 aaaa0", 2}, {"a1 aaaa1", 2},
               {"a2 aaaa2", 2}, {"a0 aaaa0", 4}, {"a1 aaaa1", 4}, {"a2 aaaa2", 4}};
  for (const auto& turn : turns) {
    CHECK(three.state() == LookupState::kPending);
    CHECK(three.sends() == turn.sends);
    CHECK(three.pass_until_due() == turn.seconds * kSecond);
  }
  CHECK(three.state() == LookupState::kFailed);
  CHECK(three.sends().empty());
  CHECK(three.now - kStart == 21 * kSecond);

  Asked one(1);
  for (int bound = 0; bound < 10 && one.state() == LookupState::kPending; ++bound) {
    CHECK_FALSE(one.sends().empty());
    one.pass_until_due();
  }
  CHECK(one.state() == LookupState::kFailed);
  CHECK(one.now - kStart == 7 * kSecond);
}

TEST_CASE("a late answer counts although the next server has been asked") {
  Asked lookup(2);
  CHECK(lookup.sends() == "A0 AAAA0");
  lookup.pass(kSecond);
  CHECK(lookup.sends() == "A1 AAAA1");
  lookup.receive(v4_reply(), 0);
  lookup.receive(v6_reply(), 1);
  CHECK(lookup.state() == LookupState::kFound);
}

TEST_CASE("a server that fails gives way to the next at once, and is not asked again") {
  Asked lookup(3);
  CHECK(lookup.sends() == "A0 AAAA0");
  lookup.receive(Asked::reply(kA).rcode(2), 0);
  CHECK(lookup.sends() == "A1 AAAA1");
  // The second failure is of a server that has been left already.
  lookup.receive(Asked::reply(kAaaa).rcode(2), 0);
  CHECK(lookup.sends().empty());
  lookup.unreachable(1);
  CHECK(lookup.sends() == "A2 AAAA2");
  CHECK(lookup.pass_until_due() == kSecond);
  CHECK(lookup.sends() == "a2 aaaa2");
  lookup.receive(v4_reply(), 2);
  lookup.receive(Asked::reply(kAaaa).rcode(5), 2);
  CHECK(lookup.state() == LookupState::kFound);
}

TEST_CASE("when every server has failed nobody waits") {
  Asked lookup(2);
  lookup.unreachable(0);
  CHECK(lookup.state() == LookupState::kPending);
  CHECK(lookup.sends() == "A1 AAAA1");
  lookup.unreachable(1);
  CHECK(lookup.state() == LookupState::kFailed);
  CHECK(lookup.now == kStart);

  Asked nobody(1);
  nobody.unreachable(0);
  CHECK(nobody.state() == LookupState::kFailed);
}

TEST_CASE("a query that is not understood is sent again without EDNS, once") {
  Asked lookup(1);
  CHECK(lookup.sends() == "A0 AAAA0");
  lookup.receive(Asked::reply(kA).rcode(1).without_question());
  CHECK(lookup.sends() == "a0");
  lookup.receive(v4_reply());
  lookup.receive(Asked::reply(kAaaa).rcode(4));
  CHECK(lookup.sends() == "aaaa0");
  lookup.receive(Asked::reply(kAaaa).rcode(1));
  CHECK(lookup.sends().empty());
  CHECK(lookup.state() == LookupState::kFound);
}

TEST_CASE("what answers something else is as if it had not come") {
  Asked lookup(1);
  static_cast<void>(lookup.sends());
  const Instant before = lookup.deadline();
  lookup.receive(v4_reply().id(0x1112));
  lookup.receive(v4_reply().id(0x2222));
  lookup.receive(v4_reply().question("www.text", kA));
  lookup.receive(v4_reply().flags(0x0100));
  CHECK(lookup.state() == LookupState::kPending);
  CHECK(lookup.deadline() == before);
  CHECK(lookup.addresses().empty());
  CHECK(lookup.sends().empty());
}

TEST_CASE("a lookup may be started anew at any time") {
  Asked lookup(2);
  lookup.receive(v4_reply());
  lookup.receive(Asked::reply(kAaaa).rcode(2));
  lookup.start(1);
  CHECK(lookup.state() == LookupState::kPending);
  CHECK(lookup.sends() == "A0 AAAA0");
  lookup.receive(Asked::reply(kA).rcode(2));
  lookup.receive(Asked::reply(kAaaa));
  CHECK(lookup.state() == LookupState::kFailed);
}
