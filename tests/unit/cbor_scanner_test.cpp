// SPDX-License-Identifier: MIT
#include "core/record/cbor_scanner.h"

#include <algorithm>
#include <string>
#include <vector>

#include "core/base/byte_writer.h"
#include "core/record/cbor_writer.h"
#include "tests/catch2.h"

using namespace observatory;

namespace {

using Bytes = std::vector<std::uint8_t>;

// A record with every shape of value: numbers of each width, texts, lists, nested groups.
Bytes sample() {
  std::vector<std::uint8_t> pool(4096);
  Record record(pool);
  record.set(FieldId::kType, 2);
  record.set(FieldId::kVersion, 1);
  record.set(FieldId::kTime, 1795327001456);
  record.set_text(FieldId::kHost, std::string(200, 'h'));
  record.set_text(FieldId::kBannerText, "");
  record.set_signed(FieldId::kLeafNotBefore, -1);
  record.set_scalar(FieldId::kDonation, Scalar::kNull);
  { ListField(record, FieldId::kPeersList).add("192.0.2.1", "example.org", "v1.4 s"); }
  { ListField(record, FieldId::kLeafSan); }
  Bytes bytes(1024);
  ByteWriter writer(bytes);
  write_cbor(record, writer);
  bytes.resize(writer.needed());
  return bytes;
}

// {1: 60533(h'0102030405060708')}, {1: [60533(h''), 60533(60533(0))]}: references, and what only
// looks like some.
Bytes references() {
  return {0xa1, 0x01, 0xd9, 0xec, 0x75, 0x48, 1,    2,    3,    4,    5,    6,    7,    8,
          0xa1, 0x01, 0x82, 0xd9, 0xec, 0x75, 0x40, 0xd9, 0xec, 0x75, 0xd9, 0xec, 0x75, 0x00};
}

Bytes twice(const Bytes& record) {
  Bytes both = record;
  both.insert(both.end(), record.begin(), record.end());
  return both;
}

CborScanner scan(ByteView bytes, std::size_t piece) {
  CborScanner scanner;
  for (; !bytes.empty(); bytes = bytes.subspan(std::min(piece, bytes.size()))) {
    scanner.feed(bytes.first(std::min(piece, bytes.size())));
  }
  return scanner;
}

}  // namespace

TEST_CASE("the scanner finds the end of the last whole record at every place of a cut") {
  const Bytes record = sample();
  const Bytes log = twice(record);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, log.size()}) {
    for (std::size_t cut = 0; cut <= log.size(); ++cut) {
      const CborScanner scanner = scan(ByteView(log).first(cut), piece);
      REQUIRE_FALSE(scanner.broken());
      REQUIRE(scanner.whole() == cut / record.size() * record.size());
    }
  }
}

TEST_CASE("the scanner passes over references") {
  const Bytes log = references();
  for (std::size_t cut = 0; cut <= log.size(); ++cut) {
    const CborScanner scanner = scan(ByteView(log).first(cut), 1);
    REQUIRE_FALSE(scanner.broken());
    REQUIRE(scanner.whole() == (cut == log.size() ? cut : cut >= 14 ? 14 : 0));
  }
}

TEST_CASE("the scanner tells what is no record from a record that has only begun") {
  const Bytes record = sample();
  // An integer, a text, an array, a tag, an indefinite map, a reserved length: none starts a
  // record.
  for (const std::uint8_t byte : Bytes{0x00, 0x61, 0x80, 0xc0, 0xbf, 0xbc, 0x7b}) {
    Bytes log = record;
    log.push_back(byte);
    const CborScanner scanner = scan(log, log.size());
    CAPTURE(byte);
    CHECK(scanner.broken());
    CHECK(scanner.whole() == record.size());
  }
}

TEST_CASE("the scanner refuses nesting beyond what the reader reads, and counts that cannot be") {
  Bytes deep;
  for (int i = 0; i < kDeepestCbor; ++i) deep.insert(deep.end(), {0xa1, 0x01});
  CHECK_FALSE(scan(deep, 1).broken());
  deep.push_back(0xa1);
  CHECK(scan(deep, 1).broken());
  const Bytes many = {0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  CHECK(scan(many, 1).broken());
  // A text that claims more than any file holds has only begun.
  const Bytes long_text = {0xa1, 0x01, 0x7b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 'x'};
  CHECK_FALSE(scan(long_text, 3).broken());
  CHECK(scan(long_text, 3).whole() == 0);
}
