// SPDX-License-Identifier: MIT
// Runs the real electrum-observatory, whose path is OBSERVATORY_BINARY, and looks into the
// databases that it makes.
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <sstream>
#include <thread>

#include "targets/observatory/store/store.h"
#include "tests/catch2.h"
#include "tests/integration/process.h"
#include "tests/unit/cbor_log.h"
#include "tests/unit/record_samples.h"

using namespace observatory;
using namespace observatory::host;
using namespace observatory::integration;
using namespace observatory::samples;

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kNoon = 1'763'812'800'000;  // 2025-11-22 12:00 UTC, in ms
const Window kAllTime{0, INT64_MAX};

Words program(const Words& arguments) {
  Words words{OBSERVATORY_BINARY};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// The row of the summary that begins with `name`, its cells with one space between them.
std::string row_of(const std::string& out, const std::string& name) {
  std::istringstream lines(out);
  for (std::string line; std::getline(lines, line);) {
    if (line.compare(0, name.size(), name) != 0) continue;
    std::istringstream words(line);
    std::string row;
    for (std::string word; words >> word;) row += (row.empty() ? "" : " ") + word;
    return row;
  }
  return "no row of " + name;
}

// A run of one vantage with its observations, in both forms.
struct Log {
  Log(const std::string& vantage, std::uint8_t run, std::uint32_t observations,
      std::int64_t t = kNoon)
      : writer(std::string("\x5e\x0f\x1c\x9a\x33\x7d\x42") + static_cast<char>(run)) {
    OwnedRecord box;
    Record& record = box.record;
    const auto begin = [&](RecordType type, std::uint32_t seq) {
      record.clear();
      record.set(FieldId::kType, static_cast<std::uint64_t>(type));
      record.set(FieldId::kVersion, kFormatVersion);
      record.set_text(FieldId::kVantage, vantage);
      record.set_bytes(FieldId::kRun,
                       std::vector<std::uint8_t>{0x5e, 0x0f, 0x1c, 0x9a, 0x33, 0x7d, 0x42, run});
      if (seq > 0) record.set(FieldId::kSeq, seq);
      record.set(FieldId::kTime, static_cast<std::uint64_t>(t + seq));
    };
    const auto finish = [&] {
      lines.push_back(json_of(record) + "\n");
      pieces.push_back(writer.write(record));
    };
    begin(RecordType::kRun, 0);
    record.set_text(FieldId::kSoftware, "electrum-probe 0.1.0");
    record.set(FieldId::kClock, 2);
    finish();
    for (std::uint32_t seq = 1; seq <= observations; ++seq) {
      begin(RecordType::kObservation, seq);
      const std::string host = "h" + std::to_string(seq % 7) + ".example";
      record.set_text(FieldId::kHost, host);
      record.set(FieldId::kPort, 50002);
      record.set(FieldId::kTransport, static_cast<std::uint64_t>(Transport::kTls));
      record.set(FieldId::kOutcome,
                 static_cast<std::uint64_t>(seq % 5 == 0 ? Outcome::kRefused : Outcome::kOk));
      if (seq % 5 != 0) {
        record.set(FieldId::kUsConnect, 20000 + seq);
        record.set_text(FieldId::kServerSoftware, "Fulcrum 2.1.1");
        record.set_text(FieldId::kBannerText, std::string(300, 'b') + host + vantage);
      }
      finish();
    }
    begin(RecordType::kEnd, observations + 1);
    record.set(FieldId::kObservations, observations);
    finish();
  }

  std::string jsonl(std::size_t from = 0, std::size_t to = SIZE_MAX) const {
    std::string text;
    for (std::size_t i = from; i < std::min(to, lines.size()); ++i) text += lines[i];
    return text;
  }
  std::string cbor() const {
    std::string bytes;
    for (const std::string& piece : pieces) bytes += piece;
    return bytes;
  }

  std::vector<std::string> lines;
  std::vector<std::string> pieces;
  LogWriter writer;
};

// A statement's first column, row by row.
std::vector<std::string> select(const std::string& path, const std::string& sql) {
  sqlite3* connection = nullptr;
  REQUIRE(sqlite3_open_v2(path.c_str(), &connection, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK);
  std::vector<std::string> found;
  const auto take = [](void* into, int, char** values, char**) {
    static_cast<std::vector<std::string>*>(into)->push_back(values[0] != nullptr ? values[0] : "");
    return 0;
  };
  char* problem = nullptr;
  if (sqlite3_exec(connection, sql.c_str(), take, &found, &problem) != SQLITE_OK) {
    found.push_back(problem);
  }
  sqlite3_free(problem);
  sqlite3_close(connection);
  return found;
}

bool is_whole(const std::string& path) {
  return select(path, "PRAGMA integrity_check") == std::vector<std::string>{"ok"};
}

// All that questions can see, in an order of its own: equal for databases with the same content.
std::vector<std::string> content_of_database(const std::string& path) {
  const Store store(path, Store::Access::kRead);
  std::vector<std::string> content;
  OwnedRecord box(std::size_t{4} << 20);
  for (const std::string& id : select(path, "SELECT id FROM record")) {
    const std::int64_t number = std::stoll(id);
    const auto seq = static_cast<std::uint32_t>(number & 0xffff'ffff);
    REQUIRE(store.read(number >> 32, seq, box.record));
    content.push_back(json_of(box.record) + store.raw(number >> 32, seq));
  }
  store.each_observation({kAllTime, {}}, [&](const ObservationRow& row) {
    const Endpoint endpoint = store.endpoint(row.endpoint);
    std::string text = std::to_string(row.t) + " " + store.vantage(row.vantage) + " " +
                       store.run(row.run).name + " " + std::to_string(row.seq) + " " +
                       endpoint.host + " " + std::to_string(endpoint.port) + " " +
                       std::string(outcome_name(row.outcome)) + " " +
                       std::to_string(row.connect_us.value_or(0));
    if (row.facts != 0) text += " " + store.facts(row.facts).software;
    content.push_back(text);
  });
  for (const Run& run : store.runs({kAllTime, {}})) {
    content.push_back(run.vantage + " " + run.name + " " + run.software + " " +
                      std::to_string(run.t) + " " + std::to_string(run.ended) + " " +
                      std::to_string(run.observations.value_or(0)));
  }
  for (const KnownEndpoint& known : store.known_endpoints()) {
    content.push_back(known.list + " " + known.endpoint.host + " " +
                      std::to_string(known.endpoint.port));
  }
  std::sort(content.begin(), content.end());
  return content;
}

std::string gzip(std::string_view content) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string packed(deflateBound(&stream, content.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string zstd(std::string_view content) {
  std::string packed(ZSTD_compressBound(content.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), content.data(), content.size(), 3));
  return packed;
}

// A folder with a database.
struct Place {
  std::string db() const { return folder.path("o.db"); }
  Result ingest(const Words& logs) const {
    Words words{"ingest", "--db", db()};
    words.insert(words.end(), logs.begin(), logs.end());
    return run(program(words));
  }
  std::string write(const std::string& name, std::string_view content) const {
    return folder.write(name, content);
  }

  TempFolder folder;
};

}  // namespace

TEST_CASE("the same records give the same database: in both forms, any order, pieces, and twice") {
  const Log a("pi", 1, 40);
  const Log b("router", 2, 30, kNoon + 20);
  const Place plain;
  const Result first =
      plain.ingest({plain.write("a.jsonl", a.jsonl()), plain.write("b.cbor", b.cbor())});
  CHECK(first.status == 0);
  CHECK(first.err.empty());
  CHECK(row_of(first.out, plain.folder.path("a.jsonl")) ==
        plain.folder.path("a.jsonl") + " 42 42 0 0 0 0 1");
  CHECK(row_of(first.out, "all") == "all 74 74 0 0 0 0 2");
  CHECK(contains(first.out, plain.db() + " holds 70 observations of 2 runs from 2 vantages\n"));
  const auto content = content_of_database(plain.db());
  CHECK(content.size() == 74 + 70 + 2);
  CHECK(is_whole(plain.db()));

  SECTION("twice") {
    const Result again = plain.ingest({plain.folder.path("b.cbor"), plain.folder.path("a.jsonl")});
    CHECK(again.status == 0);
    CHECK(row_of(again.out, "all") == "all 74 0 74 0 0 0 2");
    CHECK((content_of_database(plain.db()) == content));
  }
  SECTION("the other form") {
    const Result again = plain.ingest({plain.write("a.cbor", a.cbor())});
    CHECK(row_of(again.out, plain.folder.path("a.cbor")) ==
          plain.folder.path("a.cbor") + " 42 0 42 0 0 0 1");
    CHECK((content_of_database(plain.db()) == content));
  }
  SECTION("in pieces, the end before the beginning, some of it twice, from standard input") {
    const Place other;
    CHECK(other.ingest({other.write("1", a.jsonl(20))}).status == 0);
    CHECK(other.ingest({other.write("2", b.jsonl(3, 40))}).status == 0);
    CHECK(
        other.ingest({other.write("3", b.jsonl(0, 5)), other.write("4", a.jsonl(0, 25))}).status ==
        0);
    CHECK((content_of_database(other.db()) == content));
    const Result piped = run({"sh", "-c",
                              "cat '" + plain.folder.path("b.cbor") + "' | '" + OBSERVATORY_BINARY +
                                  "' ingest --db '" + other.db() + "' -"});
    CHECK(row_of(piped.out, "standard input") == "standard input 32 0 32 0 0 0 1");
  }
}

TEST_CASE("packed logs are read as what they hold, joined or not") {
  const Log log("pi", 1, 40);
  const Place place;
  const std::string lines = log.jsonl();
  const Result result =
      place.ingest({place.write("a", gzip(lines)), place.write("b", zstd(log.cbor())),
                    place.write("c", gzip(log.jsonl(0, 20)) + gzip(log.jsonl(20))),
                    place.write("d", zstd(log.jsonl(0, 20)) + zstd("") + zstd(log.jsonl(20)))});
  CHECK(result.status == 0);
  CHECK(result.err.empty());
  CHECK(row_of(result.out, "all") == "all 168 42 126 0 0 0 1");

  SECTION("the end of a packed file is torn off") {
    for (const std::string& packed : {gzip(lines), zstd(lines)}) {
      const std::string path = place.write("torn", packed.substr(0, packed.size() / 2));
      const Result torn = place.ingest({path});
      CHECK(torn.status == 0);
      CHECK(contains(torn.err, path + ": the end of the packed file is torn\n"));
    }
    // After a power cut zeros may stand there.
    const std::string path = place.write("zeros", gzip(lines) + std::string(5000, '\0'));
    const Result torn = place.ingest({path});
    CHECK(torn.status == 0);
    CHECK(row_of(torn.out, path) == path + " 42 0 42 0 0 1 1");
  }
  SECTION("a packed file is damaged") {
    std::string packed = gzip(lines);
    packed[packed.size() - 6] = static_cast<char>(packed[packed.size() - 6] ^ 1);  // of the CRC
    const std::string path = place.write("damaged", packed);
    const Result damaged = place.ingest({path});
    CHECK(damaged.status == 1);
    CHECK(contains(damaged.err, path + ": the packed file is broken (incorrect data check)"));
    CHECK(row_of(damaged.out, path) == path + " 42 0 42 0 1 0 1");
  }
  SECTION("a packed file holds something else") {
    const std::string path = place.write("other", zstd(gzip(lines)));
    const Result other = place.ingest({path});
    CHECK(other.status == 1);
    CHECK(contains(other.err, path + ": neither JSON Lines nor a CBOR sequence of records"));
  }
}

// A sanitizer's own memory is counted, too; the line below has 200 MB.
#if defined(__SANITIZE_ADDRESS__)
constexpr long kMostKilobytes = 192 * 1024;
#else
constexpr long kMostKilobytes = 64 * 1024;
#endif

TEST_CASE("what expands to much, and a line without end, take no memory to speak of") {
  const Place place;
  const Log log("pi", 1, 2);
  const std::string path = place.write(
      "bomb", gzip("{\"type\":\"" + std::string(std::size_t{200} << 20, 'x') + "\n" + log.jsonl()));
  Process process(program({"ingest", "--db", place.db(), path}));
  long peak = 0;
  while (!process.ended()) {
    peak = std::max(peak, process.peak_kilobytes());
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  CHECK(process.wait() == 1);
  CHECK(contains(process.err(), path + ": line 1: longer than a record can be: 209715210 bytes are "
                                       "left out\n"));
  CHECK(row_of(process.out(), path) == path + " 4 4 0 0 1 0 1");
  CHECK(peak > 0);
  CHECK(peak < kMostKilobytes);
}

TEST_CASE("half a log, glued logs and NULs of a power cut cost what was torn") {
  const Log a("pi", 1, 5);
  const Log b("pi", 2, 5, kNoon + 1000);
  const Place place;
  const std::string half = a.jsonl(0, 4) + a.lines[4].substr(0, 60);
  const std::string zeros(4096, '\0');

  SECTION("half a log") {
    const std::string path = place.write("log", half);
    const Result result = place.ingest({path});
    CHECK(result.status == 0);
    CHECK(row_of(result.out, path) == path + " 4 4 0 0 0 1 1");
    CHECK(contains(result.err, path + ": line 5: the last record is torn: 60 bytes"));
  }
  SECTION("another log behind it") {
    const std::string path = place.write("log", half + b.jsonl() + half + a.jsonl());
    const Result result = place.ingest({path});
    CHECK(result.status == 0);
    CHECK(row_of(result.out, path) == path + " 22 14 8 0 0 2 2");
    CHECK(contains(result.err, path + ": line 5: a record is torn: 60 bytes from byte " +
                                   std::to_string(half.size() - 60) + " on are left out\n"));
  }
  SECTION("zeros at the end, in the middle, at the beginning, and nothing else") {
    const std::string path =
        place.write("log", zeros + half + zeros + b.jsonl() + zeros + "\n" + a.jsonl(4) + zeros);
    const Result result = place.ingest({path});
    CHECK(result.status == 0);
    CHECK(row_of(result.out, path) == path + " 14 14 0 0 0 5 2");
    CHECK(contains(result.err, path + ": byte 0: 4096 NUL bytes are left out"));
    CHECK(contains(result.err, path + ": line 5: a record is torn: 60 bytes"));
    CHECK(contains(result.err, path + ": and 2 more torn records\n"));
    const std::string nothing = place.write("nothing", zeros);
    CHECK(place.ingest({nothing}).status == 0);
  }
  SECTION("a CBOR sequence with zeros behind it, and another log") {
    const std::string path = place.write("log", a.cbor() + zeros + b.cbor() + zeros);
    const Result result = place.ingest({path});
    CHECK(result.status == 0);
    CHECK(row_of(result.out, path) == path + " 14 14 0 0 0 2 2");
  }
  SECTION("half a CBOR sequence") {
    const std::string path = place.write("log", a.cbor().substr(0, a.cbor().size() - 3));
    const Result result = place.ingest({path});
    CHECK(result.status == 0);
    CHECK(row_of(result.out, path) == path + " 6 6 0 0 0 1 1");
  }
}

TEST_CASE("what is no record is refused by its place, few of each kind, and the rest is taken in") {
  const Log log("pi", 1, 3);
  const Place place;
  std::string nonsense;
  for (int i = 0; i < 10; ++i) nonsense += "nonsense\n";
  const std::string nameless = R"({"type":"observation","v":1,"vantage":"pi","seq":9})";
  const std::string newer = R"({"type":"observation","v":2,"vantage":"pi"})";
  const std::string path =
      place.write("log", log.lines[0] + nonsense + newer + "\n" + nameless + "\n" + log.jsonl(1));
  const Result result = place.ingest({path});
  CHECK(result.status == 1);
  CHECK(row_of(result.out, path) == path + " 5 5 0 0 12 0 1");
  CHECK(contains(result.err, path + ": line 2: not JSON"));
  CHECK(contains(result.err, path + ": line 4: not JSON"));
  CHECK_FALSE(contains(result.err, path + ": line 5:"));
  CHECK(contains(result.err, path + ": and 7 more malformed records\n"));
  CHECK(contains(result.err, path + ": line 12: format version 2 is not supported, only 1\n"));
  CHECK(contains(result.err, path + ": line 13: a record without run\n"));
}

TEST_CASE("fields that the program does not know are kept as they came") {
  const Log log("pi", 1, 2);
  const Place place;
  std::string newer = log.lines[1];
  newer.insert(newer.size() - 2, ",\"mood\":{\"value\":7}");
  const std::string path = place.write("log", log.lines[0] + newer + log.lines[2]);
  CHECK(place.ingest({path}).status == 0);
  CHECK(select(place.db(), "SELECT count(*) FROM raw") == std::vector<std::string>{"1"});
  const Store store(place.db(), Store::Access::kRead);
  CHECK(store.raw(1, 1) + "\n" == newer);

  // In CBOR, key 200 of the record.
  const Place other;
  OwnedRecord box;
  begin_observation_of_run(box.record);
  box.record.set_text(FieldId::kVantage, "pi");
  box.record.set(FieldId::kSeq, 1);
  std::string map = cbor_of(box.record);
  REQUIRE(static_cast<unsigned char>(map[0]) == 0xA5);
  map[0] = '\xA6';
  map += "\x18\xC8\x61x";
  CHECK(other.ingest({other.write("log", map)}).status == 0);
  CHECK(Store(other.db(), Store::Access::kRead).raw(1, 1) == map);
}

TEST_CASE("another record of the same name is kept beside the first one and told") {
  const Log log("pi", 1, 3);
  const Place place;
  CHECK(place.ingest({place.write("log", log.jsonl())}).status == 0);
  const auto content = content_of_database(place.db());
  std::string changed = log.lines[2];
  changed.replace(changed.find("h2.example"), 10, "hx.example");
  const std::string path = place.write("changed", changed + log.lines[3]);
  for (int i = 0; i < 2; ++i) {
    const Result result = place.ingest({path});
    CHECK(result.status == 0);
    CHECK(row_of(result.out, path) == path + " 2 0 1 1 0 0 1");
    CHECK(contains(result.err, path + ": line 1: another record of the same vantage, run and seq"));
    CHECK(contains(result.out, "1 record kept beside another one"));
    CHECK((content_of_database(place.db()) == content));
  }
}

TEST_CASE(
    "records from 1970 and from 2100, and of a clock that was not set, are told and set aside") {
  const Place place;
  const Log early("early", 1, 3, 1000);
  const Log late("late", 2, 2, 4'102'444'800'000);
  const Log good("good", 3, 2);
  std::string unset = Log("unset", 4, 4).jsonl();
  unset.replace(unset.find("\"ntp\""), 5, "\"unset\"");
  const Result result =
      place.ingest({place.write("log", early.jsonl() + late.jsonl() + good.jsonl() + unset)});
  CHECK(result.status == 0);
  CHECK(contains(result.out, "9 observations in no question about time"));
  const Store store(place.db(), Store::Access::kRead);
  CHECK(store.undated({}) == 9);
  std::size_t dated = 0;
  store.each_observation({kAllTime, {}}, [&](const ObservationRow&) { ++dated; });
  CHECK(dated == 2);
}

TEST_CASE("two processes take logs into one database at once, also where it is not there yet") {
  const Place place;
  const Place one_by_one;
  std::vector<std::string> logs;
  for (std::uint8_t i = 0; i < 12; ++i) {
    logs.push_back(place.write("log" + std::to_string(i), Log("v", i, 100).jsonl()));
  }
  REQUIRE(one_by_one.ingest(logs).status == 0);
  // Each has some of its own and some of the other's.
  const Words first(logs.begin(), logs.begin() + 8);
  const Words second(logs.begin() + 4, logs.end());
  const auto command = [&](const Words& files) {
    Words words = program({"ingest", "--db", place.db()});
    words.insert(words.end(), files.begin(), files.end());
    return words;
  };
  Process a(command(first));
  Process b(command(second));
  // Questions are answered meanwhile.
  while (!a.ended() || !b.ended()) {
    if (fs::exists(place.db()) && fs::file_size(place.db()) > 0) {
      const Store store(place.db(), Store::Access::kRead);
      store.each_observation({kAllTime, {}}, [](const ObservationRow&) {});
    }
  }
  CHECK(a.wait() == 0);
  CHECK(b.wait() == 0);
  CHECK(a.err() == "");
  CHECK(b.err() == "");
  CHECK(is_whole(place.db()));
  CHECK((content_of_database(place.db()) == content_of_database(one_by_one.db())));
}

TEST_CASE("an ingest that waits for a slow pipe holds nobody up, and keeps what it has") {
  const Place place;
  const Log log("slow", 1, 3);
  Pipe pipe;
  Process slow(program({"ingest", "--db", place.db(), "-"}), {.in = pipe.reader.number()});
  pipe.reader.close();
  const std::string beginning = log.jsonl(0, 3);
  REQUIRE(::write(pipe.writer.number(), beginning.data(), beginning.size()) ==
          static_cast<ssize_t>(beginning.size()));
  CHECK(eventually([&] {
    return fs::exists(place.db()) &&
           select(place.db(), "SELECT count(*) FROM record") == std::vector<std::string>{"3"};
  }));
  const auto before = std::chrono::steady_clock::now();
  CHECK(place.ingest({place.write("other", Log("other", 2, 3).jsonl())}).status == 0);
  CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(20));
  const std::string rest = log.jsonl(3);
  REQUIRE(::write(pipe.writer.number(), rest.data(), rest.size()) ==
          static_cast<ssize_t>(rest.size()));
  pipe.writer.close();
  CHECK(slow.wait() == 0);
  CHECK(row_of(slow.out(), "standard input") == "standard input 5 5 0 0 0 0 1");
}

TEST_CASE(
    "an ingest that is killed at any moment leaves a whole database, and a repeat completes it") {
  const Place undisturbed;
  std::vector<std::string> logs;
  for (std::uint8_t i = 0; i < 10; ++i) {
    logs.push_back(undisturbed.write("log" + std::to_string(i), Log("v", i, 60).jsonl()));
  }
  const auto begun = std::chrono::steady_clock::now();
  REQUIRE(undisturbed.ingest(logs).status == 0);
  const auto takes = std::chrono::duration_cast<std::chrono::microseconds>(
                         std::chrono::steady_clock::now() - begun)
                         .count();
  const auto content = content_of_database(undisturbed.db());

  // A few here; tests/run.sh --all asks for more.
  const char* const asked = std::getenv("OBSERVATORY_KILLS");
  const int kills = asked != nullptr ? std::atoi(asked) : 8;
  std::mt19937 random(20251122);
  std::uniform_int_distribution<long> moment(0, takes);
  int partly = 0;
  for (int i = 0; i < kills; ++i) {
    const Place place;
    Words words = program({"ingest", "--db", place.db()});
    words.insert(words.end(), logs.begin(), logs.end());
    {
      Process process(words);
      std::this_thread::sleep_for(std::chrono::microseconds(moment(random)));
      process.signal(SIGKILL);
      process.wait();
    }
    if (fs::exists(place.db())) {
      CHECK(is_whole(place.db()));
      const std::vector<std::string> count =
          select(place.db(), "SELECT count(*) FROM record WHERE (SELECT count(*) FROM record) > 0");
      partly += count.size() == 1 && count[0] != "0" && count[0] != std::to_string(10 * 62);
    }
    REQUIRE(place.ingest(logs).status == 0);
    CHECK((content_of_database(place.db()) == content));
  }
  if (kills >= 20) CHECK(partly > kills / 10);  // else the moments were no good ones
}

TEST_CASE("files that cannot be read are told by name, and the others are taken in") {
  const Place place;
  const Log log("pi", 1, 2);
  const std::string good = place.write("good", log.jsonl());
  const std::string folder = place.folder.path("");
  const Result result = place.ingest({place.folder.path("missing"), folder, good});
  CHECK(result.status == 1);
  CHECK(contains(result.err, place.folder.path("missing") + ": No such file or directory\n"));
  CHECK(contains(result.err, folder + ": Is a directory\n"));
  CHECK(row_of(result.out, "all") == "all 4 4 0 0 0 0 1");

  const Result empty = place.ingest({place.write("empty", "")});
  CHECK(empty.status == 0);
}

TEST_CASE("a database that cannot be used is told by name") {
  const Place place;
  const std::string log = place.write("log", Log("pi", 1, 2).jsonl());
  const auto with = [&](const std::string& db) {
    const Result result = run(program({"ingest", "--db", db, log}));
    CHECK(result.status == 1);
    CHECK(result.out.empty());
    return result.err;
  };
  const std::string name = "electrum-observatory: ";
  const std::string folder = place.folder.path("");
  CHECK(with(folder) == name + folder + ": is a folder, and no database\n");
  CHECK(with(log) == name + log + ": is no database\n");
  CHECK(with(log + "/below.db") == name + log + ": Not a directory\n");
  CHECK(with("/dev/full") == name + "/dev/full: is no regular file, and no database\n");

  const std::string foreign = place.write("foreign.db", "");
  select(foreign, "CREATE TABLE bookmarks (x)");
  CHECK(with(foreign) == name + foreign + ": is a database of another program\n");

  REQUIRE(place.ingest({log}).status == 0);
  select(place.db(), "PRAGMA user_version = 99");
  CHECK(with(place.db()) == name + place.db() +
                                ": was written by a newer electrum-observatory (its schema is "
                                "version 99, this program knows 1)\n");
}

TEST_CASE("without --db the database stands where data of a user do") {
  const Place place;
  const std::string log = place.write("log", Log("pi", 1, 2).jsonl());
  const auto with = [&](const std::string& environment) {
    return run({"sh", "-c",
                "env -u HOME -u XDG_DATA_HOME " + environment +
                    " '" OBSERVATORY_BINARY "' ingest '" + log + "'"});
  };
  const std::string home = place.folder.path("home");
  CHECK(with("HOME=" + home).status == 0);
  CHECK(fs::exists(home + "/.local/share/electrum-observatory/observatory.db"));
  CHECK(with("HOME=" + home + " XDG_DATA_HOME=" + place.folder.path("data")).status == 0);
  CHECK(fs::exists(place.folder.path("data/electrum-observatory/observatory.db")));
  const Result nowhere = with("XDG_DATA_HOME=relative");
  CHECK(nowhere.status == 1);
  CHECK(contains(nowhere.err, "neither --db nor HOME says where it is"));
}

// Not run by itself: what the cases below start where this program could not ask by itself.
TEST_CASE("asks the database in OBSERVATORY_ASKED", "[.asks]") {
  const Store store(std::getenv("OBSERVATORY_ASKED"), Store::Access::kRead);
  std::size_t count = 0;
  store.each_observation({kAllTime, {}}, [&](const ObservationRow&) { ++count; });
  CHECK(count == 40);
}

// Runs a script as root of an own view of the file systems; absent where that cannot be had.
std::optional<Result> run_with_own_mounts(const std::string& script) {
  for (const Words& unshare :
       {Words{"unshare", "--mount"}, Words{"unshare", "--map-root-user", "--mount"}}) {
    Words words = unshare;
    words.insert(words.end(), {"sh", "-c", "true"});
    if (run(words).status != 0) continue;
    words.back() = script;
    return run(words);
  }
  WARN("left out: no mount namespace can be had here");
  return std::nullopt;
}

TEST_CASE("a database on a read-only file system is asked, and not changed") {
  const Place place;
  const Log log("pi", 1, 40);
  const std::string path = place.write("log", log.jsonl());
  REQUIRE(place.ingest({path}).status == 0);
  const std::string mount = place.folder.path("mount");
  fs::create_directory(mount);
  const std::string prepare = "set -e; mount -t tmpfs -o size=8m none '" + mount + "'; cp '" +
                              place.db() + "' '" + mount + "/o.db'; ";
  const std::string seal = "mount -o remount,ro '" + mount + "'; ";
  const std::string ask = "OBSERVATORY_ASKED='" + mount + "/o.db' '" +
                          fs::read_symlink("/proc/self/exe").string() + "' '[.asks]'";
  const std::string ingest =
      "'" OBSERVATORY_BINARY "' ingest --db '" + mount + "/o.db' '" + path + "'";

  const auto asked = run_with_own_mounts(prepare + seal + ask);
  if (!asked) return;
  CHECK(asked->status == 0);
  const auto written = run_with_own_mounts(prepare + seal + ingest);
  CHECK(written->status == 1);
  CHECK(written->err ==
        "electrum-observatory: " + mount + "/o.db: cannot be written: it is read-only\n");

  // What an ingest left that was killed in the middle of a commit: its journal is there, and is
  // taken back wherever that can be written.
  const std::string torn = "'" + fs::read_symlink("/proc/self/exe").string() + "' '[.tears]'; ";
  const std::string tear = "export OBSERVATORY_ASKED='" + mount + "/o.db'; " + torn;
  const auto mended = run_with_own_mounts(prepare + tear + ask);
  CAPTURE(mended->out, mended->err);
  CHECK(mended->status == 0);
  const auto sealed = run_with_own_mounts(prepare + tear + seal + ask);
  CHECK(sealed->status != 0);
  CHECK(contains(sealed->out, "an ingest was cut off"));
}

// Dies inside a transaction that has changed the file already.
TEST_CASE("tears the database in OBSERVATORY_ASKED", "[.tears]") {
  if (::fork() == 0) {
    sqlite3* connection = nullptr;
    sqlite3_open(std::getenv("OBSERVATORY_ASKED"), &connection);
    sqlite3_exec(connection,
                 "PRAGMA cache_size = 1; BEGIN IMMEDIATE; DELETE FROM observation; "
                 "UPDATE record SET packed = zeroblob(5000); DELETE FROM run;",
                 nullptr, nullptr, nullptr);
    ::_exit(0);
  }
  int status = 0;
  ::wait(&status);
  CHECK(fs::file_size(std::string(std::getenv("OBSERVATORY_ASKED")) + "-journal") > 512);
}

TEST_CASE("a full disk is told, and a repeat with room completes what is there") {
  const Place place;
  const std::string path = place.write("log", Log("pi", 1, 40).jsonl());
  std::string logs;
  for (std::uint8_t i = 2; i < 40; ++i) {
    logs += " '" + place.write("log" + std::to_string(i), Log("pi", i, 200).jsonl()) + "'";
  }
  const std::string mount = place.folder.path("mount");
  fs::create_directory(mount);
  const std::string ingest =
      "'" OBSERVATORY_BINARY "' ingest --db '" + mount + "/o.db' '" + path + "'" + logs;
  const std::string partly = place.folder.path("partly.db");
  const std::string completed = place.folder.path("completed.db");
  const auto full = run_with_own_mounts(
      "mount -t tmpfs -o size=400k none '" + mount + "' || exit 9; " + ingest +
      "; echo status $?; cp '" + mount + "/o.db' '" + partly + "'; cp '" + mount +
      "/o.db-journal' '" + partly + "-journal' 2>/dev/null; mount -o remount,size=64m '" + mount +
      "'; " + ingest + " >/dev/null && cp '" + mount + "/o.db' '" + completed + "'");
  if (!full) return;
  CAPTURE(full->out, full->err);
  CHECK(contains(full->out, "status 1\n"));
  CHECK(is_whole(partly));
  CHECK(contains(full->err, mount + "/o.db: no room is left on the disk\n"));
  REQUIRE(fs::exists(completed));
  CHECK(run({"sh", "-c",
             "'" OBSERVATORY_BINARY "' ingest --db '" + place.db() + "' '" + path + "'" + logs})
            .status == 0);
  CHECK((content_of_database(completed) == content_of_database(place.db())));
}

TEST_CASE("a database that may not grow is told, and stays as it was") {
  const Place place;
  const std::string first = place.write("first", Log("pi", 1, 40).jsonl());
  REQUIRE(place.ingest({first}).status == 0);
  const auto content = content_of_database(place.db());
  std::string more;
  for (std::uint8_t i = 2; i < 40; ++i) more += Log("pi", i, 200).jsonl();
  const std::string second = place.write("second", more);
  const Result result = run({"sh", "-c",
                             "ulimit -f 300; exec '" OBSERVATORY_BINARY "' ingest --db '" +
                                 place.db() + "' '" + second + "'"});
  CHECK(result.status == 1);
  CHECK(contains(result.err, "electrum-observatory: " + place.db() + ": "));
  CHECK(is_whole(place.db()));
  CHECK((content_of_database(place.db()) == content));
}

TEST_CASE("import reads Electrum's list and lines, and knows each endpoint once a list") {
  const Place place;
  const std::string json = place.write("servers.json", R"({
    "b.Example": {"pruning": "-", "t": "50001", "s": "50002", "version": "1.4"},
    "a.example": {"pruning": "-", "s": 995, "version": "1.4"},
    "onion.onion": {"t": null},
    "2001:db8::1": {"s": "50002"}
  })");
  const std::string lines =
      place.write("lines.txt",
                  "# servers\n\nb.example t50001 s50002\nc.example s\r\n"
                  "d.example:143:t\n[2001:DB8::1]:50002:s # six\ne.example\n");
  Result result = run(program({"import", "--db", place.db(), json, lines}));
  CHECK(result.status == 0);
  CHECK(result.err.empty());
  CHECK(row_of(result.out, "servers") == "servers " + json + " 4 4 0 0");
  CHECK(row_of(result.out, "lines") == "lines " + lines + " 7 7 0 0");
  result = run(program({"import", "--db", place.db(), "--name", "lines", lines}));
  CHECK(row_of(result.out, "lines") == "lines " + lines + " 7 0 7 0");
  std::string known;
  for (const KnownEndpoint& entry : Store(place.db(), Store::Access::kRead).known_endpoints()) {
    known += entry.list + " " + entry.endpoint.host + " " + std::to_string(entry.endpoint.port) +
             (entry.endpoint.transport == Transport::kTcp ? " t" : " s") + "\n";
  }
  CHECK(known ==
        "lines 2001:db8::1 50002 s\nlines b.example 50001 t\nlines b.example 50002 s\n"
        "lines c.example 50002 s\nlines d.example 143 t\nlines e.example 50001 t\n"
        "lines e.example 50002 s\nservers 2001:db8::1 50002 s\nservers a.example 995 s\n"
        "servers b.example 50001 t\nservers b.example 50002 s\n");

  result = run(program({"import", "--db", place.db(),
                        place.write("bad",
                                    "good.example s50002\nbad..example s1\nx.example s0\n"
                                    "y.example u50002\nz.example s50002 t70000\n"
                                    "\x1b[31m s1\n")}));
  CHECK(result.status == 1);
  CHECK(row_of(result.out, "bad") == "bad " + place.folder.path("bad") + " 1 1 0 5");
  CHECK(contains(result.err, ": line 2: no host name: bad..example\n"));
  CHECK(contains(result.err, ": line 3: no port from 1 to 65535: 0\n"));
  CHECK(contains(result.err, ": line 4: neither t (TCP) nor s (TLS): u\n"));
  CHECK_FALSE(contains(result.err, "\x1b"));
  for (const std::string& other : {place.write("torn.json", "{\"a.example\": {\"t\": \"5"),
                                   place.write("bomb.gz", gzip(std::string(5 << 20, '\n'))),
                                   place.folder.path("missing"), place.folder.path("")}) {
    CHECK(run(program({"import", "--db", place.db(), other})).status == 1);
  }
}
