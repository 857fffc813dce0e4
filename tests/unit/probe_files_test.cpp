// SPDX-License-Identifier: MIT
// What the probe reads and writes besides the network: bundled lists, descriptors, logs under a
// ceiling.
#include <fcntl.h>
#include <signal.h>
#include <sys/fsuid.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "core/base/software_sha256.h"
#include "core/run/endpoint_list.h"
#include "targets/probe/bundled_lists.h"
#include "targets/probe/descriptor_sink.h"
#include "targets/probe/option_table.h"
#include "targets/probe/record_ends.h"
#include "targets/probe/record_file.h"
#include "tests/catch2.h"
#include "tests/unit/cbor_log.h"

using namespace observatory;

namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// A folder of its own, gone with the object.
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

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// What is written to standard error while the object lives.
class Messages {
 public:
  Messages() : kept_(::dup(STDERR_FILENO)) {
    const fs::path file = folder_.path() / "err";
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    REQUIRE(descriptor >= 0);
    ::dup2(descriptor, STDERR_FILENO);
    ::close(descriptor);
  }
  ~Messages() {
    ::dup2(kept_, STDERR_FILENO);
    ::close(kept_);
  }
  Messages(const Messages&) = delete;
  Messages& operator=(const Messages&) = delete;

  std::string text() const { return content_of(folder_.path() / "err"); }

 private:
  Folder folder_;
  int kept_;
};

std::vector<std::string> endpoints_of(std::string_view list, const DefaultPorts& ports) {
  std::vector<std::string> found;
  std::istringstream lines{std::string(list)};
  for (std::string line; std::getline(lines, line);) {
    EndpointLine parsed;
    read_endpoint_line(line, ports, parsed);
    CHECK(parsed.problem.empty());
    for (std::size_t i = 0; i < parsed.count; ++i) {
      const Endpoint& endpoint = parsed.endpoints[i];
      found.push_back(std::string(endpoint.host.view()) + ":" + std::to_string(endpoint.port) +
                      (endpoint.transport == Transport::kTls ? ":s" : ":t"));
    }
  }
  return found;
}

constexpr std::uint64_t kCeiling = 128 * 1024;

SoftwareSha256 digest;

// A log that is written in several runs.
struct Log {
  Folder folder;
  fs::path file = folder.path() / "log";
  fs::path older = folder.path() / "log.1";
  Format format = Format::kJsonl;
  std::uint64_t keep = kCeiling;
  std::uint64_t sequence = 0;
  std::uint8_t runs = 0;
  std::uint64_t largest = 0;  // both files together, at any moment between two records

  std::uint64_t bytes() const {
    return (fs::exists(file) ? fs::file_size(file) : 0) +
           (fs::is_regular_file(older) ? fs::file_size(older) : 0);
  }

  bool open(RecordFile& into) {
    Options options;
    if (name_ != file.string()) name_ = file.string();
    options.output = name_.c_str();
    options.format = format;
    options.keep = keep;
    return into.open(options);
  }

  // The run's record.
  void begin_run(RecordFile& into) {
    std::vector<std::uint8_t> pool(limits::kRecordPool);
    Record record(pool);
    ++runs;
    begin_record(RecordType::kRun, record);
    record.set_text(FieldId::kSoftware, "test");
    REQUIRE(into.write(record) == Status::kOk);
    largest = std::max(largest, bytes());
  }

  Status write(RecordFile& into, std::size_t banner) {
    std::vector<std::uint8_t> pool(limits::kRecordPool);
    Record record(pool);
    begin_record(RecordType::kObservation, record);
    record.set(FieldId::kSeq, ++sequence);
    record.set_text(FieldId::kHost, "a.example");
    record.set(FieldId::kPort, 50001);
    record.set(FieldId::kTransport, static_cast<std::uint64_t>(Transport::kTcp));
    record.set(FieldId::kOutcome, static_cast<std::uint64_t>(Outcome::kOk));
    record.set_text(FieldId::kBannerText, std::string(banner, 'b'));
    const Status status = into.write(record);
    largest = std::max(largest, bytes());
    return status;
  }

  // Writes so many records in one run.
  void run(std::size_t records) {
    RecordFile into(digest);
    REQUIRE(open(into));
    if (format != Format::kText) begin_run(into);
    for (std::size_t i = 0; i < records; ++i) {
      REQUIRE(write(into, (sequence * 37) % 900) == Status::kOk);
    }
    CHECK(into.left_out() == 0);
  }

  // The sequence numbers of the observations in both files, the older first. Everything in them has
  // to be a whole record, and nothing of a CBOR log may lead into the other file.
  std::vector<std::uint64_t> numbers() const {
    std::vector<std::uint64_t> found;
    for (const fs::path& path : {older, file}) {
      const std::string content = content_of(path);
      if (format == Format::kCbor) {
        read_sequence(content, found);
      } else {
        read_lines(content, found);
      }
    }
    return found;
  }

 private:
  void begin_record(RecordType type, Record& record) const {
    record.set(FieldId::kType, static_cast<std::uint64_t>(type));
    record.set(FieldId::kVersion, kFormatVersion);
    if (runs > 0) record.set_bytes(FieldId::kRun, ByteView(&runs, 1));
  }

  static void read_lines(const std::string& content, std::vector<std::uint64_t>& into) {
    CHECK((content.empty() || content.back() == '\n'));
    std::istringstream lines(content);
    for (std::string line; std::getline(lines, line);) {
      REQUIRE(line.ends_with("}"));
      if (line.starts_with(R"({"type":"run","v":1)")) continue;
      REQUIRE(line.starts_with(R"({"type":"observation","v":1)"));
      into.push_back(std::stoull(line.substr(line.find("\"seq\":") + 6)));
    }
  }

  static void read_sequence(std::string_view content, std::vector<std::uint64_t>& into) {
    samples::LogReader reader;
    for (const std::string& json : reader.read_all(content)) {
      if (json.starts_with(R"({"type":"run")")) continue;
      into.push_back(std::stoull(json.substr(json.find("\"seq\":") + 6)));
    }
    CHECK(reader.missing == 0);
  }

  std::string name_;  // stays in place while a RecordFile has it
};

// From some number to the last that was written, none missing and none twice.
void check_newest(const std::vector<std::uint64_t>& numbers, std::uint64_t last) {
  REQUIRE_FALSE(numbers.empty());
  CHECK(numbers.back() == last);
  CHECK(numbers.back() - numbers.front() + 1 == numbers.size());
  CHECK(std::is_sorted(numbers.begin(), numbers.end()));
}

}  // namespace

TEST_CASE("a bundled list names the endpoints of its file, as briefly as it can") {
  std::size_t found = 0;
  for (const BundledList& list : bundled_lists()) {
    CAPTURE(list.chain);
    const fs::path file = fs::path(OBSERVATORY_SERVERS) / (std::string(list.chain) + ".txt");
    const std::string written = content_of(file);
    // What the file says needs no default ports: it is read with none of the chain's.
    CHECK(endpoints_of(list.text, default_ports(list.chain)) == endpoints_of(written, {1, 2}));
    CHECK(list.text.find('#') == std::string_view::npos);
    CHECK(list.text.size() < written.size());
    ++found;
  }
  CHECK(found == static_cast<std::size_t>(std::distance(fs::directory_iterator(OBSERVATORY_SERVERS),
                                                        fs::directory_iterator())));
}

TEST_CASE("the option for a chain offers the lists that are bundled") {
  std::set<std::string> bundled;
  for (const BundledList& list : bundled_lists()) bundled.insert(std::string(list.chain));
  for (const OptionRow& row : option_rows()) {
    if (row.id != OptionId::kChain) continue;
    std::set<std::string> offered;
    for (std::string_view words = row.words; !words.empty();) {
      offered.insert(std::string(next_word(words)));
    }
    CHECK(offered == bundled);
  }
}

TEST_CASE("a log is cut where a line begins, or in a sequence a run") {
  const Folder folder;
  const auto found = [&](std::string_view content, Format format) {
    const std::string file = (folder.path() / "file").string();
    std::ofstream(file, std::ios::binary) << content;
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    std::array<std::uint8_t, 4> work;
    std::vector<off_t> offsets;
    for (off_t from = 0; from <= static_cast<off_t>(content.size()); ++from) {
      offsets.push_back(first_cut_from(descriptor, format, from, work));
    }
    ::close(descriptor);
    return offsets;
  };
  CHECK(found("{a}\n{}\n", Format::kJsonl) == std::vector<off_t>{0, 4, 4, 4, 4, 7, 7, 7});
  // Maps (RFC 8949): {0: 2}, {0: 1}, {}, and {0: 1, ...} with a length of its own byte.
  const std::string sequence("\xA1\x00\x02\xA1\x00\x01\xA0\xB8\x01\x00\x01", 11);
  CHECK(found(sequence, Format::kCbor) ==
        std::vector<off_t>{0, 3, 3, 3, 7, 7, 7, 7, 11, 11, 11, 11});
  // Nothing but observations: there is no place.
  CHECK(found(std::string("\xA1\x00\x02\xA1\x00\x02", 6), Format::kCbor) ==
        std::vector<off_t>{0, 6, 6, 6, 6, 6, 6});
}

TEST_CASE("thousands of records never make a log longer than its ceiling, and none is lost") {
  for (const Format format : {Format::kJsonl, Format::kCbor}) {
    Log log;
    log.format = format;
    for (int runs = 0; runs < 10; ++runs) {
      log.run(500);
      check_newest(log.numbers(), log.sequence);
    }
    CHECK(log.largest <= kCeiling);
    CHECK(log.largest > kCeiling * 9 / 10);
    CHECK(log.bytes() > kCeiling / 2 - 2000);
    CHECK_FALSE(fs::exists(log.folder.path() / "log.2"));
  }
}

TEST_CASE("a log of lines for people has a ceiling, too") {
  Log log;
  log.format = Format::kText;
  log.run(5000);
  CHECK(log.largest <= kCeiling);
  CHECK(content_of(log.older).starts_with("a.example:50001:t"));
  CHECK(content_of(log.file).starts_with("a.example:50001:t"));
  CHECK(content_of(log.file).ends_with("\n"));
}

TEST_CASE("a log without a ceiling grows, and nothing stands beside it") {
  Log log;
  log.keep = 0;
  log.run(1000);
  CHECK(log.bytes() > 2 * kCeiling);
  CHECK_FALSE(fs::exists(log.older));
  check_newest(log.numbers(), 1000);
}

TEST_CASE("a log that is longer than a new ceiling loses its oldest records") {
  for (const Format format : {Format::kJsonl, Format::kCbor}) {
    Log log;
    log.format = format;
    log.keep = 0;
    for (int i = 0; i < 200; ++i) log.run(20);
    log.keep = kCeiling;
    log.largest = 0;
    const Messages messages;
    log.run(1);
    CHECK(messages.text().find(log.file.string() + ": dropped the oldest ") != std::string::npos);
    CHECK(log.largest <= kCeiling);
    CHECK(log.bytes() > kCeiling / 2 - 12000);
    check_newest(log.numbers(), 4001);
  }
}

TEST_CASE("of a CBOR log that is one run longer than a new ceiling nothing is kept") {
  Log log;
  log.format = Format::kCbor;
  log.keep = 0;
  log.run(2000);
  log.keep = kCeiling;
  const Messages messages;
  log.run(1);
  CHECK(messages.text().find(": dropped the oldest ") != std::string::npos);
  CHECK(log.numbers() == std::vector<std::uint64_t>{2001});
}

TEST_CASE("a file that is begun anew in the midst of a run begins with the run's record") {
  for (const Format format : {Format::kJsonl, Format::kCbor}) {
    Log log;
    log.format = format;
    RecordFile file(digest);
    REQUIRE(log.open(file));
    log.begin_run(file);
    const std::string record = content_of(log.file);
    CHECK_FALSE(record.empty());
    while (!fs::exists(log.older)) REQUIRE(log.write(file, 500) == Status::kOk);
    CHECK(content_of(log.file).starts_with(record));
    CHECK(content_of(log.older).starts_with(record));
    CHECK(log.largest <= kCeiling);
    // Once, and before everything that refers to something.
    const std::size_t length = fs::file_size(log.file);
    REQUIRE(log.write(file, 500) == Status::kOk);
    CHECK(content_of(log.file).find(record, length) == std::string::npos);
    check_newest(log.numbers(), log.sequence);
  }
}

TEST_CASE("a record that was left out is not referred to") {
  Log log;
  log.format = Format::kCbor;
  log.keep = 4000;
  RecordFile file(digest);
  REQUIRE(log.open(file));
  log.begin_run(file);
  const Messages messages;
  REQUIRE(log.write(file, 3000) == Status::kOk);
  REQUIRE(log.write(file, 3000) == Status::kOk);
  REQUIRE(log.write(file, 100) == Status::kOk);
  CHECK(file.left_out() == 2);
  CHECK(log.numbers() == std::vector<std::uint64_t>{3});
}

TEST_CASE("an older log that is longer than a new ceiling allows is removed") {
  Log log;
  log.keep = 4 * kCeiling;
  while (!fs::exists(log.older)) log.run(10);
  log.keep = kCeiling;
  log.largest = 0;
  const Messages messages;
  log.run(1);
  CHECK(messages.text().find(log.older.string() + ": removed") != std::string::npos);
  CHECK(log.largest <= kCeiling);
  check_newest(log.numbers(), log.sequence);
}

TEST_CASE("a record that is longer than half of the ceiling is left out, told and counted") {
  Log log;
  log.keep = 4000;  // below what the command line accepts
  RecordFile file(digest);
  REQUIRE(log.open(file));
  REQUIRE(log.write(file, 100) == Status::kOk);
  const std::string before = content_of(log.file);
  {
    const Messages messages;
    CHECK(log.write(file, 3000) == Status::kOk);
    CHECK(messages.text().find("longer than half of --keep and was left out\n") !=
          std::string::npos);
  }
  CHECK(file.left_out() == 1);
  CHECK(content_of(log.file) == before);
  CHECK_FALSE(fs::exists(log.older));
  CHECK(log.write(file, 100) == Status::kOk);
  CHECK(log.numbers() == std::vector<std::uint64_t>{1, 3});
}

TEST_CASE("a record that fills half of the ceiling to the byte is kept, one more byte is not") {
  Log log;
  log.keep = 0;
  {
    RecordFile file(digest);
    REQUIRE(log.open(file));
    REQUIRE(log.write(file, 1000) == Status::kOk);
  }
  const std::uint64_t length = log.bytes();
  log.keep = 2 * length;
  {
    RecordFile file(digest);
    REQUIRE(log.open(file));
    CHECK(log.write(file, 1000) == Status::kOk);
    const Messages messages;
    CHECK(log.write(file, 1001) == Status::kOk);
    CHECK(file.left_out() == 1);
  }
  CHECK(fs::file_size(log.file) == length);
  CHECK(fs::file_size(log.older) == length);
}

TEST_CASE("what a power cut tore off is mended before the ceiling is looked at") {
  for (const Format format : {Format::kJsonl, Format::kCbor}) {
    Log log;
    log.format = format;
    log.keep = 0;
    for (int i = 0; i < 20; ++i) log.run(20);
    fs::resize_file(log.file, fs::file_size(log.file) - 20);
    log.keep = kCeiling;
    const Messages messages;
    RecordFile file(digest);
    REQUIRE(log.open(file));
    CHECK(log.bytes() <= kCeiling / 2);
    if (format == Format::kCbor) {
      check_newest(log.numbers(), 399);
    } else {
      CHECK(content_of(log.older).ends_with("\n"));
    }
  }
}

TEST_CASE("a run that is cut off while it shrinks a log is made good by the next") {
  Log log;
  log.keep = 0;
  log.run(1000);
  // Power went while the newest records were being copied: the log is whole, the copy is not.
  std::ofstream(log.older) << content_of(log.file).substr(100000, 5000);
  log.keep = kCeiling;
  const Messages messages;
  log.run(1);
  check_newest(log.numbers(), 1001);
}

TEST_CASE("only a regular file can have a ceiling") {
  Log log;
  const auto refused = [&](const fs::path& file, const fs::path& named) {
    CAPTURE(file);
    log.file = file;
    const Messages messages;
    RecordFile into(digest);
    CHECK_FALSE(log.open(into));
    CHECK(messages.text() == "electrum-probe: --keep: " + named.string() + " is no regular file\n");
  };
  const fs::path folder = log.folder.path();
  std::ofstream(folder / "target") << "{}\n";
  fs::create_symlink("target", folder / "link");
  fs::create_symlink("nowhere", folder / "dangling");
  fs::create_directory(folder / "folder");
  fs::create_directory(folder / "log.1");
  refused(folder / "link", folder / "link");
  refused(folder / "dangling", folder / "dangling");
  refused(folder / "folder", folder / "folder");
  refused(folder / "log", folder / "log.1");
  refused("/dev/null", "/dev/null");
  CHECK(content_of(folder / "target") == "{}\n");

  log.file = folder / std::string(1100, 'a');
  const Messages messages;
  RecordFile into(digest);
  CHECK_FALSE(log.open(into));
  CHECK(messages.text() ==
        "electrum-probe: --keep: the name of the log is longer than 1024 bytes\n");
}

TEST_CASE("a log that cannot be renamed stays whole, and the run ends with the reason") {
  Log log;
  RecordFile file(digest);
  REQUIRE(log.open(file));
  REQUIRE(log.write(file, 10) == Status::kOk);
  fs::create_directories(log.older / "in the way");
  const Messages messages;
  while (log.write(file, 800) == Status::kOk) REQUIRE(log.sequence < 1000);
  CHECK(messages.text() == "electrum-probe: cannot rename " + log.file.string() + " to " +
                               log.older.string() + ": Is a directory\n");
  fs::remove_all(log.older);
  check_newest(log.numbers(), log.sequence - 1);
}

TEST_CASE("a folder that may not be written to stops the rotation, not the records before") {
  Log log;
  RecordFile file(digest);
  REQUIRE(log.open(file));
  ::chmod(log.folder.path().c_str(), 0555);
  const Messages messages;
  // Root may write to every folder, and is somebody else for files meanwhile.
  const auto us = static_cast<uid_t>(::setfsuid(::geteuid() == 0 ? 65534 : ::geteuid()));
  while (log.write(file, 800) == Status::kOk) {
    if (log.sequence > 1000) break;
  }
  ::setfsuid(us);
  ::chmod(log.folder.path().c_str(), 0700);
  CHECK(messages.text().find("Permission denied") != std::string::npos);
  check_newest(log.numbers(), log.sequence - 1);
}

TEST_CASE("two runs with a ceiling do not write to one log") {
  Log log;
  RecordFile first(digest);
  REQUIRE(log.open(first));
  const auto second_is_refused = [&] {
    const Messages messages;
    RecordFile second(digest);
    CHECK_FALSE(log.open(second));
    CHECK(messages.text() ==
          "electrum-probe: --keep: another run writes to " + log.file.string() + "\n");
  };
  second_is_refused();
  while (!fs::exists(log.older)) REQUIRE(log.write(first, 800) == Status::kOk);
  second_is_refused();  // the new file is the first run's, too
}

TEST_CASE("a log that is begun anew has the rights of the one before") {
  Log log;
  log.run(1);
  fs::permissions(log.file, fs::perms(0640));
  while (!fs::exists(log.older)) log.run(10);
  CHECK(fs::status(log.file).permissions() == fs::perms(0640));
}

TEST_CASE("a descriptor gets everything in the pieces that fit the buffer") {
  int ends[2];
  // Packets keep the writes apart.
  REQUIRE(::pipe2(ends, O_CLOEXEC | O_DIRECT | O_NONBLOCK) == 0);
  const auto read_packet = [&] {
    std::array<char, 64> packet;
    const ssize_t size = ::read(ends[0], packet.data(), packet.size());
    return size < 0 ? std::string("none")
                    : std::string(packet.data(), static_cast<std::size_t>(size));
  };
  std::array<std::uint8_t, 8> buffer;
  DescriptorSink sink(ends[1], buffer);
  sink.put("a b");
  sink.put(" c");
  CHECK(read_packet() == "none");
  CHECK(sink.flush());
  CHECK(read_packet() == "a b c");
  sink.put("0123456789abcdef!");
  CHECK(read_packet() == "01234567");
  CHECK(read_packet() == "89abcdef");
  CHECK(sink.flush());
  CHECK(read_packet() == "!");
  CHECK(sink.flush());
  CHECK(read_packet() == "none");
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("a short write is gone on with, and a failed one is the last") {
  Folder folder;
  const std::string file = (folder.path() / "file").string();
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const rlimit ten{10, before.rlim_max};
  const auto handler = ::signal(SIGXFSZ, SIG_IGN);
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &ten) == 0);
  std::array<std::uint8_t, 8> buffer;
  DescriptorSink sink(descriptor, buffer);
  sink.put("0123456789abcdef");  // the second write is cut at two bytes, the third fails
  const bool written = sink.flush();
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  ::signal(SIGXFSZ, handler);
  CHECK_FALSE(written);
  sink.put("more");
  CHECK_FALSE(sink.flush());
  ::close(descriptor);
  CHECK(content_of(file) == "0123456789");
}
