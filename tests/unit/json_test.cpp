// SPDX-License-Identifier: MIT
#include <algorithm>
#include <ctime>
#include <limits>
#include <string>
#include <vector>

#include "core/json/check.h"
#include "core/json/reader.h"
#include "tests/catch2.h"
#include "tests/unit/vectors.h"

using namespace observatory;
using std::string_view_literals::operator""sv;
using vectors::text_of;

namespace {

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

// A string's text, with a question mark in front of it when something had to be replaced.
std::string said(std::string_view string) {
  bool faithful = true;
  const std::string text = text_of([&](ByteSink& into) { faithful = put_json_text(string, into); });
  return faithful ? text : "?" + text;
}

std::vector<std::string> members_of(std::string_view object) {
  std::vector<std::string> found;
  JsonMembers members(object);
  std::string_view key;
  std::string_view value;
  while (members.next(key, value)) found.push_back(std::string(key) + "=" + std::string(value));
  return found;
}

std::vector<std::string> elements_of(std::string_view array) {
  std::vector<std::string> found;
  JsonElements elements(array);
  std::string_view value;
  while (elements.next(value)) found.emplace_back(value);
  return found;
}

using Texts = std::vector<std::string>;

// The processor time that `work` takes at its best of several tries, in clock() ticks a thousand
// runs: what others do on the machine does not count.
template <typename Work>
double ticks(const Work& work) {
  double best = 1e30;
  for (int round = 0; round < 5; ++round) {
    int runs = 0;
    const std::clock_t start = std::clock();
    std::clock_t passed = 0;
    do {
      work();
      ++runs;
      passed = std::clock() - start;
    } while (passed < CLOCKS_PER_SEC / 500);
    best = std::min(best, 1000.0 * static_cast<double>(passed) / runs);
  }
  return best;
}

}  // namespace

TEST_CASE("Texts of the grammar of RFC 8259 are JSON") {
  for (const std::string_view text :
       {"{}"sv,
        "[]"sv,
        "[ ]"sv,
        "{\t}"sv,
        "\r\n[\n]\r\n"sv,
        "null"sv,
        "true"sv,
        "false"sv,
        " 0 "sv,
        "-0"sv,
        "7"sv,
        "1234567890"sv,
        "-1.5"sv,
        "0.0"sv,
        "1e5"sv,
        "1E+5"sv,
        "-1.25e-07"sv,
        "0e0"sv,
        "1e999999"sv,
        "123456789012345678901234567890"sv,
        "\"\""sv,
        "\"a\""sv,
        R"("\"\\\/\b\f\n\r\t")"sv,
        R"("\u0000\uD834\uDd1e\uffff")"sv,
        R"("\ud800")"sv,   // a lone surrogate: the grammar allows it, decoding replaces it
        "\"\x80\xff\""sv,  // broken UTF-8 in a string: likewise
        "\"\x7f\xe2\x80\xa8\""sv,
        "[null,true,false,1,\"x\",[],{}]"sv,
        R"({"a":1})"sv,
        R"({"":0})"sv,
        R"({"a":{"b":[1,{"c":null}]},"d":[]})"sv,
        R"({"a":1,"a":2})"sv,
        "{ \"a\" : 1 , \"b\" : [ 1 , 2 ] }"sv,
        "[[[[]]]]"sv,
        "[1 ]"sv,
        "[\"]\",\"}\",\",\"]"sv,
        R"({"jsonrpc":"2.0","result":null,"id":1          })"sv}) {
    CAPTURE(text);
    CHECK(check_json(text) == Status::kOk);
  }
}

TEST_CASE("What jsmn lets through although it is no JSON is refused") {
  // Found by trying jsmn 1.1.0 in its strict mode; and where it stops silently: NUL, and nothing.
  for (const std::string_view text : {R"({"a":1,})"sv,
                                      "[1,]"sv,
                                      "[,]"sv,
                                      "{,}"sv,
                                      "[1 2]"sv,
                                      R"({"a":1 "b":2})"sv,
                                      R"({"a"})"sv,
                                      R"({"a","b"})"sv,
                                      R"({"a"::1})"sv,
                                      R"({"a":1:2})"sv,
                                      R"({"a":"b":"c"})"sv,
                                      R"(["a":1])"sv,
                                      R"({"a":1}{"b":2})"sv,
                                      "[tru]"sv,
                                      "[nullx]"sv,
                                      "[01]"sv,
                                      "[1.2.3]"sv,
                                      "[-]"sv,
                                      "[\"\x01\"]"sv,
                                      "[\"\n\"]"sv,
                                      "[\"\x1f\"]"sv,
                                      "[1]\0"sv,
                                      "[1\0,2]"sv,
                                      "[\"\0\"]"sv,
                                      ""sv,
                                      "\0[]"sv}) {
    CAPTURE(text, text.size());
    CHECK(check_json(text) == Status::kMalformed);
  }
  // A number with nothing behind it, which jsmn's strict mode refuses, is a text of its own.
  CHECK(check_json("5") == Status::kOk);
}

TEST_CASE("Texts that break the grammar of RFC 8259 are refused") {
  for (const std::string_view text : {" "sv,
                                      "\n"sv,
                                      "["sv,
                                      "]"sv,
                                      "{"sv,
                                      "}"sv,
                                      "[}"sv,
                                      "{]"sv,
                                      "[1}"sv,
                                      R"({"a":1])"sv,
                                      "[[]"sv,
                                      "[]]"sv,
                                      "[1,,2]"sv,
                                      "[,1]"sv,
                                      "[1;2]"sv,
                                      "[a]"sv,
                                      "a"sv,
                                      "nul"sv,
                                      "nulll"sv,
                                      "Null"sv,
                                      "TRUE"sv,
                                      "NaN"sv,
                                      "-NaN"sv,
                                      "Infinity"sv,
                                      "-Infinity"sv,
                                      "[Infinity]"sv,
                                      "undefined"sv,
                                      "'a'"sv,
                                      "[\"a]"sv,
                                      "\"a"sv,
                                      "\""sv,
                                      "\"\\\""sv,
                                      "\"\\"sv,
                                      R"("\x41")"sv,
                                      R"("\a")"sv,
                                      R"("\u12")"sv,
                                      R"("\u12G4")"sv,
                                      R"("\u 123")"sv,
                                      R"("\U0041")"sv,
                                      "\"\\\0\""sv,
                                      "\"\t\""sv,
                                      "1 2"sv,
                                      "+1"sv,
                                      "1."sv,
                                      ".5"sv,
                                      "-.5"sv,
                                      "1.e5"sv,
                                      "1e"sv,
                                      "1e+"sv,
                                      "1e5.5"sv,
                                      "00"sv,
                                      "-01"sv,
                                      "0x10"sv,
                                      "1_000"sv,
                                      "--1"sv,
                                      "1-"sv,
                                      "1a"sv,
                                      "1e1e1"sv,
                                      "{1:2}"sv,
                                      "{null:1}"sv,
                                      "{[]:1}"sv,
                                      R"({"a" 1})"sv,
                                      R"({"a":})"sv,
                                      R"({:1})"sv,
                                      R"({"a":1,,"b":2})"sv,
                                      R"({"a":1,"b"})"sv,
                                      R"({,"a":1})"sv,
                                      R"({"a":1;"b":2})"sv,
                                      "// x\n1"sv,
                                      "/**/1"sv,
                                      "[1]x"sv,
                                      "[1],"sv,
                                      "\xef\xbb\xbf[]"sv,
                                      "[\xff]"sv,
                                      "\xe3\x80\x80[]"sv,
                                      "\v1"sv,
                                      "\f1"sv,
                                      "\xc2\xa0"
                                      "1"sv,
                                      "true false"sv,
                                      "\"a\" \"b\""sv,
                                      "{}{}"sv,
                                      "[][]"sv,
                                      "\x1b[0m"sv,
                                      "HTTP/1.1 200 OK"sv}) {
    CAPTURE(text, text.size());
    CHECK(check_json(text) == Status::kMalformed);
  }
}

TEST_CASE("Nesting is allowed to the bound exactly, and told apart from broken text beyond it") {
  const int deepest = kDeepestJson;
  for (const std::string_view inner : {""sv, "1"sv, "\"x\""sv, "1,2"sv}) {
    CAPTURE(inner);
    const auto arrays = [&](int depth) {
      return repeated("[", depth) + std::string(inner) + repeated("]", depth);
    };
    CHECK(check_json(arrays(deepest)) == Status::kOk);
    CHECK(check_json(arrays(deepest + 1)) == Status::kOverflow);
    CHECK(check_json("[" + arrays(deepest - 1) + "," + arrays(deepest - 1) + "]") == Status::kOk);
    CHECK(check_json("[1," + arrays(deepest) + "]") == Status::kOverflow);
  }
  const auto objects = [](int depth) {
    return repeated(R"({"a":)", depth - 1) + "{}" + repeated("}", depth - 1);
  };
  CHECK(check_json(objects(deepest)) == Status::kOk);
  CHECK(check_json(objects(deepest + 1)) == Status::kOverflow);
  const auto mixed = [](int pairs, std::string_view inner) {
    return repeated(R"([{"a":)", pairs) + std::string(inner) + repeated("}]", pairs);
  };
  CHECK(check_json(mixed(deepest / 2, "0")) == Status::kOk);
  CHECK(check_json(mixed(deepest / 2, "[]")) == Status::kOverflow);
  CHECK(check_json(mixed(deepest / 2, "{}")) == Status::kOverflow);
  // The kinds of all open brackets are remembered.
  CHECK(check_json(repeated("[{\"a\":", 16) + "0" + repeated("]}", 16)) == Status::kMalformed);
  CHECK(check_json(repeated("[", 100000)) == Status::kOverflow);
  CHECK(check_json(repeated("[", deepest)) == Status::kMalformed);
}

TEST_CASE("No beginning of a document is a document, unless it ends at the end of a number") {
  for (const std::string_view document :
       {R"({"jsonrpc":"2.0","result":["ElectrumX 1.16.0","1.4.2"],"id":1})"sv,
        R"([true,false,null,{"a":[-1.5e+3,"\u00e9\"]"]},[[]],{}])"sv,
        R"("a \"quoted\" \u0041 text")"sv, "true"sv, "null"sv,
        R"({"hosts":{"a.example":{"tcp_port":50001}},"pruning":null})"sv}) {
    CAPTURE(document);
    REQUIRE(check_json(document) == Status::kOk);
    for (std::size_t length = 0; length < document.size(); ++length) {
      CAPTURE(length);
      CHECK(check_json(document.substr(0, length)) == Status::kMalformed);
    }
  }
  // Valid: -1 -12 -12.0 -12.05 -12.05e+3 -12.05e+30
  const std::string_view number = "-12.05e+30";
  const std::vector<std::size_t> whole = {2, 3, 5, 6, 9, 10};
  for (std::size_t length = 0; length <= number.size(); ++length) {
    CAPTURE(length);
    CHECK(ok(check_json(number.substr(0, length))) ==
          (std::find(whole.begin(), whole.end(), length) != whole.end()));
  }
}

TEST_CASE("Checking and cutting take time linear in the length") {
  const auto quadratic_would_be_64 = [](const auto& make) {
    const std::string small = make(8 * 1024);
    const std::string large = make(64 * 1024);
    REQUIRE(ok(check_json(small)));
    REQUIRE(ok(check_json(large)));
    const auto work = [](const std::string& text) {
      return ticks([&] {
        CHECK(ok(check_json(text)));
        JsonMembers members(text);
        JsonElements elements(text);
        std::string_view key;
        std::string_view value;
        std::size_t parts = 0;
        while (members.next(key, value) || elements.next(value)) ++parts;
        CHECK(parts > 0);
        CHECK(json_member(text, "nowhere").empty());
      });
    };
    const double ratio = work(large) / work(small);
    CAPTURE(ratio);
    CHECK(ratio < 24);
  };
  const auto filled = [](std::string_view unit, std::string_view open, std::string_view close) {
    return [=](int bytes) {
      const int times = bytes / static_cast<int>(unit.size()) - 1;
      std::string text = std::string(open) + repeated(unit, times);
      text += unit.substr(0, unit.size() - (unit.back() == ',' ? 1 : 0));
      return text + std::string(close);
    };
  };
  quadratic_would_be_64(filled("1,", "[", "]"));
  quadratic_would_be_64(filled("[],", "[", "]"));
  quadratic_would_be_64(filled("\"a\":1,", "{", "}"));
  quadratic_would_be_64(filled("\\n", "[\"", "\"]"));
  quadratic_would_be_64(filled(" ", "[", "1]"));
  quadratic_would_be_64(filled("[{\"a\":[1,2]}],", "[", "]"));
}

TEST_CASE("The kind of a value is told by its first character") {
  CHECK(json_type("") == JsonType::kNone);
  CHECK(json_type("  ") == JsonType::kNone);
  CHECK(json_type(" {}") == JsonType::kObject);
  CHECK(json_type("[1]") == JsonType::kArray);
  CHECK(json_type("\"x\"") == JsonType::kString);
  CHECK(json_type("-1") == JsonType::kNumber);
  CHECK(json_type("0") == JsonType::kNumber);
  CHECK(json_type("true") == JsonType::kTrue);
  CHECK(json_type("false") == JsonType::kFalse);
  CHECK(json_type("null") == JsonType::kNull);
}

TEST_CASE("Objects and arrays are cut into their parts") {
  CHECK(members_of("{}").empty());
  CHECK(members_of("  { \n } ").empty());
  CHECK(members_of(R"({"a":1})") == Texts{"\"a\"=1"});
  CHECK(members_of(" { \"a\" : 1 , \"b\" : \"x , y\" , \"c\":[1, {\"d\":2}] , \"e\" : null } ") ==
        Texts{"\"a\"=1", "\"b\"=\"x , y\"", "\"c\"=[1, {\"d\":2}]", "\"e\"=null"});
  CHECK(members_of(R"({"\"}]":"\\","{":"[\"","":{}})") ==
        Texts{R"("\"}]"="\\")", R"("{"="[\"")", R"(""={})"});
  CHECK(members_of("{\"id\":1          }") == Texts{"\"id\"=1"});
  CHECK(elements_of("[]").empty());
  CHECK(elements_of("[ ]").empty());
  CHECK(elements_of("[1]") == Texts{"1"});
  CHECK(elements_of("[ 1 , \"]\" ,[ ],{\"a\":\"}\"},-2.5e3,true ]") ==
        Texts{"1", "\"]\"", "[ ]", "{\"a\":\"}\"}", "-2.5e3", "true"});
  CHECK(elements_of("[[[1],[2]],[[]]]") == Texts{"[[1],[2]]", "[[]]"});
  // What is no object has no members, what is no array no elements.
  for (const std::string_view other : {"", "1", "\"{}\"", "null", "[1]"}) {
    CHECK(members_of(other).empty());
  }
  for (const std::string_view other : {"", "1", "\"[1]\"", "null", "{\"a\":1}"}) {
    CHECK(elements_of(other).empty());
  }
}

TEST_CASE("A member is found by its text, however that is escaped, and the first of two counts") {
  const std::string_view object = R"({"a":1,"a":2,"\u0062":3,"caf\u00e9":4,"":5,"x":{"y":6}})";
  CHECK(json_member(object, "a") == "1");
  CHECK(json_member(object, "b") == "3");
  CHECK(json_member(object, "caf\xc3\xa9") == "4");
  CHECK(json_member(object, "") == "5");
  CHECK(json_member(json_member(object, "x"), "y") == "6");
  CHECK(json_member(object, "y").empty());
  CHECK(json_member(object, "aa").empty());
  CHECK(json_member("[]", "a").empty());
  CHECK(json_text_is(R"("\u0069d")", "id"));
  CHECK_FALSE(json_text_is(R"("id2")", "id"));
  CHECK_FALSE(json_text_is(R"("i")", "id"));
  CHECK_FALSE(json_text_is("id", "id"));
  CHECK_FALSE(json_text_is(R"("\ud800")", "\xef\xbf\xbd"));  // replaced, so it did not say that
}

TEST_CASE("A small document gives its values by path") {
  JsonDocument document;
  const std::string_view text = R"( {"a":[10,"x",{"b":null},[]],"c":{"d":true},"e":-1.5} )";
  REQUIRE(ok(document.parse(text)));
  const JsonValue root = document.root();
  CHECK(root.type() == JsonType::kObject);
  CHECK(root.size() == 3);
  CHECK(root.member("a").size() == 4);
  CHECK(root.member("a").element(0).raw() == "10");
  CHECK(root.member("a").element(1).raw() == "\"x\"");
  CHECK(root.member("a").element(1).type() == JsonType::kString);
  CHECK(root.member("a").element(2).member("b").type() == JsonType::kNull);
  CHECK(root.member("a").element(3).type() == JsonType::kArray);
  CHECK(root.member("a").element(3).size() == 0);
  CHECK(root.member("c").raw() == "{\"d\":true}");
  CHECK(root.member("e").raw() == "-1.5");
  // What a value is not has an empty answer, at every step.
  CHECK(root.member("a").element(4).type() == JsonType::kNone);
  CHECK(root.element(0).type() == JsonType::kNone);
  CHECK(root.member("d").raw().empty());
  CHECK(root.member("a").member("b").element(0).member("x").size() == 0);
  for (const std::string_view scalar : {"5", "\"\"", "null", "true", " -2 "}) {
    CAPTURE(scalar);
    REQUIRE(ok(document.parse(scalar)));
    CHECK(document.root().type() == json_type(scalar));
    CHECK(document.root().size() == 0);
  }
}

TEST_CASE("A document has as many values as there are tokens, and an empty root beyond") {
  JsonDocument document;
  const auto array_of = [](int values) {
    std::string text = "[0";
    for (int i = 1; i < values; ++i) text += ",0";
    return text + "]";
  };
  const std::string most = array_of(kJsonTokens - 1);  // the array itself is one
  REQUIRE(document.parse(most) == Status::kOk);
  CHECK(document.root().size() == kJsonTokens - 1);
  const std::string more = array_of(kJsonTokens);
  CHECK(document.parse(more) == Status::kOverflow);
  CHECK(document.root().type() == JsonType::kNone);
  CHECK(document.root().element(0).raw().empty());
  CHECK(document.parse("") == Status::kMalformed);
}

TEST_CASE("The text of a string is unescaped into valid UTF-8") {
  CHECK(said("\"\"").empty());
  CHECK(said(R"("plain")") == "plain");
  CHECK(said(R"("\"\\\/\b\f\n\r\t")") == "\"\\/\b\f\n\r\t");
  CHECK(said(R"("\u0041\u00e9\u20AC\uFFFF")") == "A\xc3\xa9\xe2\x82\xac\xef\xbf\xbf");
  CHECK(said(R"("a\u0000b")") == "a\0b"sv);
  CHECK(said("\"caf\xc3\xa9 \xe2\x82\xac \xf0\x9d\x84\x9e\"") ==
        "caf\xc3\xa9 \xe2\x82\xac \xf0\x9d\x84\x9e");
  // RFC 8259 section 7: U+1D11E, the G clef; and the edges of the supplementary planes.
  CHECK(said(R"("\uD834\uDD1E")") == "\xf0\x9d\x84\x9e");
  CHECK(said(R"("\ud834\udd1e!")") == "\xf0\x9d\x84\x9e!");
  CHECK(said(R"("\uD800\uDC00\uDBFF\uDFFF")") == "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
  CHECK(said(R"("\uD7FF\uE000")") == "\xed\x9f\xbf\xee\x80\x80");
}

TEST_CASE("Lone surrogates and broken UTF-8 become U+FFFD, and are told") {
  const std::string mark = "\xef\xbf\xbd";
  CHECK(said(R"("\ud800")") == "?" + mark);
  CHECK(said(R"("\udc00")") == "?" + mark);
  CHECK(said(R"("\udfffx")") == "?" + mark + "x");
  CHECK(said(R"("\ud800x")") == "?" + mark + "x");
  CHECK(said(R"("\ud800\u0041")") == "?" + mark + "A");
  CHECK(said(R"("\ud800\n")") == "?" + mark + "\n");
  CHECK(said(R"("\ud800\ud800")") == "?" + mark + mark);
  CHECK(said(R"("\ud800\ud834\udd1e")") == "?" + mark + "\xf0\x9d\x84\x9e");
  CHECK(said(R"("\udd1e\ud834")") == "?" + mark + mark);
  CHECK(said("\"a\xff"
             "b\"") == "?a" + mark + "b");
  CHECK(said("\"\xc3\"") == "?" + mark);
  CHECK(said("\"\xc3\\u00a9\"") == "?" + mark + "\xc2\xa9");   // an escape completes no sequence
  CHECK(said("\"\xed\xa0\x80\"").substr(0, 4) == "?" + mark);  // a surrogate as UTF-8
  CHECK(said("\"\xc0\x80\"").substr(0, 4) == "?" + mark);      // an overlong NUL
  // What U+FFFD itself stands for was sent as such: nothing was replaced.
  CHECK(said(R"("\ufffd")") == mark);
  CHECK(said("no string") == "?");
  CHECK(said("\"") == "?");
}

TEST_CASE("Whole numbers are read to the borders of their types") {
  std::uint64_t u = 7;
  CHECK(json_unsigned("0", u));
  CHECK(u == 0);
  CHECK(json_unsigned("18446744073709551615", u));
  CHECK(u == std::numeric_limits<std::uint64_t>::max());
  std::int64_t s = 7;
  CHECK(json_signed("9223372036854775807", s));
  CHECK(s == std::numeric_limits<std::int64_t>::max());
  CHECK(json_signed("-9223372036854775807", s));
  CHECK(s == -std::numeric_limits<std::int64_t>::max());
  CHECK(json_signed("-9223372036854775808", s));
  CHECK(s == std::numeric_limits<std::int64_t>::min());
  CHECK(json_signed("-32601", s));
  CHECK(s == -32601);
  CHECK(json_signed("-0", s));
  CHECK(s == 0);
  for (const std::string_view other : {"18446744073709551616", "99999999999999999999", "-1", "1.0",
                                       "1e2", "", "null", "\"1\"", "[1]", "true"}) {
    CAPTURE(other);
    CHECK_FALSE(json_unsigned(other, u));
  }
  for (const std::string_view other :
       {"9223372036854775808", "-9223372036854775809", "18446744073709551615", "-1.5", "-", "",
        "null", "\"-1\"", "1E2"}) {
    CAPTURE(other);
    CHECK_FALSE(json_signed(other, s));
  }
}
