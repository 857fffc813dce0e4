// SPDX-License-Identifier: MIT
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "core/record/cbor_reader.h"
#include "targets/observatory/read/json_record_reader.h"
#include "targets/observatory/read/record_stream.h"
#include "targets/observatory/show/display_text.h"
#include "targets/observatory/show/observation_table.h"
#include "targets/observatory/show/table.h"
#include "tests/catch2.h"
#include "tests/unit/cbor_log.h"
#include "tests/unit/record_samples.h"

using namespace observatory;
using namespace observatory::host;
using namespace observatory::samples;

namespace {

// A file with this content, gone at the end.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view content) {
    std::string name = (std::filesystem::temp_directory_path() / "observatory-XXXXXX").string();
    const int file = ::mkstemp(name.data());
    REQUIRE(file >= 0);
    ::close(file);
    path_ = name;
    std::ofstream(path_, std::ios::binary) << content;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// What a stream over the content gives: JSON of records, `!` and `~` before the messages of
// problems and of torn ends.
std::vector<std::string> read_all(std::string_view content) {
  const TemporaryFile file(content);
  ContentStore contents;
  RecordStream stream(file.path(), contents);
  std::vector<std::string> found;
  while (true) {
    switch (stream.next()) {
      case RecordStream::Next::kEnd:
        return found;
      case RecordStream::Next::kRecord:
        found.push_back(json_of(stream.record()));
        break;
      case RecordStream::Next::kProblem: {
        std::string message = stream.problem().message;
        const std::string name = file.path() + ": ";
        REQUIRE(message.substr(0, name.size()) == name);
        message.erase(0, name.size());
        found.push_back((stream.problem().expected() ? "~" : "!") + message);
        break;
      }
    }
  }
}

JsonResult read_line(std::string_view line) {
  OwnedRecord box;
  return JsonRecordReader().read(line, box.record);
}

std::string line_again(std::string_view line) {
  OwnedRecord box;
  const JsonResult result = JsonRecordReader().read(line, box.record);
  return result.status == JsonStatus::kOk ? json_of(box.record) : result.why;
}

// `{"type":"observation","v":1,` + members + `}`
std::string observation(std::string_view members) {
  return R"({"type":"observation","v":1)" + std::string(members.empty() ? "" : ",") +
         std::string(members) + "}";
}

std::string cbor_of_line(std::string_view line) {
  OwnedRecord box;
  REQUIRE(JsonRecordReader().read(line, box.record).status == JsonStatus::kOk);
  return cbor_of(box.record);
}

const std::string kFirstLine = observation(R"("host":"a.example","port":1)");
const std::string kSecondLine = observation(R"("host":"b.example","port":2)");

}  // namespace

TEST_CASE("every field goes through JSON and comes out as the same CBOR") {
  for (const bool large : {false, true}) {
    OwnedRecord box;
    give_all_values(box.record, large);
    OwnedRecord again;
    JsonRecordReader reader;
    const JsonResult result = reader.read(json_of(box.record), again.record);
    CAPTURE(result.why);
    REQUIRE(result.status == JsonStatus::kOk);
    CHECK(cbor_of(again.record) == cbor_of(box.record));
  }
}

TEST_CASE("a JSON scalar stays what it was") {
  for (const std::string_view value :
       {"null", "true", "false", "0", "18446744073709551615", R"("")", R"("1")"}) {
    const std::string line = observation(R"("electrum":{"donation":)" + std::string(value) + "}");
    CHECK(line_again(line) == line);
  }
}

TEST_CASE("members of JSON may come in any order, and unknown ones are passed over") {
  CHECK(line_again(R"({"x":[{"y":[1.5,null]}],"port":1,"us":{"q":{},"dns":5},"v":1,)"
                   R"("type":"observation","host":"a"})") ==
        observation(R"("host":"a","port":1,"us":{"dns":5})"));
  CHECK(line_again(
            observation(R"("electrum":{"features":{"hosts":{"e":{"x":"y","ssl_port":2}}}})")) ==
        observation(R"("electrum":{"features":{"hosts":{"e":{"ssl_port":2}}}})"));
  CHECK(line_again(observation(R"("outcome":"of_tomorrow","transport":"tls")")) ==
        observation(R"("transport":"tls")"));
  CHECK(line_again(observation(R"("outcome":200)")) == observation(R"("outcome":200)"));
  CHECK(line_again(observation(R"("truncated":["vantage","no.such","us.no","port.x"])")) ==
        observation(R"("truncated":["vantage"])"));
}

TEST_CASE("a JSON member of the wrong kind is named with its path") {
  const auto complaint = [](std::string_view members) {
    const JsonResult result = read_line(observation(members));
    CHECK(result.status == JsonStatus::kMalformed);
    return result.why.substr(0, result.why.find(':'));
  };
  CHECK(complaint(R"("port":"1")") == "port");
  CHECK(complaint(R"("port":-1)") == "port");
  CHECK(complaint(R"("port":1.5)") == "port");
  CHECK(complaint(R"("port":null)") == "port");
  CHECK(complaint(R"("host":5)") == "host");
  CHECK(complaint(R"("ip":"1.2.3")") == "ip");
  CHECK(complaint(R"("ip":7)") == "ip");
  CHECK(complaint(R"("run":"abc")") == "run");
  CHECK(complaint(R"("run":"zz")") == "run");
  CHECK(complaint(R"("us":[])") == "us");
  CHECK(complaint(R"("us":{"dns":"1"})") == "us.dns");
  CHECK(complaint(R"("outcome":true)") == "outcome");
  CHECK(complaint(R"("tls":{"fallback":1})") == "tls.fallback");
  CHECK(complaint(R"("tls":{"error":1e3})") == "tls.error");
  CHECK(complaint(R"("tls":{"chain":["ab"]})") == "tls.chain");
  CHECK(complaint(R"("tls":{"leaf":{"san":[1]}})") == "tls.leaf.san");
  CHECK(complaint(R"("tls":{"leaf":{"san":"a"}})") == "tls.leaf.san");
  CHECK(complaint(R"("electrum":{"donation":1.5})") == "electrum.donation");
  CHECK(complaint(R"("electrum":{"peers":{"list":[["a","b"]]}})") == "electrum.peers.list");
  CHECK(complaint(R"("electrum":{"peers":{"list":[["a","b","c","d"]]}})") == "electrum.peers.list");
  CHECK(complaint(R"("electrum":{"features":{"hosts":{"e":1}}})") == "electrum.features.hosts");
  CHECK(complaint(R"("electrum":{"features":{"hosts":{"e":{"tcp_port":65536}}}})") ==
        "electrum.features.hosts");
  CHECK(complaint(R"("truncated":{})") == "truncated");
}

TEST_CASE("what is no record says why") {
  CHECK(read_line("{").status == JsonStatus::kNoJson);
  CHECK(read_line("").status == JsonStatus::kNoJson);
  CHECK(read_line("{\"v\":1,\"type\":\"run\",\"host\":\"\xFF\"}").status == JsonStatus::kNoJson);
  CHECK(read_line(std::string(100000, '[')).status == JsonStatus::kNoJson);
  CHECK(read_line("[]").status == JsonStatus::kMalformed);
  CHECK(read_line("{}").status == JsonStatus::kMalformed);
  CHECK(read_line(R"({"v":1})").status == JsonStatus::kMalformed);
  CHECK(read_line(R"({"v":"1","type":"run"})").status == JsonStatus::kMalformed);
  const JsonResult newer = read_line(R"({"type":"observation","v":2,"port":"many"})");
  CHECK(newer.status == JsonStatus::kUnsupported);
  CHECK(newer.why == "format version 2 is not supported, only 1");
  const JsonResult other = read_line(R"({"type":"weather\u001b","v":1})");
  CHECK(other.status == JsonStatus::kUnsupported);
  CHECK(other.why == R"(unknown record type "weather\u001b")");
}

TEST_CASE("both readers tell when they passed something over that they do not know") {
  for (const std::string_view members :
       {R"("x":1)", R"("us":{"q":{}})", R"("outcome":"of_tomorrow")", R"("truncated":["us.x"])",
        R"("electrum":{"features":{"hosts":{"e":{"x":1,"ssl_port":2}}}})"}) {
    CAPTURE(members);
    CHECK(read_line(observation(members)).skipped);
  }
  OwnedRecord box;
  give_all_values(box.record, true);
  CHECK_FALSE(read_line(json_of(box.record)).skipped);
  const std::string whole = cbor_of(box.record);
  CHECK_FALSE(read_cbor(as_bytes(whole), box.record).skipped);

  const std::string start = std::string("\x00\x02\x01\x01", 4);  // type, v
  for (const std::string& more :
       {std::string("\x18\xC8\x00", 3), std::string("\x14\xA1\x18\xC8\x00", 5),
        std::string("\x18\x28\x81\x81\x18\xC8", 6)}) {
    const std::string cbor = "\xA3" + start + more;
    const ReadResult result = read_cbor(as_bytes(cbor), box.record);
    CHECK(ok(result.status));
    CHECK(result.consumed == cbor.size());
    CHECK(result.skipped);
  }
}

TEST_CASE("the form of a file is known by its first byte") {
  const std::vector<std::string> both = {kFirstLine, kSecondLine};
  CHECK(read_all(kFirstLine + "\n" + kSecondLine + "\n") == both);
  CHECK(read_all("\n  \r\n" + kFirstLine + "\r\n\n" + kSecondLine) == both);
  CHECK(read_all("\xEF\xBB\xBF" + kFirstLine + "\n" + kSecondLine + "\n") == both);
  CHECK(read_all(cbor_of_line(kFirstLine) + cbor_of_line(kSecondLine)) == both);
  CHECK(read_all("").empty());
  CHECK(read_all("\n").empty());
  for (const std::string_view other : {"\x1F\x8B\x09", "\x89PNG", "\xEF",
                                       "\x7F"
                                       "ELF",
                                       "\xD9"}) {
    CHECK(read_all(other) ==
          std::vector<std::string>{"!neither JSON Lines nor a CBOR sequence of records"});
  }
}

TEST_CASE("a torn end of JSON Lines costs the torn record alone") {
  const std::string whole = kFirstLine + "\n";
  for (std::size_t length = 1; length < kSecondLine.size(); ++length) {
    const auto found = read_all(whole + kSecondLine.substr(0, length));
    REQUIRE(found.size() == 2);
    CHECK(found[0] == kFirstLine);
    CHECK(found[1] == "~line 2: the last record is torn: " + std::to_string(length) +
                          " bytes from byte " + std::to_string(whole.size()) + " on are left out");
  }
}

TEST_CASE("what is torn off inside a file costs what was torn") {
  const std::string half = kFirstLine.substr(0, 30);
  const std::string zeros(3, '\0');
  const std::string torn = "a record is torn: 30 bytes from byte 0 on are left out";
  CHECK(read_all(half + kSecondLine + "\n") ==
        std::vector<std::string>{"~line 1: " + torn, kSecondLine});
  CHECK(read_all(half + zeros + kSecondLine + "\nx\n") ==
        std::vector<std::string>{"~line 1: " + torn,
                                 "~byte 30: 3 NUL bytes are left out, as a power cut leaves them",
                                 kSecondLine, "!line 2: " + read_line("x").why});
  CHECK(read_all(zeros + cbor_of_line(kFirstLine) + zeros.substr(1)) ==
        std::vector<std::string>{"~byte 0: 3 NUL bytes are left out, as a power cut leaves them",
                                 kFirstLine,
                                 "~byte " + std::to_string(3 + cbor_of_line(kFirstLine).size()) +
                                     ": 2 NUL bytes are left out, as a power cut leaves them"});
  // A record behind the torn one that is torn as well is a bad line like any other.
  CHECK(read_all(half + half + "\n" + kSecondLine).size() == 2);
  // Text of a server cannot pass for a record: its quotes are escaped.
  const std::string text = R"("electrum":{"software":"{\"type\":\"run\",\"v\":1}")";
  CHECK(read_all(observation(text).substr(0, 70) + "\n").size() == 1);
}

TEST_CASE("a torn end of CBOR costs the torn record alone") {
  const std::string whole = cbor_of_line(kFirstLine);
  const std::string second = cbor_of_line(kSecondLine);
  for (std::size_t length = 1; length < second.size(); ++length) {
    const auto found = read_all(whole + second.substr(0, length));
    REQUIRE(found.size() == 2);
    CHECK(found[0] == kFirstLine);
    CHECK(found[1] == "~byte " + std::to_string(whole.size()) + ": the last record is torn: " +
                          std::to_string(length) + " bytes are left out");
  }
}

TEST_CASE("a bad line is reported and the next one read") {
  const auto found = read_all(kFirstLine + "\nnonsense\n" + observation(R"("port":[])") + "\n" +
                              R"({"type":"run","v":9})" + "\n" + kSecondLine + "\n");
  REQUIRE(found.size() == 5);
  CHECK(found[0] == kFirstLine);
  CHECK(found[1].substr(0, 16) == "!line 2: not JSO");
  CHECK(found[2] == "!line 3: port: a number from 0 was expected");
  CHECK(found[3] == "!line 4: format version 9 is not supported, only 1");
  CHECK(found[4] == kSecondLine);
}

TEST_CASE("a malformed record ends a CBOR sequence, one of another version does not") {
  const std::string first = cbor_of_line(kFirstLine);
  auto found = read_all(first + "\x01" + first);
  REQUIRE(found.size() == 2);
  CHECK(found[1] == "!byte " + std::to_string(first.size()) +
                        ": malformed record; the rest of the file cannot be read");
  found = read_all("\xA2" + std::string("\x00\x02\x01\x02", 4) + first);
  REQUIRE(found.size() == 2);
  CHECK(found[0] == "!byte 0: format version 2 is not supported, only 1");
  CHECK(found[1] == kFirstLine);
  found = read_all("\xA2" + std::string("\x00\x09\x01\x01", 4) + first);
  REQUIRE(found.size() == 2);
  CHECK(found[0] == "!byte 0: unknown record type 9");
  CHECK(found[1] == kFirstLine);
}

TEST_CASE("records as long as they may be are read, and longer ones passed over") {
  const std::string shell = observation(R"("x":"")");
  const auto line_of = [&](std::size_t size) {
    return observation(R"("x":")" + std::string(size - shell.size(), 'x') + "\"");
  };
  auto found =
      read_all(line_of(kLongestRecord) + "\n" + line_of(kLongestRecord) + "\n" + kFirstLine);
  CHECK(found == std::vector<std::string>{observation(""), observation(""), kFirstLine});

  found = read_all(line_of(kLongestRecord + 1) + "\n" + kFirstLine + "\n" +
                   std::string(5 * kLongestRecord, 'y') + "\n" + kSecondLine + "\n");
  REQUIRE(found.size() == 4);
  CHECK(found[0] == "!line 1: longer than a record can be: 1048578 bytes are left out");
  CHECK(found[1] == kFirstLine);
  CHECK(found[2] == "!line 3: longer than a record can be: 5242881 bytes are left out");
  CHECK(found[3] == kSecondLine);

  // CBOR: an unknown byte string that claims a gigabyte.
  const std::string claim = std::string("\xA3\x00\x02\x01\x01\x18\xC8\x5A\x40\x00\x00\x00", 12);
  found = read_all(claim + std::string(2 * kLongestRecord, 'x'));
  REQUIRE(found.size() == 1);
  CHECK(found[0] == "!byte 0: longer than a record can be; the rest of the file cannot be read");
}

TEST_CASE("a CBOR log with references is the records that were written") {
  LogWriter log;
  std::string sequence;
  std::vector<std::string> wanted;
  std::size_t whole = 0;
  for (std::uint64_t i = 0; i < 400; ++i) {
    OwnedRecord box;
    give_all_values(box.record, false);
    begin_observation_of_run(box.record);
    box.record.set(FieldId::kSeq, i);
    box.record.set_text(FieldId::kBannerText, std::string(1000, static_cast<char>('a' + i % 7)));
    wanted.push_back(json_of(box.record));
    whole += cbor_of(box.record).size();
    sequence += log.write(box.record);
  }
  CHECK(sequence.size() < whole / 4);
  CHECK((read_all(sequence) == wanted));
}

TEST_CASE(
    "a piece of a CBOR log says how much of it is missing, and the other piece completes it") {
  LogWriter log;
  OwnedRecord box;
  begin_observation_of_run(box.record);
  box.record.set_text(FieldId::kBannerText, std::string(100, 'b'));
  const std::string first = log.write(box.record);
  const std::string second = log.write(box.record);
  const std::string without =
      R"({"type":"observation","v":1,"run":"5e0f1c9a337d42b8","truncated":["electrum"]})";
  const auto found = read_all(second + second);
  REQUIRE(found.size() == 3);
  CHECK(found[0] == without);
  CHECK(found[1] == without);
  CHECK(found[2] == "~2 values are missing, which stood in a part of the log that is not here");

  ContentStore contents;
  for (const std::string& piece : {first, second}) {
    const TemporaryFile file(piece);
    RecordStream stream(file.path(), contents);
    REQUIRE(stream.next() == RecordStream::Next::kRecord);
    CHECK(json_of(stream.record()) == json_of(box.record));
    CHECK(stream.next() == RecordStream::Next::kEnd);
  }
}

TEST_CASE("a reference that cannot be is a malformed record, and the next one is read") {
  LogWriter log;
  OwnedRecord box;
  begin_observation_of_run(box.record);
  const std::string good = log.write(box.record);
  std::string bad = good +
                    "\x18\xC8\xC1\xD9\xEC\x75\x48"
                    "12345678";
  ++bad[0];
  const auto found = read_all(good + bad + good);
  REQUIRE(found.size() == 3);
  CHECK(found[1] == "!byte 15: malformed record: a reference stands where none can be");
  CHECK(found[2] == found[0]);
}

TEST_CASE("a record that references make longer than a record can be is passed over") {
  LogWriter log;
  OwnedRecord box;
  begin_observation_of_run(box.record);
  box.record.set_text(FieldId::kBannerText, std::string(4000, 'b'));
  const std::string first = log.write(box.record);
  box.record.set(FieldId::kBannerBytes, 4000);
  const std::string second = log.write(box.record);
  const std::string reference = second.substr(second.find("\xD9\xEC\x75"), 12);
  std::string bomb = second.substr(0, second.find("\x17\xA1")) + "\x18\xC8\x99\x03\xE8";
  for (int i = 0; i < 1000; ++i) bomb += reference;
  const auto found = read_all(first + bomb + second);
  REQUIRE(found.size() == 3);
  CHECK(found[1] == "!byte " + std::to_string(first.size()) +
                        ": longer than a record can be, with what it refers to");
  CHECK(found[2] == json_of(box.record));
}

TEST_CASE("a store of contents has its bound and drops what was not used for the longest time") {
  ContentStore store(3000);
  const auto hash = [](std::uint8_t number) { return ContentHash{number}; };
  const std::string value(872, 'v');  // with what an entry takes, 1000 bytes
  for (std::uint8_t i = 1; i <= 3; ++i) store.keep(hash(i), as_bytes(value));
  CHECK(store.find(hash(1)).size() == value.size());
  store.keep(hash(4), as_bytes(value));
  CHECK(store.bytes() == 3000);
  CHECK(store.find(hash(2)).empty());
  store.keep(hash(3), as_bytes("another of the same hash"));
  CHECK(as_text(store.find(hash(3))) == value);
  CHECK_FALSE(store.find(hash(1)).empty());
  store.keep(hash(5), as_bytes(std::string(4000, 'x')));
  CHECK(store.bytes() == 0);
}

TEST_CASE("many records cross every boundary of the buffer") {
  std::string lines;
  std::string sequence;
  std::vector<std::string> wanted;
  for (std::size_t i = 0; i < 4000; ++i) {
    wanted.push_back(observation(R"("host":")" + std::string(i % 251, 'h') + "\""));
    lines += wanted.back() + "\n";
    sequence += cbor_of_line(wanted.back());
  }
  CHECK((read_all(lines) == wanted));
  CHECK((read_all(sequence) == wanted));
}

TEST_CASE("files that cannot be read are named") {
  const auto message = [](const std::string& path) {
    try {
      ContentStore contents;
      RecordStream stream(path, contents);
      static_cast<void>(stream.next());
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  CHECK(message("/nonexistent/log") == "/nonexistent/log: No such file or directory");
  CHECK(message("/tmp") == "/tmp: Is a directory");
}

TEST_CASE("what a terminal could obey becomes visible") {
  CHECK(harmless("plain \xC3\xA9 \xE6\x97\xA5") == "plain \xC3\xA9 \xE6\x97\xA5");
  CHECK(harmless("\x1b[31mred\x07\n") == "\\u001b[31mred\\u0007\\u000a");
  CHECK(harmless("\x7f\xC2\x9B") == "\\u007f\\u009b");
  CHECK(harmless("a\xE2\x80\xAEtxt\xE2\x81\xA6\xE2\x80\x8B") == "a\\u202etxt\\u2066\\u200b");
  CHECK(harmless("\xEF\xBB\xBF\xF3\xA0\x80\x81") == "\\ufeff\\u0e0001");
  CHECK(harmless("\xFF") == "\xEF\xBF\xBD");
  CHECK(harmless(std::string_view("\0", 1)) == "\\u0000");
}

TEST_CASE("width counts columns, not bytes or code points") {
  CHECK(display_width("") == 0);
  CHECK(display_width("abc") == 3);
  CHECK(display_width("\xC3\xA9") == 1);
  CHECK(display_width("e\xCC\x81") == 1);                             // e and a combining acute
  CHECK(display_width("\xE6\x97\xA5\xE6\x9C\xAC") == 4);              // two ideographs
  CHECK(display_width("\xEF\xBC\xA1") == 2);                          // a fullwidth A
  CHECK(display_width("\xEF\xBD\xB1") == 1);                          // a halfwidth katakana
  CHECK(display_width("\xF0\x9F\x98\x80") == 2);                      // an emoji
  CHECK(display_width("\xEF\xB8\x8F") == 0);                          // a variation selector
  CHECK(display_width("\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB") == 2);  // a syllable in three parts
}

TEST_CASE("text is fitted to columns with an ellipsis") {
  CHECK(fitted("abcd", 4) == "abcd");
  CHECK(fitted("abcde", 4) == "abc\xE2\x80\xA6");
  CHECK(fitted("\xE6\x97\xA5\xE6\x9C\xAC", 4) == "\xE6\x97\xA5\xE6\x9C\xAC");
  CHECK(fitted("\xE6\x97\xA5\xE6\x9C\xAC", 3) == "\xE6\x97\xA5\xE2\x80\xA6");
  CHECK(fitted("\xE6\x97\xA5\xE6\x9C\xAC", 2) == "\xE2\x80\xA6");
  CHECK(fitted("abe\xCC\x81", 3) == "abe\xCC\x81");
  CHECK(fitted("ab", 1) == "\xE2\x80\xA6");
}

TEST_CASE("a table is as wide as its cells") {
  Table table({{"name", false, 8}, {"n", true}, {"last"}});
  table.add_row({"a", "1", "x"});
  table.add_row({"\xE6\x97\xA5\xE6\x9C\xAC", "1000", ""});
  table.add_row({"longer than it may be", "", "\x1b[2J"});
  CHECK(table.rows() == 3);
  CHECK(table.text() ==
        "name         n  last\n"
        "a            1  x\n"
        "\xE6\x97\xA5\xE6\x9C\xAC      1000  -\n"
        "longer \xE2\x80\xA6     -  \\u001b[2J\n");
}

TEST_CASE("certificates are judged by the time of their record") {
  OwnedRecord box;
  const auto cell = [&](bool date_known, std::string_view time, std::string_view leaf) {
    ObservationTable table;
    JsonRecordReader reader;
    const std::string run = R"({"type":"run","v":1,"vantage":"v","run":"01","clock":")" +
                            std::string(date_known ? "ntp" : "unset") + R"("})";
    REQUIRE(reader.read(run, box.record).status == JsonStatus::kOk);
    table.add(box.record);
    const std::string line =
        observation(R"("vantage":"v","run":"01","t":)" + std::string(time) +
                    R"(,"host":"h","tls":{"leaf":{)" + std::string(leaf) + "}}");
    REQUIRE(reader.read(line, box.record).status == JsonStatus::kOk);
    table.add(box.record);
    const std::string text = table.text();
    const std::size_t start = text.find('\n') + 1;
    const std::string row = text.substr(start, text.find('\n', start) - start);
    const std::size_t dash = row.rfind("-  ");
    return row.substr(row.find_first_not_of(' ', dash + 1));
  };
  const std::string dates = R"("not_before":1000,"not_after":2000)";
  CHECK(cell(true, "999999", dates) == "not yet valid");
  CHECK(cell(true, "1000000", dates) == "-");
  CHECK(cell(true, "2000999", dates) == "-");
  CHECK(cell(true, "2001000", dates) == "expired");
  CHECK(cell(false, "2001000", dates) == "-");
  CHECK(cell(true, "2001000", dates + R"(,"self_signed":true,"name_matches":false)") ==
        "self-signed, expired, other name");
  CHECK(cell(true, "1500000", dates + R"(,"self_signed":false,"name_matches":true)") == "issued");
  CHECK(cell(true, "1500000", dates + R"(,"self_signed":false,"trusted":true)") == "trusted");
}

TEST_CASE("a table of observations counts runs, observations and servers reached") {
  ObservationTable table;
  CHECK(table.text() == "0 runs, 0 observations, 0 reached\n");
  OwnedRecord box;
  JsonRecordReader reader;
  for (const std::string& line :
       {std::string(R"({"type":"run","v":1})"),
        observation(
            R"("host":"a.example","port":50002,"transport":"tls","outcome":"ok",)"
            R"("us":{"connect":22950,"tls":24788,"version":23410},"tls":{"version":"TLSv1.3"},)"
            R"("electrum":{"software":"Fulcrum 2.1.1","protocol":"1.6",)"
            R"("tip":{"height":900000}})"),
        observation(R"("host":"b.example","port":1,"transport":"tcp","outcome":"refused")"),
        std::string(R"({"type":"end","v":1})")}) {
    REQUIRE(reader.read(line, box.record).status == JsonStatus::kOk);
    table.add(box.record);
  }
  CHECK(table.text() ==
        "host        port  transport  outcome  connect ms  tls ms  reply ms  height  protocol  "
        "software       tls      certificate\n"
        "a.example  50002  tls        ok             23.0    24.8      23.4  900000  1.6       "
        "Fulcrum 2.1.1  TLSv1.3  -\n"
        "b.example      1  tcp        refused           -       -         -       -  -         "
        "-              -        -\n"
        "\n1 run, 2 observations, 1 reached\n");
}

TEST_CASE("a table of observations is in the order of hosts and ports, visits in that of the log") {
  ObservationTable table;
  OwnedRecord box;
  JsonRecordReader reader;
  for (const char* const facts : {R"("host":"127.0.0.10","port":50001,"outcome":"ok")",
                                  R"("host":"127.0.0.9","port":50002,"outcome":"refused")",
                                  R"("host":"127.0.0.9","port":1001,"outcome":"reset")",
                                  R"("host":"127.0.0.9","port":50002,"outcome":"ok")"}) {
    REQUIRE(reader.read(observation(facts), box.record).status == JsonStatus::kOk);
    table.add(box.record);
  }
  std::string order;
  std::istringstream lines(table.text());
  for (std::string line; std::getline(lines, line) && !line.empty();) {
    std::istringstream words(line);
    std::string host;
    std::string port;
    std::string transport;
    std::string outcome;
    words >> host >> port >> transport >> outcome;
    order += host + " " + port + " " + outcome + "\n";
  }
  CHECK(order ==
        "host port outcome\n"
        "127.0.0.9 1001 reset\n"
        "127.0.0.9 50002 refused\n"
        "127.0.0.9 50002 ok\n"
        "127.0.0.10 50001 ok\n");
}
