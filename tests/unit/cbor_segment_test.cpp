// SPDX-License-Identifier: MIT
// Content that stands in a log once. Bytes and hashes of examples are from Python (hashlib), by the
// words of FORMAT.md.
#include "core/record/cbor_segment.h"

#include <algorithm>
#include <random>
#include <set>

#include "core/base/byte_writer.h"
#include "core/base/number.h"
#include "core/record/row_cells.h"
#include "tests/unit/cbor_log.h"

using namespace observatory;
using namespace observatory::samples;

namespace {

std::string bytes_of(std::string_view hex) {
  std::string bytes(hex.size() / 2, '\0');
  REQUIRE(
      read_hex(hex, MutableByteView(reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size())));
  return bytes;
}

std::string hex_of(std::string_view bytes) {
  StringSink sink;
  put_hex(as_bytes(bytes), sink);
  return sink.text;
}

// A record of the run with a banner and perhaps a software.
struct Visit {
  explicit Visit(std::string_view banner, std::string_view software = {}) {
    begin_observation_of_run(box.record);
    if (!software.empty()) box.record.set_text(FieldId::kServerSoftware, software);
    box.record.set_text(FieldId::kBannerText, banner);
  }

  OwnedRecord box;
};

const std::string kBanner(40, 'b');
// {0: 2, 1: 1, 3: h'5e0f1c9a337d42b8', 23: ...}
constexpr std::string_view kStart = "a40002010103485e0f1c9a337d42b817";

void add_peers(Record& record, const std::vector<std::string>& hosts) {
  ListField list(record, FieldId::kPeersList);
  for (const std::string& host : hosts) {
    list.add("198.51.100." + std::to_string(host.size() % 200), host, "v1.6 s50002 t50001");
  }
}

// What stands for a record that is a map of type, version, run and the given entries.
std::string with_run(int members, std::string_view hex) {
  return std::string(1, static_cast<char>(0xA3 + members)) +
         bytes_of("0002010103485e0f1c9a337d42b8") + bytes_of(hex);
}

Expansion expand(std::string_view record, Contents& contents, MutableByteView into) {
  test::Sha256Digest digest;
  return expand_cbor(as_bytes(record), contents, digest, into);
}

Status expanded_status(std::string_view record) {
  MapContents contents;
  std::vector<std::uint8_t> into(4096);
  return expand(record, contents, into).status;
}

ContentHash hash_number(std::uint64_t number) {
  std::mt19937_64 random(number);
  ContentHash hash;
  for (std::uint8_t& byte : hash) byte = static_cast<std::uint8_t>(random());
  return hash;
}

}  // namespace

TEST_CASE("what stood before stands as the tag and the first 8 bytes of its hash") {
  LogWriter log;
  CHECK(log.write(Visit(kBanner).box.record) == cbor_of(Visit(kBanner).box.record));
  // The group electrum as a whole, and with a software beside it the group banner.
  CHECK(hex_of(log.write(Visit(kBanner).box.record)) ==
        std::string(kStart) + "d9ec7548ca103c0c2bd30f80");
  CHECK(hex_of(log.write(Visit(kBanner, "x").box.record)) ==
        std::string(kStart) + "a201617804d9ec7548a14d169ac7248434");
  // The text alone, where the group has another member.
  Visit counted(kBanner);
  counted.box.record.set(FieldId::kBannerBytes, 40);
  CHECK(hex_of(log.write(counted.box.record)) ==
        std::string(kStart) + "a104a201d9ec7548985537103626ce01031828");
}

TEST_CASE("values of 24 bytes are content, shorter ones are not") {
  for (const std::size_t length : {22, 23}) {  // and a head of one byte
    LogWriter log;
    const std::string text(length, 't');
    log.write(Visit(text, "a").box.record);
    Visit second(text, "b");
    second.box.record.set(FieldId::kBannerBytes, 1);
    CAPTURE(length);
    CHECK((log.write(second.box.record).find(text) == std::string::npos) == (length == 23));
  }
}

TEST_CASE("known items that follow each other are one reference, in the order of the list") {
  const std::string one = "one.electrum.example.org.xxx";
  const std::string two = "two.electrum.example.org.xxx";
  LogWriter log;
  LogReader reader;
  OwnedRecord first;
  begin_observation_of_run(first.record);
  {
    ListField list(first.record, FieldId::kPeersList);
    list.add("198.51.100.4", one, "v1.6 s50002 t50001");
    list.add("198.51.100.5", two, "v1.6 s50002 t50001");
  }
  CHECK(reader.read(log.write(first.record)) == json_of(first.record));

  OwnedRecord second;
  begin_observation_of_run(second.record);
  {
    ListField list(second.record, FieldId::kPeersList);
    list.add("198.51.100.5", two, "v1.6 s50002 t50001");
    list.add("198.51.100.4", one, "v1.6 s50002 t50001");
    list.add("::1", "new", "");
    list.add("198.51.100.4", one, "v1.6 s50002 t50001");
  }
  const std::string written = log.write(second.record);
  // electrum {7: {3: [reference to two and one, the new row, reference to one]}}
  CHECK(hex_of(written) == std::string(kStart) +
                               "a107a10383"
                               "d9ec755096c60e4ea367dbee68b447b6beebcfb5"
                               "835000000000000000000000000000000001636e657760"
                               "d9ec754868b447b6beebcfb5");
  CHECK(reader.read(written) == json_of(second.record));
  CHECK(reader.missing == 0);
}

TEST_CASE("a long list takes a reference for every 32 items that follow each other") {
  const auto visit = [](LogWriter& log, LogReader& reader, int rows) {
    OwnedRecord box;
    begin_observation_of_run(box.record);
    {
      ListField list(box.record, FieldId::kPeersList);
      for (int i = rows; i > 0; --i) {
        const std::string text = std::to_string(1000 + i);
        list.add("", "host" + text + ".electrum.example.org", "");
      }
    }
    const std::string cbor = log.write(box.record);
    CHECK(reader.read(cbor) == json_of(box.record));
    return cbor.size();
  };
  LogWriter log;
  LogReader reader;
  visit(log, reader, 101);
  // What stands before the list, its head, and three references of 32 items and one of 4.
  const std::size_t start = 15 + 1 + 4;
  CHECK(visit(log, reader, 100) == start + 1 + 3 * (3 + 3 + 32 * 8) + (3 + 2 + 4 * 8));
  CHECK(visit(log, reader, 64) == start + 1 + 2 * (3 + 3 + 32 * 8));
  CHECK(visit(log, reader, 1) == start + 1 + (3 + 1 + 8));
  CHECK(reader.missing == 0);
}

TEST_CASE("whatever changes between two visits, a log gives back the records that were written") {
  for (const bool large : {false, true}) {
    LogWriter log;
    LogReader reader;
    const auto visit = [&](const Field* changed) {
      OwnedRecord box;
      for (const Field& field : all_fields()) {
        give_value(box.record, field,
                   changed != nullptr && field.id == changed->id ? !large : large);
      }
      begin_observation_of_run(box.record);
      box.record.mark_cut(FieldId::kVantage);
      box.record.mark_cut(FieldId::kLeafSan);
      const std::string cbor = log.write(box.record);
      CHECK(reader.read(cbor) == json_of(box.record));
      return cbor.size();
    };
    const std::size_t first = visit(nullptr);
    CHECK(visit(nullptr) < first / 3);
    for (const Field& field : all_fields()) {
      CAPTURE(field.name);
      visit(&field);
    }
    CHECK(reader.missing == 0);
  }
}

TEST_CASE("records of another run, of no run and without a segment are written whole") {
  OwnedRecord other;
  begin_observation(other.record);
  other.record.set_text(FieldId::kBannerText, kBanner);
  LogWriter log;
  log.write(Visit(kBanner).box.record);
  CHECK(log.write(other.record) == cbor_of(other.record));
  other.record.set_bytes(FieldId::kRun, as_bytes("\x01"));
  CHECK(log.write(other.record) == cbor_of(other.record));

  test::Sha256Digest digest;
  CborSegment none(digest);
  for (int i = 0; i < 2; ++i) {
    StringSink sink;
    none.write(Visit(kBanner).box.record, sink);
    none.remember(Visit(kBanner).box.record);
    CHECK(sink.text == cbor_of(Visit(kBanner).box.record));
  }
}

TEST_CASE("a new segment refers to nothing before it, and what was not remembered is not known") {
  LogWriter log;
  const Visit visit(kBanner);
  log.write(visit.box.record);
  log.segment.begin(as_bytes(kRunName));
  StringSink measured;
  log.segment.write(visit.box.record, measured);
  CHECK(measured.text == cbor_of(visit.box.record));
  CHECK(log.write(visit.box.record) == cbor_of(visit.box.record));
  CHECK(log.write(visit.box.record) != cbor_of(visit.box.record));
}

TEST_CASE("the same content has another hash in another run") {
  LogWriter log;
  LogWriter other("another!");
  log.write(Visit(kBanner).box.record);
  OwnedRecord box;
  begin_observation(box.record);
  box.record.set_bytes(FieldId::kRun, as_bytes("another!"));
  box.record.set_text(FieldId::kBannerText, kBanner);
  other.write(box.record);
  CHECK(log.write(Visit(kBanner).box.record).substr(19) != other.write(box.record).substr(19));
}

TEST_CASE("a reference to what is not there costs the value alone, and the record says so") {
  LogWriter log;
  OwnedRecord box;
  begin_observation_of_run(box.record);
  box.record.set(FieldId::kPort, 50001);
  box.record.set_text(FieldId::kServerSoftware, "x");
  box.record.set_text(FieldId::kBannerText, kBanner);
  add_peers(box.record, {std::string(30, 'p'), std::string(31, 'q')});
  log.write(box.record);

  OwnedRecord later;
  begin_observation_of_run(later.record);
  later.record.set(FieldId::kPort, 50002);
  later.record.set_text(FieldId::kServerSoftware, "y");
  later.record.set_text(FieldId::kBannerText, kBanner);
  add_peers(later.record, {"new", std::string(31, 'q'), std::string(30, 'p'), "newer"});
  const std::string cbor = log.write(later.record);
  const std::string expected =
      R"({"type":"observation","v":1,"run":"5e0f1c9a337d42b8","port":50002,"electrum":{)"
      R"("software":"y","peers":{"list":[["198.51.100.3","new","v1.6 s50002 t50001"],)"
      R"(["198.51.100.5","newer","v1.6 s50002 t50001"]]}},)"
      R"("truncated":["electrum.banner","electrum.peers.list"]})";
  LogReader reader;
  CHECK(reader.read(cbor) == expected);
  CHECK(reader.missing == 3);
  // The same for a reader that knows of no contents.
  OwnedRecord plain;
  REQUIRE(ok(read_cbor(as_bytes(cbor), plain.record).status));
  CHECK(json_of(plain.record) == expected);
}

TEST_CASE("damaged content is missing where it is referred to, never taken for the right one") {
  LogWriter log;
  LogReader reader;
  std::string first = log.write(Visit(kBanner, "x").box.record);
  first[first.find(kBanner) + 7] = 'c';
  reader.read(first);
  CHECK(reader.read(log.write(Visit(kBanner, "y").box.record)) ==
        R"({"type":"observation","v":1,"run":"5e0f1c9a337d42b8","electrum":{"software":"y"},)"
        R"("truncated":["electrum.banner"]})");
}

TEST_CASE("references where none can be are malformed") {
  const std::string reference = "d9ec75480102030405060708";
  CHECK(expanded_status(with_run(1, "17" + reference)) == Status::kOk);
  const std::vector<std::string> bad = {
      "17d9ec7540",                                  // no hash
      "17d9ec754701020304050607",                    // half a hash
      "17d9ec755001020304050607080102030405060708",  // two values for one key
      "17d9ec75680102030405060708",                  // a text
      "17d9ec751b0102030405060708",                  // a number
      "17d9ec75" + reference,                        // a reference to a reference
      reference + "00",                              // a key
      "18c8c1" + reference,                          // within another tag
  };
  for (const std::string& members : bad) {
    CAPTURE(members);
    CHECK(expanded_status(with_run(1, members)) == Status::kMalformed);
  }
  CHECK(expanded_status(bytes_of(reference)) == Status::kMalformed);
  CHECK(expanded_status(bytes_of("80")) == Status::kMalformed);
  CHECK(expanded_status("") == Status::kMalformed);
}

TEST_CASE("the expander follows nesting to its bound, and a cut record never beyond its end") {
  for (const char head : {'\x81', '\xC1'}) {
    const auto nested = [&](std::size_t levels) {
      return with_run(1, "18c8") + std::string(levels, head) + '\x01';
    };
    CHECK(expanded_status(nested(kDeepestCbor)) == Status::kOk);
    CHECK(expanded_status(nested(kDeepestCbor + 1)) == Status::kMalformed);
    CHECK(expanded_status(nested(3000)) == Status::kMalformed);
  }
  LogWriter log;
  OwnedRecord box;
  give_all_values(box.record, false);
  box.record.set_bytes(FieldId::kRun, as_bytes(kRunName));
  for (int i = 0; i < 2; ++i) {
    const std::string cbor = log.write(box.record);
    for (std::size_t length = 0; length < cbor.size(); ++length) {
      const std::string cut = cbor.substr(0, length);
      REQUIRE(expanded_status(cut) == Status::kMalformed);
    }
  }
}

TEST_CASE("references never make more of a record than there is room for") {
  MapContents contents;
  const std::string large(1000, 'x');
  contents.keep({1, 2, 3, 4, 5, 6, 7, 8}, as_bytes(large));
  std::string list = with_run(1, "18c899ffff");
  for (int i = 0; i < 0xffff; ++i) list += bytes_of("d9ec75480102030405060708");
  std::vector<std::uint8_t> into(std::size_t{1} << 20);
  CHECK(expand(list, contents, into).status == Status::kOverflow);
  // To the byte: a list of one item that becomes 300 needs a longer head.
  std::string one = with_run(1, "18c881d9ec7559") + bytes_of("0960");
  for (int i = 0; i < 300; ++i) one += bytes_of("0807060504030201");
  contents.keep({8, 7, 6, 5, 4, 3, 2, 1}, as_bytes("\x01"));
  const std::size_t needed = 15 + 2 + 3 + 300;
  CHECK(expand(one, contents, MutableByteView(into).first(needed - 1)).status == Status::kOverflow);
  const Expansion whole = expand(one, contents, MutableByteView(into).first(needed));
  REQUIRE(ok(whole.status));
  CHECK(as_text(whole.record) == with_run(1, "18c899012c") + std::string(300, '\x01'));
}

TEST_CASE("a record without references is expanded to itself") {
  for (const bool large : {false, true}) {
    OwnedRecord box;
    give_all_values(box.record, large);
    const std::string cbor = cbor_of(box.record);
    MapContents contents;
    std::vector<std::uint8_t> into(cbor.size());
    const Expansion expansion = expand(cbor, contents, into);
    CHECK(ok(expansion.status));
    CHECK((as_text(expansion.record) == cbor));
    CHECK(expansion.missing == 0);
  }
}

TEST_CASE("a full table of contents keeps what is seen again and lets go what is not") {
  static KnownContents known;
  known.clear();
  std::uint64_t next = 0;
  std::vector<ContentHash> lasting;
  for (std::size_t i = 0; i < limits::kKnownContents / 4; ++i)
    lasting.push_back(hash_number(++next));
  for (const ContentHash& hash : lasting) CHECK_FALSE(known.note(hash));
  for (const ContentHash& hash : lasting) CHECK(known.note(hash));
  CHECK_FALSE(known.knows(hash_number(next + 1)));
  for (std::size_t i = 0; i < 20 * limits::kKnownContents; ++i) known.note(hash_number(++next));
  const auto kept = std::count_if(lasting.begin(), lasting.end(),
                                  [](const ContentHash& hash) { return known.knows(hash); });
  CHECK(kept >= static_cast<std::ptrdiff_t>(lasting.size() * 99 / 100));
  known.clear();
  CHECK_FALSE(known.knows(lasting.front()));
}

TEST_CASE("no hash is taken for a free place") {
  static KnownContents known;
  known.clear();
  for (const int byte : {0, 1, 0xff}) {
    ContentHash hash{};
    hash[3] = static_cast<std::uint8_t>(byte);
    CAPTURE(byte);
    CHECK_FALSE(known.knows(hash));
    known.note(hash);
    CHECK(known.knows(hash));
    known.clear();
  }
}

TEST_CASE("a cell has its short form only where that gives the same text back") {
  const auto cbor = [](std::size_t column, std::string_view text) {
    std::array<std::string_view, kRowWidth> row = {"", "e.example", ""};
    row[column] = text;
    StringSink sink;
    put_cell(row, column, sink);
    return hex_of(sink.text);
  };
  CHECK(cbor(0, "198.51.100.4") == "44c6336404");
  CHECK(cbor(0, "2001:db8::1") == "5020010db8000000000000000000000001");
  CHECK(cbor(0, "e.example") == "f6");
  CHECK(cbor(1, "198.51.100.4") == "44c6336404");
  CHECK(cbor(1, "") == "60");
  CHECK(cbor(2, "v1.4.2 s50002 t50001") == "43848180");
  CHECK(cbor(2, "t50001 x9 t") == "458002783994");
  for (const std::string_view text :
       {"", "1.2.3", "01.2.3.4", "2001:DB8::1", "2001:db8:0:0:0:0:0:1", "E.example", "1.2.3.4 "}) {
    CAPTURE(text);
    CHECK(cbor(0, text).substr(0, 1) >= "6");
    CHECK(cbor(0, text).substr(0, 1) < "8");
  }
  for (const std::string& text :
       {std::string(), std::string(" "), std::string("t50001 "), std::string(" t50001"),
        std::string("t50001  s50002"), std::string(128, 'w'), "t " + std::string(128, 'w')}) {
    CAPTURE(text);
    CHECK(cbor(2, text).substr(0, 1) >= "6");
    CHECK(cbor(2, text).substr(0, 1) < "8");
  }
}

TEST_CASE("every text of a row comes back, whatever it is") {
  std::set<std::string> texts = {std::string(kNastyText),
                                 std::string(127, 'w'),
                                 std::string(128, 'w'),
                                 std::string(300, 'w'),
                                 std::string(60, 't') + " t",
                                 "::",
                                 "0.0.0.0",
                                 "::ffff:1.2.3.4",
                                 "1.2.3.4"};
  for (std::string_view rest = common_words(); !rest.empty();) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    texts.insert(std::string(rest.substr(0, end)));
    texts.insert(std::string(rest.substr(0, end)) + "0 t");
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  texts.insert(std::string(common_words()));
  std::string words;
  while (words.size() < 298) words += words.empty() ? "t" : " t";  // 149 words
  texts.insert(words);
  OwnedRecord box;
  begin_observation(box.record);
  {
    ListField list(box.record, FieldId::kPeersList);
    for (const std::string& text : texts) {
      list.add(text, text, text);
      list.add(text, "e.example", text);
      list.add("", text, "");
    }
  }
  OwnedRecord again;
  REQUIRE(ok(read_cbor(as_bytes(cbor_of(box.record)), again.record).status));
  CHECK(json_of(again.record) == json_of(box.record));
}

TEST_CASE("a packed cell that is none makes the record malformed") {
  const auto status = [](std::string_view row) {
    OwnedRecord box;
    const std::string cbor = with_run(1, "17a107a10381") + bytes_of(row);
    return read_cbor(as_bytes(cbor), box.record).status;
  };
  CHECK(status("83440102030460438c8180") == Status::kOk);
  CHECK(status("8344010203046040") == Status::kMalformed);  // no word at all
  CHECK(status("83430102036060") == Status::kMalformed);    // three bytes of an address
  CHECK(status("83f6440102030460") == Status::kOk);
  CHECK(status("83604301020360") == Status::kMalformed);  // three bytes of an address
  CHECK(status("8360f660") == Status::kMalformed);        // null in the second column
  CHECK(status("83606041ff") == Status::kMalformed);      // no word has the number
  CHECK(status("8360604103") == Status::kMalformed);      // a word beyond the end
  CHECK(status("836060420080") == Status::kMalformed);    // a word of no bytes
  CHECK(status("8360604201ff") == Status::kMalformed);    // no UTF-8
  // 100 words of 4 bytes: longer than a text of a row can be.
  CHECK(status("8360605864" + std::string(200, '8')) == Status::kMalformed);
}
