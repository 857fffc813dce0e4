// SPDX-License-Identifier: MIT
// What holds the table, both writers, the reader and the documents together.
#include <simdjson.h>

#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <utility>

#include "core/base/number.h"
#include "core/record/cbor_reader.h"
#include "core/record/describe.h"
#include "core/record/schema.h"
#include "tests/catch2.h"
#include "tests/unit/record_samples.h"

using namespace observatory;
using namespace observatory::samples;

namespace {

std::string bytes_of(std::string_view hex) {
  std::string bytes(hex.size() / 2, '\0');
  REQUIRE(
      read_hex(hex, MutableByteView(reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size())));
  return bytes;
}

Status status_of(std::string_view cbor) {
  OwnedRecord box;
  return read_cbor(as_bytes(cbor), box.record).status;
}

Status status_of_hex(std::string_view hex) { return status_of(bytes_of(hex)); }

// The JSON of a record that is a map of `members` entries beyond type and version, given in hex.
std::string json_of_members(int members, std::string_view hex) {
  OwnedRecord box;
  const std::string head(1, static_cast<char>(0xA2 + members));
  const std::string cbor = head + bytes_of("00020101") + bytes_of(hex);
  const ReadResult result = read_cbor(as_bytes(cbor), box.record);
  if (result.status == Status::kMalformed) return "malformed";
  if (result.status == Status::kIncomplete) return "incomplete";
  REQUIRE(ok(result.status));
  REQUIRE(result.consumed == cbor.size());
  return json_of(box.record);
}

constexpr std::string_view kBare = R"({"type":"observation","v":1})";

// One record, written in both forms by other programs (Python's json and cbor2) from the keys and
// names of FORMAT.md.
constexpr std::string_view kSampleCbor =
    "b000020101026970692d6265726c696e03485e0f1c9a337d42b80411051b000001a201d403700b74656c65"
    "637472756d2e6578616d706c652e6f72670c19c3520d020e44cb0071070f0014a301191fbb0217031a0001"
    "000016a40167544c5376312e33043970ff06815820abababababababababababababababababababababab"
    "abababababababababab07a506826161632a2e62081a6955b90009200cf50df417a303f606a2061903e807"
    "a269652e6578616d706c65a20119c3510219c3526178a007a2010203828344c633640469652e6578616d70"
    "6c65428c8183500000000000000000000000000000000160601818a203020ca201397f58026661225c0ac3"
    "a9182882810283160706";
// The rows of its list of peers, and the same with every cell a text.
constexpr std::string_view kSampleRows =
    "828344c633640469652e6578616d706c65428c818350000000000000000000000000000000016060";
constexpr std::string_view kSampleRowsOfTexts =
    "82836c3139382e35312e3130302e3469652e6578616d706c656b76312e362073353030303283633a3a316060";
constexpr std::string_view kSampleJson =
    R"j({"type":"observation","v":1,"vantage":"pi-berlin","run":"5e0f1c9a337d42b8","seq":17,)j"
    R"j("t":1795327001456,"host":"electrum.example.org","port":50002,"transport":"tls","ip":)j"
    R"j("203.0.113.7","outcome":"ok","us":{"dns":8123,"connect":23,"tls":65536},"tls":{"vers)j"
    R"j(ion":"TLSv1.3","error":-28928,"chain":["abababababababababababababababababababababab)j"
    R"j(abababababababababab"],"leaf":{"san":["a","*.b"],"not_before":1767225600,"not_after")j"
    R"j(:-1,"self_signed":true,"name_matches":false}},"electrum":{"donation":null,"features")j"
    R"j(:{"pruning":1000,"hosts":{"e.example":{"tcp_port":50001,"ssl_port":50002},"x":{}}},")j"
    R"j(peers":{"count":2,"list":[["198.51.100.4","e.example","v1.6 s50002"],["::1","",""]]})j"
    R"j(},"wire":{"eol":"crlf","unknown_method":{"code":-32601,"message":"a\"\\\né"}},"trunc)j"
    R"j(ated":["vantage","tls.leaf.san"]})j";

void make_sample(Record& record) {
  const std::vector<std::uint8_t> digest(32, 0xAB);
  begin_observation(record);
  record.set_text(FieldId::kVantage, "pi-berlin");
  record.set_bytes(FieldId::kRun, as_bytes("\x5e\x0f\x1c\x9a\x33\x7d\x42\xb8"));
  record.set(FieldId::kSeq, 17);
  record.set(FieldId::kTime, 1795327001456);
  record.set_text(FieldId::kHost, "electrum.example.org");
  record.set(FieldId::kPort, 50002);
  record.set(FieldId::kTransport, static_cast<std::uint64_t>(Transport::kTls));
  IpAddress ip;
  ip.bytes = {203, 0, 113, 7};
  record.set_ip(FieldId::kIp, ip);
  record.set(FieldId::kOutcome, static_cast<std::uint64_t>(Outcome::kOk));
  record.set(FieldId::kUsDns, 8123);
  record.set(FieldId::kUsConnect, 23);
  record.set(FieldId::kUsTls, 65536);
  record.set_text(FieldId::kTlsVersion, "TLSv1.3");
  record.set_signed(FieldId::kTlsError, -28928);
  ListField(record, FieldId::kTlsChain).add(ByteView(digest));
  {
    ListField san(record, FieldId::kLeafSan);
    san.add("a");
    san.add("*.b");
  }
  record.set_signed(FieldId::kLeafNotBefore, 1767225600);
  record.set_signed(FieldId::kLeafNotAfter, -1);
  record.set(FieldId::kLeafSelfSigned, 1);
  record.set(FieldId::kLeafNameMatches, 0);
  record.set_scalar(FieldId::kDonation, Scalar::kNull);
  record.set_scalar(FieldId::kFeaturesPruning, Scalar::kUnsigned, 1000);
  {
    ListField hosts(record, FieldId::kFeaturesHosts);
    hosts.add("e.example", HostPorts{50001, 50002, 0, 0});
    hosts.add("x", HostPorts{});
  }
  record.set(FieldId::kPeersCount, 2);
  {
    ListField peers(record, FieldId::kPeersList);
    peers.add("198.51.100.4", "e.example", "v1.6 s50002");
    peers.add("::1", "", "");
  }
  record.set(FieldId::kWireEol, 2);
  record.set_signed(FieldId::kUnknownMethodCode, -32601);
  record.set_text(FieldId::kUnknownMethodMessage, "a\"\\\n\xC3\xA9");
  record.mark_cut(FieldId::kVantage);
  record.mark_cut(FieldId::kLeafSan);
}

template <typename Put>
std::string document(const Put& put) {
  StringSink sink;
  put(sink);
  return sink.text;
}

}  // namespace

TEST_CASE("keys and names are unique in their group") {
  std::set<std::pair<FieldId, std::uint64_t>> keys;
  std::set<std::pair<FieldId, std::string_view>> names;
  for (const Field& field : all_fields()) {
    CAPTURE(field.name);
    CHECK(keys.insert({field.parent, field.key}).second);
    CHECK(names.insert({field.parent, field.name}).second);
    CHECK(find_field(field.parent, std::uint64_t{field.key}) == field.id);
    CHECK(find_field(field.parent, field.name) == field.id);
    CHECK(&field_of(field.id) == &field);
    if (field.parent != FieldId::kRoot) {
      CHECK(field_of(field.parent).kind == Kind::kGroup);
      CHECK((field.records & ~field_of(field.parent).records) == 0);
    }
  }
  CHECK(find_field(FieldId::kRoot, 255) == FieldId::kRoot);
  CHECK(find_field(FieldId::kRoot, "nothing") == FieldId::kRoot);
}

TEST_CASE("numbers and names of enumerations are unique and lead to each other") {
  for (const Field& field : all_fields()) {
    CHECK((field.kind == Kind::kEnum) == !enum_names(field.names).empty());
    std::set<std::uint64_t> numbers;
    for (const EnumName& entry : enum_names(field.names)) {
      CHECK(numbers.insert(entry.number).second);
      CHECK(enum_name(field, entry.number) == entry.name);
      std::uint64_t number = 0;
      REQUIRE(enum_number(field, entry.name, number));
      CHECK(number == entry.number);
    }
  }
  CHECK(outcome_name(Outcome::kOk) == "ok");
  CHECK(outcome_name(Outcome::kNotElectrum) == "not_electrum");
  std::uint64_t number = 0;
  CHECK_FALSE(enum_number(field_of(FieldId::kOutcome), "Ok", number));
  CHECK(enum_name(field_of(FieldId::kOutcome), 255).empty());
}

TEST_CASE("a record is the same bytes that other programs make of it") {
  OwnedRecord box;
  make_sample(box.record);
  CHECK(json_of(box.record) == kSampleJson);
  CHECK(cbor_of(box.record) == bytes_of(kSampleCbor));

  OwnedRecord again;
  const ReadResult result = read_cbor(as_bytes(bytes_of(kSampleCbor)), again.record);
  CHECK(result.consumed == kSampleCbor.size() / 2);
  CHECK(json_of(again.record) == kSampleJson);
}

TEST_CASE("every field goes through CBOR and comes out as the same JSON") {
  for (const bool large : {false, true}) {
    OwnedRecord box;
    give_all_values(box.record, large);
    OwnedRecord again;
    const std::string cbor = cbor_of(box.record);
    const ReadResult result = read_cbor(as_bytes(cbor), again.record);
    REQUIRE(result.status == Status::kOk);
    CHECK(result.consumed == cbor.size());
    CHECK(json_of(again.record) == json_of(box.record));
    CHECK(cbor_of(again.record) == cbor);
  }
}

TEST_CASE("a JSON line is one line of JSON that another parser reads back") {
  OwnedRecord box;
  give_all_values(box.record, false);
  const std::string line = json_of(box.record);
  CHECK(line.find_first_of("\n\r\x7f\x1b") == std::string::npos);
  for (const std::string_view raw : {"\xC2\x9B", "\xE2\x80\xA8", "\xE2\x80\xAE", "\xE2\x81\xA7"}) {
    CHECK(line.find(raw) == std::string::npos);
  }
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  REQUIRE(parser.parse(line).get(root) == simdjson::SUCCESS);
  std::string_view text;
  REQUIRE(root["electrum"]["banner"]["text"].get(text) == simdjson::SUCCESS);
  CHECK(text == kNastyText);
  REQUIRE(root["truncated"].at(1).get(text) == simdjson::SUCCESS);
  CHECK(text == "tls_engine");
}

TEST_CASE("rows are read in their short form and as texts") {
  std::string cbor(kSampleCbor);
  const std::size_t at = cbor.find(kSampleRows);
  REQUIRE(at != std::string::npos);
  cbor.replace(at, kSampleRows.size(), kSampleRowsOfTexts);
  OwnedRecord box;
  REQUIRE(ok(read_cbor(as_bytes(bytes_of(cbor)), box.record).status));
  CHECK(json_of(box.record) == kSampleJson);
}

TEST_CASE("JSON strings escape what disturbs, and nothing else") {
  const auto quoted = [](std::string_view text) {
    return document([&](ByteSink& into) { put_json_string(text, into); });
  };
  CHECK(quoted("") == R"("")");
  CHECK(quoted("a/<&>'") == R"("a/<&>'")");
  CHECK(quoted("\"\\\n\r\t") == R"("\"\\\n\r\t")");
  CHECK(quoted(std::string_view("\0\x1f\x7f", 3)) == R"("\u0000\u001f\u007f")");
  CHECK(quoted("\xC2\x80\xC2\x9F\xC2\xA0") == R"("\u0080\u009f)"
                                              "\xC2\xA0\"");
  CHECK(quoted("\xE2\x80\xA7\xE2\x80\xA8\xE2\x80\xAE\xE2\x80\xAF") ==
        "\"\xE2\x80\xA7\\u2028\\u202e\xE2\x80\xAF\"");
  CHECK(quoted("\xE2\x81\xA5\xE2\x81\xA6\xE2\x81\xA9\xE2\x81\xAA") ==
        "\"\xE2\x81\xA5\\u2066\\u2069\xE2\x81\xAA\"");
}

TEST_CASE("every beginning of a record is incomplete, and nothing else") {
  OwnedRecord box;
  give_all_values(box.record, false);
  const std::string cbor = cbor_of(box.record);
  OwnedRecord again;
  for (std::size_t length = 0; length < cbor.size(); ++length) {
    CAPTURE(length);
    const ReadResult result =
        read_cbor(as_bytes(std::string_view(cbor).substr(0, length)), again.record);
    REQUIRE(result.status == Status::kIncomplete);
    REQUIRE(result.consumed == 0);
  }
}

TEST_CASE("what follows a record is left alone") {
  OwnedRecord box;
  const std::string cbor = bytes_of(kSampleCbor) + "\xFF\xFF";
  const ReadResult result = read_cbor(as_bytes(cbor), box.record);
  CHECK(result.status == Status::kOk);
  CHECK(result.consumed == cbor.size() - 2);
}

TEST_CASE("unknown keys are skipped with everything in them") {
  CHECK(json_of_members(1,
                        "18c801") == kBare);  // a number
  CHECK(json_of_members(1,
                        "18c8a2018203f6616182a0f5") == kBare);  // maps and lists
  CHECK(json_of_members(1,
                        "18c8c11a514b67b0") == kBare);  // a tag
  CHECK(json_of_members(1,
                        "18c8fb3ff199999999999a") == kBare);  // a float
  CHECK(json_of_members(1,
                        "18c8f820") == kBare);                 // a simple value
  CHECK(json_of_members(1, "1b000000010000000001") == kBare);  // a large key
  CHECK(json_of_members(2, "18c841610c01") == R"({"type":"observation","v":1,"port":1})");
  CHECK(json_of_members(1, "17a11862820102") == kBare);  // within a group
  CHECK(json_of_members(1, "14a2186381010105") == R"({"type":"observation","v":1,"us":{"dns":5}})");
  // Among the ports of a host, too.
  CHECK(json_of_members(1, "17a106a107a16165a201610105820102") == "malformed");
  CHECK(json_of_members(1, "17a106a107a16165a20a8201020101") ==
        R"({"type":"observation","v":1,"electrum":{"features":{"hosts":{"e":{"tcp_port":1}}}}})");
}

TEST_CASE("unknown numbers of enumerations and unknown paths are kept as far as they can be") {
  CHECK(json_of_members(1, "0f18c8") == R"({"type":"observation","v":1,"outcome":200})");
  CHECK(json_of_members(1, "182883810282090980") ==
        R"({"type":"observation","v":1,"truncated":["vantage"]})");
}

TEST_CASE("a known key with a value of another kind makes the record malformed") {
  for (const std::string_view member : {
           "0c6161",                                  // port: a text
           "0c20",                                    // port: negative
           "0cf5",                                    // port: true
           "0cc101",                                  // port: a tag
           "024161",                                  // vantage: bytes
           "0261ff",                                  // vantage: no UTF-8
           "0363616161",                              // run: a text
           "0e43010203",                              // ip: three bytes
           "0e510000000000000000000000000000000000",  // ip: seventeen
           "1480",                                    // us: a list
           "14a1616101",                              // us: a text for a key
           "16a104f5",                                // tls.error: true
           "16a1041bffffffffffffffff",                // tls.error: beyond 64 bits with a sign
           "16a1043bffffffffffffffff",
           "16a10501",      // tls.fallback: a number
           "16a105f6",      // tls.fallback: null
           "16a105f814",    // tls.fallback: false, written in a way that RFC 8949 forbids
           "16a105f90014",  // tls.fallback: a float with the bits of false
           "16a106814101",  // tls.chain: a digest of one byte
           "17a103fb3ff199999999999a",  // donation: a float
           "17a10380",                  // donation: a list
           "17a107a103818261616162",    // peers.list: rows of two
           "17a107a1038101",            // peers.list: no rows
           "182801",                    // truncated: a number
           "18288101",                  // truncated: no paths
           "182881816161",
       }) {
    CAPTURE(member);
    CHECK(json_of_members(1, member) == "malformed");
  }
}

TEST_CASE("what is no map with a type and a version is malformed") {
  for (const std::string_view bad : {"00", "20", "40", "60", "80", "c0a0", "f6", "a0", "a10101",
                                     "a10002", "ff", "1c", "fc", "a1ff"}) {
    CAPTURE(bad);
    CHECK(status_of_hex(bad) == Status::kMalformed);
  }
}

TEST_CASE("a record of another version is named so, whatever its fields have become") {
  CHECK(status_of_hex("a200020102") == Status::kUnsupported);
  CHECK(status_of_hex("a3000201020c6161") == Status::kUnsupported);
  CHECK(status_of_hex("a20002011a00010001") == Status::kUnsupported);
  OwnedRecord box;
  const std::string two = bytes_of("a3000201020cf5");
  CHECK(read_cbor(as_bytes(two + two), box.record).consumed == two.size());
}

TEST_CASE("lengths that lie ask for more or are refused, and never read beyond the end") {
  for (const std::string_view lie : {
           "a300020101027a00010000",            // a text as long as is allowed
           "a30002010118c85bffffffffffffffff",  // an unknown byte string
           "a30002010118c89bffffffffffffffff",  // an unknown list
           "a30002010118c8bb7fffffffffffffff",  // an unknown map
           "bbffffffffffffffff",                // the record itself
           "a30002010116a1069bffffffffffffffff",
       }) {
    CAPTURE(lie);
    CHECK(status_of_hex(lie) == Status::kIncomplete);
  }
  for (const std::string_view lie : {
           "a300020101027a00010001",
           "a300020101027bffffffffffffffff",
           "a3000201010e5bffffffffffffffff",
           "a30002010118c8bbffffffffffffffff",
       }) {
    CAPTURE(lie);
    CHECK(status_of_hex(lie) == Status::kMalformed);
  }
}

TEST_CASE("indefinite lengths are refused") {
  for (const std::string_view bad :
       {"bf00020101ff", "a300020101027f6161ff", "a300020101035f4161ff", "a30002010116a1069fff",
        "a30002010118c89fff", "a30002010118c8bfff"}) {
    CAPTURE(bad);
    CHECK(status_of_hex(bad) == Status::kMalformed);
  }
}

TEST_CASE("nesting is followed to its bound and not beyond") {
  const auto nested = [](std::size_t levels, char head) {
    return bytes_of("a30002010118c8") + std::string(levels, head) + '\x01';
  };
  for (const char head : {'\x81', '\xC1'}) {
    CHECK(status_of(nested(kDeepestCbor - 2, head)) == Status::kOk);
    CHECK(status_of(nested(kDeepestCbor - 1, head)) == Status::kMalformed);
    CHECK(status_of(nested(1000000, head)) == Status::kMalformed);
  }
  CHECK(status_of(bytes_of("a30002010117a106a107a16165a10a") + std::string(1000000, '\x81')) ==
        Status::kMalformed);
}

TEST_CASE("a value beyond its bound is cut and marked by the reader as by the writer") {
  CHECK(json_of_members(1, "0c1a00010000") ==
        R"({"type":"observation","v":1,"port":65535,"truncated":["port"]})");
  CHECK(json_of_members(1, "0349010203040506070809") ==
        R"({"type":"observation","v":1,"run":"0102030405060708","truncated":["run"]})");
}

TEST_CASE("FORMAT.md is the text that the table makes") {
  std::ifstream file(OBSERVATORY_FORMAT_PAGE, std::ios::binary);
  REQUIRE(file);
  const std::string page((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  // Otherwise: electrum-observatory format > core/record/FORMAT.md
  CHECK((page == document(put_format_page)));
}

TEST_CASE("the documents name every field and every name of an enumeration") {
  const std::string page = document(put_format_page);
  const std::string schema = document(put_json_schema);
  const std::string cddl = document(put_cddl);
  for (const Field& field : all_fields()) {
    CAPTURE(field.name);
    const std::string name(field.name);
    const std::string key = std::to_string(field.key);
    CHECK((page.find(name + "` | " + key + " | ") != std::string::npos));
    CHECK((schema.find("\"" + name + "\": {") != std::string::npos));
    CHECK((cddl.find(",  ; " + name + "\n") != std::string::npos));
    for (const EnumName& entry : enum_names(field.names)) {
      const std::string number = std::to_string(entry.number);
      CHECK((page.find("| " + number + " | `" + std::string(entry.name) + "` |") !=
             std::string::npos));
      CHECK((schema.find("\"" + std::string(entry.name) + "\"") != std::string::npos));
    }
  }
}

TEST_CASE("the JSON Schema is JSON and its references lead somewhere") {
  const std::string schema = document(put_json_schema);
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  REQUIRE(parser.parse(schema).get(root) == simdjson::SUCCESS);
  constexpr std::string_view kReference = "\"$ref\": \"#/$defs/";
  std::size_t references = 0;
  for (std::size_t at = 0; (at = schema.find(kReference, at)) != std::string::npos; ++references) {
    at += kReference.size();
    const std::string name = schema.substr(at, schema.find('"', at) - at);
    CAPTURE(name);
    CHECK(root["$defs"][name].error() == simdjson::SUCCESS);
  }
  CHECK(references > 10);
}
