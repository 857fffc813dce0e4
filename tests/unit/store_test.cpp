// SPDX-License-Identifier: MIT
#include "targets/observatory/store/store.h"

#include <sqlite3.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "targets/observatory/store/schema.h"
#include "targets/observatory/store/sqlite.h"
#include "tests/catch2.h"
#include "tests/unit/record_samples.h"

using namespace observatory;
using namespace observatory::host;
using namespace observatory::samples;

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kNoon = 1'795'348'800'000;  // 2026-11-22 12:00 UTC, in ms
constexpr std::int64_t kHour = 3'600'000;
constexpr std::int64_t kDay = 24 * kHour;
const Window kAllTime{0, INT64_MAX};

// A folder of its own, gone at the end.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "observatory-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

std::vector<std::uint8_t> run_name(std::uint8_t number) { return {1, 2, 3, 4, 5, 6, 7, number}; }

void begin_record(Record& record, RecordType type, const std::string& vantage, std::uint8_t run,
                  std::int64_t t) {
  record.clear();
  record.set(FieldId::kType, static_cast<std::uint64_t>(type));
  record.set(FieldId::kVersion, kFormatVersion);
  record.set_text(FieldId::kVantage, vantage);
  record.set_bytes(FieldId::kRun, run_name(run));
  record.set(FieldId::kTime, static_cast<std::uint64_t>(t));
}

// Records as probes write them, to be changed further before they are added.
class Sample {
 public:
  Record& run(const std::string& vantage, std::uint8_t run, std::int64_t t,
              std::uint64_t clock = 2) {
    begin_record(box_.record, RecordType::kRun, vantage, run, t);
    box_.record.set_text(FieldId::kSoftware, "electrum-probe 0.1.0");
    box_.record.set_text(FieldId::kTlsNewest, "TLSv1.3");
    box_.record.set(FieldId::kClock, clock);
    box_.record.set_text(FieldId::kChain, "bitcoin");
    return box_.record;
  }

  Record& end(const std::string& vantage, std::uint8_t run, std::uint32_t seq, std::int64_t t) {
    begin_record(box_.record, RecordType::kEnd, vantage, run, t);
    box_.record.set(FieldId::kSeq, seq);
    box_.record.set(FieldId::kObservations, seq - 1);
    return box_.record;
  }

  Record& refused(const std::string& vantage, std::uint8_t run, std::uint32_t seq, std::int64_t t,
                  const std::string& host = "a.example") {
    begin_record(box_.record, RecordType::kObservation, vantage, run, t);
    box_.record.set(FieldId::kSeq, seq);
    box_.record.set_text(FieldId::kHost, host);
    box_.record.set(FieldId::kPort, 50001);
    box_.record.set(FieldId::kTransport, static_cast<std::uint64_t>(Transport::kTcp));
    box_.record.set(FieldId::kOutcome, static_cast<std::uint64_t>(Outcome::kRefused));
    return box_.record;
  }

  Record& good(const std::string& vantage, std::uint8_t run, std::uint32_t seq, std::int64_t t,
               const std::string& host = "a.example") {
    Record& record = refused(vantage, run, seq, t, host);
    record.set(FieldId::kPort, 50002);
    record.set(FieldId::kTransport, static_cast<std::uint64_t>(Transport::kTls));
    record.set(FieldId::kOutcome, static_cast<std::uint64_t>(Outcome::kOk));
    IpAddress ip;
    ip.bytes = {203, 0, 113, 7};
    record.set_ip(FieldId::kIp, ip);
    record.set(FieldId::kUsConnect, 23011 + seq);
    record.set(FieldId::kUsTls, 24788);
    record.set_text(FieldId::kServerSoftware, "Fulcrum 2.1.1");
    record.set_text(FieldId::kBannerText, std::string(1500, 'b') + host);
    record.set(FieldId::kTipHeight, 900000 + seq);
    return record;
  }

 private:
  OwnedRecord box_;
};

Added add(Store& store, const Record& record, std::string_view raw = {}) {
  REQUIRE(Store::missing_name(record).empty());
  return store.add(record, raw);
}

std::vector<ObservationRow> rows_of(const Store& store,
                                    const Selection& selection = {kAllTime, {}}) {
  std::vector<ObservationRow> rows;
  store.each_observation(selection, [&](const ObservationRow& row) { rows.push_back(row); });
  return rows;
}

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const StoreError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("an observation comes back as its row, and through it as what it leads to") {
  const Folder folder;
  Sample sample;
  {
    Store store(folder.file("o.db"), Store::Access::kWrite);
    CHECK(add(store, sample.run("pi", 1, kNoon)) == Added::kNew);
    Record& record = sample.good("pi", 1, 1, kNoon + 1);
    {
      ListField pings(record, FieldId::kUsPings);
      for (const std::uint64_t us : {250, 240, 260}) pings.add(us);
    }
    record.set(FieldId::kUsVersion, 400);
    record.set(FieldId::kTcpMinRtt, 200);
    record.set(FieldId::kTcpRetransmits, 2);
    record.set(FieldId::kVisit, 3);
    {
      ListField changed(record, FieldId::kChanged);
      changed.add("tip");
      changed.add("banner");
    }
    record.set_text(FieldId::kProtocol, "1.6");
    record.set_text(FieldId::kFeaturesProtocolMin, "1.4");
    record.set_text(FieldId::kFeaturesProtocolMax, "1.6");
    record.set_text(FieldId::kFeaturesServerVersion, "Fulcrum 2.1.1 x");
    record.set_text(FieldId::kFeaturesGenesis, "00ff");
    record.set_text(FieldId::kFeaturesHashFunction, "sha256");
    record.set_text(FieldId::kDonation, "bc1q");
    record.set_bytes(FieldId::kBannerSha256, std::vector<std::uint8_t>(32, 0xAB));
    {
      ListField hosts(record, FieldId::kFeaturesHosts);
      hosts.add("z.example", HostPorts{1, 2, 3, 4});
      hosts.add(kNastyText, HostPorts{50001, 0, 0, 0});
    }
    record.set_text(FieldId::kTlsVersion, "TLSv1.3");
    record.set_text(FieldId::kTlsCipher, "TLS_AES_256_GCM_SHA384");
    record.set_text(FieldId::kTlsJa3s, "771,4866,43-51");
    record.set_text(FieldId::kTlsJarm, "2ad");
    record.set_bytes(FieldId::kTicketKeyName, std::vector<std::uint8_t>(16, 0x01));
    record.set_bytes(FieldId::kLeafSha256, std::vector<std::uint8_t>(32, 0x11));
    record.set_bytes(FieldId::kLeafSpki, std::vector<std::uint8_t>(32, 0x22));
    record.set_text(FieldId::kLeafSubject, kNastyText);
    record.set_text(FieldId::kLeafIssuer, "CN=i");
    record.set_bytes(FieldId::kLeafSerial, std::vector<std::uint8_t>{0, 255});
    record.set_text(FieldId::kLeafKey, "rsa-2048");
    record.set_text(FieldId::kLeafSignature, "sha256WithRSAEncryption");
    {
      ListField names(record, FieldId::kLeafSan);
      names.add("a.example");
      names.add(kNastyText);
    }
    record.set_signed(FieldId::kLeafNotBefore, -5);
    record.set_signed(FieldId::kLeafNotAfter, 1924992000);
    record.set(FieldId::kLeafSelfSigned, 1);
    record.set(FieldId::kLeafNameMatches, 0);
    record.set(FieldId::kLeafTrusted, 1);
    record.set(FieldId::kPeersCount, 213);
    record.set_bytes(FieldId::kPeersSha256, std::vector<std::uint8_t>(32, 0x33));
    ListField(record, FieldId::kPeersList).add("198.51.100.4", "e.example", "v1.6 s50002");
    CHECK(add(store, record) == Added::kNew);
    CHECK(add(store, sample.end("pi", 1, 2, kNoon + 2)) == Added::kNew);
    store.commit();
  }

  const Store store(folder.file("o.db"), Store::Access::kRead);
  const std::vector<ObservationRow> rows = rows_of(store);
  REQUIRE(rows.size() == 1);
  const ObservationRow& row = rows.front();
  CHECK(row.t == kNoon + 1);
  CHECK(row.seq == 1);
  CHECK(row.outcome == Outcome::kOk);
  CHECK_FALSE(row.proxied);
  CHECK(row.retransmitted);
  CHECK(row.connect_us == 23012u);
  CHECK(row.tls_us == 24788u);
  CHECK(row.version_us == 400u);
  CHECK(row.ping_us == 240u);
  CHECK(row.min_rtt_us == 200u);
  CHECK(row.tip_height == 900001u);
  CHECK(row.visit == 3u);
  CHECK(row.changed == "tip,banner");
  CHECK(store.vantage(row.vantage) == "pi");

  const Endpoint endpoint = store.endpoint(row.endpoint);
  CHECK(endpoint.host == "a.example");
  CHECK(endpoint.port == 50002);
  CHECK(endpoint.transport == Transport::kTls);
  IpAddress ip;
  ip.bytes = {203, 0, 113, 7};
  CHECK((store.address(row.address) == ip));

  const Facts facts = store.facts(row.facts);
  CHECK(facts.software == "Fulcrum 2.1.1");
  CHECK(facts.protocol == "1.6");
  CHECK(facts.protocol_min == "1.4");
  CHECK(facts.protocol_max == "1.6");
  CHECK(facts.server_version == "Fulcrum 2.1.1 x");
  CHECK(facts.genesis_hash == "00ff");
  CHECK(facts.hash_function == "sha256");
  CHECK(facts.donation == "bc1q");
  CHECK(facts.banner_sha256 == "abababababababababababababababababababababababababababababababab");
  REQUIRE(facts.hosts.size() == 2);
  CHECK(facts.hosts[0].first == "z.example");
  CHECK((facts.hosts[0].second == HostPorts{1, 2, 3, 4}));
  CHECK(facts.hosts[1].first == kNastyText);
  CHECK((facts.hosts[1].second == HostPorts{50001, 0, 0, 0}));
  CHECK(facts.tls_version == "TLSv1.3");
  CHECK(facts.cipher == "TLS_AES_256_GCM_SHA384");
  CHECK(facts.ja3s == "771,4866,43-51");
  CHECK(facts.jarm == "2ad");
  CHECK(facts.ticket_key == "01010101010101010101010101010101");
  CHECK(facts.name_matches == false);
  CHECK(facts.trusted == true);

  const Certificate certificate = store.certificate(facts.certificate);
  CHECK(certificate.sha256.substr(0, 4) == "1111");
  CHECK(certificate.spki_sha256.substr(0, 4) == "2222");
  CHECK(certificate.subject == kNastyText);
  CHECK(certificate.issuer == "CN=i");
  CHECK(certificate.serial == "00ff");
  CHECK(certificate.key == "rsa-2048");
  CHECK(certificate.signature == "sha256WithRSAEncryption");
  CHECK((certificate.san == std::vector<std::string>{"a.example", std::string(kNastyText)}));
  CHECK(certificate.not_before == -5);
  CHECK(certificate.not_after == 1924992000);
  CHECK(certificate.self_signed == true);

  const PeersList peers = store.peers(row.peers);
  CHECK(peers.count == 213u);
  CHECK(peers.sha256.substr(0, 4) == "3333");
  REQUIRE(peers.entries.size() == 1);
  CHECK(peers.entries[0].address == "198.51.100.4");
  CHECK(peers.entries[0].host == "e.example");
  CHECK(peers.entries[0].features == "v1.6 s50002");

  const Run run = store.run(row.run);
  CHECK(run.vantage == "pi");
  CHECK(run.name == "0102030405060701");
  CHECK(run.t == kNoon);
  CHECK(run.software == "electrum-probe 0.1.0");
  CHECK(run.tls_newest == "TLSv1.3");
  CHECK(run.chain == "bitcoin");
  CHECK(run.knew_date);
  CHECK(run.ended);
  CHECK(run.observations == 1u);
}

TEST_CASE("every field of a record comes back from the store as it was") {
  const Folder folder;
  Store store(folder.file("o.db"), Store::Access::kWrite);
  OwnedRecord box;
  OwnedRecord back(std::size_t{4} << 20);
  for (const bool large : {false, true, true}) {
    give_all_values(box.record, large);
    box.record.set(FieldId::kTime, kNoon);
    static std::uint32_t seq = 0;
    box.record.set(FieldId::kSeq, ++seq);
    CHECK(add(store, box.record) == Added::kNew);
    CHECK(add(store, box.record) == Added::kKnown);
    store.commit();
    const std::vector<ObservationRow> rows = rows_of(store);
    bool found = false;
    for (const ObservationRow& row : rows) {
      if (row.seq == seq) found = store.read(row.run, row.seq, back.record);
    }
    CHECK(found);
    CHECK((json_of(back.record) == json_of(box.record)));
    box.record.clear();
  }
  CHECK_FALSE(store.read(1, 77, back.record));
}

TEST_CASE("the same record twice is known, another of its name is kept beside it and counted") {
  const Folder folder;
  Store store(folder.file("o.db"), Store::Access::kWrite);
  Sample sample;
  CHECK(add(store, sample.good("pi", 1, 1, kNoon)) == Added::kNew);
  CHECK(add(store, sample.good("pi", 1, 1, kNoon)) == Added::kKnown);
  CHECK(add(store, sample.good("pi", 1, 1, kNoon + 1)) == Added::kConflict);
  CHECK(add(store, sample.good("pi", 1, 1, kNoon + 1)) == Added::kConflict);
  CHECK(add(store, sample.good("pi", 1, 1, kNoon)) == Added::kKnown);
  CHECK(add(store, sample.end("pi", 1, 1, kNoon)) == Added::kConflict);
  CHECK(add(store, sample.good("pi", 2, 1, kNoon)) == Added::kNew);
  CHECK(add(store, sample.good("other", 1, 1, kNoon)) == Added::kNew);
  CHECK(add(store, sample.run("pi", 1, kNoon)) == Added::kNew);
  CHECK(add(store, sample.run("pi", 1, kNoon)) == Added::kKnown);
  CHECK(add(store, sample.run("pi", 1, kNoon, 0)) == Added::kConflict);
  store.commit();
  CHECK(store.totals().conflicts == 3);
  CHECK(rows_of(store).size() == 3);
  CHECK(rows_of(store).front().t == kNoon);
}

TEST_CASE("a record without a name is told by what it lacks") {
  Sample sample;
  CHECK(Store::missing_name(sample.run("pi", 1, kNoon)).empty());
  CHECK(Store::missing_name(sample.refused("pi", 1, 1, kNoon)).empty());
  CHECK(Store::missing_name(sample.refused("pi", 1, 0, kNoon)) == "seq");
  OwnedRecord box;
  begin_observation(box.record);
  CHECK(Store::missing_name(box.record) == "vantage");
  box.record.set_text(FieldId::kVantage, "pi");
  CHECK(Store::missing_name(box.record) == "run");
  box.record.set_bytes(FieldId::kRun, run_name(1));
  CHECK(Store::missing_name(box.record) == "seq");
}

TEST_CASE("what was not committed is gone, and a store that was opened again goes on") {
  const Folder folder;
  Sample sample;
  {
    Store store(folder.file("o.db"), Store::Access::kWrite);
    add(store, sample.good("pi", 1, 1, kNoon));
    store.commit();
    add(store, sample.good("pi", 1, 2, kNoon));
  }
  Store store(folder.file("o.db"), Store::Access::kWrite);
  CHECK(rows_of(store).size() == 1);
  CHECK(add(store, sample.good("pi", 1, 1, kNoon)) == Added::kKnown);
  CHECK(add(store, sample.good("pi", 1, 2, kNoon)) == Added::kNew);
  store.commit();
  CHECK(rows_of(store).size() == 2);
}

TEST_CASE("observations come in the order of time, run and seq, of the window and the vantages") {
  const Folder folder;
  Store store(folder.file("o.db"), Store::Access::kWrite);
  Sample sample;
  add(store, sample.refused("b", 2, 2, kNoon + 5));
  add(store, sample.refused("b", 2, 1, kNoon + 5));
  add(store, sample.refused("a", 1, 1, kNoon));
  add(store, sample.refused("c", 3, 1, kNoon + 9));
  add(store, sample.refused("c", 3, 2, kNoon + 1));
  store.commit();
  const auto seen = [&](const Selection& selection) {
    std::string text;
    for (const ObservationRow& row : rows_of(store, selection)) {
      text += store.vantage(row.vantage) + std::to_string(row.seq) + " ";
    }
    return text;
  };
  CHECK(seen({kAllTime, {}}) == "a1 c2 b1 b2 c1 ");
  CHECK(seen({{kNoon + 1, kNoon + 9}, {}}) == "c2 b1 b2 ");
  CHECK(seen({kAllTime, {"a", "c"}}) == "a1 c2 c1 ");
  CHECK(seen({kAllTime, {"nobody"}}).empty());
  CHECK(seen({{kNoon + 1, kNoon + 1}, {}}).empty());

  const auto runs = [&](const Selection& selection) {
    std::string text;
    for (const Run& run : store.runs(selection)) text += run.vantage + " ";
    return text;
  };
  CHECK(runs({kAllTime, {}}) == "a b c ");
  CHECK(runs({kAllTime, {"c"}}) == "c ");
  // c's run began before this window and ended after it, and did nothing inside.
  CHECK(runs({{kNoon + 5, kNoon + 6}, {}}) == "b ");
  CHECK(runs({{kNoon + 1, kNoon + 2}, {}}) == "c ");
  CHECK(runs({{kNoon + 6, kNoon + 9}, {}}).empty());
  CHECK(store.run(rows_of(store)[1].run).t == kNoon + 1);
}

TEST_CASE("whoever is handed a row may ask for others, and may throw") {
  const Folder folder;
  Store store(folder.file("o.db"), Store::Access::kWrite);
  Sample sample;
  for (std::uint32_t seq = 1; seq <= 3; ++seq) add(store, sample.good("a", 1, seq, kNoon + seq));
  store.commit();
  int count = 0;
  CHECK_THROWS_AS(
      store.each_observation({kAllTime, {}},
                             [&](const ObservationRow& row) {
                               CHECK(store.facts(row.facts).software == "Fulcrum 2.1.1");
                               if (++count == 2) throw std::runtime_error("enough");
                             }),
      std::runtime_error);
  CHECK(add(store, sample.good("a", 1, 4, kNoon)) == Added::kNew);
  store.commit();
  CHECK(rows_of(store).size() == 4);
}

TEST_CASE("observations that cannot be dated are counted and in no window") {
  const Folder folder;
  Store store(folder.file("o.db"), Store::Access::kWrite);
  Sample sample;
  const std::int64_t now = std::chrono::duration_cast<std::chrono::milliseconds>(
                               std::chrono::system_clock::now().time_since_epoch())
                               .count();
  CHECK_FALSE(store.latest_day());
  CHECK(store.undated({}) == 0);

  // One of 2014, one of next week, one of the year 2100, and one of 2^64 ms.
  add(store, sample.refused("a", 1, 1, 1'420'070'399'999));
  add(store, sample.refused("a", 1, 2, now + 7 * kDay));
  add(store, sample.refused("a", 1, 3, 4'102'444'800'000));
  add(store, sample.refused("a", 1, 4, -1));
  store.commit();
  CHECK(store.undated({}) == 4);
  CHECK_FALSE(store.latest_day());
  CHECK(rows_of(store).empty());
  CHECK(store.runs({kAllTime, {}}).empty());

  add(store, sample.refused("a", 1, 5, 1'420'070'400'000));
  add(store, sample.refused("b", 2, 1, now + kHour));
  store.commit();
  CHECK(rows_of(store).size() == 2);
  CHECK(store.undated({}) == 4);
  CHECK(store.undated({"b"}) == 0);
  const std::optional<Window> day = store.latest_day();
  REQUIRE(day);
  CHECK(day->until % kHour == 0);
  CHECK(day->until > now + kHour);
  CHECK(day->until <= now + 2 * kHour);
  CHECK(day->until - day->since == kDay);

  // The run record comes last and says that the clock was not set.
  CHECK(add(store, sample.run("b", 2, now, 0)) == Added::kNew);
  store.commit();
  CHECK(rows_of(store).size() == 1);
  CHECK(store.undated({}) == 5);
  CHECK(store.undated({"b"}) == 1);
  CHECK(store.undated({"a"}) == 4);
  REQUIRE(store.latest_day());
  CHECK(store.latest_day()->until == 1'420'070'400'000 + kHour);
  add(store, sample.refused("b", 2, 2, now));
  store.commit();
  CHECK(rows_of(store).size() == 1);
  CHECK(store.undated({}) == 6);
}

TEST_CASE("an observation that lacks what every one has is kept, and in no question") {
  const Folder folder;
  Store store(folder.file("o.db"), Store::Access::kWrite);
  Sample sample;
  Record& record = sample.refused("a", 1, 1, kNoon);
  record.set(FieldId::kOutcome, 99);
  CHECK(add(store, record) == Added::kNew);
  CHECK(add(store, record) == Added::kKnown);
  store.commit();
  CHECK(rows_of(store).empty());
  CHECK(store.undated({}) == 0);
  OwnedRecord back(std::size_t{4} << 20);
  REQUIRE(store.read(1, 1, back.record));
  CHECK(back.record.number(FieldId::kOutcome) == 99);
}

TEST_CASE("what a program does not know is kept as it came") {
  const Folder folder;
  Store store(folder.file("o.db"), Store::Access::kWrite);
  Sample sample;
  const std::string line = "{\"type\":\"observation\",\"new\":\"" + std::string(1000, 'n') + "\"}";
  add(store, sample.refused("a", 1, 1, kNoon), line);
  add(store, sample.refused("a", 1, 2, kNoon));
  store.commit();
  CHECK(store.raw(1, 1) == line);
  CHECK(store.raw(1, 2).empty());
}

TEST_CASE("endpoints of lists are known once a list, in order") {
  const Folder folder;
  Store store(folder.file("o.db"), Store::Access::kWrite);
  const auto add_known = [&](const std::string& list, const std::string& host, std::uint16_t port,
                             Transport transport) {
    KnownEndpoint known;
    known.list = list;
    known.endpoint.host = host;
    known.endpoint.port = port;
    known.endpoint.transport = transport;
    return store.add_known(known);
  };
  CHECK(add_known("electrum", "b.example", 50002, Transport::kTls));
  CHECK(add_known("electrum", "b.example", 50001, Transport::kTcp));
  CHECK_FALSE(add_known("electrum", "b.example", 50002, Transport::kTls));
  CHECK(add_known("another", "b.example", 50002, Transport::kTls));
  CHECK(add_known("electrum", "a.example", 50002, Transport::kTls));
  store.commit();
  std::string text;
  for (const KnownEndpoint& known : store.known_endpoints()) {
    text +=
        known.list + " " + known.endpoint.host + " " + std::to_string(known.endpoint.port) + "\n";
  }
  CHECK(text ==
        "another b.example 50002\nelectrum a.example 50002\nelectrum b.example 50001\n"
        "electrum b.example 50002\n");
  CHECK(rows_of(store).empty());
}

TEST_CASE("visits in which little changes take little room") {
  const Folder folder;
  const std::string path = folder.file("o.db");
  Sample sample;
  Store store(path, Store::Access::kWrite);
  constexpr std::uint32_t kVisits = 2000;
  for (std::uint32_t seq = 1; seq <= kVisits; ++seq) {
    add(store, sample.good("a", 1, seq, kNoon + seq * 1000));
    // In between a visit that fails, which is no reason to forget the others.
    add(store, sample.refused("a", 2, seq, kNoon + seq * 1000));
  }
  store.commit();
  CHECK(fs::file_size(path) / (2 * kVisits) < 150);
  Database database(path, Database::Mode::kQuestions);
  CHECK(database.number("SELECT count(*) FROM base") == 2);
}

TEST_CASE("another content of an endpoint is a base of its own, and shuffled content is none") {
  const Folder folder;
  const std::string path = folder.file("o.db");
  Sample sample;
  Store store(path, Store::Access::kWrite);
  std::uint32_t noise = 1;
  const auto random_text = [&noise](std::size_t size) {
    std::string text;
    while (text.size() < size) {
      noise = noise * 1664525 + 1013904223;
      text += static_cast<char>('!' + (noise >> 16) % 90);
    }
    return text;
  };
  const auto add_with_banner = [&](std::uint32_t seq, const std::string& banner) {
    Record& record = sample.refused("a", 1, seq, kNoon);
    record.set_text(FieldId::kBannerText, banner);
    add(store, record);
    store.commit();
    Database database(path, Database::Mode::kQuestions);
    return database.number("SELECT count(*) FROM base").value_or(0);
  };
  const std::string first = random_text(2000);
  const std::string second = random_text(2000);
  CHECK(add_with_banner(1, first) == 1);
  CHECK(add_with_banner(2, first) == 1);
  CHECK(add_with_banner(3, second) == 2);
  CHECK(add_with_banner(4, second) == 2);
  CHECK(add_with_banner(5, second.substr(0, 1000) + random_text(1000)) == 2);
  OwnedRecord back(std::size_t{4} << 20);
  REQUIRE(store.read(1, 3, back.record));
  CHECK(back.record.text(FieldId::kBannerText) == second);
  REQUIRE(store.read(1, 2, back.record));
  CHECK(back.record.text(FieldId::kBannerText) == first);
}

TEST_CASE("a file that is no database of ours is refused by name") {
  const Folder folder;
  const auto open = [](const std::string& path, Store::Access access) {
    return message_of([&] { Store(path, access); });
  };
  CHECK(open(folder.file("none.db"), Store::Access::kRead) ==
        folder.file("none.db") + ": No such file or directory");
  CHECK_FALSE(fs::exists(folder.file("none.db")));
  for (const Store::Access access : {Store::Access::kRead, Store::Access::kWrite}) {
    CHECK(open(folder.file(""), access) == folder.file("") + ": is a folder, and no database");
    CHECK(open("/dev/null", access) == "/dev/null: is no regular file, and no database");
    const std::string text = folder.file("text");
    std::ofstream(text) << "Not a database, and longer than the head of one would be. "
                        << std::string(100, '.');
    CHECK(open(text, access) == text + ": is no database");

    const std::string foreign = folder.file("foreign.db");
    sqlite3* connection = nullptr;
    REQUIRE(sqlite3_open(foreign.c_str(), &connection) == SQLITE_OK);
    sqlite3_exec(connection, "CREATE TABLE IF NOT EXISTS t (x)", nullptr, nullptr, nullptr);
    sqlite3_close(connection);
    CHECK(open(foreign, access) == foreign + ": is a database of another program");
    CHECK(Database(foreign, Database::Mode::kQuestions)
              .number("SELECT count(*) FROM sqlite_schema") == 1);
  }
  const std::string empty = folder.file("empty.db");
  std::ofstream(empty).close();
  CHECK(open(empty, Store::Access::kRead) == empty + ": is empty");
  CHECK(open(empty, Store::Access::kWrite) == "no error");
  CHECK(open(empty, Store::Access::kRead) == "no error");
  CHECK(open(folder.file("a/new/folder/o.db"), Store::Access::kWrite) == "no error");
}

TEST_CASE("an older schema goes forward by its steps, a newer one is refused") {
  const Folder folder;
  const std::string path = folder.file("o.db");
  Sample sample;
  {
    Store store(path, Store::Access::kWrite);
    add(store, sample.good("a", 1, 1, kNoon));
    store.commit();
  }
  const std::vector<const char*> longer{
      schema_steps().front(), "ALTER TABLE run ADD COLUMN mood TEXT; UPDATE run SET mood = 'good'",
      "CREATE TABLE extra (id INTEGER PRIMARY KEY)"};
  {
    Database database(path, Database::Mode::kQuestions);
    CHECK(message_of([&] { prepare_schema(database, false, longer); }) ==
          path +
              ": was written by an older electrum-observatory; the next ingest brings it forward");
  }
  {
    Database database(path, Database::Mode::kChanges);
    prepare_schema(database, true, longer);
    CHECK(database.number("PRAGMA user_version") == 3);
    CHECK(database.number("SELECT count(*) FROM run WHERE mood = 'good'") == 1);
    CHECK(database.number("SELECT count(*) FROM extra") == 0);
    prepare_schema(database, true, longer);
  }
  CHECK(message_of([&] { Store(path, Store::Access::kWrite); }) ==
        path +
            ": was written by a newer electrum-observatory (its schema is version 3, this "
            "program knows 1)");

  // A step that fails leaves everything as it was.
  const std::vector<const char*> broken{longer[0], longer[1], longer[2],
                                        "CREATE TABLE half (x); CREATE TABLE run (x)"};
  Database database(path, Database::Mode::kChanges);
  CHECK_THROWS_AS(prepare_schema(database, true, broken), StoreError);
  CHECK(database.number("PRAGMA user_version") == 3);
  CHECK(database.number("SELECT count(*) FROM sqlite_schema WHERE name = 'half'") == 0);
}

TEST_CASE("a damaged database is told, and nothing else happens") {
  const Folder folder;
  const std::string path = folder.file("o.db");
  Sample sample;
  {
    Store store(path, Store::Access::kWrite);
    add(store, sample.good("a", 1, 1, kNoon));
    add(store, sample.good("a", 1, 2, kNoon));
    store.commit();
  }
  OwnedRecord back(std::size_t{4} << 20);
  const auto after = [&](const std::string& damage) {
    fs::copy_file(path, folder.file("d.db"), fs::copy_options::overwrite_existing);
    {
      Database database(folder.file("d.db"), Database::Mode::kChanges);
      database.execute(damage);
    }
    const Store store(folder.file("d.db"), Store::Access::kRead);
    return message_of([&] {
      for (const ObservationRow& row : rows_of(store)) {
        store.endpoint(row.endpoint);
        store.facts(row.facts);
        store.read(row.run, row.seq, back.record);
      }
    });
  };
  const auto is_damaged = [&](const std::string& damage) {
    return after(damage).find("the database is damaged") != std::string::npos;
  };
  CHECK(after("SELECT 1") == "no error");
  CHECK(is_damaged("DELETE FROM base"));
  CHECK(is_damaged("DELETE FROM facts"));
  CHECK(is_damaged("UPDATE endpoint SET id = 77"));
  CHECK(is_damaged("UPDATE record SET packed = x'00112233' WHERE packed IS NOT NULL"));
  CHECK(is_damaged("UPDATE base SET packed = x'28b52ffd80ffffffff00'"));
  CHECK(is_damaged("UPDATE base SET packed = zeroblob(0)"));
}
