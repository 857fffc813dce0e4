// SPDX-License-Identifier: MIT
// What the static probe takes of a machine: resident memory, for one slot, for each further one and
// for each further endpoint; stack. The budgets are those of a router with 64 MB.
//
// The cases need the static binary of this machine's processor, which sh toolchains/build.sh
// static-x86_64 makes and OBSERVATORY_PROBE names; of any other they say that they are skipped.
// The hidden case [measure] prints what was measured.
#include <fcntl.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>

#include "tests/catch2.h"
#include "tests/integration/demo_process.h"
#include "tests/integration/openssl_peer.h"
#include "tests/integration/traced_process.h"

namespace observatory::integration {
namespace {

constexpr long kKilobyte = 1024;

// Resident memory of a run with one slot, binary and stack included: the demo network, and servers
// that send all they may. The goal was 500,000, for half the program (toolchains/README.md).
constexpr long kOneSlot = 550'000;
constexpr long kOneGreedySlot = 630'000;
constexpr long kFurtherSlot = 128 * kKilobyte;
constexpr long kStack = 24 * kKilobyte;

// Linux starts a stack up to 8 KiB below its end, at random (arch/x86/kernel/process.c,
// arch_align_stack()). Traced programs have no such luck, good or bad: they get what is left in the
// worst case.
constexpr long kStackLeft = kStack - 8 * kKilobyte;

constexpr std::array<int, 4> kSlots = {1, 4, 16, 32};

// Long enough for every server of the demo network that answers at all.
constexpr const char* kTimeout = "3";

bool skipped() {
  const Words command = probe_command();
  if (command.size() == 1 && is_static(command.front())) return false;
  WARN("skipped: " << command.back() << " is no static binary of this processor");
  return true;
}

Traced scan(const Words& arguments, int slots, const std::string& input = "") {
  Words words = probe_command();
  words.insert(words.end(), {"--timeout", kTimeout, "--slots", std::to_string(slots)});
  words.insert(words.end(), arguments.begin(), arguments.end());
  return trace(words, {kStackLeft, input});
}

// The endpoints of the list that speak TLS, as a list.
std::string tls_endpoints(const DemoProcess& network) {
  std::string text;
  for (const Json& endpoint : network.truth()) {
    if (text_of(endpoint, "transport") != "tls") continue;
    text += text_of(endpoint, "address") + " s" + text_of(endpoint, "port") + "\n";
  }
  return text;
}

// Addresses where nobody listens.
std::string nobody(int endpoints) {
  constexpr int kPorts = 50;
  std::string text;
  for (int i = 0; i < endpoints; ++i) {
    const int server = i / kPorts;
    text += "127.127." + std::to_string(server / 200) + "." + std::to_string(1 + server % 200) +
            " t" + std::to_string(1 + i % kPorts) + "\n";
  }
  return text;
}

long lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

// That the run did its work, and got no memory on its way.
void check_run(const Traced& traced, long endpoints) {
  INFO(traced.err);
  REQUIRE(traced.status == 0);
  CHECK(traced.connected);
  CHECK(traced.late_memory.empty());
  CHECK(static_cast<long>(read_log(traced.out).observations.size()) == endpoints);
}

// Peaks by number of slots.
std::map<int, Traced> scan_with_slots(const Words& arguments, long endpoints) {
  std::map<int, Traced> runs;
  for (const int slots : kSlots) {
    runs[slots] = scan(arguments, slots);
    check_run(runs[slots], endpoints);
  }
  return runs;
}

std::map<int, Traced> scan_demo_network() {
  const DemoProcess network;
  const TempFolder folder;
  const std::string list = tls_endpoints(network);
  return scan_with_slots({"--ca-file", network.ca_path(), "-f", folder.write("list", list)},
                         lines(list));
}

// What a line of `--memory` says, in bytes.
long told(const std::string& figure, int slots) {
  Words words = probe_command();
  words.insert(words.end(), {"--memory", "--slots", std::to_string(slots)});
  std::istringstream page(run(words).out);
  for (std::string line; std::getline(page, line);) {
    std::istringstream columns(line);
    std::string name;
    long bytes = 0;
    if (columns >> name >> bytes && name == figure) return bytes;
  }
  FAIL("--memory does not tell of `" << figure << "`");
  return 0;
}

// Certificates of all kinds, and a chain that is judged against `root`.
class Certificates final : public test::CertificateFolder {
 public:
  Certificates() {
    self_signed("p256", "ec -pkeyopt ec_paramgen_curve:P-256");
    self_signed("p384", "ec -pkeyopt ec_paramgen_curve:P-384");
    self_signed("p521", "ec -pkeyopt ec_paramgen_curve:P-521");
    self_signed("rsa2048", "rsa:2048");
    self_signed("root", "rsa:4096");
    issued("inter", "rsa:4096", "root", true);
    issued("leaf", "rsa:2048", "inter", false);
    run("(cat inter.pem root.pem >chain.pem)");
  }
};

// Two lines: an answer to server.version, and a list of peers that fills a line buffer of 64 KiB
// and, with as many entries as are kept, the pool.
std::string greedy_replies() {
  const std::string peer = R"(["203.0.113.255",")" + std::string(60, 'h') +
                           R"(.example.org",["v1.4.2","s50002","t50001"]])";
  const std::string start = R"({"jsonrpc":"2.0","id":6,"result":[)";
  constexpr std::size_t kLine = 65500;
  std::string line = start + peer;
  while (line.size() + peer.size() + 3 < kLine) line += "," + peer;
  return R"({"jsonrpc":"2.0","id":1,"result":["Greedy","1.4"]})"
         "\n" +
         line + std::string(kLine - line.size() - 2, ' ') + "]}\n";
}

constexpr const char* kGreedyPort = "51773";
constexpr const char* kGreedyPortHex = ":CA3D";

// An `openssl s_server` that says `file` to its first client and ends.
class GreedyServer {
 public:
  GreedyServer(const test::CertificateFolder& certificates, const std::string& address,
               const std::string& file)
      : input_(::open(file.c_str(), O_RDONLY | O_CLOEXEC)),
        process_({"openssl", "s_server", "-quiet", "-naccept", "1", "-accept",
                  address + ":" + kGreedyPort, "-cert", certificates.path("leaf.pem"), "-key",
                  certificates.path("leaf.key"), "-cert_chain", certificates.path("chain.pem")},
                 {input_.number(), Streams::kDefault, Streams::kDefault}) {}

 private:
  Descriptor input_;
  Process process_;
};

// Sockets that listen on kGreedyPort: trying would take the server's only connection. In
// /proc/net/tcp a line has number, local address, remote address and state, which is 0A.
int listening() {
  std::ifstream sockets("/proc/net/tcp");
  int count = 0;
  for (std::string line; std::getline(sockets, line);) {
    std::istringstream columns(line);
    std::string number;
    std::string local;
    std::string remote;
    std::string state;
    columns >> number >> local >> remote >> state;
    if (state == "0A" && local.ends_with(kGreedyPortHex)) ++count;
  }
  return count;
}

// One visit by each slot to a server that sends all it may.
Traced scan_greedy(const Certificates& certificates, int slots) {
  const TempFolder folder;
  const std::string replies = folder.write("replies", greedy_replies());
  std::vector<std::unique_ptr<GreedyServer>> servers;
  std::string list;
  for (int i = 0; i < slots; ++i) {
    const std::string address = own_network() + std::to_string(150 + i);
    servers.push_back(std::make_unique<GreedyServer>(certificates, address, replies));
    list += address + " s" + kGreedyPort + "\n";
  }
  REQUIRE(eventually([&] { return listening() == slots; }));
  Traced traced =
      scan({"--ca-file", certificates.path("root.pem"), "-f", folder.write("list", list)}, slots);
  check_run(traced, slots);
  for (const Json& record : read_log(traced.out).observations) {
    INFO(to_text(record));
    CHECK(text_of(record, "outcome") == "ok");
    CHECK(text_of(record, "tls.leaf.trusted") == "true");
    CHECK(has(record, "truncated"));
  }
  return traced;
}

void print(const std::string& title, const std::map<int, Traced>& runs) {
  std::printf("\n%s\n%-32s %9s %9s %14s %9s\n", title.c_str(), "", "resident", "PSS",
              "private dirty", "VmHWM");
  const long first = runs.at(1).sum.resident;
  for (const auto& [slots, traced] : runs) {
    std::printf("%d slot%s\n", slots, slots == 1 ? "" : "s");
    std::vector<Footprint> rows = traced.mappings;
    rows.push_back(traced.sum);
    for (const Footprint& row : rows) {
      if (row.resident == 0) continue;
      std::printf("  %-30s %9ld %9ld %14ld", row.name.c_str(), row.resident, row.proportional,
                  row.private_dirty);
      if (row.name == "sum") std::printf(" %9ld", traced.kernel_peak);
      std::printf("\n");
    }
    if (slots > 1) {
      std::printf("  %-30s %9ld\n", "each further slot",
                  (traced.sum.resident - first) / (slots - 1));
    }
  }
}

}  // namespace

TEST_CASE("a scan over TLS stays within its memory, and every further slot within its share") {
  if (skipped()) return;
  const std::map<int, Traced> runs = scan_demo_network();
  const long first = runs.at(1).sum.resident;
  CHECK(first <= kOneSlot);
  for (const auto& [slots, traced] : runs) {
    INFO(slots << " slots");
    CHECK(traced.sum.resident <= first + (slots - 1) * kFurtherSlot);
  }
}

TEST_CASE("ten thousand endpoints take no byte more than ten") {
  if (skipped()) return;
  const DemoProcess network("fulcrum-2.1.1,electrumx-2.0.0,shared-key-1,many-peers");
  const TempFolder folder;
  const std::string servers = tls_endpoints(network);
  REQUIRE(lines(servers) == 4);
  const std::string few = servers + nobody(6);
  const std::string many = servers + nobody(9996);
  for (const int slots : {1, 4}) {
    INFO(slots << " slots");
    const Words options = {"--ca-file", network.ca_path(), "-f"};
    const auto listed = [&](const std::string& list) {
      Words words = options;
      words.push_back(folder.write("list", list));
      return scan(words, slots);
    };
    const Traced ten = listed(few);
    const Traced thousands = listed(many);
    check_run(ten, 10);
    check_run(thousands, 10000);
    CHECK(thousands.sum.resident == ten.sum.resident);
    CHECK(thousands.sum.private_dirty == ten.sum.private_dirty);

    Words by_input = options;
    by_input.push_back("-");
    const Traced streamed = scan(by_input, slots, folder.write("list", many));
    check_run(streamed, 10000);
    CHECK(streamed.sum.resident <= ten.sum.resident);
  }
}

TEST_CASE("24 KB of stack are enough for a handshake with every kind of certificate") {
  if (skipped() || test::no_openssl()) return;
  const Certificates files;
  std::vector<std::unique_ptr<test::Server>> servers;
  std::string list;
  for (const char* version : {"-tls1_2", "-tls1_3"}) {
    for (const std::string name : {"p256", "p384", "p521", "rsa2048", "root", "leaf"}) {
      test::Words options = {version};
      if (name == "leaf") options.insert(options.end(), {"-cert_chain", files.path("chain.pem")});
      servers.push_back(std::make_unique<test::Server>(files, name, options));
      list += "127.0.0.1 s" + std::to_string(servers.back()->port()) + "\n";
    }
  }
  const TempFolder folder;
  const Traced traced =
      scan({"--ca-file", files.path("root.pem"), "-f", folder.write("list", list)}, 4);
  check_run(traced, static_cast<long>(servers.size()));
  const Log log = read_log(traced.out);
  const bool speaks_new = text_of(log.run, "tls_newest") == "TLSv1.3";
  std::map<std::string, int> keys;
  for (const Json& record : log.observations) {
    if (!speaks_new && text_of(record, "outcome") == "tls_no_version") continue;
    INFO(to_text(record));
    CHECK(has(record, "tls.leaf.trusted"));
    ++keys[text_of(record, "tls.leaf.key")];
  }
  const int each = speaks_new ? 2 : 1;
  CHECK(keys == std::map<std::string, int>{{"ec-p256", each},
                                           {"ec-p384", each},
                                           {"ec-p521", each},
                                           {"rsa-2048", 2 * each},
                                           {"rsa-4096", each}});
}

TEST_CASE("a stack that is too small is noticed") {
  if (skipped()) return;
  const DemoProcess network("fulcrum-2.1.1");
  Words words = probe_command();
  words.push_back(own_network() + "6:50002:s");
  CHECK(trace(words, {4 * kKilobyte, ""}).status == 128 + SIGSEGV);
}

TEST_CASE("servers that send all they may take no more than --memory tells") {
  if (skipped() || test::no_openssl()) return;
  const Certificates files;
  const Traced one = scan_greedy(files, 1);
  const Traced four = scan_greedy(files, 4);
  const long page = 4 * kKilobyte;
  CHECK(one.sum.resident <= kOneGreedySlot);
  CHECK(four.sum.resident - one.sum.resident <= 3 * told("slot", 4) + page);
}

TEST_CASE("what the probe takes is measured", "[.][measure]") {
  if (skipped()) return;
  print("The demo network over TLS", scan_demo_network());
  if (test::no_openssl()) return;
  const Certificates files;
  std::map<int, Traced> greedy;
  for (const int slots : {1, 4, 16}) greedy[slots] = scan_greedy(files, slots);
  print("Servers that send all they may", greedy);
}

}  // namespace observatory::integration
