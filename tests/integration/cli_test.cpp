// SPDX-License-Identifier: MIT
// The probe as its users start it: lists, outputs, signals, terminals and what can be wrong with
// each of them.
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <regex>
#include <thread>

#include "core/base/limits.h"
#include "tests/catch2.h"
#include "tests/integration/demo_process.h"

namespace observatory::integration {
namespace {

// A server that answers at once, and its number in the demo network.
constexpr const char* kServer = "electrs-0.10.9";
constexpr const char* kServerNumber = "9";

// Its address, and others of the process's network, where nobody listens.
std::string server() { return own_network() + kServerNumber; }
std::string nobody() { return own_network() + "1"; }

Words probe(const Words& arguments) {
  Words words = probe_command();
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

void send(const Descriptor& to, std::string_view text) {
  REQUIRE(::write(to.number(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
}

// Says one thing to the first bytes of one client, and then nothing.
class OneReply {
 public:
  OneReply(const std::string& address, int port, const std::string& reply)
      : listener_(silent_listener(address, port)), thread_([this, reply] { serve(reply); }) {}
  ~OneReply() {
    ::shutdown(listener_.number(), SHUT_RDWR);  // ends accept()
    thread_.join();
  }
  OneReply(const OneReply&) = delete;
  OneReply& operator=(const OneReply&) = delete;

 private:
  void serve(const std::string& reply) const {
    const Descriptor client(::accept4(listener_.number(), nullptr, nullptr, SOCK_CLOEXEC));
    std::array<char, 4096> bytes;
    if (::read(client.number(), bytes.data(), bytes.size()) <= 0) return;
    [[maybe_unused]] const ssize_t sent =
        ::send(client.number(), reply.data(), reply.size(), MSG_NOSIGNAL);
    while (::read(client.number(), bytes.data(), bytes.size()) > 0) {
    }
  }

  Descriptor listener_;
  std::thread thread_;
};

// A pseudo-terminal of 120 columns; what a program writes to it is collected.
class Terminal {
 public:
  Terminal() {
    winsize size{};
    size.ws_row = 24;
    size.ws_col = 120;
    int ours = -1;
    int theirs = -1;
    REQUIRE(::openpty(&ours, &theirs, nullptr, nullptr, &size) == 0);
    ours_ = Descriptor(ours);
    theirs_ = Descriptor(theirs);
    ::fcntl(ours, F_SETFD, FD_CLOEXEC);
    ::fcntl(theirs, F_SETFD, FD_CLOEXEC);
    ::fcntl(ours, F_SETFL, O_NONBLOCK);
    termios settings{};
    REQUIRE(::tcgetattr(theirs, &settings) == 0);
    settings.c_oflag &= ~static_cast<tcflag_t>(OPOST);  // "\n" stays what it is
    REQUIRE(::tcsetattr(theirs, TCSANOW, &settings) == 0);
  }

  int number() const { return theirs_.number(); }

  const std::string& text() {
    std::array<char, 4096> piece;
    for (ssize_t size = 0; (size = ::read(ours_.number(), piece.data(), piece.size())) > 0;) {
      text_.append(piece.data(), static_cast<std::size_t>(size));
    }
    return text_;
  }

 private:
  Descriptor ours_;
  Descriptor theirs_;
  std::string text_;
};

// Waits for the end of a program that writes to terminals, and reads them meanwhile.
int wait_reading(Process& process, Terminal& first, Terminal& second) {
  eventually([&] {
    first.text();
    second.text();
    return process.ended();
  });
  first.text();
  second.text();
  return process.wait(Seconds(1));
}

// The largest memory of a probe that visits `list`, whose last endpoint takes two seconds.
long peak_of_visiting(const std::string& list, std::string* log) {
  Process process(probe({"-f", list, "--timeout", "2"}));
  long peak = 0;
  eventually([&] {
    // The last figure counts: the first may be of the moment before exec.
    if (const long now = process.peak_kilobytes(); now > 0) peak = now;
    return process.ended();
  });
  CHECK(process.wait() == 0);
  *log = process.out();
  return peak;
}

}  // namespace

TEST_CASE("without an endpoint that can be visited nothing is begun") {
  const TempFolder folder;
  const std::string output = folder.path("log");
  const auto fails = [&](const std::string& list, const std::string& message) {
    CAPTURE(list);
    const Result result = run(probe({"-f", list, "-o", output}));
    CHECK(result.status == 1);
    CHECK(contains(result.err, message));
    CHECK(result.out.empty());
    CHECK_FALSE(std::filesystem::exists(output));
  };
  fails(folder.path("missing"), "cannot read " + folder.path("missing") + ": No such file");
  fails(folder.path(""), "it is a directory");
  fails(folder.write("empty", ""), "no endpoint to visit");
  fails(folder.write("comments", "# a\n\n   # b"), "no endpoint to visit");
  fails(folder.write("bad", nobody() + " t0\n"), "no endpoint to visit");
  // A list that is missing is found out before the others are visited.
  const Result result = run(probe({"-f", folder.write("good", nobody() + " t1\n"), "-f",
                                   folder.path("missing"), "-o", output}));
  CHECK(result.status == 1);
  CHECK_FALSE(std::filesystem::exists(output));
}

TEST_CASE(
    "an endpoint that cannot be read is told with its line and why, and the others are visited") {
  const DemoProcess network(kServer);
  const std::string good = server();
  const TempFolder folder;
  const std::string list =
      folder.write("list", "# good ones and bad ones\n" + good +
                               " t50001\n"
                               "127.0.0.1 t99999\n"
                               "127.0.0.1 x50001\n"
                               "a..b t50001\n"
                               "1.2.3 t50001\n"
                               "[::1 t50001\n"
                               "\xff\x1b[2J t50001\n"
                               "127.0.0.1 t0 s0\n" +
                               std::string(2000, 'a') + "\n" + good + ":50002:s");
  const Result result = run(probe({"-f", list, "127.0.0.1:1:u"}));
  CHECK(result.status == 1);
  const auto told = [&](const std::string& what) {
    CAPTURE(what);
    CHECK(contains(result.err, what));
  };
  told("electrum-probe: endpoint `127.0.0.1:1:u`: ");
  told(list + ":3: a port that is not from 1 to 65535: `127.0.0.1 t99999`");
  told(list + ":4: a word that is not tPORT or sPORT: `127.0.0.1 x50001`");
  told(list + ":5: a host name with an empty part: `a..b t50001`");
  told(list + ":6: not an IPv4 address: `1.2.3 t50001`");
  told(list + ":7: not an IPv6 address: `[::1 t50001`");
  told(list + ":8: a host name with a character that no name has: `");
  told(list + ":9: a port that is not from 1 to 65535: ");
  told(list + ":10: a line longer than 1024 bytes: `aaa");
  CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 9);
  CHECK_FALSE(contains(result.err, "\x1b"));
  CHECK_FALSE(contains(result.err, "\xff"));

  const Log log = read_log(result.out);
  REQUIRE(log.observations.size() == 2);
  CHECK(text_of(log.observations[0], "outcome") == "ok");
  CHECK(text_of(log.observations[1], "transport") == "tls");
  CHECK(text_of(log.observations[1], "outcome") == "ok");
  CHECK(text_of(log.end, "bad_lines") == "9");
}

TEST_CASE("an endpoint that is listed again is visited once") {
  const DemoProcess network(kServer);
  const std::string good = server();
  const TempFolder folder;
  const std::string list = folder.write(
      "list", good + " t50001 s50002\n" + good + "\t s50002   # again\r\n" + good + ":50001:t\n");
  const Result result = run(probe({"-f", list, "-f", list, good + ":50001:t"}));
  CHECK(result.status == 0);
  CHECK(result.err.empty());
  const Log log = read_log(result.out);
  CHECK(by_endpoint(log).size() == 2);
  CHECK(text_of(log.end, "observations") == "2");
  CHECK(text_of(log.end, "duplicates") == "7");
}

TEST_CASE("an output that cannot be written ends the run with a reason") {
  const std::string endpoint = nobody() + ":50001:t";  // refuses
  const TempFolder folder;
  const auto fails = [&](const std::string& output, const std::string& reason) {
    CAPTURE(output);
    const Result result = run(probe({endpoint, "-o", output}));
    CHECK(result.status == 1);
    CHECK(contains(result.err, "cannot write " + output + ": " + reason));
  };
  fails(folder.path("no/such/folder"), "No such file or directory");
  fails(folder.path(""), "Is a directory");
  fails("/dev/full", "No space left on device");

  const auto fails_with = [&](Streams streams, const std::string& reason) {
    Process process(probe({endpoint}), streams);
    CHECK(process.wait() == 1);
    CHECK(contains(process.err(), "cannot write standard output: " + reason));
  };
  const Descriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  fails_with({.out = full.number()}, "No space left on device");
  fails_with({.out = Streams::kClosed}, "Bad file descriptor");
  // The numbers of closed streams must not be given to a pipe of the program's own.
  fails_with({.in = Streams::kClosed, .out = Streams::kClosed}, "Bad file descriptor");
  Pipe pipe;
  pipe.reader.close();
  fails_with({.out = pipe.writer.number()}, "Broken pipe");
}

TEST_CASE("a reader that goes away in the middle ends the run") {
  const std::string address = own_network() + "201";
  const Descriptor silent = silent_listener(address, 50001);
  Pipe pipe;
  Process process(probe({address + ":50002:t", address + ":50001:t", "--timeout", "2"}),
                  {.out = pipe.writer.number()});
  pipe.writer.close();
  std::array<char, 2048> bytes;
  REQUIRE(::read(pipe.reader.number(), bytes.data(), bytes.size()) > 0);
  pipe.reader.close();
  CHECK(process.wait() == 1);
  CHECK(contains(process.err(), "Broken pipe"));
}

TEST_CASE("a slow reader is waited for, also where somebody made the pipe non-blocking") {
  std::string refused;
  for (int port = 1; port <= 100; ++port) refused += nobody() + " t" + std::to_string(port) + "\n";
  const TempFolder folder;
  Pipe pipe;
  REQUIRE(::fcntl(pipe.writer.number(), F_SETPIPE_SZ, 4096) > 0);
  REQUIRE(::fcntl(pipe.writer.number(), F_SETFL, O_NONBLOCK) == 0);
  Process process(probe({"-f", folder.write("list", refused)}), {.out = pipe.writer.number()});
  pipe.writer.close();
  std::string log;
  std::array<char, 512> bytes;
  for (ssize_t count = 0; (count = ::read(pipe.reader.number(), bytes.data(), bytes.size())) > 0;) {
    log.append(bytes.data(), static_cast<std::size_t>(count));
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  CHECK(process.wait() == 0);
  CHECK(process.err().empty());
  CHECK(read_log(log).observations.size() == 100);
}

TEST_CASE("an interrupted run ends at once, with a whole log") {
  const DemoProcess network(kServer);
  const std::string address = own_network() + "201";
  const Descriptor silent = silent_listener(address, 50001);
  for (const int signal : {SIGINT, SIGTERM}) {
    for (const std::string slots : {"1", "8"}) {
      CAPTURE(signal, slots);
      const TempFolder folder;
      const std::string path = folder.path("log");
      Process process(probe({server() + ":50001:t", address + ":50001:t", address + ":50001:s",
                             "--timeout", "60", "--slots", slots, "-o", path}));
      REQUIRE(eventually([&] { return contains(content_of(path), "\"observation\""); }));
      process.signal(signal);
      CHECK(process.wait(Seconds(20)) == 1);
      CHECK(process.err().empty());
      const Log log = read_log(content_of(path));
      REQUIRE(log.observations.size() == 1);
      CHECK(text_of(log.observations[0], "outcome") == "ok");
      CHECK(text_of(log.end, "interrupted") == "true");
      CHECK(text_of(log.end, "observations") == "1");
      CHECK(text_of(log.end, "reached") == "1");
    }
  }
}

TEST_CASE("a second run is appended, behind a torn line too") {
  const TempFolder folder;
  const std::string path = folder.path("log");
  const Words command = probe({nobody() + ":50001:t", "-o", path});
  REQUIRE(run(command).status == 0);
  const std::string first = content_of(path);
  REQUIRE(run(command).status == 0);
  std::vector<Log> logs = read_logs(content_of(path));
  REQUIRE(logs.size() == 2);
  CHECK(content_of(path).starts_with(first));
  CHECK(text_of(logs[0].run, "run") != text_of(logs[1].run, "run"));
  CHECK(text_of(logs[1].end, "observations") == "1");

  // Power went away in the middle of the last line.
  const std::string torn = first.substr(0, first.size() - 20);
  folder.write("log", torn);
  REQUIRE(run(command).status == 0);
  const std::string continued = content_of(path);
  REQUIRE(continued.starts_with(torn + "\n"));
  CHECK(read_log(continued.substr(torn.size() + 1)).observations.size() == 1);
}

TEST_CASE("a torn record is cut off a CBOR log, and a file of another kind is left alone") {
  const TempFolder folder;
  const std::string path = folder.path("log");
  const Words command = probe({nobody() + ":50001:t", "--format", "cbor", "-o", path});
  REQUIRE(run(command).status == 0);
  const std::string first = content_of(path);
  folder.write("log", first + first.substr(0, 20));
  REQUIRE(run(command).status == 0);
  REQUIRE(content_of(path).starts_with(first));
  const Result decoded = run({OBSERVATORY_BINARY, "decode", path});
  CHECK(decoded.status == 0);
  CHECK(decoded.err.empty());
  CHECK(read_logs(decoded.out).size() == 2);

  const std::string letter = "Dear reader,\n";
  for (const std::string format : {"cbor", "jsonl"}) {
    CAPTURE(format);
    const std::string other = folder.write("letter", letter);
    const Result result = run(probe({nobody() + ":50001:t", "--format", format, "-o", other}));
    CHECK(result.status == 1);
    CHECK(contains(result.err, other + " holds something else than records of --format " + format));
    CHECK(content_of(other) == letter);
  }
}

TEST_CASE("a log with a ceiling never grows beyond it and loses nothing but its oldest records") {
  constexpr std::uintmax_t kCeiling = 128 * 1024;
  std::string refused;
  for (int port = 1; port <= 2000; ++port) refused += nobody() + " t" + std::to_string(port) + "\n";
  const TempFolder folder;
  const std::string list = folder.write("list", refused);
  const std::string log = folder.path("log");
  const auto size_of = [](const std::string& path) {
    std::error_code missing;
    const std::uintmax_t size = std::filesystem::file_size(path, missing);
    return missing ? 0 : size;
  };
  for (int runs = 0; runs < 2; ++runs) {
    Process process(
        probe({"-f", list, "--slots", "4", "--keep", "128k", "--vantage", "v", "-o", log}));
    std::uintmax_t largest = 0;
    while (!process.ended()) largest = std::max(largest, size_of(log) + size_of(log + ".1"));
    CHECK(process.wait() == 0);
    CHECK(process.err().empty());
    CHECK(largest <= kCeiling);
  }
  const std::string newest = content_of(log + ".1") + content_of(log);
  CHECK(newest.size() > kCeiling / 2);
  CHECK(newest.size() <= kCeiling);
  // The last run's records, without a gap up to its end.
  const std::regex numbered("\"seq\":([0-9]+)");
  std::vector<int> numbers;
  for (std::sregex_iterator at(newest.begin(), newest.end(), numbered), end; at != end; ++at) {
    numbers.push_back(std::stoi((*at)[1]));
  }
  REQUIRE(numbers.size() > 300);
  CHECK(numbers.back() == 2001);
  CHECK(numbers.back() - numbers.front() + 1 == static_cast<int>(numbers.size()));
  CHECK(contains(newest, "\"observations\":2000"));
  // A file that begins in the midst of a run has the run's record, again.
  CHECK(content_of(log).starts_with("{\"type\":\"run\""));
  CHECK(content_of(log + ".1").starts_with("{\"type\":\"run\""));
}

// Kilobytes; the list itself has 5,000. A sanitizer keeps what was freed.
#if defined(__SANITIZE_ADDRESS__)
constexpr long kTolerance = 64 * 1024;
#else
constexpr long kTolerance = 1024;
#endif

TEST_CASE("a list of a hundred thousand lines takes no more memory than a short one") {
  const std::string address = own_network() + "201";
  const Descriptor silent = silent_listener(address, 50001);
  const std::string refused = address + " t1\n";
  const std::string last = address + " t50001\n";
  std::string many;
  for (int i = 0; i < 50000; ++i) many += refused + "#" + std::string(80, ' ') + "comment\n";
  const TempFolder folder;
  std::string log;
  std::string ignored;
  const long few_peak = peak_of_visiting(folder.write("few", refused + last), &ignored);
  const long many_peak = peak_of_visiting(folder.write("many", many + last), &log);
  REQUIRE(few_peak > 0);
  CHECK(many_peak <= few_peak + kTolerance);
  const Log read = read_log(log);
  CHECK(read.observations.size() == 2);
  CHECK(text_of(read.end, "duplicates") == "49999");
}

TEST_CASE("a list on standard input is visited as it comes") {
  const DemoProcess network(kServer);
  const std::string good = server();
  Pipe input;
  Process process(probe({"-f", "-"}), {.in = input.reader.number()});
  input.reader.close();
  send(input.writer, "# nothing yet\n" + good);
  send(input.writer, " t50001\n" + good.substr(0, 4));
  REQUIRE(eventually([&] { return contains(process.out(), "\"observation\""); }));
  CHECK_FALSE(process.ended());
  send(input.writer, good.substr(4) + " s50002");
  input.writer.close();  // a last line without its end
  CHECK(process.wait() == 0);
  CHECK(process.err().empty());
  const std::map<std::string, Json> records = by_endpoint(read_log(process.out()));
  REQUIRE(records.size() == 2);
  CHECK(text_of(records.at(good + ":50001:tcp"), "outcome") == "ok");
  CHECK(text_of(records.at(good + ":50002:tls"), "outcome") == "ok");
}

TEST_CASE("while a list on standard input is awaited, a signal ends the run") {
  Pipe input;
  Process process(probe({"-f", "-"}), {.in = input.reader.number()});
  send(input.writer, nobody() + " t50001\n");
  REQUIRE(eventually([&] { return contains(process.out(), "\"observation\""); }));
  process.signal(SIGTERM);
  CHECK(process.wait(Seconds(20)) == 1);
  CHECK(text_of(read_log(process.out()).end, "interrupted") == "true");
}

TEST_CASE("while its first endpoint is awaited, too") {
  Pipe input;
  Process process(probe({"-f", "-"}), {.in = input.reader.number()});
  send(input.writer, "1.2.3 t1\n");
  REQUIRE(eventually([&] { return contains(process.err(), "not an IPv4 address"); }));
  process.signal(SIGTERM);
  CHECK(process.wait(Seconds(20)) == 1);
  CHECK(process.out().empty());
}

TEST_CASE("help and version are answered on standard output") {
  for (const char* option : {"--help", "-h"}) {
    const Result help = run(probe({option}));
    CHECK(help.status == 0);
    CHECK(help.err.empty());
    for (const char* word :
         {"--endpoints FILE", "--chain NAME", "--output FILE", "--format KIND", "--vantage NAME",
          "--slots N", "--timeout SECONDS", "--contact URL", "--ca-file FILE", "--keep BYTES",
          "--visits N", "--every SECONDS", "--opt-out FILE", "--quiet", "--memory", "--version",
          "--help", "Exit status"}) {
      CHECK(contains(help.out, word));
    }
  }
}

TEST_CASE("the versions and the limits compiled in are printed for scripts") {
  const Result version = run(probe({"--version"}));
  CHECK(version.status == 0);
  CHECK(version.err.empty());
  CHECK(std::regex_match(version.out, std::regex("electrum-probe [0-9.]+\nmbedTLS [0-9.]+\n"
                                                 "([a-z-]+ +[0-9]+( (bytes|lines|seconds))?\n)+")));
  const auto figure = [&](const std::string& name) {
    std::smatch found;
    return std::regex_search(version.out, found, std::regex("\n" + name + " +([0-9]+)"))
               ? std::stoul(found[1])
               : 0;
  };
  CHECK(figure("slots") == limits::kMostSlots);
  CHECK(figure("longest-reply") == limits::kLine);
  CHECK(figure("record-pool") == limits::kRecordPool);
  CHECK(figure("endpoints-remembered") == limits::kRemembered);
  CHECK(figure("visits-to-come") == limits::kAgenda);
  CHECK(figure("places-in-an-hour") == limits::kManners);
  CHECK(figure("opt-outs") == limits::kOptOut);
  CHECK(figure("contents-known") == limits::kKnownContents);
  CHECK(figure("longest-visit") == 120);
}

TEST_CASE("the memory of a run is its slots and what is fixed") {
  const auto figures = [](const Words& arguments) {
    const Result result = run(probe(arguments));
    CHECK(result.status == 0);
    CHECK(result.err.empty());
    std::map<std::string, unsigned long> by_name;
    const std::regex line("  ([a-z-]+) +([0-9]+) bytes\n");
    for (std::sregex_iterator at(result.out.begin(), result.out.end(), line), end; at != end;
         ++at) {
      by_name[(*at)[1]] = std::stoul((*at)[2]);
    }
    return by_name;
  };
  std::map<std::string, unsigned long> one = figures({"--memory"});
  CHECK(one["line-buffer"] == limits::kLine);
  CHECK(one["line-buffer"] + one["record-pool"] + one["session"] + one["tls-engine"] +
            one["tls-arena"] ==
        one["slot"]);
  CHECK(one["endpoints-remembered"] + one["visits-to-come"] + one["discovery"] + one["manners"] +
            one["opt-outs"] + one["record-file"] + one["known-contents"] + one["endpoint-files"] +
            one["rest"] ==
        one["fixed"]);
  CHECK(one["visits-to-come"] >= limits::kAgenda);
  CHECK(one["opt-outs"] >= limits::kOptOut);
  CHECK(one["known-contents"] == 4 * limits::kKnownContents);
  CHECK(one["slots"] == one["slot"]);
  CHECK(one["total"] == one["slot"] + one["fixed"]);
  CHECK(figures({"--slots", "7", "--memory"})["total"] == 7 * one["slot"] + one["fixed"]);
  CHECK(figures({"--memory", "--slots", "7"})["slots"] == 7 * one["slot"]);
}

TEST_CASE("a page that cannot be printed is a failure with a reason") {
  const Descriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  for (const char* option : {"--help", "--version", "--memory"}) {
    CAPTURE(option);
    Process to_full(probe({option}), {.out = full.number()});
    CHECK(to_full.wait() == 1);
    CHECK(to_full.err() ==
          "electrum-probe: cannot write standard output: No space left on device\n");
    Process to_none(probe({option}), {.out = Streams::kClosed});
    CHECK(to_none.wait() == 1);
    CHECK(to_none.err() == "electrum-probe: cannot write standard output: Bad file descriptor\n");
  }
}

TEST_CASE("what cannot be said on standard error is lost, and the run goes on") {
  const Descriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  for (const int err : {full.number(), Streams::kClosed}) {
    Process process(probe({"127.0.0.1:1:u", nobody() + ":50001:t"}), {.err = err});
    CHECK(process.wait() == 1);  // for the endpoint that cannot be read
    CHECK(read_log(process.out()).observations.size() == 1);
  }
}

TEST_CASE("a wrong command line is told in one sentence, and nothing is visited") {
  const auto wrong = [](const Words& arguments, const std::string& sentence) {
    CAPTURE(arguments);
    const Result result = run(probe(arguments));
    CHECK(result.status == 2);
    CHECK(result.out.empty());
    CHECK(result.err == "electrum-probe: " + sentence + "\nTry `electrum-probe --help`.\n");
  };
  const std::string endpoint = nobody() + ":50001:t";
  wrong({},
        "nothing to visit: give an ENDPOINT, --endpoints FILE, --chain NAME or --dns-seed NAME");
  wrong({"--discover", "5"},
        "nothing to visit: give an ENDPOINT, --endpoints FILE, --chain NAME or --dns-seed NAME");
  wrong({endpoint, "--discover", "0"}, "--discover 0: not a number from 1 to 1024");
  wrong({endpoint, "--discover", "1025"}, "--discover 1025: not a number from 1 to 1024");
  wrong({"--dns-seed", "192.0.2.1"}, "--dns-seed 192.0.2.1: an address, where a name is asked for");
  wrong({"--dns-seed", "a.example:50001"},
        "--dns-seed a.example:50001: neither host:port:t nor host:port:s");
  wrong({"--dns-seed", "a.example:0:t"},
        "--dns-seed a.example:0:t: a port that is not from 1 to 65535");
  wrong({"--dns-seed", ""}, "--dns-seed : no host");
  Words seeds;
  for (int i = 0; i < 9; ++i) seeds.insert(seeds.end(), {"--dns-seed", "a.example"});
  wrong(seeds, "--dns-seed a.example: more than 8 seeds");
  wrong({endpoint, "--slots", "0"}, "--slots 0: not a number from 1 to 32");
  wrong({endpoint, "--slots", "33"}, "--slots 33: not a number from 1 to 32");
  wrong({endpoint, "--slots", "-1"}, "--slots -1: not a number from 1 to 32");
  wrong({endpoint, "--slots", "4x"}, "--slots 4x: not a number from 1 to 32");
  wrong({endpoint, "--timeout", "0"}, "--timeout 0: not a number from 1 to 120");
  wrong({endpoint, "--timeout", "121"}, "--timeout 121: not a number from 1 to 120");
  wrong({endpoint, "--timeout", "99999999999999999999"},
        "--timeout 99999999999999999999: not a number from 1 to 120");
  wrong({endpoint, "--visits", "0"}, "--visits 0: not a number from 1 to 10000");
  wrong({endpoint, "--every", "0"}, "--every 0: not a number from 1 to 604800");
  Words many = {endpoint};
  for (int i = 0; i < 17; ++i) many.insert(many.end(), {"--opt-out", "x"});
  wrong(many, "--opt-out x: more than 16 lists");
  wrong({endpoint, "--format", "xml"}, "--format xml: not one of jsonl, cbor, text");
  wrong({endpoint, "--contact", "a\"b"}, "--contact a\"b: holds a quote or a backslash");
  wrong({endpoint, "--contact", "a\nb"},
        "--contact a\nb: holds a character that is not printable ASCII");
  wrong({endpoint, "--contact", std::string(70, 'a')},
        "--contact " + std::string(70, 'a') + ": too long: the client name has 80 characters");
  wrong({endpoint, "--vantage", ""}, "--vantage : a vantage point needs a name");
  wrong({endpoint, "--chain", "dogecoin"},
        "--chain dogecoin: not one of bitcoin, testnet4, testnet, signet");
  for (const std::string size : {"", "k", "0", "131071", "127k", "1025G", "1048577M", "200 k",
                                 "200K", "-200k", "1e9", "99999999999999999999", "17179869184G"}) {
    wrong({endpoint, "-o", "log", "--keep", size},
          "--keep " + size + ": not a size from 128k to 1024G");
  }
  wrong({endpoint, "--keep", "1M"}, "--keep: needs --output FILE");
  wrong({endpoint, "--keep", "1M", "-o", "-"}, "--keep: needs --output FILE");
  const auto wrong_proxy = [&](const std::string& url, const std::string& sentence) {
    wrong({endpoint, "--proxy", url}, "--proxy " + url + ": " + sentence);
  };
  for (const std::string url : {"", "127.0.0.1:9050", "socks4://127.0.0.1:9050",
                                "socks5:", "http://127.0.0.1:9050", "SOCKS5://127.0.0.1:9050"}) {
    wrong_proxy(url, "not of the form socks5://ADDRESS:PORT");
  }
  for (const std::string url :
       {"socks5://", "socks5://127.0.0.1", "socks5://[::1]", "socks5://[::1:9050"}) {
    wrong_proxy(url, "without a port: Tor's is 9050");
  }
  for (const std::string port : {"", "0", "65536", "x", "9050x", "-1"}) {
    wrong_proxy("socks5://127.0.0.1:" + port, "a port that is not from 1 to 65535");
  }
  for (const std::string address : {"", "localhost", "tor.example.org", "127.0.0", "::1", "[]",
                                    "[127.0.0.1]", "[::g]", "[::1]]", "127.0.0.1/8", "::1]"}) {
    wrong_proxy("socks5://" + address + ":9050",
                "not an IP address, which in IPv6 stands in brackets: Tor's is 127.0.0.1");
  }
  for (const std::string user : {"user@", "user:secret@", "@"}) {
    wrong_proxy("socks5://" + user + "127.0.0.1:9050",
                "a user cannot be given: each visit has one of its own");
  }
  wrong({endpoint, "--proxy-all"}, "--proxy-all: needs --proxy URL");
  wrong({endpoint, "--loud"}, "--loud: no such option");
  wrong({endpoint, "--slots"}, "--slots: needs a value");
}

TEST_CASE("a CA file without a certificate is refused before the first visit") {
  const TempFolder folder;
  const auto refused = [&](const std::string& file, const std::string& reason) {
    const Result result = run(probe({nobody() + ":50001:t", "--ca-file", file}));
    CHECK(result.status == 1);
    CHECK(result.out.empty());
    CHECK(result.err == "electrum-probe: --ca-file " + file + ": " + reason + "\n");
  };
  refused(folder.path("missing"), "No such file or directory");
  refused(folder.write("empty", ""), "no certificate in it");
  refused(folder.write("garbage", "\x30\x82\xff\xff garbage"), "no certificate in it");
  refused(folder.write("pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
          "no certificate in it");
  refused(folder.write("large", std::string(1200000, '#')), "larger than 1 MiB");
  refused(folder.path(""), "Is a directory");
}

TEST_CASE("who opted out is not visited, and an opt-out that cannot be read stops the run") {
  const DemoProcess network(kServer);
  const TempFolder folder;
  const std::string good = folder.write("good", "# asked by mail\n" + server() + "  # ours\n\n");
  const std::string more = folder.write("more", ".example.org\n" + own_network() + "248/29");
  const Result result =
      run(probe({"--opt-out", good, "--opt-out", more, server() + ":50001:t", "sub.example.org:1:t",
                 own_network() + "250:1:t", nobody() + ":50001:t"}));
  CHECK(result.status == 0);
  CHECK(result.err.empty());
  const Log log = read_log(result.out);
  REQUIRE(log.observations.size() == 4);
  for (std::size_t i = 0; i < 3; ++i) CHECK(text_of(log.observations[i], "outcome") == "opted_out");
  CHECK(text_of(log.observations[3], "outcome") == "refused");
  CHECK(text_of(log.end, "opted_out") == "3");

  const std::string output = folder.path("log");
  const auto refused = [&](const std::string& file, const std::string& message) {
    CAPTURE(file);
    const Result stopped =
        run(probe({"--opt-out", good, "--opt-out", file, "-o", output, nobody() + ":50001:t"}));
    CHECK(stopped.status == 1);
    CHECK(contains(stopped.err, "electrum-probe: " + message));
    CHECK(std::count(stopped.err.begin(), stopped.err.end(), '\n') == 1);
    CHECK_FALSE(contains(stopped.err, "\x1b"));
    CHECK_FALSE(std::filesystem::exists(output));
  };
  refused(folder.path("missing"), "cannot read " + folder.path("missing") + ": No such file");
  refused(folder.path(""), "cannot read " + folder.path("") + ": Is a directory");
  const std::string bad = folder.path("bad");
  const auto line = [&](const std::string& text, const std::string& problem) {
    folder.write("bad", "a.example\n" + text);
    refused(bad, bad + ":2: " + problem);
  };
  line("10.0.0.0/33\n", "not a network a.b.c.d/n or v6/n: `10.0.0.0/33`");
  line("two words.example", "a host name with a character that no name has: `two words.example`");
  line("\x1b[2Jx", "a host name with a character that no name has: `?[2Jx`");
  line(std::string(2000, 'a') + "\n", "a line longer than 1024 bytes: `aaa");
  line("*.", "no host: `*.`");
  std::string full;
  for (int i = 0; i < 2000; ++i) full += "192.0.2." + std::to_string(i % 256) + "\n";
  refused(folder.write("full", full), folder.path("full") + ":");
  refused(folder.path("full"), folder.path("full") + ":1365: no room for more opt-outs");
}

TEST_CASE("an endpoint is visited again, and what changed is told") {
  const DemoProcess network(kServer);
  const Result result = run(probe({"--visits", "3", "--every", "1", server() + ":50001:t"}));
  CHECK(result.status == 0);
  CHECK(result.err.empty());
  const Log log = read_log(result.out);
  REQUIRE(log.observations.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(text_of(log.observations[i], "visit") == std::to_string(i + 1));
    CHECK(text_of(log.observations[i], "outcome") == "ok");
  }
  CHECK_FALSE(contains(result.out.substr(0, result.out.find("\"visit\":2")), "\"changed\""));
  CHECK(contains(result.out, "\"visit\":2,\"changed\":["));
  CHECK(contains(result.out, "\"visit\":3,\"changed\":["));
  CHECK(text_of(log.end, "observations") == "3");
}

TEST_CASE("a run that waits for its next visit ends at once when it is interrupted") {
  const TempFolder folder;
  const std::string path = folder.path("log");
  Process process(probe({"--visits", "2", "--every", "3600", "-o", path, nobody() + ":50001:t"}));
  REQUIRE(eventually([&] { return contains(content_of(path), "\"visit\":1"); }));
  process.signal(SIGTERM);
  CHECK(process.wait(Seconds(20)) == 1);
  const Log log = read_log(content_of(path));
  CHECK(log.observations.size() == 1);
  CHECK(text_of(log.end, "interrupted") == "true");
}

TEST_CASE("a terminal shows a table and the progress") {
  const DemoProcess network(kServer);
  Terminal out;
  Terminal err;
  Process process(probe({server() + ":50001:t", nobody() + ":50001:t"}),
                  {.out = out.number(), .err = err.number()});
  CHECK(wait_reading(process, out, err) == 0);
  CHECK(contains(out.text(), "ENDPOINT"));
  CHECK(contains(out.text(), "electrs/0.10.9"));
  CHECK(contains(out.text(), "refused"));
  CHECK(contains(out.text(), "1 of 2 endpoints answered\n"));
  CHECK(contains(err.text(), "0/2 done, 0 reached, " + server() + ":50001:t"));
  CHECK(contains(err.text(), "1/2 done, 1 reached"));
  CHECK(err.text().ends_with("\r\x1b[K"));  // the line is taken away at the end
}

TEST_CASE("a message on a terminal takes the place of the progress") {
  Terminal out;
  Terminal err;
  Process process(probe({nobody() + ":50001:t", "1.2.3", "1.2.4"}),
                  {.out = out.number(), .err = err.number()});
  CHECK(wait_reading(process, out, err) == 1);
  CHECK(contains(err.text(),
                 ":50001:t\r\x1b[Kelectrum-probe: endpoint `1.2.3`: not an IPv4 address\n"
                 "\r\x1b[Kelectrum-probe: endpoint `1.2.4`: "));
}

TEST_CASE("progress is for terminals only, and --quiet has none there") {
  Terminal out;
  Terminal err;
  Process quiet(probe({nobody() + ":50001:t", "--quiet"}),
                {.out = out.number(), .err = err.number()});
  CHECK(wait_reading(quiet, out, err) == 0);
  CHECK(contains(out.text(), "0 of 1 endpoints answered"));
  CHECK(err.text().empty());

  Process piped(probe({nobody() + ":50001:t"}), {.out = out.number()});
  CHECK(wait_reading(piped, out, err) == 0);
  CHECK(piped.err().empty());

  // The progress of a terminal does not get into the log.
  Process logged(probe({nobody() + ":50001:t"}), {.err = err.number()});
  CHECK(wait_reading(logged, out, err) == 0);
  CHECK(read_log(logged.out()).observations.size() == 1);
  CHECK(contains(err.text(), "1/1 done, 0 reached"));
}

TEST_CASE("what a server says of itself cannot command a terminal") {
  const std::string address = own_network() + "201";
  const OneReply server(address, 50001,
                        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":[\"\\u001b[2J\\u001b]0;own\\u0007"
                        "ed\\u009b31m\\u202etxt\\r\\n\",\"1.\\u001b[4\"]}\n");
  Terminal out;
  Terminal err;
  Process process(probe({address + ":50001:t", "--timeout", "2", "--format", "text", "--quiet"}),
                  {.out = out.number(), .err = err.number()});
  CHECK(wait_reading(process, out, err) == 0);
  CHECK(contains(out.text(), "?[2J?]0;own?ed?31m?txt??\n"));
  CHECK(contains(out.text(), "1.?[4"));
  for (const std::string_view harmful : {"\x1b", "\x07", "\r", "\xc2\x9b", "\xe2\x80\xae"}) {
    CHECK_FALSE(contains(out.text(), harmful));
  }

  // The log keeps what was said, escaped.
  const OneReply again(address, 50002, "{\"id\":1,\"result\":[\"\\u001b[2J\",\"1.4\"]}\n");
  const Result logged = run(probe({address + ":50002:t", "--timeout", "2"}));
  CHECK_FALSE(contains(logged.out, "\x1b"));
  const Log log = read_log(logged.out);
  REQUIRE(log.observations.size() == 1);
  CHECK(text_of(log.observations[0], "electrum.software") == "\x1b[2J");
}

}  // namespace observatory::integration
