// SPDX-License-Identifier: MIT
// The resolver of the POSIX port against name servers of our own on the loopback interface, with
// files of our own. What it shares with every resolver is in tests/conformance.
#include "platform/posix/posix_resolver.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "core/base/byte_writer.h"
#include "core/base/ip_text.h"
#include "platform/posix/name_files.h"
#include "platform/posix/posix_clock.h"
#include "platform/posix/posix_network.h"
#include "platform/posix/posix_random.h"
#include "platform/posix/posix_waker.h"
#include "platform/posix/word_file.h"
#include "tests/catch2.h"
#include "tests/support/dns_server.h"

namespace observatory::posix {
namespace {

using test::DnsQuery;
using test::DnsReply;
using test::DnsServer;
using test::kA;
using test::kAaaa;
using Datagrams = std::vector<DnsServer::Datagram>;
using Texts = std::vector<std::string>;
using namespace std::chrono_literals;

class Folder {
 public:
  Folder() {
    std::string name = std::filesystem::temp_directory_path() / "resolver-XXXXXX";
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string path(const char* name) const { return path_ / name; }
  void write(const char* name, std::string_view text) const {
    std::ofstream(path(name), std::ios::binary) << text;
  }

 private:
  std::filesystem::path path_;
};

class NoRandom final : public Random {
 public:
  bool fill(MutableByteView) override { return false; }
};

struct Found {
  LookupState state = LookupState::kPending;
  Texts addresses;
  Micros took = 0;
};

std::size_t open_files() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

// A device with files and a DNS port of its own.
class Device {
 public:
  explicit Device(std::uint16_t port, std::string_view resolv_conf = "nameserver 127.0.0.1\n",
                  std::string_view hosts = "")
      : resolv_conf_(folder.path("resolv.conf")), hosts_(folder.path("hosts")) {
    if (!resolv_conf.empty()) folder.write("resolv.conf", resolv_conf);
    if (!hosts.empty()) folder.write("hosts", hosts);
    resolver = std::make_unique<PosixResolver>(
        clock, random, ResolverSettings{resolv_conf_.c_str(), hosts_.c_str(), port});
    network = std::make_unique<PosixNetwork>(waker, *resolver);
  }

  // Waits for the end with nothing but wait() to tell of it.
  Found finish(LookupId lookup) const {
    REQUIRE(lookup != kNoLookup);
    const Instant start = monotonic_now();
    const Instant deadline = start + 30 * kSecond;
    std::array<IpAddress, 2 * limits::kSeedAddresses> into;
    LookupResult result = resolver->poll(lookup, into);
    for (int turn = 0; result.state == LookupState::kPending && turn < 1000; ++turn) {
      REQUIRE(monotonic_now() < deadline);
      network->wait({}, deadline);
      result = resolver->poll(lookup, into);
    }
    Found found{result.state, {}, monotonic_now() - start};
    for (std::size_t i = 0; i < result.count; ++i) {
      std::array<std::uint8_t, kLongestIpText> text;
      ByteWriter writer(text);
      put_ip(into[i], writer);
      found.addresses.emplace_back(writer.text());
    }
    resolver->release(lookup);
    return found;
  }
  Found look_up(std::string_view name) const { return finish(resolver->start(name)); }

  Folder folder;
  PosixWaker waker;
  PosixClock clock;
  PosixRandom random;
  std::unique_ptr<PosixResolver> resolver;
  std::unique_ptr<PosixNetwork> network;

 private:
  std::string resolv_conf_;
  std::string hosts_;
};

// The right answer for any name: 192.0.2.1, and fe80::1 where that is asked for.
DnsReply right(const DnsQuery& query) {
  DnsReply reply(query);
  if (query.type == kA) reply.a(query.name, "192.0.2.1");
  return reply;
}
Datagrams answer_right(const DnsQuery& query) { return {{right(query).bytes()}}; }
Datagrams say_nothing(const DnsQuery&) { return {}; }
DnsServer::Answer answer_code(std::uint16_t rcode) {
  return
      [rcode](const DnsQuery& query) { return Datagrams{{DnsReply(query).rcode(rcode).bytes()}}; };
}

bool has_ipv6() {
  const int socket = ::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return false;
  sockaddr_in6 loopback{};
  loopback.sin6_family = AF_INET6;
  loopback.sin6_addr = in6addr_loopback;
  const bool has = ::bind(socket, reinterpret_cast<sockaddr*>(&loopback), sizeof(loopback)) == 0;
  ::close(socket);
  return has;
}

TEST_CASE("a name is asked for at the name server and found") {
  DnsServer server([](const DnsQuery& query) -> Datagrams {
    DnsReply reply(query);
    reply.cname(query.name, "real.test");
    if (query.type == kA) reply.a("real.test", "192.0.2.7").a("real.test", "192.0.2.3");
    return {{reply.bytes()}};
  });
  const Device device(server.port());
  const std::size_t before = open_files();
  const Found found = device.look_up("electrum.example");
  CHECK(found.state == LookupState::kFound);
  CHECK(found.addresses == Texts{"192.0.2.7", "192.0.2.3"});
  CHECK(found.took < 5 * kSecond);
  CHECK(open_files() == before);

  const std::vector<DnsQuery> queries = server.queries();
  REQUIRE(queries.size() == 2);
  CHECK(queries[0].type == kA);
  CHECK(queries[1].type == kAaaa);
  CHECK(queries[0].name == "electrum.example");
  CHECK(queries[0].edns);
}

TEST_CASE("ids and source ports are different each time") {
  DnsServer server(answer_right);
  const Device device(server.port());
  for (int i = 0; i < 20; ++i) CHECK(device.look_up("a.example").state == LookupState::kFound);
  std::vector<std::uint16_t> ids;
  for (const DnsQuery& query : server.queries()) ids.push_back(query.id);
  REQUIRE(ids.size() == 40);
  std::sort(ids.begin(), ids.end());
  // Of 40 random numbers of 16 bits two are alike now and then; four pairs are a fault.
  CHECK(std::unique(ids.begin(), ids.end()) - ids.begin() > 36);
  std::vector<std::uint16_t> ports = server.source_ports();
  std::sort(ports.begin(), ports.end());
  // Both queries of a lookup come from one port.
  CHECK(std::unique(ports.begin(), ports.end()) - ports.begin() > 15);
}

TEST_CASE("a name that does not exist, has no address, or cannot be answered") {
  DnsServer server([](const DnsQuery& query) -> Datagrams {
    const std::uint16_t code = query.name == "none.example"  ? 3
                               : query.name == "bad.example" ? 2
                                                             : 0;
    return {{DnsReply(query).rcode(code).bytes()}};
  });
  const Device device(server.port());
  CHECK(device.look_up("none.example").state == LookupState::kNotFound);
  CHECK(device.look_up("empty.example").state == LookupState::kNotFound);
  const Found bad = device.look_up("bad.example");
  CHECK(bad.state == LookupState::kFailed);
  CHECK(bad.took < kSecond);
}

TEST_CASE("a dead first name server costs a second, one that is not there costs nothing") {
  DnsServer second(answer_right, "127.0.0.2");
  const Device device(second.port(), "nameserver 127.0.0.1\nnameserver 127.0.0.2\n");
  // Nobody listens at 127.0.0.1 on this port: the kernel says so at once.
  Found found = device.look_up("a.example");
  CHECK(found.state == LookupState::kFound);
  CHECK(found.took < 900 * kMillisecond);

  DnsServer silent(say_nothing, "127.0.0.1", second.port());
  found = device.look_up("a.example");
  CHECK(found.state == LookupState::kFound);
  CHECK(found.addresses == Texts{"192.0.2.1"});
  CHECK(found.took >= 990 * kMillisecond);
  CHECK(found.took < 3 * kSecond);
  CHECK(silent.queries().size() == 2);
}

TEST_CASE("a first name server that refuses or is lame gives way to the second") {
  DnsServer second(answer_right, "127.0.0.2");
  const auto lame = [](const DnsQuery& query) -> Datagrams {
    return {{DnsReply(query).flags(0x8000).bytes()}};
  };
  const auto cut = [](const DnsQuery& query) -> Datagrams {
    return {{DnsReply(query).flags(DnsReply::kRecursive | DnsReply::kTruncated).bytes()}};
  };
  const auto circle = [](const DnsQuery& query) -> Datagrams {
    return {{DnsReply(query).cname(query.name, "b.test").cname("b.test", query.name).bytes()}};
  };
  for (const DnsServer::Answer& answer :
       {DnsServer::Answer(answer_code(2)), DnsServer::Answer(answer_code(5)),
        DnsServer::Answer(answer_code(1)), DnsServer::Answer(lame), DnsServer::Answer(cut),
        DnsServer::Answer(circle)}) {
    DnsServer first(answer, "127.0.0.1", second.port());
    const Device device(second.port(), "nameserver 127.0.0.1\nnameserver 127.0.0.2\n");
    const Found found = device.look_up("a.example");
    CHECK(found.state == LookupState::kFound);
    CHECK(found.took < 900 * kMillisecond);
    CHECK_FALSE(first.queries().empty());
  }
}

TEST_CASE("a name server that knows no EDNS is asked without") {
  DnsServer server([](const DnsQuery& query) -> Datagrams {
    if (query.edns) return {{DnsReply(query).rcode(1).without_question().bytes()}};
    return {{right(query).bytes()}};
  });
  const Device device(server.port());
  CHECK(device.look_up("a.example").addresses == Texts{"192.0.2.1"});
  CHECK(server.queries().size() == 4);
}

TEST_CASE("wrong ids, wrong questions and wrong sources are ignored") {
  DnsServer server([](const DnsQuery& query) -> Datagrams {
    const auto wrong = [&] { return DnsReply(query).a(query.name, "203.0.113.66"); };
    return {{"", 0ms},
            {"x", 0ms},
            {wrong().id(static_cast<std::uint16_t>(query.id + 1)).bytes()},
            {wrong().question("other.example", query.type).bytes()},
            {wrong().bytes(), 0ms, true},
            {right(query).bytes(), 200ms}};
  });
  const Device device(server.port());
  const Found found = device.look_up("a.example");
  CHECK(found.state == LookupState::kFound);
  CHECK(found.addresses == Texts{"192.0.2.1"});
  CHECK(found.took >= 190 * kMillisecond);
  CHECK(server.queries().size() == 2);
}

TEST_CASE("a flood of wrong answers does not keep the lookup from its end") {
  DnsServer server([](const DnsQuery& query) {
    Datagrams flood;
    for (int i = 0; i < 500; ++i) {
      flood.push_back({DnsReply(query).id(static_cast<std::uint16_t>(query.id + 1)).bytes()});
    }
    flood.push_back({right(query).bytes(), 20ms});
    return flood;
  });
  const Device device(server.port());
  CHECK(device.look_up("a.example").state == LookupState::kFound);
}

TEST_CASE("of a truncated answer the addresses count, and large answers fit") {
  DnsServer server([](const DnsQuery& query) -> Datagrams {
    if (query.type != kA) return {{DnsReply(query).bytes()}};
    DnsReply reply(query);
    const bool large = query.name == "large.example";
    if (!large) reply.flags(DnsReply::kRecursive | DnsReply::kTruncated);
    for (int i = 1; i <= (large ? 70 : 2); ++i) {
      reply.record("\xC0\x0C", kA, std::string("\xC0\x00\x02", 3) + static_cast<char>(i));
    }
    return {{reply.bytes()}};
  });
  const Device device(server.port());
  CHECK(device.look_up("cut.example").addresses == Texts{"192.0.2.1", "192.0.2.2"});
  const Found large = device.look_up("large.example");
  CHECK(large.addresses.size() == limits::kAddresses);
  const Found seed = device.finish(device.resolver->start_seed("large.example"));
  REQUIRE(seed.addresses.size() == limits::kSeedAddresses);
  CHECK(seed.addresses[0] == "192.0.2.1");
  CHECK(seed.addresses[limits::kSeedAddresses - 1] == "192.0.2.64");
  // The place of the seed leaves no trace in the others.
  CHECK(device.look_up("large.example").addresses.size() == limits::kAddresses);
}

TEST_CASE("one lost datagram is sent again after a second") {
  std::atomic<int> seen = 0;
  DnsServer server([&](const DnsQuery& query) {
    return ++seen <= 2 ? Datagrams{} : Datagrams{{right(query).bytes()}};
  });
  const Device device(server.port());
  const Found found = device.look_up("a.example");
  CHECK(found.state == LookupState::kFound);
  CHECK(found.took >= 990 * kMillisecond);
  CHECK(found.took < 3 * kSecond);
}

TEST_CASE("a server that never answers for IPv6 costs half a second") {
  DnsServer server([](const DnsQuery& query) {
    return query.type == kA ? Datagrams{{right(query).bytes()}} : Datagrams{};
  });
  const Device device(server.port());
  const Found found = device.look_up("a.example");
  CHECK(found.state == LookupState::kFound);
  CHECK(found.took >= 490 * kMillisecond);
  CHECK(found.took < 3 * kSecond);
}

TEST_CASE("wait() comes back for its own deadline while a lookup goes on") {
  DnsServer server(say_nothing);
  const Device device(server.port());
  const LookupId lookup = device.resolver->start("a.example");
  REQUIRE(lookup != kNoLookup);
  const Instant deadline = monotonic_now() + 100 * kMillisecond;
  int returns = 0;
  for (; monotonic_now() < deadline && returns < 100; ++returns) device.network->wait({}, deadline);
  CHECK(returns <= 3);
  std::array<IpAddress, 1> into;
  CHECK(device.resolver->poll(lookup, into).state == LookupState::kPending);
  device.resolver->release(lookup);
}

TEST_CASE("IPv6 comes first where it can be reached, else last") {
  DnsServer server([](const DnsQuery& query) -> Datagrams {
    DnsReply reply(query);
    if (query.type == kA) reply.a(query.name, "192.0.2.1").a(query.name, "192.0.2.2");
    // Without an interface a link-local address leads nowhere, on any machine.
    if (query.type == kAaaa) {
      reply.aaaa(query.name, query.name == "local.example" ? "::1" : "fe80::1");
      reply.aaaa(query.name, "2001:db8::2");
    }
    return {{reply.bytes()}};
  });
  const Device device(server.port());
  CHECK(device.look_up("far.example").addresses ==
        Texts{"192.0.2.1", "192.0.2.2", "fe80::1", "2001:db8::2"});
  if (has_ipv6()) {
    CHECK(device.look_up("local.example").addresses ==
          Texts{"::1", "2001:db8::2", "192.0.2.1", "192.0.2.2"});
  }
}

TEST_CASE("the hosts file comes before the name server") {
  DnsServer server(answer_right);
  std::string hosts =
      "# 198.51.100.1 listed.example\n"
      "198.51.100.2\tother.example  Listed.Example # listed.example\r\n"
      "2001:db8::9 listed.example.\n"
      "no-address listed.example\n"
      "198.51.100.2 listed.example\n"
      "198.51.100.3 x.listed.example\n"
      "198.51.100.4 " +
      std::string(300, 'x') + " long.example\n" + std::string(100'000, ' ') +
      "198.51.100.5 spaced.example\n198.51.100.6\nlonely.example\n198.51.100.7 last.example";
  const Device device(server.port(), "nameserver 127.0.0.1\n", hosts);
  Found found = device.look_up("LISTED.example");
  CHECK(found.state == LookupState::kFound);
  std::sort(found.addresses.begin(), found.addresses.end());
  CHECK(found.addresses == Texts{"198.51.100.2", "2001:db8::9"});
  CHECK(device.look_up("listed.example.").addresses.size() == 2);
  CHECK(device.look_up("long.example").addresses == Texts{"198.51.100.4"});
  CHECK(device.look_up("spaced.example").addresses == Texts{"198.51.100.5"});
  CHECK(device.look_up("last.example").addresses == Texts{"198.51.100.7"});
  CHECK(server.queries().empty());
  CHECK(device.look_up("lonely.example").addresses == Texts{"192.0.2.1"});
  // It is read anew for each lookup.
  device.folder.write("hosts", "198.51.100.8 listed.example\n");
  CHECK(device.look_up("listed.example").addresses == Texts{"198.51.100.8"});
  std::filesystem::remove(device.folder.path("hosts"));
  CHECK(device.look_up("listed.example").addresses == Texts{"192.0.2.1"});
}

TEST_CASE("a large hosts file is read to its end, and what is no file is passed over") {
  DnsServer server(answer_right);
  std::string hosts;
  for (int i = 0; i < 60'000; ++i) hosts += "0.0.0.0 ad" + std::to_string(i) + ".example\n";
  hosts += "198.51.100.1 end.example\n";
  const Device device(server.port(), "nameserver 127.0.0.1\n", hosts);
  CHECK(device.look_up("end.example").addresses == Texts{"198.51.100.1"});
  CHECK(device.look_up("ad59999.example").addresses == Texts{"0.0.0.0"});

  const std::string path = device.folder.path("hosts");
  std::filesystem::remove(path);
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  CHECK(device.look_up("end.example").addresses == Texts{"192.0.2.1"});
  std::filesystem::remove(path);
  std::filesystem::create_directory(path);
  CHECK(device.look_up("end.example").addresses == Texts{"192.0.2.1"});
}

TEST_CASE("a file without end is read within bounds") {
  DnsAddressesUpTo<limits::kAddresses> addresses;
  addresses.clear();
  CHECK_FALSE(find_in_hosts("/dev/zero", "a.example", addresses));
  std::array<NameServer, limits::kNameServers> servers;
  CHECK(read_name_servers("/dev/zero", servers) == 0);
}

TEST_CASE("resolv.conf is read as resolv.conf(5) says") {
  const Folder folder;
  folder.write("resolv.conf",
               "; nameserver 192.0.2.1\n# nameserver 192.0.2.2\nsearch nameserver 192.0.2.3\n"
               "nameserver\n192.0.2.4\nnameserver name.example\nnameserver  192.0.2.5 192.0.2.6\n"
               "nameserver fe80::1%no-such-interface\nNameserver 192.0.2.7\nnameserver2 192.0.2.8\n"
               "nameserver\t2001:db8::53\r\noptions timeout:1\nnameserver fe80::1%lo\n"
               "nameserver 192.0.2.9");
  std::array<NameServer, limits::kNameServers> servers;
  REQUIRE(read_name_servers(folder.path("resolv.conf").c_str(), servers) == 3);
  IpAddress ip;
  REQUIRE(read_ip("192.0.2.5", ip));
  CHECK((servers[0].ip == ip && servers[0].scope == 0));
  REQUIRE(read_ip("2001:db8::53", ip));
  CHECK((servers[1].ip == ip && servers[1].scope == 0));
  REQUIRE(read_ip("fe80::1", ip));
  CHECK((servers[2].ip == ip && servers[2].scope == 1));  // lo is always 1
  // The last line has no end.
  folder.write("short", "nameserver 192.0.2.9");
  CHECK(read_name_servers(folder.path("short").c_str(), servers) == 1);
  CHECK(read_name_servers(folder.path("missing").c_str(), servers) == 0);
}

TEST_CASE("a name server that turns up in resolv.conf is noticed") {
  DnsServer server(answer_right, "127.0.0.3");
  const Device device(server.port(), "# nothing yet\n");
  CHECK_FALSE(device.resolver->has_name_server());
  CHECK(device.look_up("a.example").state == LookupState::kFailed);
  device.folder.write("resolv.conf", "nameserver 127.0.0.3\n");
  CHECK(device.resolver->has_name_server());
  CHECK(device.look_up("a.example").state == LookupState::kFound);
}

TEST_CASE("without a resolv.conf the device itself is asked, and nobody there fails at once") {
  auto server = std::make_unique<DnsServer>(answer_right);
  const Device device(server->port(), "");
  CHECK_FALSE(device.resolver->has_name_server());
  CHECK(device.look_up("a.example").state == LookupState::kFound);
  server.reset();
  const Found found = device.look_up("a.example");
  CHECK(found.state == LookupState::kFailed);
  CHECK(found.took < 900 * kMillisecond);
}

TEST_CASE("name servers at addresses that lead nowhere are passed over") {
  DnsServer server(answer_right);
  // Connecting to the first fails without an interface, to the second for want of privilege.
  Device device(server.port(), "nameserver fe80::1\nnameserver 255.255.255.255\n");
  CHECK(device.look_up("a.example").state == LookupState::kFailed);
  device.folder.write("resolv.conf", "nameserver fe80::1\nnameserver 127.0.0.1\n");
  CHECK(device.look_up("a.example").state == LookupState::kFound);
}

TEST_CASE("a name server is reached by IPv6, too") {
  if (!has_ipv6()) return;
  DnsServer server(answer_right, "::1");
  const Device device(server.port(), "nameserver ::1\n");
  CHECK(device.look_up("a.example").state == LookupState::kFound);
}

TEST_CASE("names that need no name server get none") {
  DnsServer server(answer_right);
  const Device device(server.port(), "nameserver 127.0.0.1\n", "192.0.2.66 localhost\n");
  for (const char* name : {"localhost", "a.LocalHost", "localhost."}) {
    const Found found = device.look_up(name);
    CHECK(found.state == LookupState::kFound);
    CHECK(found.addresses.size() == 2);
    CHECK(std::count(found.addresses.begin(), found.addresses.end(), "127.0.0.1") == 1);
    CHECK(std::count(found.addresses.begin(), found.addresses.end(), "::1") == 1);
    CHECK((found.addresses[0] == "::1") == has_ipv6());
  }
  CHECK(device.look_up("2001:db8::1").addresses == Texts{"2001:db8::1"});
  const std::string impossible[] = {
      "",          std::string(256, 'a'), std::string("local\0host", 10),
      "a..b.test", std::string(64, 'a'),  "x.onion",
      "x.invalid"};
  for (const std::string& name : impossible) {
    INFO(name);
    CHECK(device.look_up(name).state == LookupState::kNotFound);
  }
  CHECK(server.queries().empty());
}

TEST_CASE("without randomness nothing is asked") {
  DnsServer server(answer_right);
  const Folder folder;
  folder.write("resolv.conf", "nameserver 127.0.0.1\n");
  PosixClock clock;
  NoRandom random;
  const std::string resolv_conf = folder.path("resolv.conf");
  PosixResolver resolver(clock, random, {resolv_conf.c_str(), "/nonexistent", server.port()});
  const std::size_t before = open_files();
  const LookupId lookup = resolver.start("a.example");
  REQUIRE(lookup != kNoLookup);
  std::array<IpAddress, 1> into;
  CHECK(resolver.poll(lookup, into).state == LookupState::kFailed);
  CHECK(open_files() == before);
  resolver.release(lookup);
}

TEST_CASE("a full resolver says so, and places and sockets come back") {
  DnsServer server(say_nothing);
  const Device device(server.port());
  const std::size_t before = open_files();
  std::vector<LookupId> held;
  for (std::size_t i = 0; i < PosixResolver::kMaxLookups; ++i) {
    held.push_back(device.resolver->start("a.example"));
    REQUIRE(held.back() != kNoLookup);
  }
  CHECK(open_files() == before + held.size());
  CHECK(device.resolver->start("a.example") == kNoLookup);
  CHECK(device.resolver->start("192.0.2.1") == kNoLookup);
  device.resolver->release(held.back());
  CHECK(device.resolver->start("192.0.2.2") == held.back());
  for (const LookupId lookup : held) device.resolver->release(lookup);
  CHECK(open_files() == before);
  // A second release, or an id from nowhere, does nothing.
  for (const LookupId wrong : {held.front(), kNoLookup, LookupId{1000}}) {
    device.resolver->release(wrong);
    std::array<IpAddress, 1> into;
    CHECK(device.resolver->poll(wrong, into).state == LookupState::kFailed);
  }
}

TEST_CASE("one seed is looked up at a time, besides everything else") {
  DnsServer server(answer_right);
  const Device device(server.port());
  std::vector<LookupId> held;
  for (std::size_t i = 0; i < PosixResolver::kMaxLookups; ++i) {
    held.push_back(device.resolver->start("a.example"));
  }
  const LookupId seed = device.resolver->start_seed("a.example");
  REQUIRE(seed != kNoLookup);
  CHECK(device.resolver->start_seed("b.example") == kNoLookup);
  CHECK(device.resolver->start("b.example") == kNoLookup);
  CHECK(device.finish(seed).addresses == Texts{"192.0.2.1"});
  CHECK(device.finish(device.resolver->start_seed("b.example")).addresses == Texts{"192.0.2.1"});
  for (const LookupId lookup : held) CHECK(device.finish(lookup).addresses == Texts{"192.0.2.1"});
}

TEST_CASE("many lookups run at the same time") {
  DnsServer server([](const DnsQuery& query) -> Datagrams {
    return {{right(query).bytes(), 100ms}};
  });
  const Device device(server.port());
  const Instant start = monotonic_now();
  std::vector<LookupId> lookups;
  for (std::size_t i = 0; i < PosixResolver::kMaxLookups; ++i) {
    lookups.push_back(device.resolver->start("n" + std::to_string(i) + ".example"));
  }
  for (const LookupId lookup : lookups) {
    CHECK(device.finish(lookup).addresses == Texts{"192.0.2.1"});
  }
  CHECK(monotonic_now() - start < 2 * kSecond);
}

TEST_CASE("a resolver ends with lookups under way") {
  DnsServer server(say_nothing);
  const std::size_t before = open_files();
  {
    const Device device(server.port());
    for (int i = 0; i < 5; ++i) CHECK(device.resolver->start("a.example") != kNoLookup);
  }
  CHECK(open_files() == before);
}

TEST_CASE("without a socket to spare a lookup is for later") {
  DnsServer server(answer_right);
  const Device device(server.port());
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const int lowest = ::dup(0);
  rlimit tight = before;
  std::vector<int> hoard{lowest};
  tight.rlim_cur = static_cast<rlim_t>(lowest) + 3;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &tight) == 0);
  for (int fd = ::dup(0); fd >= 0; fd = ::dup(0)) hoard.push_back(fd);
  const LookupId none = device.resolver->start("a.example");
  for (const int fd : hoard) ::close(fd);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(none == kNoLookup);
  CHECK(device.look_up("a.example").state == LookupState::kFound);
}

}  // namespace
}  // namespace observatory::posix
