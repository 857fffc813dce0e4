// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <numeric>
#include <string>
#include <vector>

#include "core/base/limits.h"
#include "core/probe/electrum_probe.h"
#include "core/record/json_writer.h"
#include "tests/catch2.h"
#include "tests/support/sha256.h"
#include "tests/unit/vectors.h"

using namespace observatory;
using std::string_view_literals::operator""sv;
using vectors::text_of;

namespace {

constexpr Instant kStart{1'000'000'000};
constexpr Micros kVersionTimeout = 7 * kSecond + 500 * kMillisecond;
constexpr std::string_view kSecondWrite =
    "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"server.features\",\"params\":[]}\n"
    "{\"jsonrpc\":\"2.0\",\"id\":8,\"method\":\"mempool.get_info\",\"params\":[]}\n";

struct Ping {
  Instant at;
  std::string text;
};

// A probe with the memory that a slot gives it.
class Conversation {
 public:
  explicit Conversation(VersionForm form = VersionForm::kList) { start(form); }

  void start(VersionForm form, Instant at = kStart) {
    probe.start(at, "observatory/0.1", form, kVersionTimeout);
    send();
  }

  // Sends what the probe wants to send, and gives it.
  std::string send() {
    const std::string sent(as_text(probe.to_send()));
    probe.sent(sent.size());
    return sent;
  }

  // The bytes in pieces, each in memory of exactly its size.
  void hear(std::string_view bytes, std::size_t piece = 100000, Micros after = 0) {
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      const std::string_view part = bytes.substr(at, piece);
      const std::vector<std::uint8_t> exact(part.begin(), part.end());
      probe.receive(kStart + after, exact);
    }
  }
  void close(NetError why = NetError::kClosed) { probe.peer_closed(kStart, why); }

  // Answers each ping after `round_trip`, as soon as it comes; gives the pings and when they came.
  std::vector<Ping> answer_pings(Micros round_trip = kMillisecond) {
    std::vector<Ping> pings;
    while (!probe.done() && pings.size() < 100) {
      const Instant at = probe.deadline();
      probe.expire(at);
      const std::string text = send();
      if (text.empty()) continue;
      pings.push_back({at, text});
      const std::string id = text.substr(22, text.find(',', 22) - 22);
      probe.receive(at + round_trip, as_bytes("{\"id\":" + id + ",\"result\":null}\n"));
    }
    return pings;
  }

  Outcome outcome() const {
    REQUIRE(probe.done());
    return probe.outcome();
  }
  std::string text(FieldId field) const {
    return record.has(field) ? std::string(record.text(field)) : "absent";
  }
  std::string hex(FieldId field) const {
    return record.has(field) ? vectors::hex(as_text(record.bytes(field))) : "absent";
  }
  std::string number(FieldId field) const {
    return record.has(field) ? std::to_string(record.number(field)) : "absent";
  }
  std::string code(FieldId field) const {
    return record.has(field) ? std::to_string(record.signed_number(field)) : "absent";
  }
  std::string donation() const {
    if (!record.has(FieldId::kDonation)) return "absent";
    std::uint64_t number = 0;
    std::string_view text = "no text";
    record.scalar(FieldId::kDonation, number, text);
    return std::string(text);
  }
  std::string json() const {
    return text_of([&](ByteSink& into) { write_json(record, into); });
  }
  bool empty() const { return record.members(FieldId::kRoot) == 0; }

  std::vector<std::uint8_t> pool = std::vector<std::uint8_t>(limits::kRecordPool);
  std::vector<std::uint8_t> line = std::vector<std::uint8_t>(limits::kLine);
  Record record{pool};
  test::Sha256Digest digest;
  ElectrumProbe probe{line, record, digest};
};

std::string reply(std::string_view id, std::string_view result) {
  return R"({"jsonrpc":"2.0","result":)" + std::string(result) + R"(,"id":)" + std::string(id) +
         "}\n";
}

std::string error(std::string_view id, std::string_view error_text) {
  return R"({"jsonrpc":"2.0","error":)" + std::string(error_text) + R"(,"id":)" + std::string(id) +
         "}\n";
}

const std::string kVersion = reply("1", R"(["Fulcrum 2.1.1","1.6"])");
const std::string kDonationId = R"("3\u00e9</&\u007f\u2028")";

// Replies to 2, 3, 4, 5 and 6.
const std::string kOthers = reply("2.0", "{}") + reply(kDonationId, "\"\"") +
                            reply("9007199254740993", "null") + reply("5", "\"\"") +
                            reply("6", "[]");

std::string joined(std::string_view words) { return std::string(words == "-" ? ""sv : words); }

// A recording: what came back to each write, and what it says by other means.
struct Capture {
  explicit Capture(const std::string& file)
      : entries(vectors::read(file)),
        first(vectors::joined(entries, "reply1")),
        second(vectors::joined(entries, "reply2")) {}

  std::string says(std::string_view key) const { return vectors::one(entries, key); }

  vectors::Entries entries;
  std::string first;
  std::string second;
};

void replay(const Capture& capture, std::string_view first, std::size_t piece, Conversation& c) {
  c.hear(first, piece, 20 * kMillisecond);
  CHECK(c.send() == kSecondWrite);
  c.hear(capture.second, piece, 40 * kMillisecond);
  CHECK_FALSE(c.probe.done());
  // Electrum Personal Server never answers the second write.
  if (capture.second.empty()) c.probe.expire(c.probe.deadline());
  if (!capture.second.empty()) c.answer_pings();
  CHECK(c.outcome() == Outcome::kOk);
}

// The JSON without what follows the order of arrival.
std::string without_arrival(std::string json) {
  for (const std::string member : {"arrival", "heads", "tails", "lengths", "padding"}) {
    const std::size_t start = json.find("\"" + member + "\":");
    if (start == std::string::npos && member == "padding") continue;
    REQUIRE(start != std::string::npos);
    const std::size_t end = json.find(member == "arrival" ? "\"," : "],", start);
    json.erase(start, end + 2 - start);
  }
  return json;
}

}  // namespace

TEST_CASE("What real servers sent gives the facts that Python finds in it") {
  const std::vector<std::string> files = vectors::files("captures");
  REQUIRE(files.size() == 11);
  for (const std::string& file : files) {
    CAPTURE(file);
    const Capture capture(file);
    Conversation c(file.find("eps") == std::string::npos ? VersionForm::kList
                                                         : VersionForm::kString);
    replay(capture, capture.first, 100000, c);
    CHECK(c.text(FieldId::kServerSoftware) == capture.says("software"));
    CHECK(c.text(FieldId::kProtocol) == capture.says("protocol"));
    CHECK(c.number(FieldId::kTipHeight) == capture.says("tip_height"));
    CHECK(c.hex(FieldId::kTipHash) == capture.says("tip_hash"));
    CHECK(c.hex(FieldId::kTipPrevious) == capture.says("tip_previous"));
    CHECK(c.number(FieldId::kTipTime) == capture.says("tip_time"));
    CHECK(c.text(FieldId::kWireTipOrder) == capture.says("tip_order"));
    CHECK(c.donation() == capture.says("donation"));
    CHECK(c.hex(FieldId::kBannerSha256) == capture.says("banner_sha256"));
    CHECK(c.number(FieldId::kBannerBytes) == capture.says("banner_bytes"));
    CHECK(c.text(FieldId::kBannerText) == capture.says("banner_text"));
    CHECK(c.number(FieldId::kPeersCount) == capture.says("peers_count"));
    CHECK(c.hex(FieldId::kPeersSha256) == capture.says("peers_sha256"));
    CHECK(c.text(FieldId::kWireOrder) == capture.says("order"));
    CHECK(c.number(FieldId::kWireSpaced) == (capture.says("spaced") == "yes" ? "1" : "0"));
    CHECK(c.number(FieldId::kWireEol) == (capture.says("eol") == "crlf" ? "2" : "1"));
    CHECK(c.number(FieldId::kWirePadded) == (capture.says("padded") == "yes" ? "1" : "0"));
    CHECK(c.text(FieldId::kWireEchoFloat) == capture.says("echo_float"));
    CHECK(c.text(FieldId::kWireEchoBig) == capture.says("echo_big"));
    CHECK(c.text(FieldId::kWireEchoText) == capture.says("echo_text"));
    CHECK(c.text(FieldId::kWireArrival) == capture.says("arrival"));
    CHECK(c.number(FieldId::kUsVersion) == "20000");
    CHECK(c.number(FieldId::kUsReplies) == (capture.second.empty() ? "20000" : "40000"));
    CHECK_FALSE(c.record.has(FieldId::kWireHangup));
    CHECK_FALSE(c.record.has(FieldId::kWireInvalidUtf8));
    CHECK_FALSE(c.record.has(FieldId::kTruncated));

    const auto said = [&](std::string_view key) {
      return vectors::has(capture.entries, key) ? capture.says(key) : "absent";
    };
    CHECK(c.text(FieldId::kFeaturesProtocolMin) == said("features_protocol_min"));
    CHECK(c.text(FieldId::kFeaturesProtocolMax) == said("features_protocol_max"));
    CHECK(c.text(FieldId::kFeaturesGenesis) == said("features_genesis_hash"));
    CHECK(c.text(FieldId::kFeaturesHashFunction) == said("features_hash_function"));
    CHECK(c.text(FieldId::kFeaturesServerVersion) == said("features_server_version"));
    CHECK(c.code(FieldId::kUnknownMethodCode) == said("unknown_code"));
    CHECK(c.text(FieldId::kUnknownMethodMessage) == said("unknown_message"));
    if (!vectors::has(capture.entries, "features_keys")) continue;
    std::string keys;
    Items items = c.record.items(FieldId::kFeaturesKeys);
    for (std::string_view key; items.next(key);)
      keys += (keys.empty() ? "" : ",") + std::string(key);
    CHECK(keys == capture.says("features_keys"));
    std::string hosts;
    items = c.record.items(FieldId::kFeaturesHosts);
    std::string_view host;
    for (HostPorts ports; items.next(host, ports);) hosts += host;
    CHECK(hosts == joined(capture.says("features_hosts")));
  }
}

TEST_CASE("The habits of each implementation are those of the fingerprint notes") {
  struct Habits {
    const char* file;
    const char* order;
    const char* spaced;
    const char* eol;
    const char* padded;
    const char* echo_float;
    const char* tip_order;
  };
  const Habits all[] = {
      {"electrumx-1.16.0-tcp", "jsonrpc,result,id", "1", "1", "0", "2.0", "hex,height"},
      {"electrumx-1.18.0-tcp", "jsonrpc,result,id", "0", "1", "1", "2.0", "hex,height"},
      {"electrumx-1.20.0-tls", "jsonrpc,result,id", "0", "1", "1", "2.0", "hex,height"},
      {"electrumx-2.0.0-tls", "jsonrpc,result,id", "0", "1", "1", "2.0", "hex,height"},
      {"fulcrum-2.1.1-tls", "id,jsonrpc,result", "0", "2", "0", "2", "height,hex"},
      {"eps-0.2.4-tls", "jsonrpc,result,id", "1", "1", "0", "2.0", "hex,height"},
  };
  for (const Habits& habits : all) {
    CAPTURE(habits.file);
    const Capture capture("captures/" + std::string(habits.file) + ".txt");
    Conversation c;
    replay(capture, capture.first, 63, c);
    CHECK(c.text(FieldId::kWireOrder) == habits.order);
    CHECK(c.number(FieldId::kWireSpaced) == habits.spaced);
    CHECK(c.number(FieldId::kWireEol) == habits.eol);
    CHECK(c.number(FieldId::kWirePadded) == habits.padded);
    CHECK(c.text(FieldId::kWireEchoFloat) == habits.echo_float);
    CHECK(c.text(FieldId::kWireTipOrder) == habits.tip_order);
  }
}

TEST_CASE("The same record comes of the same bytes, however they arrive") {
  for (const std::string& file : vectors::files("captures")) {
    CAPTURE(file);
    const Capture capture(file);
    Conversation whole;
    replay(capture, capture.first, 100000, whole);
    for (const std::size_t piece : {1u, 2u, 7u, 63u}) {
      CAPTURE(piece);
      Conversation c;
      replay(capture, capture.first, piece, c);
      CHECK(c.json() == whole.json());
    }
  }
}

TEST_CASE("The same facts come of replies in any order, but for the order itself") {
  for (const std::string& file : vectors::files("captures")) {
    CAPTURE(file);
    const Capture capture(file);
    std::vector<std::string> lines = vectors::split(capture.first, '\n');
    REQUIRE(lines.size() == 6);
    Conversation straight;
    replay(capture, capture.first, 100000, straight);
    const std::string facts = without_arrival(straight.json());
    const std::vector<std::string> arrived = vectors::split(capture.says("arrival"), ',');
    std::array<std::size_t, 6> order;
    std::iota(order.begin(), order.end(), std::size_t{0});
    // Every order of two small recordings, some of the others.
    const bool all = file.find("1.16.0-tcp") != std::string::npos ||
                     file.find("fulcrum-2.1.1-tcp") != std::string::npos;
    int wrong = 0;
    int orders = 0;
    do {
      if (++orders % (all ? 1 : 31) != 0) continue;
      std::string stream;
      std::string arrival;
      for (const std::size_t i : order) {
        stream += lines[i] + "\n";
        arrival += (arrival.empty() ? "" : ",") + arrived[i];
      }
      Conversation c;
      replay(capture, stream, 100000, c);
      const std::string expected = arrival + (capture.second.empty() ? "" : ",7,8");
      wrong +=
          without_arrival(c.json()) == facts && c.text(FieldId::kWireArrival) == expected ? 0 : 1;
    } while (std::next_permutation(order.begin(), order.end()));
    CHECK(orders == 720);
    CHECK(wrong == 0);
  }
}

TEST_CASE("The tip's hash is that of its header, as everybody knows it of the first block") {
  const std::string genesis =
      "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac7"
      "2c3e"
      "67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c";
  const auto heard = [&](const std::string& tip) {
    Conversation c;
    c.hear(kVersion + reply("2.0", tip));
    return c.number(FieldId::kTipHeight) + " " + c.hex(FieldId::kTipHash) + " " +
           c.hex(FieldId::kTipPrevious) + " " + c.number(FieldId::kTipTime);
  };
  const std::string facts = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f " +
                            std::string(64, '0') + " 1231006505";
  CHECK(heard(R"({"height":0,"hex":")" + genesis + "\"}") == "0 " + facts);
  // Upper case, and what other chains put behind the header.
  std::string upper = genesis;
  std::transform(upper.begin(), upper.end(), upper.begin(), [](char c) {
    return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  CHECK(heard(R"({"hex":")" + upper + R"(00ff","height":7})") == "7 " + facts);
  const std::string none = " absent absent absent";
  CHECK(heard(R"({"height":5,"hex":")" + genesis.substr(2) + "\"}") == "5" + none);
  CHECK(heard(R"({"height":5,"hex":")" + genesis.substr(1) + "g\"}") == "5" + none);
  CHECK(heard(R"({"height":5,"hex":7})") == "5" + none);
  CHECK(heard(R"({"height":-1,"hex":""})") == "absent" + none);
  CHECK(heard(R"({"height":"5"})") == "absent" + none);
  CHECK(heard(R"([5,"00"])") == "absent" + none);
  CHECK(heard("null") == "absent" + none);
}

TEST_CASE("A probe sends the first write at once, the second when all six replies are in") {
  Conversation c;
  ElectrumProbe& probe = c.probe;
  probe.start(kStart, "x", VersionForm::kString, kVersionTimeout);
  const std::string write(as_text(probe.to_send()));
  CHECK(
      write.substr(0, 73) ==
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"server.version\",\"params\":[\"x\",\"1.4\"]}\n{");
  CHECK(std::count(write.begin(), write.end(), '\n') == 6);
  probe.sent(10);
  CHECK(as_text(probe.to_send()) == write.substr(10));
  probe.sent(write.size() - 10);
  CHECK(probe.to_send().empty());
  c.hear(kVersion + kOthers.substr(0, kOthers.size() - 1));
  CHECK(probe.to_send().empty());
  c.hear("\n");
  CHECK(as_text(probe.to_send()) == kSecondWrite);
  c.send();
  c.hear(reply("7", "{}"));
  CHECK_FALSE(probe.done());
  c.hear(reply("8", "{}"));
  CHECK_FALSE(probe.done());
  CHECK(c.answer_pings().size() == 5);
  CHECK(c.outcome() == Outcome::kOk);
  CHECK(probe.to_send().empty());
  CHECK(c.text(FieldId::kWireArrival) == "1,2,3,4,5,6,7,8");
  CHECK(probe.deadline() == Instant::never());
  // What comes after the end changes nothing.
  const std::string json = c.json();
  c.hear(reply("5", "\"late\"") + "garbage\n");
  c.close(NetError::kReset);
  probe.expire(Instant::never());
  probe.give_up();
  CHECK(c.json() == json);
  CHECK(c.outcome() == Outcome::kOk);
}

TEST_CASE("The second write may follow a first that is not out yet") {
  Conversation c;
  c.probe.start(kStart, "x", VersionForm::kList, kVersionTimeout);
  const std::string first(as_text(c.probe.to_send()));
  c.probe.sent(first.size() - 5);
  c.hear(kVersion + kOthers);
  CHECK(as_text(c.probe.to_send()) == first.substr(first.size() - 5) + std::string(kSecondWrite));
}

TEST_CASE("Silence ends at the deadline exactly") {
  Conversation c;
  CHECK(c.probe.deadline() == kStart + kVersionTimeout);
  c.probe.expire(kStart + (kVersionTimeout - 1));
  CHECK_FALSE(c.probe.done());
  c.probe.expire(kStart + kVersionTimeout);
  CHECK(c.outcome() == Outcome::kReplyTimeout);
  CHECK(c.empty());
  CHECK_FALSE(c.probe.wants_string_form());
  // Answers to all but server.version do not move the deadline.
  Conversation others;
  others.hear(kOthers);
  CHECK(others.probe.deadline() == kStart + kVersionTimeout);
  CHECK(others.probe.to_send().empty());
  others.probe.expire(others.probe.deadline());
  CHECK(others.outcome() == Outcome::kReplyTimeout);
  CHECK(others.text(FieldId::kWireArrival) == "2,3,4,5,6");
}

TEST_CASE("The second write goes out four seconds after the start, whoever has not answered") {
  Conversation c;
  c.hear(kVersion, 7, 100 * kMillisecond);
  CHECK(c.probe.deadline() == kStart + 4 * kSecond);
  c.probe.expire(kStart + (4 * kSecond - 1));
  CHECK(c.probe.to_send().empty());
  c.probe.expire(kStart + 4 * kSecond);
  CHECK(c.send() == kSecondWrite);
  CHECK_FALSE(c.probe.done());
  CHECK(c.probe.deadline() == kStart + 7 * kSecond);
  // A straggler of the first write still counts.
  c.hear(reply("5", "\"late\""), 7, 5 * kSecond);
  CHECK(c.probe.deadline() == kStart + 7 * kSecond);
  c.probe.expire(kStart + (7 * kSecond - 1));
  CHECK_FALSE(c.probe.done());
  c.probe.expire(kStart + 7 * kSecond);
  CHECK(c.outcome() == Outcome::kOk);
  CHECK(c.text(FieldId::kWireArrival) == "1,5");
  CHECK(c.number(FieldId::kUsVersion) == "100000");
  CHECK(c.number(FieldId::kUsReplies) == "5000000");
}

TEST_CASE("After a late reply to server.version the rest has one more second") {
  Conversation c;
  c.hear(kVersion, 7, 3 * kSecond);
  CHECK(c.probe.deadline() == kStart + 4 * kSecond);
  Conversation later;
  later.hear(kVersion, 7, 3 * kSecond + 1);
  CHECK(later.probe.deadline() == kStart + (4 * kSecond + 1));
  Conversation latest;
  latest.hear(kOthers);
  latest.hear(kVersion, 100000, 7 * kSecond);
  // All six are in: the second write goes out at once.
  CHECK(latest.send() == kSecondWrite);
  CHECK(latest.probe.deadline() == kStart + 10 * kSecond);
}

TEST_CASE("A server that ends the stream before it answered is closed or reset") {
  for (const std::string& heard : {std::string(), kVersion.substr(0, 40), kOthers}) {
    CAPTURE(heard);
    Conversation closed;
    closed.hear(heard);
    closed.close();
    CHECK(closed.outcome() == Outcome::kClosed);
    CHECK_FALSE(closed.record.has(FieldId::kWireHangup));
    for (const NetError why : {NetError::kReset, NetError::kTimedOut, NetError::kOther}) {
      Conversation c;
      c.hear(heard);
      c.close(why);
      CHECK(c.outcome() == Outcome::kReset);
    }
  }
}

TEST_CASE("A server that hangs up after server.version was reached, and the write is kept") {
  for (const NetError why : {NetError::kClosed, NetError::kReset}) {
    Conversation first;
    first.hear(kVersion + reply("5", "\"x\""));
    first.close(why);
    CHECK(first.outcome() == Outcome::kOk);
    CHECK(first.number(FieldId::kWireHangup) == "1");
    CHECK(first.text(FieldId::kBannerText) == "x");
    Conversation second;
    second.hear(kVersion + kOthers);
    second.send();
    second.hear(reply("7", "{}"));
    second.close(why);
    CHECK(second.outcome() == Outcome::kOk);
    CHECK(second.number(FieldId::kWireHangup) == "2");
    CHECK(second.text(FieldId::kWireArrival) == "1,2,3,4,5,6,7");
  }
}

TEST_CASE("Rate limits end the visit before server.version, and are noted after it") {
  for (const std::string& id : {std::string("1"), std::string("null"), std::string("2.0")}) {
    Conversation c;
    c.hear(error(id, R"({"code":-101,"message":"excessive resource usage"})"));
    CHECK(c.outcome() == Outcome::kRateLimited);
    CHECK(c.code(FieldId::kLimitCode) == "-101");
    CHECK(c.text(FieldId::kLimitMessage) == "excessive resource usage");
    CHECK_FALSE(c.probe.wants_string_form());
    CHECK_FALSE(c.record.has(FieldId::kVersionError));
  }
  Conversation after;
  after.hear(kVersion + error("5", R"({"code":-102,"message":"server busy"})"));
  CHECK_FALSE(after.probe.done());
  after.close();
  CHECK(after.outcome() == Outcome::kOk);
  CHECK(after.code(FieldId::kLimitCode) == "-102");
  CHECK(after.number(FieldId::kWireHangup) == "1");
}

TEST_CASE("A refused list of versions is told, and the string form may follow on its own") {
  Conversation c;
  c.hear(error("1", R"({"code":1,"message":"observatory requested Range, server supports 1.4"})"));
  CHECK(c.outcome() == Outcome::kVersionRefused);
  CHECK(c.probe.wants_string_form());
  CHECK(c.code(FieldId::kVersionErrorCode) == "1");
  CHECK(c.text(FieldId::kVersionErrorMessage) ==
        "observatory requested Range, server supports 1.4");
  CHECK_FALSE(c.record.has(FieldId::kUsVersion));
  c.start(VersionForm::kString, kStart + kSecond);
  CHECK_FALSE(c.probe.done());
  CHECK_FALSE(c.probe.wants_string_form());
  CHECK(c.probe.deadline() == kStart + (kSecond + kVersionTimeout));
  c.hear(reply("1", R"(["electrs/0.9.5","1.4"])") + kOthers, 7, kSecond + 5);
  c.send();
  c.hear(reply("7", "{}") + error("8", R"({"code":-32601,"message":"no"})"), 7, kSecond + 9);
  c.answer_pings();
  CHECK(c.outcome() == Outcome::kOk);
  CHECK(c.text(FieldId::kServerSoftware) == "electrs/0.9.5");
  CHECK(c.number(FieldId::kUsVersion) == "5");
  CHECK(c.text(FieldId::kWireArrival) == "1,2,3,4,5,6,7,8");
  CHECK(c.code(FieldId::kUnknownMethodCode) == "-32601");
  CHECK(c.code(FieldId::kVersionErrorCode) == "1");

  Conversation bare;
  bare.hear(error("1", R"("invalid client_version: [\"1.4\"]")"));
  CHECK(bare.outcome() == Outcome::kVersionRefused);
  CHECK(bare.probe.wants_string_form());
  CHECK(bare.code(FieldId::kVersionErrorCode) == "absent");
  CHECK(bare.text(FieldId::kVersionErrorMessage) == "invalid client_version: [\"1.4\"]");

  Conversation string(VersionForm::kString);
  string.hear(error("1", R"({"code":1,"message":"no"})"));
  CHECK(string.outcome() == Outcome::kVersionRefused);
  CHECK_FALSE(string.probe.wants_string_form());
}

TEST_CASE("Answers to server.version of other shapes") {
  Conversation old;
  old.hear(reply("1", "\"1.0\""));
  CHECK(old.text(FieldId::kServerSoftware) == "1.0");
  CHECK_FALSE(old.record.has(FieldId::kProtocol));
  Conversation number;
  number.hear(reply("1", R"(["x",1.4])"));
  CHECK(number.text(FieldId::kProtocol) == "1.4");
  Conversation alone;
  alone.hear(reply("1", R"(["x"])"));
  CHECK_FALSE(alone.probe.done());
  std::string many = "[\"x\"";
  for (int i = 0; i < 100; ++i) many += ",0";
  for (const std::string& result :
       {std::string("null"), std::string("[]"), std::string("[1]"), std::string("{}"),
        std::string("5"), std::string("[[\"x\"]]"), std::string("true"), many + "]"}) {
    CAPTURE(result);
    Conversation c;
    c.hear(reply("1", result));
    CHECK(c.outcome() == Outcome::kNotElectrum);
    CHECK_FALSE(c.record.has(FieldId::kElectrum));
    CHECK_FALSE(c.probe.wants_string_form());
  }
}

TEST_CASE("Lines that are no JSON end the visit before server.version, and not after it") {
  for (const std::string_view line :
       {"hello"sv, ""sv, "<html>"sv, "{\"id\":1,\"result\":[\"x\",\"1\"]"sv, "\0\0\0\0\0\0"sv,
        "220 mail ESMTP"sv, "{\"id\":NaN,\"result\":1}"sv}) {
    for (const std::size_t piece : {1u, 100u}) {
      CAPTURE(line, piece);
      Conversation c;
      c.hear(std::string(line) + "\n", piece);
      CHECK(c.outcome() == Outcome::kMalformedReply);
      Conversation after;
      after.hear(kVersion + std::string(line) + "\n" + kOthers, piece);
      CHECK(after.send() == kSecondWrite);
    }
  }
}

TEST_CASE("TLS, HTTP and SSH are another protocol, whatever the split") {
  for (const std::string_view bytes :
       {"\x15\x03\x01\x00\x02\x02\x46"sv, "\x15\x03\x03\x00\x02\x02\x0a"sv,
        "\x16\x03\x03\x00\x7a\x02"sv, "HTTP/1.1 400 Bad Request\r\n\r\n"sv, "HTTP/1.0 200 OK\n"sv,
        "SSH-2.0-OpenSSH_9.2p1\r\n"sv}) {
    for (const std::size_t piece : {1u, 2u, 7u, 100u}) {
      CAPTURE(vectors::hex(bytes), piece);
      Conversation c;
      c.hear(bytes, piece);
      CHECK(c.outcome() == Outcome::kWrongProtocol);
      CHECK(c.empty());
      // Only the first line is looked at.
      Conversation after;
      after.hear(kVersion);
      after.hear(bytes, piece);
      after.close();
      CHECK(after.outcome() == Outcome::kOk);
    }
  }
  CHECK_FALSE(is_other_protocol(""));
  CHECK_FALSE(is_other_protocol("HTTP"));
  CHECK_FALSE(is_other_protocol("http/1.1"));
  CHECK_FALSE(is_other_protocol("{\"id\":1"));
  CHECK_FALSE(is_other_protocol("\x15\x02\x01\x00\x02"sv));
  CHECK_FALSE(is_other_protocol("\x18\x03\x01\x00\x02"sv));
  CHECK_FALSE(is_other_protocol("\x13\x03\x01\x00\x02"sv));
  CHECK_FALSE(is_other_protocol("\x15\x03\x05\x00\x02"sv));
  CHECK_FALSE(is_other_protocol("\x15\x03\xff\x00\x02"sv));
  CHECK(is_other_protocol("\x14\x03\x04\x00\x02"sv));
  CHECK(is_other_protocol("\x17\x03\x00\x00\x02"sv));
}

TEST_CASE("JSON that answers nothing we asked is not Electrum, unless an answer comes") {
  const std::string others[] = {"[]\n",
                                "1\n",
                                "\"hello\"\n",
                                "{}\n",
                                "{\"id\":1}\n",
                                "[{\"id\":1,\"result\":[\"x\",\"1.4\"]}]\n",
                                reply("99", "1"),
                                reply("null", "1"),
                                error("null", R"({"code":-32700,"message":"parse error"})"),
                                error("[1]", "\"x\"")};
  for (const std::string& other : others) {
    CAPTURE(other);
    Conversation silent;
    silent.hear(other);
    CHECK_FALSE(silent.probe.done());
    silent.probe.expire(silent.probe.deadline());
    CHECK(silent.outcome() == Outcome::kNotElectrum);
    Conversation closed;
    closed.hear(other);
    closed.close();
    CHECK(closed.outcome() == Outcome::kNotElectrum);
    Conversation given_up;
    given_up.hear(other);
    given_up.probe.give_up();
    CHECK(given_up.outcome() == Outcome::kNotElectrum);
    Conversation answered;
    answered.hear(other + kVersion);
    answered.close();
    CHECK(answered.outcome() == Outcome::kOk);
  }
}

TEST_CASE("Notifications answer nothing") {
  // ElectrumX 1.20 sends these before it refuses.
  const std::string both =
      R"({"jsonrpc":"2.0","method":"blockchain.relayfee"})"
      "\n"
      R"({"jsonrpc":"2.0","method":"blockchain.estimatefee","params":[],"id":1})"
      "\n";
  Conversation c;
  c.hear(both);
  CHECK(c.number(FieldId::kWireNotifications) == "2");
  CHECK(c.json() == R"({"wire":{"notifications":2}})");
  c.probe.expire(c.probe.deadline());
  CHECK(c.outcome() == Outcome::kReplyTimeout);
}

TEST_CASE("A request is answered once") {
  Conversation c;
  c.hear(kVersion + reply("1", R"(["other","9"])") + error("1", R"({"code":1})") +
         reply("5", "\"one\"") + reply("5", "\"two\""));
  c.close();
  CHECK(c.outcome() == Outcome::kOk);
  CHECK(c.text(FieldId::kServerSoftware) == "Fulcrum 2.1.1");
  CHECK(c.text(FieldId::kBannerText) == "one");
  CHECK(c.text(FieldId::kWireArrival) == "1,5");
}

TEST_CASE("Answers of other types leave their facts out and count as answers") {
  Conversation c;
  c.hear(kVersion + reply("2.0", "[]") + reply(kDonationId, "null") +
         error("9007199254740993", R"({"code":-32601,"message":"no ping"})") + reply("5", "null") +
         reply("6", "{}"));
  c.send();
  c.hear(reply("7", "[]") + error("8", "\"unknown method\""));
  c.answer_pings();
  CHECK(c.outcome() == Outcome::kOk);
  CHECK(c.text(FieldId::kWireArrival) == "1,2,3,4,5,6,7,8");
  CHECK_FALSE(c.record.has(FieldId::kTip));
  CHECK_FALSE(c.record.has(FieldId::kBanner));
  CHECK_FALSE(c.record.has(FieldId::kPeers));
  CHECK_FALSE(c.record.has(FieldId::kFeatures));
  CHECK(c.record.has(FieldId::kDonation));
  // Only mempool.get_info is asked to see how an unknown method is refused.
  CHECK(c.code(FieldId::kUnknownMethodCode) == "absent");
  CHECK(c.text(FieldId::kUnknownMethodMessage) == "unknown method");
}

TEST_CASE("A line longer than the buffer is dropped and counted") {
  const std::string long_line = reply("5", "\"" + std::string(70 * 1024, 'b') + "\"");
  for (const std::size_t piece : {63u, 1024u, 1000000u}) {
    CAPTURE(piece);
    Conversation before;
    before.hear(long_line, piece);
    CHECK_FALSE(before.probe.done());
    CHECK(before.number(FieldId::kWireOversize) == "1");
    Conversation closed;
    closed.hear(long_line, piece);
    closed.close();
    CHECK(closed.outcome() == Outcome::kReplyTooLong);
    Conversation silent;
    silent.hear(long_line, piece);
    silent.probe.expire(silent.probe.deadline());
    CHECK(silent.outcome() == Outcome::kReplyTooLong);
    before.hear(long_line + kVersion, piece);
    before.close();
    CHECK(before.outcome() == Outcome::kOk);
    CHECK(before.number(FieldId::kWireOversize) == "2");
    CHECK_FALSE(before.record.has(FieldId::kBanner));
  }
}

TEST_CASE("A long banner is cut, and counted and hashed whole") {
  Conversation c;
  c.hear(kVersion + reply("5", "\"" + std::string(60000, 'b') + "\""), 63);
  CHECK(c.text(FieldId::kBannerText) == std::string(4096, 'b'));
  CHECK(c.record.is_cut(FieldId::kBannerText));
  CHECK(c.number(FieldId::kBannerBytes) == "60000");
  CHECK(c.hex(FieldId::kBannerSha256) ==
        "013e6765a03068220563c9b6f0948c11d9e1df052d6c6f253671e6db7078f83b");  // of 60,000 times 'b'
  // Escapes count as what they stand for: U+00E9 is two bytes, and no character is cut.
  std::string escapes = "\"x";
  for (int i = 0; i < 3000; ++i) escapes += "\\u00e9";
  Conversation e;
  e.hear(kVersion + reply("5", escapes + "\""));
  CHECK(e.number(FieldId::kBannerBytes) == "6001");
  CHECK(e.text(FieldId::kBannerText).size() == 4095);
  CHECK(e.hex(FieldId::kBannerSha256) ==
        "2e30d02c6d1f6f432245d570992c0c97b8b96ef1e857ad6c6b7dd49630e6401a");  // of "x" and 3,000
                                                                              // times U+00E9
}

TEST_CASE("Replies of broken UTF-8 are marked, and their text repaired") {
  Conversation c;
  c.hear(kVersion + reply("5", "\"caf\xe9\""));
  CHECK(c.number(FieldId::kWireInvalidUtf8) == "1");
  CHECK(c.text(FieldId::kBannerText) == "caf\xef\xbf\xbd");
  Conversation surrogate;
  surrogate.hear(kVersion + reply("5", R"("\ud800")"));
  CHECK(surrogate.number(FieldId::kWireInvalidUtf8) == "1");
  Conversation fine;
  fine.hear(kVersion + reply("5", R"("\ud834\udd1e")"));
  CHECK(fine.number(FieldId::kWireInvalidUtf8) == "absent");
}

TEST_CASE("A line without an end stops at the bound of a connection") {
  const std::size_t bound = 512 * 1024;
  Conversation c;
  c.hear(std::string(bound, 'x'), 65536);
  CHECK_FALSE(c.probe.done());
  c.hear("x");
  CHECK(c.outcome() == Outcome::kReplyTooLong);
  Conversation reached;
  reached.hear(kVersion + std::string(bound, 'x'), 65536);
  CHECK(reached.outcome() == Outcome::kOk);
  CHECK_FALSE(reached.record.has(FieldId::kWireHangup));
}

TEST_CASE("A flood of lines stops at the bound of a connection") {
  std::string lines;
  for (int i = 0; i < 63; ++i) lines += i % 2 == 0 ? "{}\n" : "{\"method\":\"m\"}\n";
  Conversation c;
  c.hear(lines, 7);
  CHECK_FALSE(c.probe.done());
  c.hear("{}\n");
  CHECK(c.outcome() == Outcome::kNotElectrum);
  Conversation reached;
  reached.hear(kVersion + lines, 7);
  CHECK(reached.outcome() == Outcome::kOk);
}

TEST_CASE("Giving up ends the visit in what is known so far") {
  Conversation silent;
  silent.probe.give_up();
  CHECK(silent.outcome() == Outcome::kReplyTimeout);
  Conversation reached;
  reached.hear(kVersion);
  reached.probe.give_up();
  CHECK(reached.outcome() == Outcome::kOk);
  CHECK(reached.text(FieldId::kWireArrival) == "1");
  CHECK(reached.probe.to_send().empty());
}

TEST_CASE("Lines of both terminators, and padding in one of them, are seen") {
  Conversation c;
  c.hear(R"({"id": 1,"result":["x","1.4"]})"
         "\r\n" +
         reply("5", "\"\""));
  CHECK(c.number(FieldId::kWireEol) == "3");
  CHECK(c.number(FieldId::kWireSpaced) == "1");
  CHECK(c.number(FieldId::kWirePadded) == "0");
  CHECK(c.text(FieldId::kWireOrder) == "id,result");
  c.hear("{\"result\":[],\"id\":6    }\n");
  CHECK(c.number(FieldId::kWirePadded) == "1");
  c.hear(reply("9007199254740993", "null"));
  CHECK(c.number(FieldId::kWirePadded) == "1");
}

// --- What is kept of the bytes.

namespace {

std::vector<std::string> texts_of(const Record& record, FieldId field) {
  std::vector<std::string> texts;
  if (!record.has(field)) return texts;
  Items items = record.items(field);
  for (std::string_view text; items.next(text);) texts.emplace_back(text);
  return texts;
}

std::vector<std::uint64_t> numbers_of(const Record& record, FieldId field) {
  std::vector<std::uint64_t> numbers;
  if (!record.has(field)) return numbers;
  Items items = record.items(field);
  for (std::uint64_t number = 0; items.next(number);) numbers.push_back(number);
  return numbers;
}

using Numbers = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("Of each reply of a real server the beginning, the end and the length are kept") {
  for (const std::string& file : vectors::files("captures")) {
    CAPTURE(file);
    const Capture capture(file);
    Conversation c;
    replay(capture, capture.first, 63, c);
    std::vector<std::string> heads;
    std::vector<std::string> tails;
    Numbers lengths;
    for (const std::string& line : vectors::split(capture.first + capture.second, '\n')) {
      if (line.empty()) continue;
      const std::string raw = line + "\n";
      heads.push_back(raw.substr(0, 96));
      // A reply of 96 bytes has no tail, one of 100 a tail of 4.
      const std::string behind = raw.substr(std::min<std::size_t>(96, raw.size()));
      tails.push_back(behind.substr(behind.size() - std::min<std::size_t>(16, behind.size())));
      lengths.push_back(raw.size());
    }
    CHECK(texts_of(c.record, FieldId::kWireHeads) == heads);
    CHECK(texts_of(c.record, FieldId::kWireTails) == tails);
    CHECK(numbers_of(c.record, FieldId::kWireLengths) == lengths);
    CHECK(lengths.size() == (capture.second.empty() ? 6 : 8));
  }
}

TEST_CASE("The spaces and the packets of a padding server are seen") {
  const auto heard = [](const std::string& file) {
    const Capture capture("captures/" + file);
    Conversation c;
    replay(capture, capture.first, 63, c);
    return std::pair(numbers_of(c.record, FieldId::kWirePadding),
                     numbers_of(c.record, FieldId::kWireLengths));
  };
  // As the recordings write the runs of spaces.
  const auto [warm, warm_lengths] = heard("electrumx-1.20.0-tls.txt");
  CHECK(warm == Numbers{961, 804, 920, 970, 902, 987, 761, 916});
  CHECK(warm_lengths == Numbers(8, 1024));
  // Six replies in one packet of 1,024 bytes, two in another.
  const auto [held, held_lengths] = heard("electrumx-1.18.0-tcp.txt");
  CHECK(held == Numbers{0, 0, 0, 0, 0, 424, 0, 664});
  CHECK(std::accumulate(held_lengths.begin(), held_lengths.begin() + 6, std::uint64_t{0}) == 1024);
  CHECK(held_lengths[6] + held_lengths[7] == 1024);
  CHECK(heard("fulcrum-2.1.1-tls.txt").first.empty());
}

TEST_CASE("The answer to mempool.get_info shows its members and how it writes numbers") {
  const auto heard = [](const std::string& file) {
    const Capture capture("captures/" + file);
    Conversation c;
    replay(capture, capture.first, 63, c);
    return c.text(FieldId::kWireMempoolOrder) + " " + c.text(FieldId::kWireMempoolFee);
  };
  CHECK(heard("electrumx-1.20.0-tcp.txt") ==
        "mempoolminfee,minrelaytxfee,incrementalrelayfee 1e-05");
  CHECK(heard("fulcrum-2.1.1-tcp.txt") ==
        "fullrbf,incrementalrelayfee,mempoolminfee,minrelaytxfee,unbroadcastcount 1e-05");
  CHECK(heard("electrumx-1.16.0-tcp.txt") == "absent absent");
  Conversation c;
  c.hear(kVersion + kOthers + reply("8", R"({"mempoolminfee":null})"));
  CHECK(c.text(FieldId::kWireMempoolFee) == "null");
  Conversation other;
  other.hear(kVersion + kOthers + reply("8", R"({"a":1})"));
  CHECK(other.text(FieldId::kWireMempoolOrder) == "a");
  CHECK(other.text(FieldId::kWireMempoolFee) == "absent");
}

TEST_CASE("The members of an error reply are told, and replies that are unlike the first") {
  const auto heard = [](const std::string& file) {
    const Capture capture("captures/" + file);
    Conversation c;
    replay(capture, capture.first, 63, c);
    CHECK_FALSE(c.record.has(FieldId::kWireOtherOrder));
    CHECK_FALSE(c.record.has(FieldId::kWireSpacingVaries));
    CHECK_FALSE(c.record.has(FieldId::kWireEchoOthers));
    return c.text(FieldId::kWireErrorOrder) + " " + c.text(FieldId::kWireErrorMembers);
  };
  CHECK(heard("electrumx-1.16.0-tcp.txt") == "jsonrpc,error,id code,message");
  CHECK(heard("electrumx-1.20.0-tcp.txt") == "absent absent");

  Conversation c;
  c.hear(kVersion + "{\"result\": [], \"id\": \"6\"}\n" +
         R"({"id":5.0,"result":null,"error":{"code":-32000,"message":"x","data":null}})" + "\n" +
         "{\"error\":\"bare\",\"id\":2}\n");
  CHECK(c.text(FieldId::kWireOtherOrder) == "result,id");
  CHECK(c.number(FieldId::kWireSpacingVaries) == "1");
  CHECK(c.text(FieldId::kWireErrorOrder) == "id,result,error");
  CHECK(c.text(FieldId::kWireErrorMembers) == "code,message,data");
  c.close();
  CHECK(c.text(FieldId::kWireEchoOthers) == "\"6\",5.0");
  CHECK(c.text(FieldId::kWireArrival) == "1,6,5,2");

  Conversation bare;
  bare.hear(kVersion + error("8", "\"unknown method\""));
  CHECK(bare.text(FieldId::kWireErrorOrder) == "jsonrpc,error,id");
  CHECK_FALSE(bare.record.has(FieldId::kWireErrorMembers));
}

TEST_CASE("Lines that reply to nothing are counted, apart from what was announced") {
  Conversation c;
  c.hear(kVersion + "no JSON\n[1]\n{}\n" + reply("1", "1") + reply("99", "1") +
         R"({"method":"blockchain.headers.subscribe","params":[]})" + "\n");
  CHECK(c.number(FieldId::kWireOtherLines) == "5");
  CHECK(c.number(FieldId::kWireNotifications) == "1");
  Conversation none;
  none.hear(kVersion + kOthers);
  CHECK_FALSE(none.record.has(FieldId::kWireOtherLines));
  CHECK_FALSE(none.record.has(FieldId::kWireNotifications));
}

// --- Pings.

namespace {

// All eight requests answered, the last of them at kStart + 40 ms.
void answer_all(Conversation& c, const std::string& padding = "") {
  c.hear(kVersion + kOthers, 100000, 20 * kMillisecond);
  c.send();
  const std::string last = reply("8", "{}");
  c.hear(reply("7", "{}") + last.substr(0, last.size() - 2) + padding + "}\n", 100000,
         40 * kMillisecond);
}

std::string ping_line(int id) {
  return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) +
         R"(,"method":"server.ping","params":[]})"
         "\n";
}

}  // namespace

TEST_CASE("Five pings follow the last reply, each as soon as the one before it is answered") {
  Conversation c;
  answer_all(c);
  CHECK_FALSE(c.probe.done());
  CHECK(c.probe.deadline() == kStart + 40 * kMillisecond);
  const std::vector<Ping> pings = c.answer_pings(70 * kMillisecond);
  REQUIRE(pings.size() == 5);
  for (int i = 0; i < 5; ++i) {
    CHECK(pings[static_cast<std::size_t>(i)].text == ping_line(11 + i));
    CHECK(pings[static_cast<std::size_t>(i)].at == kStart + (40 + 70 * i) * kMillisecond);
  }
  CHECK(c.outcome() == Outcome::kOk);
  CHECK(numbers_of(c.record, FieldId::kUsPings) == Numbers(5, 70'000));
  // They leave no trace in what is told of the eight.
  CHECK(c.number(FieldId::kUsReplies) == "40000");
  CHECK(c.text(FieldId::kWireArrival) == "1,2,3,4,5,6,7,8");
  CHECK(numbers_of(c.record, FieldId::kWireLengths).size() == 8);
  CHECK_FALSE(c.record.has(FieldId::kWireOtherLines));
  CHECK_FALSE(c.record.has(FieldId::kWireHangup));
}

TEST_CASE("A server that pads is given a quiet second before each of two pings") {
  Conversation c;
  answer_all(c, "   ");
  const std::vector<Ping> pings = c.answer_pings(70 * kMillisecond);
  REQUIRE(pings.size() == 2);
  CHECK(pings[0].at == kStart + (40 + 1050) * kMillisecond);
  CHECK(pings[1].at == kStart + (40 + 1050 + 70 + 1050) * kMillisecond);
  CHECK(numbers_of(c.record, FieldId::kUsPings) == Numbers(2, 70'000));
  // Who answers in that second answers nothing.
  Conversation early;
  answer_all(early, "   ");
  early.hear(reply("11", "null"), 7, 500 * kMillisecond);
  CHECK(early.number(FieldId::kWireOtherLines) == "1");
  CHECK(early.probe.deadline() == kStart + (40 + 1050) * kMillisecond);
}

TEST_CASE("Pings take three seconds at the most") {
  Conversation slow;
  answer_all(slow);
  // 0, 0.9, 1.8 and 2.7 s: the last of them is not waited for until 3.6 s.
  int asked = 0;
  const Instant start = slow.probe.deadline();
  while (!slow.probe.done()) {
    const Instant at = slow.probe.deadline();
    slow.probe.expire(at);
    if (slow.send().empty()) {
      CHECK(at == start + 3 * kSecond);
      break;
    }
    ++asked;
    if (at + 900 * kMillisecond > start + 3 * kSecond) continue;
    slow.probe.receive(at + 900 * kMillisecond,
                       as_bytes(reply(std::to_string(10 + asked), "null")));
  }
  CHECK(asked == 4);
  CHECK(slow.outcome() == Outcome::kOk);
  CHECK(numbers_of(slow.record, FieldId::kUsPings) == Numbers(3, 900'000));

  // With another quiet second there would be no time left: nothing is waited for.
  Conversation padded;
  answer_all(padded, " ");
  padded.probe.expire(padded.probe.deadline());
  CHECK(padded.send() == ping_line(11));
  padded.hear(reply("11", "null"), 7, 2 * kSecond);
  CHECK(padded.outcome() == Outcome::kOk);
  CHECK(numbers_of(padded.record, FieldId::kUsPings) == Numbers{910'000});
}

TEST_CASE("Whatever becomes of the pings, the visit was a success") {
  const auto pinged = [](Conversation& c) {
    answer_all(c);
    c.probe.expire(c.probe.deadline());
    CHECK(c.send() == ping_line(11));
    c.hear(reply("11", "null"), 7, 45 * kMillisecond);
    c.probe.expire(c.probe.deadline());
    CHECK(c.send() == ping_line(12));
  };
  const Numbers first{5'000};
  Conversation closed;
  pinged(closed);
  closed.close(NetError::kReset);
  CHECK(closed.outcome() == Outcome::kOk);
  CHECK_FALSE(closed.record.has(FieldId::kWireHangup));
  CHECK(numbers_of(closed.record, FieldId::kUsPings) == first);
  Conversation silent;
  pinged(silent);
  CHECK(silent.probe.deadline() == kStart + (3 * kSecond + 40 * kMillisecond));
  silent.probe.expire(silent.probe.deadline());
  CHECK(silent.outcome() == Outcome::kOk);
  CHECK(numbers_of(silent.record, FieldId::kUsPings) == first);
  Conversation given_up;
  pinged(given_up);
  given_up.probe.give_up();
  CHECK(given_up.outcome() == Outcome::kOk);
  CHECK(numbers_of(given_up.record, FieldId::kUsPings) == first);
  Conversation limited;
  pinged(limited);
  limited.hear(error("12", R"({"code":-101,"message":"excessive resource usage"})"));
  CHECK(limited.outcome() == Outcome::kOk);
  CHECK(limited.code(FieldId::kLimitCode) == "-101");
  CHECK(numbers_of(limited.record, FieldId::kUsPings) == first);
  // Nonsense is counted and the reply still awaited; an error takes a round trip as well.
  Conversation nonsense;
  pinged(nonsense);
  nonsense.hear("?\n" + reply("11", "null") + reply("13", "null"), 7, 50 * kMillisecond);
  CHECK_FALSE(nonsense.probe.done());
  CHECK(nonsense.number(FieldId::kWireOtherLines) == "3");
  nonsense.hear(error("\"12\"", R"({"code":-32601,"message":"no"})"), 7, 75 * kMillisecond);
  nonsense.close();
  CHECK(numbers_of(nonsense.record, FieldId::kUsPings) == Numbers{5'000, 30'000});
}

TEST_CASE("No ping goes to a server that left a request unanswered") {
  Conversation c;
  c.hear(kVersion + kOthers);
  c.send();
  c.hear(reply("7", "{}"));
  c.probe.expire(c.probe.deadline());
  CHECK(c.outcome() == Outcome::kOk);
  CHECK(c.probe.to_send().empty());
  CHECK_FALSE(c.record.has(FieldId::kUsPings));
}

TEST_CASE("The memory of a probe has a bound") { CHECK(sizeof(ElectrumProbe) <= 3072); }
