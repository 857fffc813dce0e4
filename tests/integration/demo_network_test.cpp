// SPDX-License-Identifier: MIT
// The whole demo network, visited by the real probe over real sockets and real TLS: what was
// recorded of each server is compared with what there was to find.
#include <algorithm>
#include <ctime>
#include <map>
#include <memory>
#include <set>

#include "tests/catch2.h"
#include "tests/integration/demo_process.h"

namespace observatory::integration {
namespace {

// Half of it is what the reply to server.version may take; the slowest server takes 3.2 s.
// An emulator needs as long for one handshake as a device for many.
std::string timeout() { return is_emulated() ? "20" : "10"; }
std::string many_slots() { return is_emulated() ? "3" : "16"; }

// What the probe asks for in place of the method of the truth file.
constexpr std::string_view kAskedMethod = "mempool.get_info";
constexpr std::string_view kTruthMethod = "observatory.unknown";

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
    text.replace(at, what.size(), by);
  }
  return text;
}

// "0011.." as "..1100", byte by byte.
std::string reversed_hex(const std::string& hex) {
  std::string text;
  for (std::size_t i = hex.size(); i >= 2; i -= 2) text += hex.substr(i - 2, 2);
  return text;
}

std::string hex_number(const std::string& hex) {
  return std::to_string(std::stoul(hex, nullptr, 16));
}

// Where the two disagree, as sentences.
class Comparison {
 public:
  Comparison(const Json& truth, const Json& record, const Json& run)
      : truth_(truth), record_(record), run_(run) {}

  std::string differences() {
    const std::string outcome = expected_outcome();
    same("outcome", outcome);
    if (has(truth_, "certificate.leaf_sha256")) compare_certificate();
    if (outcome == "ok") compare_session();
    if (outcome == "rate_limited") same("wire.limit.code", "-101");
    if (outcome == "tls_alert") same("tls.alert", "40");
    return differences_;
  }

 private:
  std::string name() const { return text_of(truth_, "name"); }

  void same(std::string_view path, const std::string& expected) {
    const std::string found = text_of(record_, path);
    if (found == expected) return;
    differences_ += name() + " " + text_of(truth_, "transport") + ": " + std::string(path) +
                    " is " + found + " and should be " + expected + "\n";
  }
  void same_as_truth(std::string_view path, std::string_view in_truth) {
    same(path, text_of(truth_, in_truth));
  }

  std::string expected_outcome() const {
    const bool too_new = name() == "tls-1.3-only" && text_of(run_, "tls_newest") != "TLSv1.3";
    return too_new ? "tls_no_version" : text_of(truth_, "outcome");
  }

  // mbedTLS 3.6.6 fails at RSA servers that speak TLS 1.2 only and choose the signature as OpenSSL
  // does by its own order (Mbed-TLS issue 10668): it takes a second connection.
  bool fell_back() const {
    return name() == "tls-1.2-only" && text_of(run_, "tls_engine") == "mbedTLS 3.6.6";
  }

  void compare_certificate() {
    // A server that speaks TLS on a plain port shows no certificate to who speaks plainly.
    if (text_of(truth_, "transport") != "tls" || expected_outcome() == "tls_no_version") return;
    same_as_truth("tls.leaf.sha256", "certificate.leaf_sha256");
    same_as_truth("tls.leaf.spki_sha256", "certificate.spki_sha256");
    same_as_truth("tls.leaf.name_matches", "certificate.names_host");
    same_as_truth("tls.leaf.trusted", "certificate.trusted");
    const Json* const chain = find(record_, "tls.chain");
    const std::size_t length = chain == nullptr ? 0 : chain->size();
    if (std::to_string(length) != text_of(truth_, "certificate.chain_length")) {
      differences_ += name() + ": the chain has " + std::to_string(length) + " certificates\n";
    } else if (to_text(chain->items()[0]) != text_of(truth_, "certificate.leaf_sha256")) {
      differences_ += name() + ": the chain does not begin with the leaf\n";
    }
    const bool expired =
        std::atoll(text_of(record_, "tls.leaf.not_after").c_str()) < std::time(nullptr);
    if ((expired ? "true" : "false") != text_of(truth_, "certificate.expired")) {
      differences_ += name() + ": the end of validity is wrong\n";
    }
    const bool old = name() == "tls-1.2-only" || text_of(run_, "tls_newest") == "TLSv1.2";
    same("tls.version", old ? "TLSv1.2" : "TLSv1.3");
  }

  void compare_session() {
    same_as_truth("electrum.software", "claims");
    same_as_truth("electrum.protocol", "protocol");
    same_as_truth("wire.order", "wire.order");
    same_as_truth("wire.spaced", "wire.spaced");
    same_as_truth("wire.eol", "wire.eol");
    const bool list = text_of(truth_, "takes_version_list") == "true";
    same("connections", list && !fell_back() ? "absent" : "2");
    same("tls.fallback", fell_back() ? "true" : "absent");
    if (has(record_, "wire.version_error") == list) {
      differences_ += name() + ": the list of versions was not taken as it should\n";
    }
    if (name() == "dribbles") return;  // no time for more

    for (const std::string habit : {"padded", "echo_float", "echo_big", "echo_text", "tip_order"}) {
      same_as_truth("wire." + habit, "wire." + habit);
    }
    same_as_truth("electrum.tip.height", "tip_height");
    const std::string header = text_of(truth_, "tip_hex");
    same("electrum.tip.previous", reversed_hex(header.substr(8, 64)));
    same("electrum.tip.time", hex_number(reversed_hex(header.substr(136, 8))));
    same_as_truth("electrum.donation", "donation");
    same_as_truth("electrum.peers.count", "peers");
    const bool banner = name() != "huge-banner";
    same("wire.oversize", banner ? "absent" : "1");
    same("electrum.banner.bytes", banner ? text_of(truth_, "banner_bytes") : "absent");
    same("electrum.banner.sha256", banner ? text_of(truth_, "banner_sha256") : "absent");
    const bool features = text_of(truth_, "has_features") == "true";
    same("electrum.features.genesis_hash", features ? text_of(truth_, "genesis_hash") : "absent");
    compare_unknown_method();
  }

  void compare_unknown_method() {
    const std::string kind = text_of(truth_, "wire.unknown_method.kind");
    const bool known = text_of(truth_, "has_mempool_info") == "true";
    const bool error = !known && kind == "error";
    const std::string code = text_of(truth_, "wire.unknown_method.code");
    same("wire.unknown_method.code", error && code != "null" ? code : "absent");
    same("wire.unknown_method.message",
         error
             ? replaced(text_of(truth_, "wire.unknown_method.message"), kTruthMethod, kAskedMethod)
             : "absent");
    same("wire.hangup", !known && kind == "hang_up" ? "2" : "absent");

    same("wire.mempool_order", known ? text_of(truth_, "wire.mempool_order") : "absent");
    const bool features = text_of(truth_, "has_features") == "true";
    const bool any_error = error || (!features && kind == "error");
    const std::string members = text_of(truth_, "wire.error_members");
    same("wire.error_order", any_error ? text_of(truth_, "wire.error_order") : "absent");
    same("wire.error_members", any_error && members != "null" ? members : "absent");

    const bool all_answered =
        (known || error) && (features || any_error) && name() != "huge-banner";
    compare_bytes(all_answered);
  }

  // The bytes of each reply that came, and the pings behind them.
  void compare_bytes(bool all_answered) {
    const std::string arrival = text_of(record_, "wire.arrival");
    const auto replies =
        static_cast<std::size_t>(std::count(arrival.begin(), arrival.end(), ',')) + 1;
    const bool padded = text_of(truth_, "wire.padded") == "true";
    same_size("wire.heads", replies);
    same_size("wire.tails", replies);
    same_size("wire.lengths", replies);
    same_size("wire.padding", padded ? replies : 0);
    std::size_t sum = 0;
    for (std::size_t i = 0; i < replies && differences_.empty(); ++i) {
      const std::size_t length = std::stoul(to_text(find(record_, "wire.lengths")->items()[i]));
      const std::size_t head = to_text(find(record_, "wire.heads")->items()[i]).size() / 2;
      const std::size_t tail = to_text(find(record_, "wire.tails")->items()[i]).size() / 2;
      if (head != std::min<std::size_t>(length, 96) ||
          tail != std::min<std::size_t>(length - head, 16)) {
        differences_ += name() + ": a reply of " + std::to_string(length) +
                        " bytes has a head of " + std::to_string(head) + " and a tail of " +
                        std::to_string(tail) + "\n";
      }
      sum += length;
    }
    // ElectrumX fills what it sends at once up to a power of two of at least 1,024 bytes.
    if (padded && sum % 1024 != 0) {
      differences_ += name() + ": its replies have " + std::to_string(sum) + " bytes\n";
    }
    if (!is_emulated()) same_size("us.pings", !all_answered ? 0 : padded ? 2 : 5);
  }

  void same_size(std::string_view path, std::size_t expected) {
    const Json* const list = find(record_, path);
    const std::size_t size = list == nullptr ? 0 : list->size();
    if (size == expected) return;
    differences_ += name() + ": " + std::string(path) + " has " + std::to_string(size) +
                    " items and should have " + std::to_string(expected) + "\n";
  }

  const Json& truth_;
  const Json& record_;
  const Json& run_;
  std::string differences_;
};

// A record without what differs from run to run by its nature: times, the run itself, and of TLS
// the length of a signature's record and the name of a ticket key that is new for each connection.
std::string facts_of(const Json& record) {
  Json facts = record;
  for (const char* varies : {"us", "tcp", "t", "seq", "run", "tls.records",
                             "tls.session_ticket.key_name", "tls.session_ticket.lengths"}) {
    facts = without(facts, varies);
  }
  return to_text(facts);
}

// Servers that take a visit's whole time; one after the other they would take a minute.
bool is_slow(const Json& truth) {
  const std::string name = text_of(truth, "name");
  return name == "dribbles" || name == "silent" || name == "full-backlog";
}

std::string list_of(const std::vector<Json>& truths) {
  std::string list;
  for (const Json& truth : truths) {
    list += text_of(truth, "address") + (text_of(truth, "transport") == "tls" ? " s" : " t") +
            text_of(truth, "port") + "\n";
  }
  return list;
}

struct Run {
  std::string name;
  std::vector<Json> truths;  // of what is visited
  std::unique_ptr<Process> process;
  std::string path;
};

}  // namespace

TEST_CASE(
    "each server of the demo network is recorded as it is, in both formats, alone and among "
    "others") {
  const DemoProcess network;
  const std::vector<Json> all = network.truth();
  std::vector<Json> quick = all;
  std::erase_if(quick, is_slow);
  REQUIRE(quick.size() > 80);

  const TempFolder folder;
  const std::string quick_list = folder.write("quick", list_of(quick));
  std::vector<Run> runs;
  for (const std::string format : {"jsonl", "cbor"}) {
    for (const std::string& slots : {many_slots(), std::string("1")}) {
      const std::string name = format + ", slots " + slots;
      const std::string path = folder.path(name);
      const std::string list = slots == "1" ? quick_list : network.list_path();
      Words command = probe_command();
      command.insert(command.end(),
                     {"-f", list, "--format", format, "--slots", slots, "--timeout", timeout(),
                      "--ca-file", network.ca_path(), "--vantage", "test", "-o", path});
      runs.push_back({name, slots == "1" ? quick : all, std::make_unique<Process>(command), path});
      // Several at a time leave an emulator no time for any.
      if (is_emulated()) REQUIRE(runs.back().process->wait(Seconds(200)) == 0);
    }
  }

  std::map<std::string, std::string> first_facts;
  std::map<std::string, std::set<std::string>> key_names;  // by implementation and server
  for (Run& run : runs) {
    CAPTURE(run.name);
    REQUIRE(run.process->wait(Seconds(200)) == 0);
    CHECK(run.process->err().empty());
    std::string text = content_of(run.path);
    if (run.name.starts_with("cbor")) {
      const Result decoded = integration::run({OBSERVATORY_BINARY, "decode", run.path});
      REQUIRE(decoded.status == 0);
      CHECK(text.size() < decoded.out.size());
      text = decoded.out;
    }
    const Log log = read_log(text);
    CHECK(text_of(log.run, "vantage") == "test");
    const std::map<std::string, Json> records = by_endpoint(log);
    CHECK(records.size() == run.truths.size());
    CHECK(text_of(log.end, "observations") == std::to_string(run.truths.size()));

    std::size_t reached = 0;
    std::string differences;
    std::map<std::string, std::string> facts;
    for (const Json& truth : run.truths) {
      const auto found = records.find(endpoint_of(truth));
      REQUIRE(found != records.end());
      differences += Comparison(truth, found->second, log.run).differences();
      reached += text_of(found->second, "outcome") == "ok" ? 1 : 0;
      facts[endpoint_of(truth)] = facts_of(found->second);
      const std::string key_name = text_of(found->second, "tls.session_ticket.key_name");
      if (key_name != "absent" && has(truth, "implementation")) {
        key_names[text_of(truth, "implementation") + " " + text_of(truth, "name")].insert(key_name);
      }
    }
    CHECK(differences == "");
    CHECK(text_of(log.end, "reached") == std::to_string(reached));

    if (first_facts.empty()) first_facts = facts;
    for (const auto& [endpoint, fact] : facts) CHECK(fact == first_facts[endpoint]);
  }
  // Fulcrum seals its tickets with a new key on each connection; everybody else keeps theirs.
  CHECK(key_names.size() > 20);
  for (const auto& [name, seen] : key_names) {
    CAPTURE(name, seen.size());
    CHECK((seen.size() > 1) == name.starts_with("fulcrum"));
  }
}

}  // namespace observatory::integration
