// SPDX-License-Identifier: MIT
// How long logs are: a simulated day of 100 servers that are visited every hour, and what one
// observation takes. `test_scenario "[measure]"` prints the figures.
#include <algorithm>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "core/record/cbor_expander.h"
#include "core/record/cbor_values.h"
#include "tests/catch2.h"
#include "tests/scenario/scenario.h"
#include "tests/unit/cbor_log.h"
#include "tests/unit/vectors.h"

namespace observatory::scenario {
namespace {

constexpr std::size_t kServers = 100;
constexpr std::size_t kHours = 24;
constexpr std::uint64_t kMinute = 60;

struct Day {
  bool shuffled = false;         // half of the servers shuffle their peers
  std::size_t most_peers = 200;  // of 60 and more; 0: none
  std::size_t first_servers = kServers;
  std::size_t hours = kHours;
};

// What a server is, made of its number alone, so that it is the same in every hour.
class Server {
 public:
  Server(std::size_t number, const Day& day) : number_(number), day_(day), random_(number + 1) {
    const std::string text = std::to_string(number);
    name_ = "electrum" + text + (number % 3 == 0 ? ".example.org" : ".node.example.net");
    banner_ = "Welcome to " + name_ + "\\n\\nThis server is run by a volunteer.\\n";
    while (banner_.size() < 150 + draw(900)) banner_ += word() + (draw(9) == 0 ? "\\n" : " ");
    donation_ = "bc1q";
    while (donation_.size() < 42) donation_ += "qpzry9x8gf2tvdw0s3jn54khce6mua7l"[draw(32)];
    if (day.most_peers > 0) {
      for (std::size_t count = 60 + draw(day.most_peers - 59); count > 0; --count) add_peer();
    }
  }

  bool is_tls() const { return number_ % 10 < 7; }
  std::string address() const { return "198.51.100." + std::to_string(number_ + 1); }
  const std::string& name() const { return name_; }

  ElectrumServer electrum(std::size_t hour) const {
    ElectrumServer server = number_ % 3 == 0 ? fulcrum() : electrumx();
    const std::string software = number_ % 3 == 0 ? "Fulcrum 1.9." : "ElectrumX 1.16.";
    server.result("server.version",
                  "[\"" + software + std::to_string(number_ % 5) + "\",\"1.4.2\"]");
    server.result("server.banner", "\"" + banner_ + "\"");
    server.result("server.donation_address", "\"" + donation_ + "\"");
    server.result("blockchain.headers.subscribe", tip(hour));
    server.result("server.features",
                  "{\"hosts\":{\"" + name_ + "\":{\"tcp_port\":50001,\"ssl_port\":50002}}," +
                      R"("pruning":null,"server_version":")" + software +
                      std::to_string(number_ % 5) +
                      R"(","protocol_min":"1.4","protocol_max":"1.4.2","genesis_hash":)"
                      R"("000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f",)"
                      R"("hash_function":"sha256","services":[]})");
    server.result("server.peers.subscribe", peers(hour));
    server.error("mempool.get_info",
                 R"({"code":-32601,"message":"unknown method \"mempool.get_info\""})");
    return server;
  }

  // A leaf of its own and the intermediate certificate of many.
  std::vector<std::string> chain() const {
    static const vectors::Entries leaf_entries = vectors::read("certificates/le-leaf.txt");
    static const vectors::Entries root_entries = vectors::read("certificates/le-root.txt");
    static const std::string leaf = vectors::from_base64(vectors::joined(leaf_entries, "der"));
    static const std::string root = vectors::from_base64(vectors::joined(root_entries, "der"));
    std::string mine = leaf;
    const auto change = [&](std::string_view behind) {
      const std::size_t at = mine.find(behind);
      REQUIRE(at != std::string::npos);
      mine[at + behind.size()] = static_cast<char>(number_);
    };
    change("\x02\x12\x04\xE3\xA9");                      // the serial
    change("\x2A\x86\x48\xCE\x3D\x03\x01\x07\x03\x42");  // the key, on prime256v1
    return {mine, root};
  }

 private:
  std::size_t draw(std::size_t below) { return static_cast<std::size_t>(random_() % below); }

  std::string word() {
    std::string letters;
    for (std::size_t length = 2 + draw(8); length > 0; --length) {
      letters += static_cast<char>('a' + draw(26));
    }
    return letters;
  }

  // All servers know the same 300.
  void add_peer() {
    const std::size_t number = draw(300);
    std::mt19937_64 random(number * 31);
    const std::string text = std::to_string(number);
    std::string ip = "203.0.113." + std::to_string(number % 250);
    std::string host = (random() % 2 == 0 ? "btc" : "electrum") + text + ".example.org";
    // As in the list that is bundled: of 84 hosts 14 are onions and 12 are addresses.
    const std::uint64_t kind = random() % 84;
    if (kind < 14) {
      host.clear();
      while (host.size() < 56) host += static_cast<char>('a' + random() % 26);
      host += ".onion";
      ip = host;
    } else if (kind < 26) {
      host = ip;
    }
    const char* const versions[] = {"v1.4.2", "v1.4.3", "v1.5.3", "v1.6"};
    std::string row = "[\"" + ip + "\",\"" + host + "\",[\"";
    row += versions[random() % 4];
    row += random() % 5 == 0 ? "\",\"s" + std::to_string(random() % 65536) : "\",\"s50002";
    if (random() % 3 > 0) row += "\",\"t50001";
    peers_.push_back(row + "\"]]");
  }

  std::string peers(std::size_t hour) const {
    std::vector<std::string> rows = peers_;
    if (day_.shuffled && number_ % 2 == 0) {
      std::mt19937_64 random(hour * 1000 + number_);
      std::shuffle(rows.begin(), rows.end(), random);
      rows.resize(rows.size() - rows.size() / 16);  // and leave some out
    }
    std::string list = "[";
    for (const std::string& row : rows) list += (list.size() > 1 ? "," : "") + row;
    return list + "]";
  }

  // A block every ten minutes; the visits of an hour take all of it.
  std::string tip(std::size_t hour) const {
    const std::uint64_t minute = hour * kMinute + number_ * kMinute / kServers;
    const std::uint64_t height = 900'000 + minute / 10;
    const auto field = [](std::uint64_t seed) {
      std::mt19937_64 random(seed);
      std::string hex;
      while (hex.size() < 64) hex += "0123456789abcdef"[random() % 16];
      return hex;
    };
    return R"({"hex":"00e0ff2f)" + field(height - 1) + field(height + 7) +
           field(height).substr(0, 24) + R"(","height":)" + std::to_string(height) + "}";
  }

  std::size_t number_;
  const Day& day_;
  std::mt19937_64 random_;
  std::string name_;
  std::string banner_;
  std::string donation_;
  std::vector<std::string> peers_;
};

// The observations of one hour, as the device's own core makes them.
void visit_all(const Day& day, std::size_t hour, Scenario& scenario) {
  std::mt19937_64 random(hour + 77);
  scenario.options.vantage = "pi-berlin";
  for (std::size_t i = 0; i < day.first_servers; ++i) {
    const Server server(i, day);
    const std::uint16_t port = server.is_tls() ? 50002 : 50001;
    const IpAddress ip = sim::ip(server.address());
    auto& machine = scenario.world.listen(ip, port);
    machine.round_trip(20 * kMillisecond + static_cast<Micros>(random() % 200'000));
    ElectrumServer electrum = server.electrum(hour);
    if (server.is_tls()) {
      sim::SimTlsServer tls = tls_server(electrum);
      tls.chain(server.chain());
      machine.on_bytes(tls);
    } else {
      machine.on_line(electrum);
    }
    scenario.world.name(server.name(), {ip});
    scenario.visit(server.name() + ":" + std::to_string(port) + (server.is_tls() ? ":s" : ":t"));
  }
  scenario.run();
}

struct Sizes {
  std::size_t jsonl = 0;
  std::size_t whole = 0;  // CBOR, every record whole
  std::size_t cbor = 0;   // as it is written
  std::size_t records = 0;

  double ratio() const { return static_cast<double>(cbor) / static_cast<double>(jsonl); }
};

// The log of one run over all hours.
Sizes log_of(const Day& day) {
  Sizes sizes;
  samples::LogWriter log;
  samples::LogReader reader;
  for (std::size_t hour = 0; hour < day.hours; ++hour) {
    Scenario scenario(8, hour + 1);
    visit_all(day, hour, scenario);
    for (const Kept* kept : scenario.observations()) {
      REQUIRE(kept->outcome() == "ok");
      samples::OwnedRecord box;
      REQUIRE(ok(read_cbor(as_bytes(samples::cbor_of(kept->record())), box.record).status));
      box.record.set_bytes(FieldId::kRun, as_bytes(samples::kRunName));
      const std::string json = samples::json_of(box.record);
      const std::string cbor = log.write(box.record);
      REQUIRE((reader.read(cbor) == json));
      sizes.jsonl += json.size() + 1;
      sizes.whole += samples::cbor_of(box.record).size();
      sizes.cbor += cbor.size();
      ++sizes.records;
    }
  }
  CHECK(sizes.records == day.first_servers * day.hours);
  CHECK(reader.missing == 0);
  return sizes;
}

// What a group or field takes of an observation, with its name.
struct Share {
  std::size_t jsonl;
  std::size_t cbor;
};

Share share_of(const Record& record, const Field& field) {
  const auto size = [&](bool with) {
    samples::StringSink cbor;
    cbor.put_byte(with ? 0xA3 : 0xA2);
    cbor.put(std::string_view("\x00\x02\x01\x01", 4));
    if (with) {
      std::vector<const Field*> path = {&field};
      while (path.back()->parent != FieldId::kRoot) path.push_back(&field_of(path.back()->parent));
      for (auto at = path.rbegin(); at != path.rend(); ++at) {
        if (at != path.rbegin()) cbor.put_byte(0xA1);
        cbor::put_head(cbor::Major::kUnsigned, (*at)->key, cbor);
      }
      cbor::put_value(record, field, cbor);
    }
    samples::OwnedRecord box;
    REQUIRE(ok(read_cbor(as_bytes(cbor.text), box.record).status));
    return Share{samples::json_of(box.record).size(), cbor.text.size()};
  };
  const Share with = size(true);
  const Share without = size(false);
  return {with.jsonl - without.jsonl, with.cbor - without.cbor};
}

void print_shares(const Record& record) {
  const std::size_t jsonl = samples::json_of(record).size() + 1;
  const std::size_t cbor = samples::cbor_of(record).size();
  std::printf("%-24s %6zu %6zu  %.2f\n", "one observation", jsonl, cbor,
              static_cast<double>(cbor) / static_cast<double>(jsonl));
  for (const Field& field : all_fields()) {
    if (!record.has(field.id) || field.kind == Kind::kPaths) continue;
    const bool shown = field.parent == FieldId::kRoot || field.parent == FieldId::kTls ||
                       field.parent == FieldId::kElectrum || field.parent == FieldId::kWire;
    const Share share = share_of(record, field);
    if (!shown || share.jsonl < 40) continue;
    std::string name(field.name);
    for (FieldId up = field.parent; up != FieldId::kRoot; up = field_of(up).parent) {
      name = std::string(field_of(up).name) + "." + name;
    }
    std::printf("%-24s %6zu %6zu  %.2f\n", name.c_str(), share.jsonl, share.cbor,
                static_cast<double>(share.cbor) / static_cast<double>(share.jsonl));
  }
}

void print(const char* what, const Sizes& sizes) {
  std::printf("%-24s JSON Lines %9zu  CBOR whole %9zu (%.3f)  CBOR %8zu (%.3f), %zu a visit\n",
              what, sizes.jsonl, sizes.whole,
              static_cast<double>(sizes.whole) / static_cast<double>(sizes.jsonl), sizes.cbor,
              sizes.ratio(), sizes.cbor / sizes.records);
}

}  // namespace

TEST_CASE("a day's log in CBOR takes a tenth of its JSON Lines") {
  const Sizes sizes = log_of({});
  CHECK(sizes.ratio() <= 0.1);
}

TEST_CASE("what logs take", "[.measure]") {
  print("peers stay", log_of({}));
  print("half shuffle their peers", log_of({.shuffled = true}));
  print("no peers", log_of({.most_peers = 0}));
  print("one hour", log_of({.hours = 1}));
  Scenario scenario;
  visit_all({.first_servers = 1}, 0, scenario);
  std::printf("\n");
  print_shares(scenario.only().record());
}

}  // namespace observatory::scenario
