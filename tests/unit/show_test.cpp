// SPDX-License-Identifier: MIT
#include <algorithm>
#include <sstream>
#include <string>

#include "targets/observatory/show/certificate_words.h"
#include "targets/observatory/show/csv.h"
#include "targets/observatory/show/date_text.h"
#include "targets/observatory/show/display_text.h"
#include "targets/observatory/show/geojson.h"
#include "targets/observatory/show/json_text.h"
#include "targets/observatory/show/sheet.h"
#include "targets/observatory/show/table.h"
#include "tests/catch2.h"

using namespace observatory::host;
using nlohmann::ordered_json;

namespace {

std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    widest = std::max(widest, display_width(line));
  }
  return widest;
}

}  // namespace

TEST_CASE("a page takes a table as it is when it fits") {
  Table table({{"name"}, {"n", true}});
  table.add_row({"electrum.example.org", "1"});
  CHECK(table.text({23, false}) == table.text());
  CHECK(table.text() == "name                  n\nelectrum.example.org  1\n");
}

TEST_CASE("on a narrow page the widest text gives way first and numbers never do") {
  Table table({{"name"}, {"provider"}, {"height", true}});
  table.add_row({"a-rather-long-name.example.org", "Hetzner", "1234567890123"});
  CHECK(table.text({50, false}) ==
        "name                       provider         height\n"
        "a-rather-long-name.examp\xE2\x80\xA6  Hetzner   1234567890123\n");
}

TEST_CASE("two wide columns share a narrow page") {
  Table table({{"a"}, {"b"}});
  table.add_row({std::string(40, 'x'), std::string(30, 'y')});
  CHECK(table.text({52, false}) == "a                          b\n" + std::string(24, 'x') +
                                       "\xE2\x80\xA6  " + std::string(24, 'y') + "\xE2\x80\xA6\n");
}

TEST_CASE("the first column is the last to give way") {
  Table table({{"a"}, {"b"}});
  table.add_row({std::string(40, 'x'), std::string(40, 'y')});
  CHECK(table.text({32, false}) == "a                     b\n" + std::string(19, 'x') +
                                       "\xE2\x80\xA6  " + std::string(9, 'y') + "\xE2\x80\xA6\n");
}

TEST_CASE("wide characters are cut and aligned by the columns that they take") {
  Table table({{"name"}, {"n", true}});
  std::string name;  // 30 columns
  for (int i = 0; i < 15; ++i) name += "\xE6\x97\xA5";
  table.add_row({name, "1"});
  table.add_row({"plain", "22"});
  std::string nine;
  for (int i = 0; i < 9; ++i) nine += "\xE6\x97\xA5";
  // Twenty columns for the name: nine characters and the ellipsis, and one to spare.
  CHECK(table.text({24, false}) == "name                   n\n" + nine +
                                       "\xE2\x80\xA6    1\n"
                                       "plain                 22\n");
}

TEST_CASE("columns that do not fit at all are left out and named") {
  Table table({{"name"}, {"first", true}, {"second"}, {"third"}});
  table.add_row({"electrum-long.example.org", "1", "two", "three"});
  CHECK(table.text({27, false}) ==
        "name                  first\n"
        "electrum-long.examp\xE2\x80\xA6      1\n"
        "Too narrow for: second, third\n");
  // The first column is always there.
  CHECK(table.text({8, false}) ==
        "name\n"
        "electru\xE2\x80\xA6\n"
        "Too narrow for: first, second, third\n");
}

TEST_CASE("no line of a table is wider than its page") {
  Table table({{"host", false, 64}, {"port", true}, {"outcome"}, {"software"}, {"certificate"}});
  for (int i = 0; i < 20; ++i) {
    table.add_row({std::string(static_cast<std::size_t>(3 * i), 'h'), std::to_string(50000 + i),
                   "connect_timeout", "\xE6\x97\xA5\xE6\x9C\xAC" + std::string(20, 's'),
                   "self-signed, expired"});
  }
  for (std::size_t width = 45; width < 160; ++width) {
    CAPTURE(width);
    CHECK(widest_line(table.text({width, false})) <= width);
  }
}

TEST_CASE("colours are in the headings alone, and only where they are asked for") {
  Table table({{"name"}});
  table.add_row({"\x1b[31mred"});
  CHECK(table.text({80, true}) == "\x1b[1mname\x1b[0m\n\\u001b[31mred\n");
  CHECK(table.text({80, false}) == "name\n\\u001b[31mred\n");
}

TEST_CASE("cells of CSV are quoted as RFC 4180 has it") {
  CHECK(csv_line({"a", "b,c", "say \"x\"", "", "two\r\nlines"}) ==
        "a,\"b,c\",\"say \"\"x\"\"\",,\"two\r\nlines\"\r\n");
}

TEST_CASE("a text in CSV is no formula and no command") {
  CHECK(csv_text("=1+1") == "'=1+1");
  CHECK(csv_text("+1") == "'+1");
  CHECK(csv_text("-1") == "'-1");
  CHECK(csv_text("@SUM(A1)") == "'@SUM(A1)");
  CHECK(csv_text("\xEF\xBC\x9D"
                 "1") ==
        "'\xEF\xBC\x9D"
        "1");
  CHECK(csv_text("a=1") == "a=1");
  CHECK(csv_text("\t=1") == "\\u0009=1");
  CHECK(csv_text("\r=1") == "\\u000d=1");
  CHECK(csv_text("\x1b[2J") == "\\u001b[2J");
  CHECK(csv_text("bad\xff") == "bad\xEF\xBF\xBD");
  CHECK(csv_text("") == "");
}

TEST_CASE("JSON text never throws, and nothing in it acts on a terminal") {
  ordered_json value;
  value["broken"] = "a\xff\xC3";
  value["acts"] = "\x1b[2J \x7f \xC2\x9B \xE2\x80\xAE \xE2\x80\xA8";
  value["plain"] = "\xE6\x97\xA5 \xC3\xA9";
  const std::string text = json_text(value);
  CHECK(text ==
        "{\"broken\":\"a\xEF\xBF\xBD\xEF\xBF\xBD\","
        "\"acts\":\"\\u001b[2J \\u007f \\u009b \\u202e \\u2028\","
        "\"plain\":\"\xE6\x97\xA5 \xC3\xA9\"}");
  CHECK(ordered_json::parse(text)["acts"] == value["acts"]);
  CHECK(json_text(ordered_json::array({1, 2}), 2) == "[\n  1,\n  2\n]");
}

// Expected: Python's datetime, and `date -u -d` for what lies outside of its years.
TEST_CASE("dates are ISO 8601 in UTC") {
  CHECK(date_text(0) == "1970-01-01T00:00:00Z");
  CHECK(date_text(-1) == "1969-12-31T23:59:59Z");
  CHECK(date_text(951'827'696'789) == "2000-02-29T12:34:56Z");
  CHECK(date_text(1'795'327'000'123) == "2026-11-22T05:56:40Z");
  CHECK(date_text(4'107'542'400'000) == "2100-03-01T00:00:00Z");
  CHECK(date_text(253'402'300'799'999) == "9999-12-31T23:59:59Z");
  CHECK(date_text(253'402'300'800'000) == "+10000-01-01T00:00:00Z");
  CHECK(date_text(INT64_MAX) == "+292278994-08-17T07:12:55Z");
  CHECK(date_text(INT64_MIN) == "-292275055-05-16T16:47:04Z");
}

TEST_CASE("GeoJSON has longitude first, and no geometry where no place is known") {
  const ordered_json here = geojson_feature(Coordinates{52.52, 13.405}, {{"name", "a"}});
  CHECK(here["geometry"].dump() == R"({"type":"Point","coordinates":[13.405,52.52]})");
  CHECK(here["properties"]["name"] == "a");
  CHECK(geojson_feature({}, ordered_json::object())["geometry"].is_null());
  CHECK(geojson_feature(Coordinates{91, 0}, ordered_json::object())["geometry"].is_null());
  CHECK(geojson_feature(Coordinates{0, -181}, ordered_json::object())["geometry"].is_null());
  const ordered_json all = geojson_collection(ordered_json::array({here}), {{"x", 1}});
  CHECK(all["type"] == "FeatureCollection");
  CHECK(all["features"].size() == 1);
  CHECK(all["features"][0]["type"] == "Feature");
}

TEST_CASE("a sheet is a table for people, and CSV and JSON for programs") {
  const Sheet sheet{{{"name", "name"}, {"rtt_ms", "rtt ms", true}, {"up", "up"}, {"at", "at"}},
                    {{"=a", 12.345, true, {"203.0.113.7", "2001:db8::1"}},
                     {"b", nullptr, nullptr, Cell::array()}}};
  CHECK(sheet_table(sheet, {}) ==
        "name  rtt ms  up   at\n"
        "=a      12.3  yes  203.0.113.7, 2001:db8::1\n"
        "b          -  -    -\n");
  CHECK(sheet_csv(sheet) ==
        "name,rtt_ms,up,at\r\n'=a,12.345,true,203.0.113.7; 2001:db8::1\r\nb,,,\r\n");
  CHECK(sheet_json(sheet).dump() ==
        R"([{"name":"=a","rtt_ms":12.345,"up":true,"at":["203.0.113.7","2001:db8::1"]},)"
        R"({"name":"b","rtt_ms":null,"up":null,"at":[]}])");
}

TEST_CASE("a negative number in CSV is a number") {
  CHECK(csv_row({-71.06, -5}) == "-71.06,-5\r\n");
}

TEST_CASE("a certificate without a date is not judged by one") {
  const CertificateFacts facts{false, false, false, 1000, 2000};
  using Words = std::vector<std::string_view>;
  CHECK(certificate_words(facts, 1500) == Words{"issued", "other name"});
  CHECK(certificate_words(facts, 2001) == Words{"issued", "expired", "other name"});
  CHECK(certificate_words(facts, {}) == Words{"issued", "other name"});
  CHECK(certificate_words({}, 1500).empty());
}
