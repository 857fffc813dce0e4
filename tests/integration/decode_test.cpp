// SPDX-License-Identifier: MIT
// Runs the real electrum-observatory, whose path is OBSERVATORY_BINARY.
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "core/record/cbor_reader.h"
#include "core/record/describe.h"
#include "tests/catch2.h"
#include "tests/unit/cbor_log.h"
#include "tests/unit/record_samples.h"

using namespace observatory;
using namespace observatory::samples;

namespace {

namespace fs = std::filesystem;

struct Answer {
  int status = -1;
  std::string out;
  std::string err;
};

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// A folder of its own for each case, gone at the end.
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

  void write(const std::string& name, std::string_view content) const {
    std::ofstream(path_ / name, std::ios::binary) << content;
  }

  // Runs the program with arguments for the shell, redirections among them.
  Answer run(const std::string& arguments) const {
    const std::string command = "cd '" + path_.string() + "' && { '" OBSERVATORY_BINARY "' " +
                                arguments + "; } >stdout 2>stderr";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, content_of(file("stdout")),
            content_of(file("stderr"))};
  }

 private:
  fs::path path_;
};

// A run with every field, one of an odd server, and an end, in both forms.
struct Log {
  Log() {
    OwnedRecord box;
    const auto finish = [&] {
      lines += json_of(box.record) + "\n";
      sequence += cbor_of(box.record);
      box.record.clear();
    };
    box.record.set(FieldId::kType, static_cast<std::uint64_t>(RecordType::kRun));
    box.record.set(FieldId::kVersion, kFormatVersion);
    box.record.set_text(FieldId::kVantage, "pi-berlin");
    finish();
    give_all_values(box.record, false);
    finish();
    give_all_values(box.record, true);
    finish();
    box.record.set(FieldId::kType, static_cast<std::uint64_t>(RecordType::kEnd));
    box.record.set(FieldId::kVersion, kFormatVersion);
    box.record.set(FieldId::kObservations, 2);
    finish();
  }
  std::string lines;
  std::string sequence;
};

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("decode prints JSON Lines as they were, and CBOR as the same lines") {
  const Folder folder;
  const Log log;
  folder.write("log.jsonl", log.lines);
  folder.write("log.cbor", log.sequence);
  for (const std::string arguments :
       {"decode log.jsonl", "decode log.cbor", "decode - <log.cbor", "decode -- - <log.jsonl"}) {
    CAPTURE(arguments);
    const Answer answer = folder.run(arguments);
    CHECK(answer.status == 0);
    CHECK((answer.out == log.lines));
    CHECK(answer.err.empty());
  }
}

TEST_CASE("decode reads several files in order, and an empty one is fine") {
  const Folder folder;
  folder.write("a", "{\"type\":\"run\",\"v\":1,\"vantage\":\"a\"}\n");
  folder.write("b", "\xA3" + std::string("\x00\x01\x01\x01\x02\x61"
                                         "b",
                                         7));
  folder.write("empty", "");
  const Answer answer = folder.run("decode b empty - a </dev/null");
  CHECK(answer.status == 0);
  CHECK(answer.out ==
        "{\"type\":\"run\",\"v\":1,\"vantage\":\"b\"}\n{\"type\":\"run\",\"v\":1,\"vantage\":\"a\"}"
        "\n");
  CHECK(answer.err.empty());
}

TEST_CASE("a torn end is told and costs nothing else") {
  const Folder folder;
  const Log log;
  const std::string lines = log.lines.substr(0, log.lines.size() - 5);
  folder.write("torn", lines);
  Answer answer = folder.run("decode torn");
  const std::size_t whole = lines.rfind('\n') + 1;
  CHECK(answer.status == 0);
  CHECK((answer.out == lines.substr(0, whole)));
  CHECK(answer.err == "electrum-observatory: torn: line 4: the last record is torn: " +
                          std::to_string(lines.size() - whole) + " bytes from byte " +
                          std::to_string(whole) + " on are left out\n");

  folder.write("torn", log.sequence.substr(0, log.sequence.size() - 1));
  answer = folder.run("decode torn");
  CHECK(answer.status == 0);
  CHECK((answer.out == lines.substr(0, whole)));
  CHECK(contains(answer.err, "torn: byte "));
}

TEST_CASE("a piece of a log with references is decoded, and what is missing from it is told") {
  LogWriter log;
  OwnedRecord box;
  begin_observation_of_run(box.record);
  box.record.set_text(FieldId::kBannerText, std::string(100, 'b'));
  const Folder folder;
  folder.write("first", log.write(box.record));
  folder.write("second", log.write(box.record));
  const std::string whole = json_of(box.record) + "\n";
  Answer answer = folder.run("decode second");
  CHECK(answer.status == 0);
  CHECK(answer.out == R"({"type":"observation","v":1,"run":"5e0f1c9a337d42b8",)"
                      R"("truncated":["electrum"]})"
                      "\n");
  CHECK(answer.err ==
        "electrum-observatory: second: 1 value is missing, which stood in a part of the log "
        "that is not here\n");
  answer = folder.run("decode first second");
  CHECK(answer.status == 0);
  CHECK(answer.out == whole + whole);
  CHECK(answer.err.empty());
}

TEST_CASE("a malformed record is told and makes the answer 1, and the others are decoded") {
  const Folder folder;
  const std::string good = "{\"type\":\"run\",\"v\":1}\n";
  folder.write("bad", good + "{\"type\":\"run\",\"v\":1,\"t\":\"now\"}\n" + good);
  folder.write("good", good);
  Answer answer = folder.run("decode bad good");
  CHECK(answer.status == 1);
  CHECK(answer.out == good + good + good);
  CHECK(answer.err == "electrum-observatory: bad: line 2: t: a number from 0 was expected\n");

  folder.write("newer", "{\"type\":\"run\",\"v\":7}\n");
  answer = folder.run("decode newer");
  CHECK(answer.status == 1);
  CHECK(answer.err ==
        "electrum-observatory: newer: line 1: format version 7 is not supported, only 1\n");
}

TEST_CASE("files that cannot be read are named, and the others are decoded") {
  const Folder folder;
  folder.write("good", "{\"type\":\"run\",\"v\":1}\n");
  const Answer answer = folder.run("decode missing . good");
  CHECK(answer.status == 1);
  CHECK(answer.out == "{\"type\":\"run\",\"v\":1}\n");
  CHECK(answer.err ==
        "electrum-observatory: missing: No such file or directory\n"
        "electrum-observatory: .: Is a directory\n");
}

TEST_CASE("an output that cannot be written is an error") {
  const Folder folder;
  const Log log;
  folder.write("log", log.lines);
  for (const std::string command :
       {"decode log", "decode --table log", "format", "--help", "--version"}) {
    CAPTURE(command);
    const Answer full = folder.run(command + " >/dev/full");
    CHECK(full.status == 1);
    CHECK(full.err == "electrum-observatory: standard output: No space left on device\n");
    const Answer closed = folder.run(command + " >&-");
    CHECK(closed.status == 1);
    CHECK(closed.err == "electrum-observatory: standard output: Bad file descriptor\n");
  }
}

TEST_CASE("a reader that goes away is an error with a message, not a signal") {
  const Folder folder;
  const Log log;
  folder.write("log", log.lines);
  // The program gets its input only when nobody holds the other end of its output any more.
  REQUIRE(std::system(("mkfifo '" + folder.file("gate") + "'").c_str()) == 0);
  const Answer answer = folder.run(
      "decode gate 2>message; echo $? >status; } | { exec <&-; cat log >gate; }; "
      "{ cat status; cat message >&2");
  CHECK(answer.out == "1\n");
  CHECK(answer.err == "electrum-observatory: standard output: Broken pipe\n");
}

TEST_CASE("the table has a row for each observation and sums up") {
  const Folder folder;
  const Log log;
  folder.write("log.cbor", log.sequence);
  const Answer answer = folder.run("decode --table log.cbor");
  CHECK(answer.status == 0);
  CHECK(answer.err.empty());
  CHECK(answer.out.substr(0, 4) == "host");
  CHECK(contains(answer.out, "\n1 run, 2 observations, 1 reached\n"));
  for (const std::string_view raw : {"\x1b", "\x7f", "\xC2\x9B", "\xE2\x80\xAE"}) {
    CHECK_FALSE(contains(answer.out, raw));
  }
}

TEST_CASE("output does not depend on the locale") {
  const Folder folder;
  const Log log;
  folder.write("log", log.lines);
  const auto table_in = [&](const std::string& locale) {
    return folder.run("--version >/dev/null; LC_ALL=" + locale +
                      " '" OBSERVATORY_BINARY "' decode --table log");
  };
  const Answer plain = table_in("C");
  CHECK(plain.status == 0);
  CHECK((plain.out == table_in("de_DE.UTF-8").out));
  CHECK((plain.out == table_in("C.UTF-8").out));
}

TEST_CASE("format prints the three documents") {
  const Folder folder;
  StringSink page;
  put_format_page(page);
  StringSink schema;
  put_json_schema(schema);
  StringSink cddl;
  put_cddl(cddl);
  CHECK((folder.run("format").out == page.text));
  CHECK((folder.run("format markdown").out == page.text));
  CHECK((folder.run("format json-schema").out == schema.text));
  CHECK((folder.run("format cddl").out == cddl.text));
}

TEST_CASE("help and version answer 0 on standard output, wrong usage 2 on standard error") {
  const Folder folder;
  for (const std::string right : {"--help", "--version", "decode --help", "format --help"}) {
    CAPTURE(right);
    const Answer answer = folder.run(right);
    CHECK(answer.status == 0);
    CHECK_FALSE(answer.out.empty());
    CHECK(answer.err.empty());
  }
  for (const std::string wrong : {"", "frobnicate", "decode", "decode --no-such-option file",
                                  "format pdf", "format cddl extra", "--table"}) {
    CAPTURE(wrong);
    const Answer answer = folder.run(wrong);
    CHECK(answer.status == 2);
    CHECK(answer.out.empty());
    CHECK(answer.err.substr(0, 22) == "electrum-observatory: ");
  }
}
