// SPDX-License-Identifier: MIT
// Runs the real electrum-observatory over a small log: what programs and people get of it.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/catch2.h"
#include "tests/integration/process.h"

using namespace observatory::integration;
using nlohmann::json;

namespace {

constexpr long long kDay = 86'400'000;
constexpr long long kNoon = 1'795'348'800'000;  // 2026-11-22T12:00:00Z

// What a hostile server sends: commands for a terminal, a formula, a page, an override of the
// direction of text, a line separator.
const std::string kHostile =
    R"(=cmd|' /C calc'!A0 \u001b]0;title\u0007\u001b[2J <script>alert(1)</script> \u202egnp.exe \u2028 \u009b31m)";

// Lines of JSON, as the probe writes them.
class Log {
 public:
  explicit Log(std::string vantage, std::string run, long long t)
      : names_("\"v\":1,\"vantage\":\"" + vantage + "\",\"run\":\"" + run + "\""), t_(t) {
    text_ = "{\"type\":\"run\"," + names_ + ",\"t\":" + std::to_string(t) +
            ",\"software\":\"electrum-probe 0.1.0\",\"clock\":\"ntp\"}\n";
  }

  Log& add(const std::string& host, int port, const std::string& ip, const std::string& rest) {
    const std::string transport = port == 50002 ? "tls" : "tcp";
    ++seq_;
    text_ += "{\"type\":\"observation\"," + names_ + ",\"seq\":" + std::to_string(seq_) +
             ",\"t\":" + std::to_string(t_ + seq_ * 1000) + ",\"host\":\"" + host +
             "\",\"port\":" + std::to_string(port) + ",\"transport\":\"" + transport +
             "\",\"ip\":\"" + ip + "\"," + rest + "}\n";
    return *this;
  }

  const std::string& text() const { return text_; }

 private:
  std::string names_;
  long long t_;
  int seq_ = 0;
  std::string text_;
};

std::string ok(const std::string& software, int height, int connect_us) {
  return R"("outcome":"ok","us":{"connect":)" + std::to_string(connect_us) +
         R"(},"electrum":{"software":")" + software + R"(","protocol":"1.6","tip":{"height":)" +
         std::to_string(height) + R"(},"banner":{"text":"Welcome\n)" + kHostile +
         R"("},"features":{"genesis_hash":"000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"}})";
}

std::string with_certificate(const std::string& facts, char digit, const std::string& subject) {
  const std::string digest(64, digit);
  return facts + R"(,"tls":{"version":"TLSv1.3","leaf":{"sha256":")" + digest +
         R"(","spki_sha256":")" + digest + R"(","subject":")" + subject +
         R"(","not_after":1800000000,"self_signed":true}})";
}

// Two days, two vantages and some servers, in a database of its own.
class Observatory {
 public:
  Observatory() {
    const std::string tls =
        R"("outcome":"ok","us":{"connect":21000,"tls":30000},"electrum":{"software":"Fulcrum 2.1.1"})";
    const std::string log =
        Log("pi-berlin", "0000000000000001", kNoon - kDay)
            .add("a.example", 50001, "1.1.1.1", ok("ElectrumX 1.16.0", 899'000, 20'000))
            .add("a.example", 50002, "1.1.1.1", with_certificate(tls, 'a', "CN=a.example"))
            .add("gone.example", 50001, "9.9.9.9", ok("Fulcrum 2.1.1", 899'000, 9'000))
            .text() +
        Log("pi-berlin", "0000000000000002", kNoon)
            .add("a.example", 50001, "1.1.1.1", ok("Fulcrum 2.1.1", 900'000, 20'000))
            .add("a.example", 50002, "1.1.1.1", with_certificate(tls, 'b', "CN=" + kHostile))
            .add("gone.example", 50001, "9.9.9.9", R"("outcome":"refused","us":{})")
            .add("new.example", 50001, "8.8.8.8", ok(kHostile, 899'990, 5'000))
            .text() +
        Log("router-lima", "0000000000000003", kNoon)
            .add("a.example", 50001, "1.1.1.1", R"("outcome":"connect_timeout","us":{})")
            .add("new.example", 50001, "8.8.8.8", ok(kHostile, 899'990, 15'000))
            .text();
    const std::string file = folder_.write("log.jsonl", log);
    const Result ingest = run({OBSERVATORY_BINARY, "ingest", "--db", database(), file});
    INFO(ingest.err);
    REQUIRE(ingest.status == 0);
  }

  std::string database() const { return folder_.path("observatory.db"); }
  std::string path(const std::string& name) const { return folder_.path(name); }

  Result ask(const Words& question) const {
    Words command = {OBSERVATORY_BINARY};
    command.insert(command.end(), question.begin(), question.end());
    command.insert(command.end(), {"--db", database(), "--no-libloc"});
    return run(command);
  }

  std::string answer(const Words& question) const {
    const Result result = ask(question);
    INFO(result.err);
    REQUIRE(result.status == 0);
    return result.out;
  }

  json values(const Words& question) const { return json::parse(answer(question)); }

 private:
  TempFolder folder_;
};

const Observatory& two_days() {
  static const Observatory kTwoDays;
  return kTwoDays;
}

// Nothing that a terminal would obey, and no broken UTF-8 (which json::parse finds, too).
void check_harmless(const std::string& text) {
  for (const std::string_view raw :
       {"\x1b", "\x07", "\x7f", "\xC2\x9B", "\xE2\x80\xAE", "\xE2\x80\xA8"}) {
    CHECK(text.find(raw) == std::string::npos);
  }
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// What a terminal of `columns` gets of `servers`, with these variables in its environment.
std::string on_terminal(unsigned short columns, const Words& environment) {
  const Descriptor terminal(::posix_openpt(O_RDWR | O_NOCTTY));
  REQUIRE(::grantpt(terminal.number()) == 0);
  REQUIRE(::unlockpt(terminal.number()) == 0);
  const Descriptor screen(::open(::ptsname(terminal.number()), O_RDWR | O_NOCTTY));
  winsize size{};
  size.ws_col = columns;
  REQUIRE(::ioctl(screen.number(), TIOCSWINSZ, &size) == 0);
  Streams streams;
  streams.out = screen.number();
  Words command = {"env", "-u", "COLUMNS", "-u", "NO_COLOR", "TERM=xterm"};
  command.insert(command.end(), environment.begin(), environment.end());
  for (const std::string word :
       {OBSERVATORY_BINARY, "servers", "--no-libloc", "--reached", "--db"}) {
    command.push_back(word);
  }
  command.push_back(two_days().database());
  Process process(command, streams);
  REQUIRE(process.wait() == 0);
  // It has all been written by now, and is less than a terminal holds back.
  REQUIRE(::fcntl(terminal.number(), F_SETFL, O_NONBLOCK) == 0);
  std::array<char, 4096> shown{};
  const ssize_t count = ::read(terminal.number(), shown.data(), shown.size());
  REQUIRE(count > 0);
  return {shown.data(), static_cast<std::size_t>(count)};
}

}  // namespace

TEST_CASE("a table fits the terminal, which COLUMNS and NO_COLOR may overrule") {
  const std::string bold = "\x1b[1mserver";
  const std::string wide = on_terminal(500, {});
  CHECK(wide.substr(0, bold.size()) == bold);
  CHECK(wide.find("calc'!A0 \\u001b]0;title") != std::string::npos);
  const std::string narrow = on_terminal(60, {});
  CHECK(narrow.find("Too narrow for: ") != std::string::npos);
  CHECK(on_terminal(60, {"COLUMNS=500"}) == wide);
  CHECK(on_terminal(500, {"COLUMNS=60"}) == narrow);
  const std::string plain = on_terminal(60, {"NO_COLOR=1"});
  CHECK(plain.substr(0, 6) == "server");
  CHECK(plain.find('\x1b') == std::string::npos);
  CHECK(on_terminal(60, {"TERM=dumb"}) == plain);
  for (std::string line : lines_of(plain)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    // The rows; what follows them is text.
    if (line.empty() || line.substr(0, 3) == "Too") break;
    CHECK(line.size() <= 60 + 2 * 3);  // an ellipsis has three bytes
  }
}

TEST_CASE("servers shows the columns asked for, filtered and sorted") {
  const std::string text = two_days().answer(
      {"servers", "--columns", "name,vantages,tip_height,rtt_ms", "--sort", "rtt_ms"});
  const auto lines = lines_of(text);
  REQUIRE(lines.size() >= 6);
  CHECK(lines[0] == "server        seen  height  rtt ms");
  CHECK(lines[1] == "new.example    2/2  899990     5.0");
  CHECK(lines[2] == "a.example      1/2  900000    20.0");
  CHECK(lines[3] == "gone.example   0/1       -       -");
  CHECK(lines[5] == "3 of 3 servers; 2026-11-21T13:00:00Z to 2026-11-22T13:00:00Z");
  CHECK(two_days().answer({"servers", "--format", "csv", "--columns", "name", "--filter",
                           "reached=yes", "--filter", "rtt_ms<10"}) == "name\r\nnew.example\r\n");
}

TEST_CASE("servers as JSON say what they were made of") {
  const json answer = two_days().values({"servers", "--format", "json"});
  CHECK(answer["snapshot"]["vantages"] == json({"pi-berlin", "router-lima"}));
  CHECK(answer["snapshot"]["observations"] == 6);
  REQUIRE(answer["servers"].size() == 3);
  CHECK(answer["servers"][0]["name"] == "a.example");
  CHECK(answer["servers"][0]["certificate"] == json::array({"self-signed"}));
  CHECK(answer["servers"][0]["ports"] == json({"t50001", "s50002"}));
  CHECK(answer["servers"][1]["tip_height"].is_null());
}

TEST_CASE("servers as GeoJSON have a geometry or null") {
  const json answer = two_days().values({"servers", "--format", "geojson"});
  CHECK(answer["type"] == "FeatureCollection");
  REQUIRE(answer["features"].size() == 3);
  CHECK(answer["features"][0]["geometry"].is_null());
  CHECK(answer["features"][0]["properties"]["name"] == "a.example");
}

TEST_CASE("what hostile servers say is harmless in every form") {
  const std::vector<Words> questions = {{"servers"},
                                        {"servers", "--columns", "software,subject"},
                                        {"servers", "--format", "json"},
                                        {"servers", "--format", "csv"},
                                        {"servers", "--format", "geojson"},
                                        {"server", "a.example"},
                                        {"server", "new.example"},
                                        {"server", "a.example", "--format", "json"},
                                        {"diff", "--from", "24h"},
                                        {"diff", "--from", "24h", "--format", "json"},
                                        {"diff", "--from", "24h", "--format", "csv"},
                                        {"export", "--what", "servers"},
                                        {"export", "--what", "endpoints"},
                                        {"export", "--what", "observations"},
                                        {"export", "--what", "certificates"},
                                        {"export", "--what", "endpoints", "--format", "csv"},
                                        {"export", "--what", "certificates", "--format", "csv"}};
  for (const Words& question : questions) {
    std::string words;
    for (const std::string& word : question) words += word + " ";
    CAPTURE(words);
    check_harmless(two_days().answer(question));
  }
}

TEST_CASE("no cell of CSV begins a formula") {
  const std::string csv = two_days().answer(
      {"servers", "--format", "csv", "--columns", "software", "--filter", "name=new.example"});
  CHECK(csv.substr(0, 13) == "software\r\n'=c");
}

TEST_CASE("a program reads back what a hostile server said") {
  const json answer = two_days().values({"servers", "--format", "json"});
  CHECK(answer["servers"][2]["software"][0] == json::parse("\"" + kHostile + "\""));
}

TEST_CASE("a server's page has its history beyond the window") {
  const json page = two_days().values({"server", "a.example", "--format", "json"});
  CHECK(page["server"]["name"] == "a.example");
  CHECK(page["endpoints"].size() == 2);
  CHECK(page["sights"].size() == 3);
  CHECK(page["latest"][0]["electrum"]["software"] == "Fulcrum 2.1.1");
  std::vector<std::string> software;
  std::vector<std::string> certificates;
  for (const json& row : page["history"]) {
    const auto value = row["value"].get<std::string>();
    if (row["what"] == "software") software.push_back(value);
    if (row["what"] == "certificate") certificates.push_back(value);
  }
  CHECK(software == std::vector<std::string>{"ElectrumX 1.16.0", "Fulcrum 2.1.1"});
  CHECK(certificates == std::vector<std::string>{std::string(64, 'a'), std::string(64, 'b')});
  CHECK(page["history"][0]["first_seen"] == "2026-11-21T12:00:01Z");

  const std::string text = two_days().answer({"server", "1.1.1.1"});
  CHECK(text.substr(0, 10) == "a.example\n");
  CHECK(text.find("\n  Welcome\n") != std::string::npos);
}

TEST_CASE("an unknown server is an error that names the closest") {
  const Result result = two_days().ask({"server", "a.exampel"});
  CHECK(result.status == 1);
  CHECK(result.out.empty());
  CHECK(result.err.find("no server \"a.exampel\"") != std::string::npos);
  CHECK(result.err.find("the closest names are a.example") != std::string::npos);
}

TEST_CASE("diff tells what a day changed") {
  const json answer = two_days().values({"diff", "--from", "24h", "--format", "json"});
  CHECK(answer["counts"] == json({{"came", 1},
                                  {"went", 1},
                                  {"certificate", 1},
                                  {"software", 1},
                                  {"address", 0},
                                  {"provider", 0}}));
  std::string changes;
  for (const json& change : answer["changes"]) {
    changes +=
        change["server"].get<std::string>() + " " + change["change"].get<std::string>() + "\n";
  }
  CHECK(changes ==
        "a.example certificate\na.example software\ngone.example went\nnew.example came\n");
  const Words again = {"diff", "--from", "2026-11-21T13:00", "--to", "2026-11-22T13:00Z"};
  CHECK(two_days().answer(again) == two_days().answer({"diff", "--from", "24h"}));
}

TEST_CASE("diff tells what one vantage reaches and another does not") {
  const json answer =
      two_days().values({"diff", "--between", "pi-berlin", "router-lima", "--format", "json"});
  REQUIRE(answer["changes"].size() == 1);
  CHECK(answer["changes"][0]["server"] == "a.example");
  CHECK(answer["changes"][0]["change"] == "went");
  CHECK(answer["changes"][0]["after"] == json::array({"connect_timeout 1"}));
}

TEST_CASE("an export goes to a file with a sidecar, or to standard output without one") {
  const std::string file = two_days().path("servers.csv");
  CHECK(two_days().answer({"export", "--format", "csv", "-o", file}).empty());
  CHECK(content_of(file) == two_days().answer({"export", "--format", "csv"}));
  const json meta = json::parse(content_of(file + ".meta.json"));
  CHECK(meta["rows"] == 3);
  CHECK(meta["snapshot"]["until"] == "2026-11-22T13:00:00Z");
  REQUIRE_FALSE(meta["snapshot"]["data"].empty());
  for (const json& source : meta["snapshot"]["data"]) CHECK(source["licence"].is_string());
  CHECK(content_of(file + ".part").empty());

  const Result nowhere = two_days().ask({"export", "-o", two_days().path("no/such/folder")});
  CHECK(nowhere.status == 1);
  CHECK(nowhere.err.find("no/such/folder") != std::string::npos);
}

TEST_CASE("an export has a row for each observation of the window") {
  const auto lines = lines_of(two_days().answer({"export", "--what", "observations"}));
  REQUIRE(lines.size() == 6);
  const json first = json::parse(lines[0]);
  CHECK(first["vantage"] == "pi-berlin");
  CHECK(first["t"] == kNoon + 1000);
  CHECK(first["connect_us"] == 20'000);
  CHECK(first["software"] == "Fulcrum 2.1.1");
  const auto all =
      lines_of(two_days().answer({"export", "--what", "observations", "--since", "7d"}));
  CHECK(all.size() == 9);
}

TEST_CASE("the same question has the same bytes as its answer") {
  for (const Words& question : std::vector<Words>{{"servers", "--format", "json"},
                                                  {"server", "a.example", "--format", "json"},
                                                  {"diff", "--from", "24h"},
                                                  {"export", "--what", "certificates"}}) {
    CHECK(two_days().answer(question) == two_days().answer(question));
  }
}

TEST_CASE("what makes no sense is wrong usage and touches nothing") {
  for (const Words& wrong :
       std::vector<Words>{{"servers", "--columns", "colour"},
                          {"servers", "--filter", "colour=red"},
                          {"servers", "--filter", "name"},
                          {"servers", "--sort", "colour"},
                          {"servers", "--format", "pdf"},
                          {"servers", "extra"},
                          {"server"},
                          {"server", "a.example", "--format", "csv"},
                          {"diff"},
                          {"diff", "--to", "24h"},
                          {"diff", "--from", "yesterday"},
                          {"diff", "--between", "pi-berlin"},
                          {"diff", "--between", "pi-berlin", "router-lima", "--from", "24h"},
                          {"export", "--what", "everything"},
                          {"export", "--format", "xlsx"}}) {
    std::string words;
    for (const std::string& word : wrong) words += word + " ";
    CAPTURE(words);
    const Result result = two_days().ask(wrong);
    CHECK(result.status == 2);
    CHECK(result.out.empty());
    CHECK(result.err.substr(0, 22) == "electrum-observatory: ");
  }
}

TEST_CASE("an unknown vantage and a time without observations are errors with a message") {
  Result result = two_days().ask({"diff", "--between", "pi-berlin", "nobody"});
  CHECK(result.status == 1);
  CHECK(result.err.find("\"nobody\"") != std::string::npos);
  result = two_days().ask({"diff", "--from", "2020-01-01"});
  CHECK(result.status == 1);
  CHECK(result.err.find("nothing was observed from 2019-12-31T00:00:00Z") != std::string::npos);
}

TEST_CASE("answers that cannot be written are errors with a message") {
  for (const std::string question : {"servers", "server a.example", "diff --from 24h", "export"}) {
    CAPTURE(question);
    const std::string error = two_days().path("error");
    const std::string command = "'" OBSERVATORY_BINARY "' " + question + " --no-libloc --db '" +
                                two_days().database() + "' ";
    CHECK(WEXITSTATUS(std::system((command + ">/dev/full 2>'" + error + "'").c_str())) == 1);
    CHECK(content_of(error) == "electrum-observatory: standard output: No space left on device\n");
    CHECK(WEXITSTATUS(std::system((command + ">&- 2>'" + error + "'").c_str())) == 1);
  }
}

TEST_CASE("a reader that goes away is an error with a message, not a signal") {
  Pipe pipe;
  pipe.reader.close();
  Streams streams;
  streams.out = pipe.writer.number();
  Process process({OBSERVATORY_BINARY, "servers", "--no-libloc", "--db", two_days().database()},
                  streams);
  CHECK(process.wait() == 1);
  CHECK(process.err() == "electrum-observatory: standard output: Broken pipe\n");
}
