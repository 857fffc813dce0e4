// SPDX-License-Identifier: MIT
// The probe on devices and kernels that lack something: it says what, or works on.
#include <signal.h>
#include <sys/socket.h>

#include <array>
#include <cstdlib>
#include <regex>

#include "tests/catch2.h"
#include "tests/integration/demo_process.h"

namespace observatory::integration {
namespace {

// A server that answers at once, and its number in the demo network.
constexpr const char* kServer = "electrs-0.10.9";
std::string server() { return own_network() + "9"; }
std::string nobody() { return own_network() + "1"; }

Words operator+(Words left, const Words& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

Words probe(const Words& arguments) { return probe_command() + arguments; }

// Whether the probe is not the one that was built with the tests.
bool is_another() { return std::getenv("OBSERVATORY_PROBE") != nullptr; }

// The command after what a shell does first.
Words after(const std::string& setup, const Words& command) {
  return Words{"/bin/sh", "-c", "set -e; " + setup + "; exec \"$@\"", "sh"} + command;
}

// The command on a kernel without the one or other thing; see without.cpp.
Words without(const Words& what, const Words& command) {
  return Words{WITHOUT_BINARY} + what + Words{"--"} + command;
}

// What gives a command mounts, and a network without any device, of its own; empty where nothing
// does.
Words own_mounts() {
  for (const Words& words : {Words{"unshare", "-m"}, Words{"unshare", "-r", "-m"}}) {
    if (run(words + Words{"true"}).status == 0) return words;
  }
  return {};
}

bool cannot_filter() {
  if (run(without({"ipv6"}, {"true"})).status == 0) return false;
  WARN("skipped: this kernel has no seccomp filters");
  return true;
}

bool cannot_mount() {
  if (!own_mounts().empty()) return false;
  WARN("skipped: needs root or user namespaces, and unshare(1)");
  return true;
}

// That the probe came to a good end, and all that it wrote.
Log completed(const Words& command) {
  const Result result = run(command);
  INFO(result.err);
  CHECK(result.status == 0);
  return read_log(result.out);
}

// That the probe did nothing but tell this.
void tells(const Words& command, const std::string& sentence) {
  const Result result = run(command);
  CHECK(result.status == 1);
  CHECK(result.out.empty());
  CHECK(result.err == "electrum-probe: " + sentence + "\n");
}

std::string outcome(const std::map<std::string, Json>& observations, const std::string& endpoint) {
  const auto found = observations.find(endpoint);
  return found == observations.end() ? "not visited" : text_of(found->second, "outcome");
}

}  // namespace

TEST_CASE("a kernel without IPv6 cannot reach it, and all else is visited") {
  if (cannot_filter()) return;
  const DemoProcess network(kServer);
  const Log log = completed(
      without({"ipv6"}, probe({"[::1]:50001:t", "[2001:db8::1]:50002:s", server() + ":50001:t",
                               server() + ":50002:s", "localhost:1:t"})));
  const std::map<std::string, Json> seen = by_endpoint(log);
  CHECK(outcome(seen, "::1:50001:tcp") == "unreachable");
  CHECK(outcome(seen, "2001:db8::1:50002:tls") == "unreachable");
  CHECK(outcome(seen, server() + ":50001:tcp") == "ok");
  CHECK(outcome(seen, server() + ":50002:tls") == "ok");
  CHECK(outcome(seen, "localhost:1:tcp") == "refused");  // by 127.0.0.1
}

TEST_CASE("a kernel without getrandom() has /dev/urandom") {
  if (cannot_filter()) return;
  const DemoProcess network(kServer);
  const Log log = completed(without({"getrandom"}, probe({server() + ":50002:s"})));
  REQUIRE(log.observations.size() == 1);
  CHECK(text_of(log.observations[0], "outcome") == "ok");
  CHECK(text_of(log.observations[0], "tls.version").starts_with("TLSv1."));
}

TEST_CASE("without any randomness nothing is begun") {
  if (cannot_filter() || cannot_mount()) return;
  if (is_emulated()) {
    WARN("skipped: the emulator wants randomness itself");
    return;
  }
  tells(own_mounts() + after("mount -t tmpfs none /dev",
                             without({"getrandom"}, probe({nobody() + ":50001:t"}))),
        "no randomness: the kernel has no getrandom(), and /dev/random and /dev/urandom cannot be "
        "read: No such file or directory");
}

TEST_CASE("while a device gathers its first randomness it is told, and a signal ends the run") {
  if (cannot_filter()) return;
  if (is_emulated()) {
    WARN("skipped: the emulator wants randomness itself");
    return;
  }
  Process process(without({"seed"}, probe({nobody() + ":50001:t"})));
  REQUIRE(eventually([&] { return process.ended() || !process.err().empty(); }));
  process.signal(SIGTERM);
  CHECK(process.wait(Seconds(10)) == 1);
  CHECK(process.out().empty());
  CHECK(process.err() ==
        "electrum-probe: the device was started just now and has no randomness yet: waiting for "
        "it\n");
}

TEST_CASE("where the state of the clock may not be asked, its quality is unknown") {
  if (cannot_filter()) return;
  const Log log = completed(without({"clock-status"}, probe({nobody() + ":50001:t"})));
  CHECK(text_of(log.run, "clock") == "unknown");
}

TEST_CASE("a device that believes it is 1970 says so in its records, and sees what others see") {
  const DemoProcess network(std::string(kServer) + ",expired-certificate,certificate-of-another");
  const Words command = probe({"-f", network.list_path(), "--ca-file", network.ca_path()});
  // A sanitizer wants to be loaded first, and works all the same.
  const Log unset = completed(
      Words{"env", "ASAN_OPTIONS=verify_asan_link_order=0", "LD_PRELOAD=" FIRST_OF_1970} + command);
  if (is_another() && text_of(unset.run, "clock") != "unset") {
    WARN("skipped: nothing can be preloaded into this probe");
    return;
  }
  const Log today = completed(command);
  CHECK(text_of(today.run, "clock") != "unset");
  CHECK(text_of(unset.run, "clock") == "unset");
  CHECK(text_of(unset.run, "t") == "41000");
  CHECK(text_of(unset.end, "t") == "41000");
  CHECK(text_of(unset.end, "reached") == "6");
  REQUIRE(unset.observations.size() == 6);
  REQUIRE(today.observations.size() == 6);
  for (std::size_t i = 0; i < 6; ++i) {
    // ECDSA signatures have this length or that, and Fulcrum a new ticket key each time.
    const auto constant = [](const Json& record) {
      Json facts = without(record, "tls.records");
      facts = without(facts, "tls.session_ticket.key_name");
      return without(facts, "tls.session_ticket.lengths");
    };
    const Json before = constant(unset.observations[i]);
    const Json after = constant(today.observations[i]);
    CHECK(text_of(before, "t") == "41000");
    CHECK(endpoint_of(before) == endpoint_of(after));
    for (const char* fact : {"outcome", "seq", "tls", "electrum", "wire"}) {
      CAPTURE(endpoint_of(before), fact);
      CHECK(text_of(before, fact) == text_of(after, fact));
    }
    // Durations come from another clock.
    CHECK(std::stol(text_of(before, "us.connect")) < 60'000'000);
  }
  // Dates are recorded for others to judge: no certificate is from before 1970.
  const std::map<std::string, Json> seen = by_endpoint(unset);
  CHECK(text_of(seen.at(server() + ":50002:tls"), "tls.leaf.trusted") == "true");
  CHECK(text_of(seen.at(own_network() + "31:50002:tls"), "tls.leaf.trusted") == "true");
}

TEST_CASE("without a network every address is unreachable and no name is found") {
  if (cannot_mount()) return;
  const Log log = completed(own_mounts() + Words{"-n"} +
                            probe({"192.0.2.1:50001:t", "127.0.0.1:50001:s", "[2001:db8::1]:1:t",
                                   "electrum.example.org:50001:t", "--slots", "4"}));
  const std::map<std::string, Json> seen = by_endpoint(log);
  CHECK(outcome(seen, "192.0.2.1:50001:tcp") == "unreachable");
  CHECK(outcome(seen, "127.0.0.1:50001:tls") == "unreachable");
  CHECK(outcome(seen, "2001:db8::1:1:tcp") == "unreachable");
  CHECK(outcome(seen, "electrum.example.org:50001:tcp") == "dns_failed");
}

TEST_CASE("without /etc/resolv.conf it is told once that names cannot be looked up") {
  if (cannot_mount()) return;
  const DemoProcess network(kServer);
  // The names under .invalid are never asked for; with an empty /etc there are no hosts either.
  const Result result =
      run(own_mounts() + after("mount -t tmpfs none /etc",
                               probe({"a.invalid:1:t", "b.invalid:1:t", server() + ":50001:t"})));
  CHECK(result.status == 0);
  CHECK(result.err ==
        "electrum-probe: no name can be looked up: /etc/resolv.conf names no server\n");
  const std::map<std::string, Json> seen = by_endpoint(read_log(result.out));
  CHECK(outcome(seen, "a.invalid:1:tcp") == "dns_failed");
  CHECK(outcome(seen, "b.invalid:1:tcp") == "dns_failed");
  CHECK(outcome(seen, server() + ":50001:tcp") == "ok");
}

TEST_CASE("a read-only root refuses a log and leaves the standard output") {
  if (cannot_mount()) return;
  const auto read_only = [](const Words& arguments) {
    return own_mounts() + after("mount -o remount,ro,bind /", probe(arguments));
  };
  // The standard streams of tests lead to files, which were opened before.
  const std::string endpoint = nobody() + ":50001:t";
  const std::string log = "/observatory-environment-test.log";
  if (run(own_mounts() + after("mount -o remount,ro,bind /", {"touch", log})).status == 0) {
    std::filesystem::remove(log);
    WARN("skipped: the root cannot be made read-only");
    return;
  }
  const std::string sentence = "cannot write " + log + ": Read-only file system";
  tells(read_only({endpoint, "-o", log}), sentence);
  tells(read_only({endpoint, "-o", log, "--keep", "1M"}), sentence);
  CHECK(completed(read_only({endpoint})).observations.size() == 1);
}

TEST_CASE("with few file descriptors visits end as exhausted, and why is told") {
  // Standard streams, the waker's pipe, and what is left for four visits at a time.
  bool told = false;
  bool complete = false;
  for (int descriptors = 4; descriptors <= 12; ++descriptors) {
    CAPTURE(descriptors);
    const Result result =
        run(after("ulimit -n " + std::to_string(descriptors),
                  probe({nobody() + ":1:t", own_network() + "2:1:t", own_network() + "3:1:t",
                         own_network() + "4:1:t", "--slots", "4"})));
    if (result.out.empty()) {  // too few to begin with, for its loader or its emulator
      CHECK(result.status != 0);
      CHECK(result.status <= 127);
      CHECK((is_emulated() || !result.err.empty()));  // the emulator says nothing
      continue;
    }
    CHECK(result.status == 0);
    const Log log = read_log(result.out);
    REQUIRE(log.observations.size() == 4);
    complete = true;
    for (const Json& observation : log.observations) {
      const std::string seen = text_of(observation, "outcome");
      CHECK((seen == "refused" || seen == "exhausted"));
      complete = complete && seen == "refused";
    }
    told = told || !complete;
    CHECK(result.err == (complete ? ""
                                  : "electrum-probe: a visit ended as `exhausted`: no file "
                                    "descriptor or memory was left for it; fewer --slots or a "
                                    "higher `ulimit -n` may help\n"));
  }
  CHECK(told);
  CHECK(complete);
}

#if defined(__SANITIZE_ADDRESS__)
TEST_CASE("64 MB of address space") { WARN("skipped: a sanitizer reserves terabytes"); }
#else

Words within_memory(int kilobytes, const Words& command) {
  return after("ulimit -v " + std::to_string(kilobytes), command);
}

bool cannot_limit_memory() {
  if (!is_emulated()) return false;
  WARN("skipped: the emulator takes more than the probe");
  return true;
}

TEST_CASE("64 MB of address space are enough for 32 visits over TLS at a time") {
  if (cannot_limit_memory()) return;
  const DemoProcess network;
  const Result result =
      run(within_memory(65536, probe({"-f", network.list_path(), "--slots", "32", "--timeout", "3",
                                      "--ca-file", network.ca_path()})));
  CHECK(result.status == 0);
  CHECK(result.err.empty());
  const std::map<std::string, Json> seen = by_endpoint(read_log(result.out));
  CHECK(seen.size() == network.truth().size());
  int over_tls = 0;
  for (const auto& [endpoint, observation] : seen) {
    CAPTURE(endpoint);
    CHECK(text_of(observation, "outcome") != "exhausted");
    if (has(observation, "tls.version")) ++over_tls;
  }
  CHECK(over_tls >= 32);
}

TEST_CASE("too little memory is told, however little it is") {
  if (cannot_limit_memory()) return;
  const std::string sentence = "electrum-probe: not enough memory for 32 slots: see --memory\n";
  bool told = false;
  for (int kilobytes = 20000; kilobytes >= 1000; kilobytes -= 1000) {
    CAPTURE(kilobytes);
    const Result result =
        run(within_memory(kilobytes, probe({nobody() + ":50001:t", "--slots", "32"})));
    if (result.status == 0) continue;
    INFO(result.err);
    CHECK(result.out.empty());
    told = told || result.err == sentence;
    if (result.status == 127) continue;            // its loader tells
    if (result.status == 128 + SIGKILL) continue;  // the kernel cannot even load it
    CHECK(result.status == 1);
    CHECK((result.err == sentence ||
           result.err == "electrum-probe: not enough memory: see --memory\n"));
  }
  CHECK(told);
}
#endif

}  // namespace observatory::integration
