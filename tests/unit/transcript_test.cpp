// SPDX-License-Identifier: MIT
// Everything that real servers were recorded to send, also to broken and hostile requests.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "core/base/limits.h"
#include "core/base/number.h"
#include "core/electrum/line_reader.h"
#include "core/electrum/reply.h"
#include "core/json/check.h"
#include "core/json/reader.h"
#include "core/probe/electrum_probe.h"
#include "core/record/json_writer.h"
#include "tests/catch2.h"
#include "tests/support/sha256.h"
#include "tests/unit/vectors.h"

using namespace observatory;

namespace {

// A line that a server sent, and what Python's json module says of it.
struct SentLine {
  std::string bytes;  // terminator included, if there was one
  std::string verdict;
  std::string id;  // raw text
  bool result = false;
  bool error = false;
  std::string code;
};

// What a server sent in one or several recorded cases.
struct Stream {
  std::vector<std::size_t> lines;
  std::vector<std::string> cases;  // file/transport/case
};

std::size_t number_of(std::string_view text) {
  std::uint64_t number = 0;
  REQUIRE(read_unsigned(text, number, 100000));
  return static_cast<std::size_t>(number);
}

std::vector<SentLine> read_lines() {
  std::vector<SentLine> lines;
  for (const vectors::Entry& entry : vectors::read("transcripts/lines.txt")) {
    if (entry.key == "line") {
      const std::size_t blank = entry.bytes.find(' ');
      REQUIRE(number_of(entry.bytes.substr(0, blank)) == lines.size());
      lines.push_back({entry.bytes.substr(blank + 1), {}, {}, false, false, {}});
      continue;
    }
    REQUIRE_FALSE(lines.empty());
    SentLine& line = lines.back();
    if (entry.key == "says") line.verdict = entry.bytes;
    if (entry.key == "id") line.id = entry.bytes;
    if (entry.key == "result") line.result = true;
    if (entry.key == "error") line.error = true;
    if (entry.key == "code") line.code = entry.bytes;
  }
  return lines;
}

std::vector<Stream> read_streams() {
  std::vector<Stream> streams;
  for (const vectors::Entry& entry : vectors::read("transcripts/streams.txt")) {
    std::vector<std::string> words = vectors::split(entry.bytes, ' ');
    if (entry.key == "stream") {
      streams.emplace_back();
      if (entry.bytes == "-") continue;
      for (const std::string& word : words) streams.back().lines.push_back(number_of(word));
      continue;
    }
    REQUIRE(entry.key == "in");
    REQUIRE_FALSE(streams.empty());
    for (std::size_t i = 1; i < words.size(); ++i) {
      streams.back().cases.push_back(words[0] + "/" + words[i]);
    }
  }
  return streams;
}

std::string bytes_of(const Stream& stream, const std::vector<SentLine>& lines) {
  std::string bytes;
  for (const std::size_t line : stream.lines) bytes += lines.at(line).bytes;
  return bytes;
}

bool is_json_object(const SentLine& line) {
  return line.verdict == "reply" || line.verdict == "notification";
}

// What is wrong with our reading of a line, by Python's; empty when nothing is.
std::string disagreement(std::string_view text, const SentLine& line) {
  const Status expected = is_json_object(line)      ? Status::kOk
                          : line.verdict == "other" ? Status::kUnsupported
                                                    : Status::kMalformed;
  if (ok(check_json(text)) != (expected != Status::kMalformed)) return "check_json";
  Reply reply;
  if (read_reply(text, reply) != expected) return "read_reply";
  if (reply.id != line.id) return "id";
  if (!reply.result.empty() != line.result) return "result";
  if (!reply.error.empty() != line.error) return "error";
  if (!reply.method.empty() != (line.verdict == "notification")) return "method";
  const ReplyError error = read_error(reply.error);
  if (error.has_code != !line.code.empty()) return "has a code";
  if (error.has_code && std::to_string(error.code) != line.code) return "code";
  return {};
}

struct End {
  Outcome outcome;
  std::string record;

  friend bool operator==(const End&, const End&) = default;
};

// Feeds a stream to a probe, then lets time pass or closes it.
End visit(std::string_view bytes, std::size_t piece, bool closed) {
  static std::vector<std::uint8_t> pool(limits::kRecordPool);
  static std::vector<std::uint8_t> line(limits::kLine);
  Record record(pool);
  test::Sha256Digest digest;
  ElectrumProbe probe(line, record, digest);
  probe.start(Instant{}, "x", VersionForm::kList, 5 * kSecond);
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    probe.sent(probe.to_send().size());
    probe.receive(Instant{1000}, as_bytes(bytes.substr(at, piece)));
  }
  if (closed) probe.peer_closed(Instant{2000}, NetError::kClosed);
  // At the most: server.version, the first replies, the second, a ping, its answer.
  for (int i = 0; i < 5 && !probe.done(); ++i) probe.expire(probe.deadline());
  REQUIRE(probe.done());
  return {probe.outcome(), vectors::text_of([&](ByteSink& into) { write_json(record, into); })};
}

}  // namespace

TEST_CASE("The recorded transcripts are all there") {
  const std::vector<SentLine> lines = read_lines();
  const std::vector<Stream> streams = read_streams();
  CHECK(lines.size() == 883);
  CHECK(streams.size() == 528);
  std::size_t cases = 0;
  std::vector<std::size_t> used(lines.size());
  for (const Stream& stream : streams) {
    cases += stream.cases.size();
    for (const std::size_t line : stream.lines) ++used.at(line);
  }
  CHECK(cases == 1784);
  CHECK(std::count(used.begin(), used.end(), std::size_t{0}) == 0);
  std::map<std::string, int> verdicts;
  for (const SentLine& line : lines) ++verdicts[line.verdict];
  CHECK(verdicts == std::map<std::string, int>{
                        {"reply", 848}, {"other", 26}, {"notification", 5}, {"constant", 4}});
}

TEST_CASE("Every recorded line reads as Python reads it, at any split of its stream") {
  const std::vector<SentLine> lines = read_lines();
  std::vector<std::uint8_t> buffer(limits::kLine);
  for (const Stream& stream : read_streams()) {
    const std::string bytes = bytes_of(stream, lines);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, bytes.size() + 1}) {
      LineReader reader(buffer);
      std::size_t count = 0;
      for (std::size_t at = 0; at < bytes.size(); at += piece) {
        ByteView part = as_bytes(std::string_view(bytes).substr(at, piece));
        while (!part.empty()) {
          part = part.subspan(reader.take(part));
          if (!reader.complete()) continue;
          const SentLine& line = lines.at(stream.lines.at(count++));
          const std::string wrong = disagreement(reader.line(), line);
          const bool whole = reader.length() == line.bytes.size() && !reader.too_long();
          if (!wrong.empty() || !whole) {
            FAIL_CHECK(stream.cases.front() << ", line " << count << ": " << wrong);
          }
          reader.next();
        }
      }
      // A recording may end in the middle of a line.
      if (reader.length() > 0) {
        const SentLine& line = lines.at(stream.lines.at(count++));
        if (reader.line() != line.bytes) FAIL_CHECK(stream.cases.front() << ": the tail");
      }
      if (count != stream.lines.size()) FAIL_CHECK(stream.cases.front() << ": " << count);
    }
  }
}

TEST_CASE(
    "Of all that was recorded, only NaN and Infinity are JSON to Python and not to RFC 8259") {
  std::vector<std::string> ids;
  for (const SentLine& line : read_lines()) {
    if (line.verdict != "constant") continue;
    const std::size_t id = line.bytes.find("\"id\":");
    REQUIRE(id != std::string::npos);
    std::string text = line.bytes.substr(id + 5);
    text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
    ids.push_back(text);
    CHECK(check_json(line.bytes) == Status::kMalformed);
  }
  // ElectrumX of two versions, which padded its answers in one of them.
  CHECK(ids == std::vector<std::string>{"Infinity}\n", "NaN}\n", "Infinity}\n", "NaN}\n"});
}

TEST_CASE("Every recorded stream ends a visit in an outcome, the same at any split") {
  const std::vector<SentLine> lines = read_lines();
  std::map<Outcome, int> outcomes;
  for (const Stream& stream : read_streams()) {
    const std::string bytes = bytes_of(stream, lines);
    for (const bool closed : {false, true}) {
      const End whole = visit(bytes, bytes.size() + 1, closed);
      for (const std::size_t piece : {1u, 7u}) {
        if (!(visit(bytes, piece, closed) == whole)) {
          FAIL_CHECK(stream.cases.front() << " in pieces of " << piece);
        }
      }
      ++outcomes[whole.outcome];
      if (bytes.empty()) {
        CHECK(whole.outcome == (closed ? Outcome::kClosed : Outcome::kReplyTimeout));
        CHECK(whole.record == "{}");
      }
    }
  }
  // No server says what none of these is for, and each of them occurs.
  for (const auto& [outcome, count] : outcomes) {
    CAPTURE(outcome_name(outcome), count);
    CHECK((outcome == Outcome::kOk || outcome == Outcome::kReplyTimeout ||
           outcome == Outcome::kClosed || outcome == Outcome::kMalformedReply ||
           outcome == Outcome::kNotElectrum || outcome == Outcome::kVersionRefused));
  }
  CHECK(outcomes[Outcome::kOk] > 0);
  CHECK(outcomes[Outcome::kNotElectrum] > 0);
  CHECK(outcomes[Outcome::kMalformedReply] > 0);
}
