// SPDX-License-Identifier: MIT
#include "core/record/record.h"

#include <array>
#include <string>

#include "core/base/utf8.h"
#include "core/record/cbor_reader.h"
#include "tests/catch2.h"
#include "tests/unit/record_samples.h"

using namespace observatory;
using namespace observatory::samples;

namespace {

std::vector<std::string> texts_of(const Record& record, FieldId field) {
  std::vector<std::string> texts;
  Items items = record.items(field);
  for (std::string_view item; items.next(item);) texts.emplace_back(item);
  return texts;
}

}  // namespace

TEST_CASE("a new record has nothing, and a cleared one again") {
  OwnedRecord box;
  Record& record = box.record;
  const auto is_empty = [&] {
    return std::none_of(all_fields().begin(), all_fields().end(),
                        [&](const Field& field) { return record.has(field.id); });
  };
  CHECK(is_empty());
  CHECK(record.members(FieldId::kRoot) == 0);
  give_all_values(record, false);
  CHECK(std::all_of(all_fields().begin(), all_fields().end(),
                    [&](const Field& field) { return record.has(field.id); }));
  record.clear();
  CHECK(is_empty());
  CHECK_FALSE(record.is_cut(FieldId::kVantage));
}

TEST_CASE("numbers come back as they were set") {
  OwnedRecord box;
  Record& record = box.record;
  record.set(FieldId::kPort, 0);
  record.set(FieldId::kTime, UINT64_MAX);
  record.set_signed(FieldId::kLeafNotBefore, INT64_MIN);
  record.set(FieldId::kWireSpaced, 0);
  record.set(FieldId::kOutcome, 200);  // of a newer program
  CHECK(record.has(FieldId::kPort));
  CHECK(record.number(FieldId::kPort) == 0);
  CHECK(record.number(FieldId::kTime) == UINT64_MAX);
  CHECK(record.signed_number(FieldId::kLeafNotBefore) == INT64_MIN);
  CHECK(record.number(FieldId::kWireSpaced) == 0);
  CHECK(record.number(FieldId::kOutcome) == 200);
  CHECK_FALSE(record.has(FieldId::kTruncated));
}

TEST_CASE("a number beyond its bound becomes the bound and is marked") {
  OwnedRecord box;
  box.record.set(FieldId::kPort, 65535);
  CHECK_FALSE(box.record.is_cut(FieldId::kPort));
  box.record.set(FieldId::kPort, 65536);
  CHECK(box.record.number(FieldId::kPort) == 65535);
  CHECK(box.record.is_cut(FieldId::kPort));
  CHECK(box.record.has(FieldId::kTruncated));
}

TEST_CASE("text is made valid and cut at a character, and only then marked") {
  OwnedRecord box;
  Record& record = box.record;
  record.set_text(FieldId::kTlsNewest, "0123456789abcdef");  // 16: the bound
  CHECK(record.text(FieldId::kTlsNewest) == "0123456789abcdef");
  CHECK_FALSE(record.is_cut(FieldId::kTlsNewest));

  record.set_text(FieldId::kTlsVersion, "0123456789abcd\xE2\x82\xAC");
  CHECK(record.text(FieldId::kTlsVersion) == "0123456789abcd");
  CHECK(record.is_cut(FieldId::kTlsVersion));

  record.set_text(FieldId::kHost, "a\xFFz\xED\xA0\x80");
  CHECK(record.text(FieldId::kHost) == "a\xEF\xBF\xBDz\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");

  record.set_text(FieldId::kSoftware, "");
  CHECK(record.has(FieldId::kSoftware));
  CHECK(record.text(FieldId::kSoftware).empty());
}

TEST_CASE("text in pieces is one text, and nothing comes after a cut") {
  OwnedRecord box;
  Record& record = box.record;
  {
    TextField field(record, FieldId::kWireEchoFloat);  // 16 bytes
    field.put("0123456789");
    field.put("abcd");
    field.put("\xE2\x82\xAC");
    field.put("e");
  }
  CHECK(record.text(FieldId::kWireEchoFloat) == "0123456789abcd");
  CHECK(record.is_cut(FieldId::kWireEchoFloat));
  { TextField nothing(record, FieldId::kWireOrder); }
  CHECK(record.has(FieldId::kWireOrder));
  CHECK(record.text(FieldId::kWireOrder).empty());
}

TEST_CASE("bytes and addresses come back, bytes beyond the bound do not") {
  OwnedRecord box;
  Record& record = box.record;
  const std::array<std::uint8_t, 9> bytes = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  record.set_bytes(FieldId::kRun, ByteView(bytes).first(8));
  CHECK(as_text(record.bytes(FieldId::kRun)) == as_text(ByteView(bytes).first(8)));
  CHECK_FALSE(record.is_cut(FieldId::kRun));
  record.set_bytes(FieldId::kRun, bytes);
  CHECK(record.bytes(FieldId::kRun).size() == 8);
  CHECK(record.is_cut(FieldId::kRun));

  for (const auto family : {IpAddress::Family::kV4, IpAddress::Family::kV6}) {
    IpAddress ip;
    ip.family = family;
    ip.bytes = {192, 0, 2, 1};
    record.set_ip(FieldId::kIp, ip);
    CHECK(record.ip(FieldId::kIp) == ip);
  }
}

TEST_CASE("a scalar is whichever it was set to") {
  OwnedRecord box;
  Record& record = box.record;
  const auto again = [&](std::uint64_t& number, std::string_view& text) {
    return record.scalar(FieldId::kFeaturesPruning, number, text);
  };
  std::uint64_t number = 0;
  std::string_view text;
  for (const Scalar scalar : {Scalar::kNull, Scalar::kFalse, Scalar::kTrue}) {
    record.set_scalar(FieldId::kFeaturesPruning, scalar);
    CHECK(again(number, text) == scalar);
  }
  record.set_scalar(FieldId::kFeaturesPruning, Scalar::kUnsigned, UINT64_MAX);
  CHECK(again(number, text) == Scalar::kUnsigned);
  CHECK(number == UINT64_MAX);
  record.set_text(FieldId::kFeaturesPruning, std::string(33, 'p'));
  CHECK(again(number, text) == Scalar::kText);
  CHECK(text == std::string(32, 'p'));
  CHECK(record.is_cut(FieldId::kFeaturesPruning));
}

TEST_CASE("lists give their items back in order and stop at their bound") {
  OwnedRecord box;
  Record& record = box.record;
  {
    ListField list(record, FieldId::kTlsChain);  // 8 digests
    for (std::uint8_t i = 0; i < 9; ++i) {
      const std::vector<std::uint8_t> digest(32, i);
      list.add(ByteView(digest));
    }
  }
  REQUIRE(record.count(FieldId::kTlsChain) == 8);
  CHECK(texts_of(record, FieldId::kTlsChain)[7] == std::string(32, '\7'));
  CHECK(record.is_cut(FieldId::kTlsChain));
  {
    ListField list(record, FieldId::kPeersList);
    list.add("198.51.100.4", "e.example", "v1.6 s50002");
    list.add("", "", "");
  }
  CHECK(record.count(FieldId::kPeersList) == 2);
  CHECK(texts_of(record, FieldId::kPeersList) ==
        std::vector<std::string>{"198.51.100.4", "e.example", "v1.6 s50002", "", "", ""});
  CHECK_FALSE(record.is_cut(FieldId::kPeersList));
  { ListField empty(record, FieldId::kFeaturesKeys); }
  CHECK(record.has(FieldId::kFeaturesKeys));
  CHECK(record.count(FieldId::kFeaturesKeys) == 0);
}

TEST_CASE("a long text in a list is cut at its bound and marks the list") {
  OwnedRecord box;
  {
    ListField list(box.record, FieldId::kLeafSan);
    list.add(std::string(kLongestItem, 'a'));
    CHECK_FALSE(box.record.is_cut(FieldId::kLeafSan));
    list.add(std::string(kLongestItem + 1, 'b'));
    list.add("after");
  }
  CHECK(box.record.is_cut(FieldId::kLeafSan));
  CHECK(texts_of(box.record, FieldId::kLeafSan) ==
        std::vector<std::string>{std::string(kLongestItem, 'a'), std::string(kLongestItem, 'b'),
                                 "after"});
}

TEST_CASE("hosts keep their ports, and a name stands once") {
  OwnedRecord box;
  {
    ListField list(box.record, FieldId::kFeaturesHosts);
    list.add("e.example", HostPorts{50001, 50002, 0, 0});
    list.add("", HostPorts{});
    list.add("e.example", HostPorts{1, 2, 3, 4});
    list.add("f.example", HostPorts{0, 0, 1, 65535});
  }
  REQUIRE(box.record.count(FieldId::kFeaturesHosts) == 3);
  Items items = box.record.items(FieldId::kFeaturesHosts);
  std::string_view name;
  HostPorts ports;
  REQUIRE(items.next(name, ports));
  CHECK((name == "e.example" && ports == HostPorts{50001, 50002, 0, 0}));
  REQUIRE(items.next(name, ports));
  CHECK((name.empty() && ports == HostPorts{}));
  REQUIRE(items.next(name, ports));
  CHECK((name == "f.example" && ports == HostPorts{0, 0, 1, 65535}));
  CHECK_FALSE(items.next(name, ports));
}

TEST_CASE("a group is there when a member of it is, however deep") {
  OwnedRecord box;
  CHECK_FALSE(box.record.has(FieldId::kTls));
  box.record.set(FieldId::kLeafBytes, 900);
  CHECK(box.record.has(FieldId::kLeaf));
  CHECK(box.record.has(FieldId::kTls));
  CHECK(box.record.members(FieldId::kTls) == 1);
  CHECK(box.record.members(FieldId::kRoot) == 1);
}

TEST_CASE("with a pool of any size a record stays valid and says what it lost") {
  OwnedRecord whole;
  give_all_values(whole.record, false);
  const std::string complete = json_of(whole.record);
  bool fitted = false;
  for (std::size_t size = 0; !fitted; ++size) {
    OwnedRecord box(size);
    give_all_values(box.record, false);
    fitted = json_of(box.record) == complete;

    OwnedRecord again;
    const std::string cbor = cbor_of(box.record);
    const ReadResult result = read_cbor(as_bytes(cbor), again.record);
    REQUIRE(result.status == Status::kOk);
    REQUIRE(result.consumed == cbor.size());
    REQUIRE(json_of(again.record) == json_of(box.record));
    REQUIRE(is_valid_utf8(json_of(box.record)));
    std::string lost;
    for (const Field& field : all_fields()) {
      if (field.kind == Kind::kGroup || field.kind == Kind::kPaths) continue;
      if (!box.record.has(field.id) && !box.record.is_cut(field.id)) lost = field.name;
    }
    CAPTURE(size);
    REQUIRE(lost.empty());
    REQUIRE(size < 20000);
  }
}
