// SPDX-License-Identifier: MIT
#include <array>
#include <limits>
#include <string>

#include "core/base/byte_reader.h"
#include "core/base/byte_writer.h"
#include "core/base/fixed_string.h"
#include "core/base/harmful.h"
#include "core/base/ip_text.h"
#include "core/base/number.h"
#include "core/base/utf8.h"
#include "tests/catch2.h"

using namespace observatory;

namespace {

template <typename Put>
std::string text_of(const Put& put) {
  std::array<std::uint8_t, 512> buffer;
  ByteWriter writer(buffer);
  put(writer);
  REQUIRE(ok(writer.status()));
  return std::string(writer.text());
}

std::string repaired(std::string_view text) {
  return text_of([&](ByteSink& into) { put_valid_utf8(text, into); });
}

std::string ip_again(std::string_view text) {
  IpAddress ip;
  if (!read_ip(text, ip)) return "refused";
  return text_of([&](ByteSink& into) { put_ip(ip, into); });
}

}  // namespace

TEST_CASE("UTF-8 is well formed exactly where table 3-7 of the Unicode Standard says so") {
  // The edges of every row of the table.
  for (const std::string_view good :
       {"", "a", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xE0\xBF\xBF", "\xE1\x80\x80",
        "\xEC\xBF\xBF", "\xED\x80\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBF",
        "\xF0\x90\x80\x80", "\xF3\xBF\xBF\xBF", "\xF4\x80\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    CAPTURE(good);
    CHECK(is_valid_utf8(good));
    CHECK(utf8_character(good) == good.size());
    CHECK(repaired(good) == good);
  }
  for (const std::string_view bad :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x7F", "\xC2\xC0", "\xE0\x9F\xBF",
        "\xE0\xA0", "\xED\xA0\x80", "\xED\xBF\xBF", "\xEF\xBF", "\xF0\x8F\xBF\xBF", "\xF0\x90\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFE", "\xFF"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_valid_utf8(bad));
    CHECK(utf8_character(bad) == 0);
    CHECK(is_valid_utf8(repaired(bad)));
  }
}

TEST_CASE("broken UTF-8 is replaced as the Unicode Standard recommends in section 3.9") {
  // Tables 3-8 to 3-11 of version 15; R stands for U+FFFD.
  const auto with_marks = [](std::string_view text) {
    std::string marked = repaired(text);
    for (std::size_t at = 0; (at = marked.find(kReplacementCharacter, at)) != std::string::npos;) {
      marked.replace(at, kReplacementCharacter.size(), "R");
    }
    return marked;
  };
  CHECK(with_marks("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41") == "RRRRRRRRA");
  CHECK(with_marks("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41") == "RRRRRRRRA");
  CHECK(with_marks("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42") == "RRRRRARRB");
  CHECK(with_marks("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41") == "RRRRA");
}

TEST_CASE("code points become UTF-8, and what is none becomes U+FFFD") {
  const auto utf8_of = [](std::uint32_t code_point) {
    return text_of([&](ByteSink& into) { put_code_point(code_point, into); });
  };
  CHECK(utf8_of(0x24) == "$");
  CHECK(utf8_of(0x7FF) == "\xDF\xBF");
  CHECK(utf8_of(0x800) == "\xE0\xA0\x80");
  CHECK(utf8_of(0x20AC) == "\xE2\x82\xAC");
  CHECK(utf8_of(0x10348) == "\xF0\x90\x8D\x88");
  CHECK(utf8_of(0x10FFFF) == "\xF4\x8F\xBF\xBF");
  for (const std::uint32_t none : {0xD800u, 0xDFFFu, 0x110000u, 0xFFFFFFFFu}) {
    CHECK(utf8_of(none) == kReplacementCharacter);
  }
}

TEST_CASE("a prefix of UTF-8 never cuts a character") {
  const std::string_view text = "a\xC3\xA9\xE2\x82\xAC\xF0\x90\x8D\x88";  // 1, 2, 3, 4 bytes
  const std::size_t whole[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
  for (std::size_t limit = 0; limit < std::size(whole); ++limit) {
    CAPTURE(limit);
    CHECK(utf8_prefix(text, limit) == text.substr(0, whole[limit]));
  }
}

TEST_CASE("numbers are written without locale, to the last digit of both ends") {
  const auto unsigned_text = [](std::uint64_t value) {
    return text_of([&](ByteSink& into) { put_unsigned(value, into); });
  };
  const auto signed_text = [](std::int64_t value) {
    return text_of([&](ByteSink& into) { put_signed(value, into); });
  };
  CHECK(unsigned_text(0) == "0");
  CHECK(unsigned_text(1000000) == "1000000");
  CHECK(unsigned_text(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
  CHECK(signed_text(-1) == "-1");
  CHECK(signed_text(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
  CHECK(signed_text(std::numeric_limits<std::int64_t>::max()) == "9223372036854775807");
}

TEST_CASE("numbers are read up to their limit, and nothing that only looks like one") {
  std::uint64_t value = 7;
  REQUIRE(read_unsigned("18446744073709551615", value));
  CHECK(value == std::numeric_limits<std::uint64_t>::max());
  REQUIRE(read_unsigned("0", value));
  CHECK(value == 0);
  REQUIRE(read_unsigned("65535", value, 65535));
  REQUIRE(read_unsigned("3", value, 3));
  value = 7;
  for (const std::string_view bad : {"", "00", "01", "+1", "-1", " 1", "1 ", "0x1", "1e3", "1.0",
                                     "18446744073709551616", "99999999999999999999"}) {
    CAPTURE(bad);
    CHECK_FALSE(read_unsigned(bad, value));
  }
  CHECK_FALSE(read_unsigned("65536", value, 65535));
  CHECK_FALSE(read_unsigned("9", value, 3));
  CHECK(value == 7);
}

TEST_CASE("hexadecimal digits are read in either case and written in lower case") {
  std::array<std::uint8_t, 4> bytes{};
  REQUIRE(read_hex("00fFA59c", bytes));
  CHECK(bytes == std::array<std::uint8_t, 4>{0x00, 0xFF, 0xA5, 0x9C});
  CHECK(text_of([&](ByteSink& into) { put_hex(bytes, into); }) == "00ffa59c");
  for (const std::string_view bad : {"", "00ffa59", "00ffa59c0", "00ffa59g", "0x00ffa5"}) {
    CHECK_FALSE(read_hex(bad, bytes));
  }
}

TEST_CASE("IPv6 addresses are written as RFC 5952 says") {
  CHECK(ip_again("2001:0db8::0001") == "2001:db8::1");                // 4.1 leading zeros
  CHECK(ip_again("2001:db8:0:0:0:0:2:1") == "2001:db8::2:1");         // 4.2.1 all that can
  CHECK(ip_again("2001:db8:0:1:1:1:1:1") == "2001:db8:0:1:1:1:1:1");  // 4.2.2 not for one
  CHECK(ip_again("2001:0:0:1:0:0:0:1") == "2001:0:0:1::1");           // 4.2.3 the longest
  CHECK(ip_again("2001:db8:0:0:1:0:0:1") == "2001:db8::1:0:0:1");     // 4.2.3 the first
  CHECK(ip_again("2001:DB8::ABCD") == "2001:db8::abcd");              // 4.3 lower case
  CHECK(ip_again("::") == "::");
  CHECK(ip_again("::1") == "::1");
  CHECK(ip_again("1::") == "1::");
  CHECK(ip_again("1:2:3:4:5:6:7::") == "1:2:3:4:5:6:7:0");
  CHECK(ip_again("0:0:1:2:3:4:5:6") == "::1:2:3:4:5:6");
  CHECK(ip_again("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff") ==
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
  CHECK(ip_again("64:ff9b::192.0.2.33") == "64:ff9b::c000:221");
  CHECK(ip_again("::ffff:192.0.2.33") == "::ffff:c000:221");
}

TEST_CASE("dotted quads are read and written, and keep the rest of the address zero") {
  IpAddress ip;
  ip.bytes.fill(0xAA);
  REQUIRE(read_ip("203.0.113.7", ip));
  CHECK(ip.family == IpAddress::Family::kV4);
  CHECK(ip.bytes == std::array<std::uint8_t, 16>{203, 0, 113, 7});
  CHECK(ip_again("0.0.0.0") == "0.0.0.0");
  CHECK(ip_again("255.255.255.255") == "255.255.255.255");
}

TEST_CASE("what is no IP address is refused") {
  for (const std::string_view bad : {"",
                                     "1",
                                     "1.2.3",
                                     "1.2.3.4.5",
                                     "1.2.3.256",
                                     "01.2.3.4",
                                     "1.2.3.4 ",
                                     ".1.2.3",
                                     "1..2.3",
                                     "1.2.3.",
                                     ":",
                                     ":::",
                                     "1:2:3",
                                     ":1",
                                     "1:",
                                     "1::2::3",
                                     "12345::",
                                     "g::",
                                     "[::1]",
                                     "fe80::1%1",
                                     "1:2:3:4:5:6:7:8:9",
                                     "::1.2.3",
                                     "1.2.3.4::",
                                     "::1.2.3.4:5",
                                     "1:2:3:4:5:6:7:1.2.3.4",
                                     "1:2:3:4:5:6:7:8::",
                                     "::1:2:3:4:5:6:7:8",
                                     "0x7f.1.1.1",
                                     "example.org"}) {
    CAPTURE(bad);
    CHECK(ip_again(bad) == "refused");
  }
}

TEST_CASE("a byte reader takes numbers from the front and remembers that it went too far") {
  const std::array<std::uint8_t, 11> bytes = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  ByteReader reader(bytes);
  CHECK(reader.take_byte() == 1);
  CHECK(reader.take_unsigned(2) == 0x0203);
  CHECK(reader.take_unsigned(8) == 0x0405060708090A0B);
  CHECK(reader.at_end());
  CHECK_FALSE(reader.failed());
  CHECK(reader.take(0).empty());
  CHECK_FALSE(reader.failed());

  ByteReader short_reader(ByteView(bytes).first(3));
  CHECK(short_reader.take_unsigned(4) == 0);
  CHECK(short_reader.failed());
  CHECK(short_reader.take_byte() == 0);
  CHECK(short_reader.rest().size() == 3);
}

TEST_CASE("a byte writer keeps what fits, counts what was put, and shows nothing cut") {
  std::array<std::uint8_t, 4> buffer{};
  ByteWriter writer(buffer);
  writer.put("ab");
  writer.put_byte('c');
  CHECK(writer.text() == "abc");
  writer.put("de");
  CHECK(writer.status() == Status::kOverflow);
  CHECK(writer.needed() == 5);
  CHECK(writer.text().empty());
  CHECK(as_text(buffer) == "abcd");

  ByteWriter measure({});
  measure.put("12345");
  measure.put("");
  CHECK(measure.needed() == 5);
}

TEST_CASE("a fixed string takes what fits whole, or nothing") {
  FixedString<4> text;
  CHECK(text.empty());
  REQUIRE(text.assign("abc"));
  CHECK_FALSE(text.append("de"));
  CHECK(text == "abc");
  REQUIRE(text.append('d'));
  CHECK(text.size() == text.capacity());
  CHECK_FALSE(text.append('e'));
  CHECK(text.append(""));
  CHECK_FALSE(text.assign("abcde"));
  CHECK(text == "abcd");
  text.clear();
  CHECK(text.view().empty());
}

TEST_CASE("a character's code point is what its bytes say") {
  // The first and the last of each length (RFC 3629 section 3).
  CHECK(code_point_of(std::string_view("\0", 1)) == 0);
  CHECK(code_point_of("\x7F") == 0x7F);
  CHECK(code_point_of("\xC2\x80") == 0x80);
  CHECK(code_point_of("\xDF\xBF") == 0x7FF);
  CHECK(code_point_of("\xE0\xA0\x80") == 0x800);
  CHECK(code_point_of("\xEF\xBF\xBF") == 0xFFFF);
  CHECK(code_point_of("\xF0\x90\x80\x80") == 0x10000);
  CHECK(code_point_of("\xF4\x8F\xBF\xBF") == 0x10FFFF);
}

TEST_CASE("what a character does to a terminal is told by its number") {
  struct Span {
    std::uint32_t first;
    std::uint32_t last;
    Harm harm;
  };
  // Python: unicodedata.category(chr(c)) in (Cc, Cf, Zl, Zp), and with it the numbers unassigned
  // within a range; which of them act is UAX #9's list of explicit controls.
  const Span spans[] = {
      {0x0, 0x1F, Harm::kActs},           {0x7F, 0x9F, Harm::kActs},
      {0xAD, 0xAD, Harm::kHides},         {0x600, 0x605, Harm::kFormats},
      {0x61C, 0x61C, Harm::kHides},       {0x6DD, 0x6DD, Harm::kFormats},
      {0x70F, 0x70F, Harm::kFormats},     {0x890, 0x891, Harm::kFormats},
      {0x8E2, 0x8E2, Harm::kFormats},     {0x180E, 0x180E, Harm::kFormats},
      {0x200B, 0x200F, Harm::kHides},     {0x2028, 0x202E, Harm::kActs},
      {0x2060, 0x2065, Harm::kHides},     {0x2066, 0x2069, Harm::kActs},
      {0x206A, 0x206F, Harm::kHides},     {0xFEFF, 0xFEFF, Harm::kHides},
      {0xFFF9, 0xFFFB, Harm::kFormats},   {0x110BD, 0x110BD, Harm::kFormats},
      {0x110CD, 0x110CD, Harm::kFormats}, {0x13430, 0x13438, Harm::kFormats},
      {0x1BCA0, 0x1BCA3, Harm::kFormats}, {0x1D173, 0x1D17A, Harm::kFormats},
      {0xE0001, 0xE007F, Harm::kFormats},
  };
  std::uint32_t next = 0;
  std::size_t wrong = 0;
  for (const Span& span : spans) {
    for (; next < span.first; ++next) wrong += harm_of(next) != Harm::kNone ? 1 : 0;
    for (; next <= span.last; ++next) wrong += harm_of(next) != span.harm ? 1 : 0;
  }
  for (; next <= 0x10FFFF; ++next) wrong += harm_of(next) != Harm::kNone ? 1 : 0;
  CHECK(wrong == 0);
}
