// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "core/base/limits.h"
#include "core/electrum/features.h"
#include "core/electrum/line_reader.h"
#include "core/electrum/peers.h"
#include "core/electrum/reply.h"
#include "core/electrum/request.h"
#include "core/electrum/wire_habits.h"
#include "core/record/json_writer.h"
#include "tests/catch2.h"
#include "tests/support/sha256.h"
#include "tests/unit/vectors.h"

using namespace observatory;
using std::string_view_literals::operator""sv;
using vectors::text_of;

namespace {

// A record with the memory that a slot gives it.
struct Recorded {
  std::vector<std::uint8_t> pool = std::vector<std::uint8_t>(limits::kRecordPool);
  Record record{pool};

  std::string text(FieldId field) const {
    return record.has(field) ? std::string(record.text(field)) : "absent";
  }
  std::string list(FieldId field) const {
    if (!record.has(field)) return "absent";
    std::string all;
    Items items = record.items(field);
    std::string_view item;
    while (items.next(item)) all += std::string(all.empty() ? "" : "|") + std::string(item);
    return all;
  }
  // host:tcp,ssl,ws,wss of each
  std::string hosts() const {
    if (!record.has(FieldId::kFeaturesHosts)) return "absent";
    std::string all;
    Items items = record.items(FieldId::kFeaturesHosts);
    std::string_view name;
    HostPorts p;
    while (items.next(name, p)) {
      all += std::string(all.empty() ? "" : " ") + std::string(name) + ":" + std::to_string(p.tcp) +
             "," + std::to_string(p.ssl) + "," + std::to_string(p.ws) + "," + std::to_string(p.wss);
    }
    return all;
  }
};

// How a kScalar was recorded.
std::string scalar_of(const Record& record, FieldId field) {
  if (!record.has(field)) return "absent";
  std::uint64_t number = 0;
  std::string_view text;
  switch (record.scalar(field, number, text)) {
    case Scalar::kNull:
      return "null";
    case Scalar::kFalse:
      return "false";
    case Scalar::kTrue:
      return "true";
    case Scalar::kUnsigned:
      return std::to_string(number);
    case Scalar::kText:
      return "'" + std::string(text) + "'";
  }
  return "?";
}

struct Line {
  std::string text;
  Eol eol;
  std::size_t length;
  bool too_long;

  friend bool operator==(const Line&, const Line&) = default;
};

// Feeds a stream in pieces to a reader whose buffer has an exact size, so that a sanitizer sees
// every byte beyond it; the last line may be incomplete.
std::vector<Line> lines_of(std::string_view stream, std::size_t piece, std::size_t buffer_size) {
  std::vector<std::uint8_t> buffer(buffer_size);
  LineReader reader(buffer);
  std::vector<Line> lines;
  const auto keep = [&] {
    lines.push_back({std::string(reader.line()), reader.eol(), reader.length(), reader.too_long()});
  };
  while (!stream.empty()) {
    ByteView bytes = as_bytes(stream.substr(0, piece));
    stream.remove_prefix(bytes.size());
    while (!bytes.empty()) {
      const std::size_t taken = reader.take(bytes);
      REQUIRE(taken > 0);
      bytes = bytes.subspan(taken);
      if (!reader.complete()) continue;
      keep();
      reader.next();
    }
  }
  if (reader.length() > 0) keep();
  return lines;
}

std::string rows_of(const Record& record) {
  Items items = record.items(FieldId::kPeersList);
  std::string all;
  std::string_view item;
  for (std::size_t i = 0; items.next(item); ++i) {
    all += (i == 0 ? "" : i % 3 == 0 ? "\n" : "|") + std::string(item);
  }
  return all;
}

void take_peers(std::string_view json, Record& record) {
  test::Sha256Digest digest;
  record_peers(json, digest, record);
}

}  // namespace

TEST_CASE("A stream is cut into the same lines however it arrives") {
  const std::string_view stream = "one\ntwo\r\n\n\r\n\rfour\r\r\n{\"id\":5}\ntail\r";
  const std::vector<Line> expected = {
      {"one", Eol::kLf, 4, false},        {"two", Eol::kCrlf, 5, false},
      {"", Eol::kLf, 1, false},           {"", Eol::kCrlf, 2, false},
      {"\rfour\r", Eol::kCrlf, 8, false}, {"{\"id\":5}", Eol::kLf, 9, false},
      {"tail\r", Eol::kNone, 5, false},
  };
  for (const std::size_t piece : {1u, 2u, 3u, 7u, 63u, 1000u}) {
    CAPTURE(piece);
    CHECK(lines_of(stream, piece, 64) == expected);
  }
}

TEST_CASE("A line longer than the buffer is counted, cut, and the next line is whole") {
  const std::string long_line(300, 'x');
  const std::string stream = "a\n" + long_line + "\r\nb\r\n" + long_line + "\nc\n";
  const std::vector<Line> expected = {
      {"a", Eol::kLf, 2, false},   {long_line.substr(0, 16), Eol::kNone, 302, true},
      {"b", Eol::kCrlf, 3, false}, {long_line.substr(0, 16), Eol::kNone, 301, true},
      {"c", Eol::kLf, 2, false},
  };
  for (const std::size_t piece : {1u, 2u, 7u, 15u, 16u, 17u, 63u, 10000u}) {
    CAPTURE(piece);
    CHECK(lines_of(stream, piece, 16) == expected);
  }
}

TEST_CASE("The bound of a line counts its terminator") {
  for (const std::size_t piece : {1u, 7u, 100u}) {
    CAPTURE(piece);
    CHECK(lines_of("1234567\n", piece, 8) == std::vector<Line>{{"1234567", Eol::kLf, 8, false}});
    CHECK(lines_of("123456\r\n", piece, 8) == std::vector<Line>{{"123456", Eol::kCrlf, 8, false}});
    CHECK(lines_of("12345678\n", piece, 8) == std::vector<Line>{{"12345678", Eol::kNone, 9, true}});
    CHECK(lines_of("1234567\r\n", piece, 8) ==
          std::vector<Line>{{"1234567\r", Eol::kNone, 9, true}});
    CHECK(lines_of("12345678", piece, 8) == std::vector<Line>{{"12345678", Eol::kNone, 8, false}});
  }
}

TEST_CASE("A line may hold any byte but a newline") {
  std::string line;
  for (int c = 0; c < 256; ++c) {
    if (c != '\n') line += static_cast<char>(c);
  }
  for (const std::size_t piece : {1u, 2u, 63u, 300u}) {
    CHECK(lines_of(line + "\n", piece, 512) ==
          std::vector<Line>{{line, Eol::kLf, line.size() + 1, false}});
  }
}

TEST_CASE("The two writes of a visit are the bytes that the protocol notes give") {
  CHECK(
      text_of([](ByteSink& into) {
        put_first_write("observatory/0.1 (+https://observatory.example)", VersionForm::kList, into);
      }) ==
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"server.version\",\"params\":"
      "[\"observatory/0.1 (+https://observatory.example)\",[\"1.4\",\"1.7\"]]}\n"
      "{\"jsonrpc\":\"2.0\",\"id\":2.0,\"method\":\"blockchain.headers.subscribe\",\"params\":[]}\n"
      "{\"jsonrpc\":\"2.0\",\"id\":\"3\\u00e9</&\\u007f\\u2028\","
      "\"method\":\"server.donation_address\",\"params\":[]}\n"
      "{\"jsonrpc\":\"2.0\",\"id\":9007199254740993,\"method\":\"server.ping\",\"params\":[]}\n"
      "{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"server.banner\",\"params\":[]}\n"
      "{\"jsonrpc\":\"2.0\",\"id\":6,\"method\":\"server.peers.subscribe\",\"params\":[]}\n");
  CHECK(text_of([](ByteSink& into) { put_second_write(into); }) ==
        "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"server.features\",\"params\":[]}\n"
        "{\"jsonrpc\":\"2.0\",\"id\":8,\"method\":\"mempool.get_info\",\"params\":[]}\n");
}

TEST_CASE("The string form names one version and changes nothing else") {
  const auto write = [](VersionForm form) {
    return text_of([&](ByteSink& into) { put_first_write("x", form, into); });
  };
  std::string list = write(VersionForm::kList);
  const std::size_t at = list.find("[\"1.4\",\"1.7\"]");
  REQUIRE(at != std::string::npos);
  CHECK(write(VersionForm::kString) == list.replace(at, 13, "\"1.4\""));
}

TEST_CASE("The longest client name fits the longest write") {
  const std::string name(limits::kClientName, 'n');
  CHECK(client_name_problem(name).empty());
  const std::string write =
      text_of([&](ByteSink& into) { put_first_write(name, VersionForm::kList, into); });
  CHECK(write.size() <= kLongestWrite);
  CHECK(text_of([](ByteSink& into) { put_second_write(into); }).size() <= kLongestSecondWrite);
}

TEST_CASE("A client name is printable ASCII that needs no escape, of 80 characters at most") {
  for (const std::string_view good : {""sv, "a"sv, "probe/1.0 (+mailto:a@b.example)"sv, " ~"sv}) {
    CHECK(client_name_problem(good).empty());
  }
  for (const std::string_view bad :
       {"a\"b"sv, "a\\b"sv, "a\nb"sv, "a\tb"sv, "\0"sv, "a\x7f"sv, "caf\xc3\xa9"sv, "\xff"sv}) {
    CAPTURE(bad);
    CHECK_FALSE(client_name_problem(bad).empty());
  }
  CHECK_FALSE(client_name_problem(std::string(81, 'a')).empty());
}

TEST_CASE("Every way in which the ids come back leads to its request") {
  const auto number = [](std::string_view id) {
    const std::vector<char> exact(id.begin(), id.end());  // a sanitizer sees what is beyond
    Request request = Request::kVersion;
    return request_of_id({exact.data(), exact.size()}, request) ? static_cast<int>(request) : 0;
  };
  // Plain ids; and 2.0 as JavaScript, Go and Qt write it, or with more noughts.
  for (int i = 1; i <= 8; ++i) {
    if (i == 3 || i == 4) continue;
    CHECK(number(std::to_string(i)) == i);
  }
  CHECK(number("2.0") == 2);
  CHECK(number("2.00") == 2);
  // The large number: exact, and rounded to a double in several notations.
  for (const std::string_view id :
       {"9007199254740993", "9007199254740992", "9007199254740992.0", "9.007199254740992e15",
        "9.007199254740993E+15", "9.007199254740992e+15", "9007199254740994"}) {
    CAPTURE(id);
    CHECK(number(id) == 4);
  }
  // The string as Python, Qt, serde_json, Go and org.json write it, and broken on the way.
  for (const std::string_view id :
       {R"("3\u00e9</&\u007f\u2028")"sv, "\"3\xc3\xa9</&\\u007f\xe2\x80\xa8\""sv,
        "\"3\xc3\xa9</&\x7f\xe2\x80\xa8\""sv, "\"3\xc3\xa9\\u003c/\\u0026\x7f\\u2028\""sv,
        "\"3\xc3\xa9<\\/&\x7f\\u2028\""sv, "\"3?</&??\""sv, "\"3\xe9\""sv, "\"\""sv}) {
    CAPTURE(id);
    CHECK(number(id) == 3);
  }
  // A server that turns every id into a string.
  CHECK(number("\"1\"") == 1);
  CHECK(number("\"2.0\"") == 2);
  CHECK(number("\"2\"") == 2);
  CHECK(number("\"9007199254740993\"") == 4);
  CHECK(number("\"9.007199254740992e15\"") == 4);
  CHECK(number("\"5\"") == 5);
  CHECK(number("\"8\"") == 8);
  // What was never sent.
  for (const std::string_view id : {"", "0", "9", "10", "12", "20", "99", "-1", "-2.0", "null",
                                    "true", "false", "[1]", "{}", "1e400", "900", "4", "3"}) {
    CAPTURE(id);
    const bool numbered = id == "4" || id == "3";  // the numbers of the requests themselves
    CHECK(number(id) == (numbered ? id[0] - '0' : 0));
  }
}

TEST_CASE("A reply is taken apart, whatever the order of its members") {
  Reply reply;
  CHECK(read_reply(R"({"jsonrpc":"2.0","result":["a","1.4"],"id":1})", reply) == Status::kOk);
  CHECK(reply.id == "1");
  CHECK(reply.result == R"(["a","1.4"])");
  CHECK(reply.error.empty());
  CHECK(reply.method.empty());
  CHECK(read_reply(R"( {"id" : 2.0 , "error" : {"code":1} , "result":null        } )", reply) ==
        Status::kOk);
  CHECK(reply.id == "2.0");
  CHECK(reply.error == R"({"code":1})");
  CHECK(reply.result == "null");
  // JSON-RPC 1.0 names both; an error of null is none.
  CHECK(read_reply(R"({"result":7,"error":null,"id":3})", reply) == Status::kOk);
  CHECK(reply.error.empty());
  CHECK(reply.result == "7");
  CHECK(read_reply(R"({"method":"blockchain.relayfee"})", reply) == Status::kOk);
  CHECK(reply.method == "\"blockchain.relayfee\"");
  CHECK(reply.id.empty());
  CHECK(read_reply(R"({"id":1,"id":2,"result":3,"result":4})", reply) == Status::kOk);
  CHECK(reply.id == "1");
  CHECK(reply.result == "3");
  CHECK(read_reply(R"({"\u0069d":9,"params":{"id":1,"result":2}})", reply) == Status::kOk);
  CHECK(reply.id == "9");
  CHECK(reply.result.empty());
}

TEST_CASE("A line that is no JSON object is told apart, and leaves no part of the last reply") {
  Reply reply;
  for (const std::string_view line : {"[]", "[{\"id\":1,\"result\":2}]", "1", "\"text\"", "null"}) {
    CAPTURE(line);
    REQUIRE(ok(read_reply(R"({"id":1,"result":2,"method":"m","error":1})", reply)));
    CHECK(read_reply(line, reply) == Status::kUnsupported);
    CHECK(reply.id.empty());
    CHECK((reply.result.empty() && reply.error.empty() && reply.method.empty()));
  }
  for (const std::string_view line : {"", " ", "{", "{\"id\":NaN}", "HTTP/1.1 400 Bad Request",
                                      "{\"id\":1,\"result\":2}{}", "\x15\x03\x01"}) {
    CAPTURE(line);
    REQUIRE(ok(read_reply(R"({"id":1})", reply)));
    CHECK(read_reply(line, reply) == Status::kMalformed);
    CHECK(reply.id.empty());
  }
  const std::string deep =
      "{\"id\":1,\"result\":" + std::string(40, '[') + std::string(40, ']') + "}";
  CHECK(read_reply(deep, reply) == Status::kMalformed);
}

TEST_CASE("An error is an object or, on old servers, a bare text") {
  const ReplyError unknown =
      read_error(R"({"code": -32601, "message": "unknown method \"mempool.get_info\""})");
  CHECK(unknown.has_code);
  CHECK(unknown.code == -32601);
  CHECK(unknown.message == R"("unknown method \"mempool.get_info\"")");
  const ReplyError bare = read_error(R"("unknown method mempool.get_info")");
  CHECK_FALSE(bare.has_code);
  CHECK(bare.message == R"("unknown method mempool.get_info")");
  for (const std::string_view odd :
       {"", "null", "5", "true", "[]", "{}", R"({"code":"1","message":2})", R"({"code":1.5})",
        R"({"code":1e3})", R"([{"code":1}])", R"({"data":{"code":1}})"}) {
    CAPTURE(odd);
    const ReplyError error = read_error(odd);
    CHECK_FALSE(error.has_code);
    CHECK(error.message.empty());
  }
  CHECK(read_error(R"({"message":"x","code":1})").message == "\"x\"");
}

TEST_CASE("Rate limits are the codes -101 and -102, and nothing else") {
  for (const std::string_view error : {R"({"code":-101,"message":"excessive resource usage"})",
                                       R"({"code":-102,"message":"server busy"})"}) {
    CHECK(is_rate_limit(read_error(error)));
  }
  for (const std::string_view error :
       {"", R"({"code":-100})", R"({"code":-103})", R"({"code":101})", R"({"code":-32600})",
        R"({"code":1})", R"("excessive resource usage")", R"({"code":"-101"})"}) {
    CAPTURE(error);
    CHECK_FALSE(is_rate_limit(read_error(error)));
  }
}

TEST_CASE("The features of every implementation are recorded") {
  struct Case {
    std::string_view json;
    std::string_view protocol_min;
    std::string_view protocol_max;
    std::string_view hash_function;
    std::string_view server_version;
    std::string_view pruning;
    std::string_view hosts;
    std::string_view keys;
  };
  const Case cases[] = {
      {R"({"hosts":{"e.example":{"tcp_port":50001,"ssl_port":50002,"ws_port":50003,)"
       R"("wss_port":50004}},"pruning":null,"server_version":"ElectrumX 1.20.0",)"
       R"("protocol_min":"1.4","protocol_max":"1.6.0","genesis_hash":"00ff",)"
       R"("hash_function":"sha256","services":["tcp://e.example:50001"]})",
       "1.4", "1.6.0", "sha256", "ElectrumX 1.20.0", "null", "e.example:50001,50002,50003,50004",
       "hosts|pruning|server_version|protocol_min|protocol_max|genesis_hash|hash_function|"
       "services"},
      // Protocol 1.7: no hash_function.
      {R"({"hosts":{},"pruning":null,"server_version":"ElectrumX 2.0.0","protocol_min":"1.4",)"
       R"("protocol_max":"1.7.0","genesis_hash":"00ff","services":[]})",
       "1.4", "1.7.0", "absent", "ElectrumX 2.0.0", "null", "",
       "hosts|pruning|server_version|protocol_min|protocol_max|genesis_hash|services"},
      {R"({"broadcast_package":true,"dsproof":false,"genesis_hash":"00ff",)"
       R"("hash_function":"sha256","hosts":{"f.example":{"ssl_port":50002,"tcp_port":null},)"
       R"("g.onion":{"tcp_port":50001}},"protocol_max":"1.6","protocol_min":"1.4",)"
       R"("pruning":null,"server_version":"Fulcrum 2.1.1"})",
       "1.4", "1.6", "sha256", "Fulcrum 2.1.1", "null", "f.example:0,50002,0,0 g.onion:50001,0,0,0",
       "broadcast_package|dsproof|genesis_hash|hash_function|hosts|protocol_max|protocol_min|"
       "pruning|server_version"},
      {R"({"cashtokens":true,"dsproof":true,"genesis_hash":"00ff","hash_function":"sha256",)"
       R"("hosts":{},"protocol_max":"1.5.3","protocol_min":"1.4","pruning":null,)"
       R"("rpa":{"history_block_limit":60,"max_history":3500},"server_version":"Fulcrum 1.10.0"})",
       "1.4", "1.5.3", "sha256", "Fulcrum 1.10.0", "null", "",
       "cashtokens|dsproof|genesis_hash|hash_function|hosts|protocol_max|protocol_min|pruning|rpa|"
       "server_version"},
      {R"({"genesis_hash":"00ff","hash_function":"sha256",)"
       R"("hosts":{"0.0.0.0":{"tcp_port":50001}},"protocol_max":"1.4","protocol_min":"1.4",)"
       R"("pruning":null,"server_version":"electrs/0.10.9"})",
       "1.4", "1.4", "sha256", "electrs/0.10.9", "null", "0.0.0.0:50001,0,0,0",
       "genesis_hash|hash_function|hosts|protocol_max|protocol_min|pruning|server_version"},
      // ElectrsCash: no hosts, no pruning.
      {R"({"firstuse":["1.4.3"],"genesis_hash":"00ff","hash_function":"sha256",)"
       R"("protocol_max":"1.4.3","protocol_min":"1.4","server_version":"ElectrsCash 3.1.0"})",
       "1.4", "1.4.3", "sha256", "ElectrsCash 3.1.0", "absent", "absent",
       "firstuse|genesis_hash|hash_function|protocol_max|protocol_min|server_version"},
      {R"({"genesis_hash":"00ff","hosts":{"h":{}},"protocol_max":"1.4.2","protocol_min":"1.4",)"
       R"("pruning":true,"server_version":"utreexod-electrum-server v0.1.0",)"
       R"("hash_function":"sha256"})",
       "1.4", "1.4.2", "sha256", "utreexod-electrum-server v0.1.0", "true", "h:0,0,0,0",
       "genesis_hash|hosts|protocol_max|protocol_min|pruning|server_version|hash_function"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.server_version);
    Recorded r;
    record_features(c.json, r.record);
    CHECK(r.text(FieldId::kFeaturesProtocolMin) == c.protocol_min);
    CHECK(r.text(FieldId::kFeaturesProtocolMax) == c.protocol_max);
    CHECK(r.text(FieldId::kFeaturesHashFunction) == c.hash_function);
    CHECK(r.text(FieldId::kFeaturesServerVersion) == c.server_version);
    CHECK(r.text(FieldId::kFeaturesGenesis) == "00ff");
    CHECK(scalar_of(r.record, FieldId::kFeaturesPruning) == c.pruning);
    CHECK(r.hosts() == c.hosts);
    CHECK(r.list(FieldId::kFeaturesKeys) == c.keys);
    CHECK_FALSE(r.record.has(FieldId::kTruncated));
  }
}

TEST_CASE("Features of unexpected types are left out") {
  for (const std::string_view other : {"", "null", "[]", "\"x\"", "5", "true"}) {
    Recorded r;
    record_features(other, r.record);
    CHECK_FALSE(r.record.has(FieldId::kFeatures));
  }
  Recorded r;
  record_features(R"({"protocol_min":1.4,"protocol_max":null,"genesis_hash":[],"hash_function":{},)"
                  R"("server_version":true,"pruning":{},"hosts":["a"]})",
                  r.record);
  CHECK(r.text(FieldId::kFeaturesProtocolMin) == "absent");
  CHECK(r.text(FieldId::kFeaturesProtocolMax) == "absent");
  CHECK(r.text(FieldId::kFeaturesGenesis) == "absent");
  CHECK(r.text(FieldId::kFeaturesHashFunction) == "absent");
  CHECK(r.text(FieldId::kFeaturesServerVersion) == "absent");
  CHECK(scalar_of(r.record, FieldId::kFeaturesPruning) == "absent");
  CHECK(r.hosts() == "absent");
  CHECK(r.record.count(FieldId::kFeaturesKeys) == 7);
}

TEST_CASE("Ports of features are kept from 1 to 65535") {
  Recorded r;
  record_features(
      R"({"hosts":{"a":{"tcp_port":1,"ssl_port":65535},"b":{"tcp_port":0,"ssl_port":65536},)"
      R"("c":{"tcp_port":"50001","ssl_port":-1,"ws_port":5.5,"wss_port":99999999999999999999},)"
      R"("d":null,"e":[],"a":{"tcp_port":9},"":{"wss_port":443},"caf\u00e9":{"ws_port":7}}})",
      r.record);
  CHECK(r.hosts() ==
        "a:1,65535,0,0 b:0,0,0,0 c:0,0,0,0 d:0,0,0,0 e:0,0,0,0 :0,0,0,443 caf\xc3\xa9:0,0,7,0");
}

TEST_CASE("Lists of features are cut at their bounds, and say so") {
  std::string json = R"({"hosts":{)";
  for (int i = 0; i < 65; ++i) {
    json += (i == 0 ? "\"h" : ",\"h") + std::to_string(i) + R"(":{"tcp_port":)" +
            std::to_string(i + 1) + "}";
  }
  json += "}";
  for (int i = 1; i < 33; ++i) json += ",\"k" + std::to_string(i) + "\":0";
  Recorded r;
  record_features(json + "}", r.record);
  CHECK(r.record.count(FieldId::kFeaturesHosts) == 64);
  CHECK(r.record.is_cut(FieldId::kFeaturesHosts));
  CHECK(r.record.count(FieldId::kFeaturesKeys) == 32);
  CHECK(r.record.is_cut(FieldId::kFeaturesKeys));
}

TEST_CASE("A scalar is kept as what was sent") {
  const auto recorded = [](std::string_view json) {
    Recorded r;
    record_scalar(json, FieldId::kDonation, r.record);
    return scalar_of(r.record, FieldId::kDonation);
  };
  CHECK(recorded("null") == "null");
  CHECK(recorded("true") == "true");
  CHECK(recorded("false") == "false");
  CHECK(recorded("0") == "0");
  CHECK(recorded("18446744073709551615") == "18446744073709551615");
  CHECK(recorded("18446744073709551616") == "'18446744073709551616'");
  CHECK(recorded("-1") == "'-1'");
  CHECK(recorded("1.50") == "'1.50'");
  CHECK(recorded("1e3") == "'1e3'");
  CHECK(recorded("\"\"") == "''");
  CHECK(recorded(R"("a\u00e9")") == "'a\xc3\xa9'");
  CHECK(recorded("{}") == "absent");
  CHECK(recorded("[null]") == "absent");
  CHECK(recorded("") == "absent");
}

TEST_CASE("Peers are recorded as rows, with a digest of the text as it came") {
  // printf '%s' TEXT | sha256sum
  Recorded r;
  take_peers(R"([["198.51.100.4", "e.example", ["v1.6", "s50002", "t50001"]], ["2001:db8::1",)"
             R"("f.example",["v1.4.2","p100","t"]]])",
             r.record);
  CHECK(r.record.number(FieldId::kPeersCount) == 2);
  CHECK(rows_of(r.record) ==
        "198.51.100.4|e.example|v1.6 s50002 t50001\n2001:db8::1|f.example|v1.4.2 p100 t");
  CHECK(vectors::hex(as_text(r.record.bytes(FieldId::kPeersSha256))) ==
        "948b7107fc3bbd05ec2557f22e42a2d70e5a3baa5426f9010aa43d3a77a9c828");
  Recorded none;
  take_peers("[]", none.record);
  CHECK(none.record.number(FieldId::kPeersCount) == 0);
  CHECK(none.record.count(FieldId::kPeersList) == 0);
  CHECK(vectors::hex(as_text(none.record.bytes(FieldId::kPeersSha256))) ==
        "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945");
  for (const std::string_view other : {"", "null", "{}", "\"x\"", "7"}) {
    Recorded nothing;
    take_peers(other, nothing.record);
    CHECK_FALSE(nothing.record.has(FieldId::kPeers));
  }
}

TEST_CASE("Hostile entries of a list of peers are counted, and kept only in the right shape") {
  std::string many_words = R"(["1.1.1.1","many",["v1")";
  for (int i = 0; i < 100; ++i) many_words += ",\"w\"";
  many_words += "]]";
  const std::string entries[] = {
      "1", "null", "\"text\"", "{}", "[]", "[[]]", R"(["only one"])", R"([1,"h",[]])",
      R"(["1.2.3.4",null,["v1"]])", many_words,
      R"(["1.2.3.4","ok",["v1.4",5,null,{"a":[1]},"t1"],"more",7])",  // kept, without what is no
                                                                      // word
      R"(["1.2.3.4","no words"])", R"(["1.2.3.4","words no list","v1.4"])",
      R"(["\u0000\n","\ud800",["\u202e"]])"};
  std::string json;
  for (const std::string& entry : entries) json += (json.empty() ? "[" : ",") + entry;
  Recorded r;
  take_peers(json + "]", r.record);
  CHECK(r.record.number(FieldId::kPeersCount) == 14);
  CHECK(rows_of(r.record) ==
        "1.2.3.4|ok|v1.4 t1\n1.2.3.4|no words|\n1.2.3.4|words no list|\n"
        "\0\n|\xef\xbf\xbd|\xe2\x80\xae"sv);
  CHECK_FALSE(r.record.is_cut(FieldId::kPeersList));
}

TEST_CASE("Of 10,000 peers all are counted, and as many kept as the record takes") {
  std::string json = "[";
  for (int i = 0; i < 10000; ++i) {
    json += (i == 0 ? "" : ",") + std::string(R"(["192.0.2.1","h)") + std::to_string(i) +
            R"(",["v1.4"]])";
  }
  json += "]";
  Recorded r;
  take_peers(json, r.record);
  CHECK(r.record.number(FieldId::kPeersCount) == 10000);
  CHECK(r.record.count(FieldId::kPeersList) == 512);
  CHECK(r.record.is_cut(FieldId::kPeersList));
  const std::string rows = rows_of(r.record);
  CHECK(rows.substr(0, 18) == "192.0.2.1|h0|v1.4\n");
  CHECK(rows.substr(rows.rfind('\n')) == "\n192.0.2.1|h511|v1.4");
  // Texts that are too long are cut, and the pool's end drops whole rows only.
  const std::string wide(1000, 'w');
  std::string heavy = "[";
  for (int i = 0; i < 200; ++i) {
    heavy += (i == 0 ? "" : ",") + ("[\"" + wide + "\",\"" + wide + "\",[\"" + wide + "\"]]");
  }
  Recorded h;
  take_peers(heavy + "]", h.record);
  CHECK(h.record.number(FieldId::kPeersCount) == 200);
  CHECK(h.record.is_cut(FieldId::kPeersList));
  const std::size_t kept = h.record.count(FieldId::kPeersList);
  CHECK(kept > 30);
  CHECK(kept * 3 * kLongestItem <= limits::kRecordPool);
  CHECK(vectors::split(rows_of(h.record), '\n').size() == kept);
}

TEST_CASE("The order of an object's members is kept as text") {
  const auto order = [](std::string_view object) {
    Recorded r;
    set_member_order(object, FieldId::kWireOrder, r.record);
    return r.text(FieldId::kWireOrder);
  };
  CHECK(order(R"({"jsonrpc":"2.0","result":{"a":1},"id":1})") == "jsonrpc,result,id");
  CHECK(order(R"({"id":1,"jsonrpc":"2.0","result":[1,2]})") == "id,jsonrpc,result");
  CHECK(order(R"({ "height" : 1 , "hex" : "00" })") == "height,hex");
  CHECK(order("{}").empty());
  CHECK(order(R"({"a,b":1,"\u0063":2})") == "a,b,c");
}

TEST_CASE("A blank behind the first colon is seen") {
  CHECK(is_spaced(R"({"jsonrpc": "2.0", "id": 1})"));
  CHECK_FALSE(is_spaced(R"({"jsonrpc":"2.0","id":1})"));
  CHECK_FALSE(is_spaced(R"({"jsonrpc":"2.0", "id": 1})"));
  CHECK_FALSE(is_spaced(R"({"a: b":1})"));
  CHECK_FALSE(is_spaced("{}"));
  CHECK_FALSE(is_spaced("[1, 2]"));
}

TEST_CASE("Padding is spaces before the last bracket") {
  CHECK(padding_of(R"({"id":1   })") == 3);
  CHECK(padding_of(R"([{"id":1} ])") == 1);
  CHECK(padding_of(R"({"id":1)" + std::string(1000, ' ') + "}") == 1000);
  CHECK(padding_of(R"({"id":1})") == 0);
  CHECK(padding_of(R"({"id":1} )") == 0);
  CHECK(padding_of(R"({"id":"   "})") == 0);
  CHECK(padding_of("{\"id\":1\t}") == 0);
  CHECK(padding_of("") == 0);
  CHECK(padding_of("}") == 0);
  CHECK(padding_of("  }") == 2);
  CHECK(padding_of("text ") == 0);
}

TEST_CASE("A ping is answered by its number, however the server writes it") {
  for (const std::string_view id : {"12", "12.0", "\"12\"", "\"12.0\""}) {
    CAPTURE(id);
    CHECK(is_ping_id(id, 12));
    CHECK_FALSE(is_ping_id(id, 11));
  }
  for (const std::string_view id : {"", "null", "1", "112", "12.5", "-12", "[12]", "\"\"", "\"x\"",
                                    "1200000000000000000000", "9007199254740993"}) {
    CAPTURE(id);
    CHECK_FALSE(is_ping_id(id, 12));
  }
}

TEST_CASE("Terminators of several lines are one habit or a mixture") {
  CHECK(combine(Eol::kNone, Eol::kLf) == Eol::kLf);
  CHECK(combine(Eol::kNone, Eol::kCrlf) == Eol::kCrlf);
  CHECK(combine(Eol::kLf, Eol::kLf) == Eol::kLf);
  CHECK(combine(Eol::kCrlf, Eol::kCrlf) == Eol::kCrlf);
  CHECK(combine(Eol::kLf, Eol::kCrlf) == Eol::kMixed);
  CHECK(combine(Eol::kCrlf, Eol::kLf) == Eol::kMixed);
  CHECK(combine(Eol::kMixed, Eol::kLf) == Eol::kMixed);
  CHECK(combine(Eol::kLf, Eol::kNone) == Eol::kLf);
  CHECK(combine(Eol::kNone, Eol::kNone) == Eol::kNone);
}
