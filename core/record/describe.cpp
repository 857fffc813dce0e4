// SPDX-License-Identifier: MIT
#include "core/record/describe.h"

#include <algorithm>
#include <array>
#include <limits>

#include "core/base/byte_writer.h"
#include "core/base/number.h"
#include "core/record/cbor.h"
#include "core/record/cbor_writer.h"
#include "core/record/content.h"
#include "core/record/json_writer.h"
#include "core/record/row_cells.h"

namespace observatory {
namespace {

struct Sentence {
  std::string_view unit;
  std::string_view meaning;
};

constexpr Sentence kSentences[] = {
#define FIELD(id, parent, key, name, kind, bound, records, unit, meaning) {unit, meaning},
#define ENUM(id, parent, key, name, names, records, unit, meaning) {unit, meaning},
#include "core/record/fields.def"
#undef FIELD
#undef ENUM
};
static_assert(std::size(kSentences) == kFieldCount - 1);

const Sentence& sentence_of(const Field& field) {
  return kSentences[static_cast<std::size_t>(field.id) - 1];
}

struct KindText {
  std::string_view name;
  std::string_view json;
  std::string_view cbor;
  std::string_view bound;  // what the column "bound" counts
};

constexpr KindText kind_text(Kind kind) {
  switch (kind) {
    case Kind::kGroup:
      return {"group", "object", "map", ""};
    case Kind::kUnsigned:
      return {"unsigned", "number from 0", "unsigned integer", "largest value"};
    case Kind::kSigned:
      return {"signed", "number", "integer of either sign, 64 bits", ""};
    case Kind::kBoolean:
      return {"boolean", "`true` or `false`", "true or false", ""};
    case Kind::kEnum:
      return {"enumeration", "string: the name", "unsigned integer: the number", ""};
    case Kind::kText:
      return {"text", "string", "text string", "bytes of UTF-8"};
    case Kind::kScalar:
      return {"scalar", "`null`, `true`, `false`, a number from 0, or a string: whichever was sent",
              "the same", "bytes of UTF-8, when it is text"};
    case Kind::kHex:
      return {"bytes", "string of lower-case hexadecimal digits", "byte string", "bytes"};
    case Kind::kIp:
      return {"address", "string: dotted quad, or IPv6 as RFC 5952 writes it",
              "byte string of 4 or 16 bytes, network order", ""};
    case Kind::kTexts:
      return {"texts", "array of strings", "array of text strings", "items"};
    case Kind::kHexes:
      return {"digests", "array of strings of 64 hexadecimal digits",
              "array of byte strings of 32 bytes", "items"};
    case Kind::kNumbers:
      return {"numbers", "array of numbers from 0 to 2^32 - 1", "array of unsigned integers",
              "items"};
    case Kind::kBlobs:
      return {"byte strings", "array of strings of lower-case hexadecimal digits",
              "array of byte strings", "items"};
    case Kind::kRows:
      return {"rows", "array of arrays of three strings",
              "array of arrays of three text strings, or of their short forms (see Rows)", "rows"};
    case Kind::kHosts:
      return {"hosts",
              "object: name to an object with `tcp_port`, `ssl_port`, `ws_port`, `wss_port`, each "
              "where there is one",
              "map: text string to a map with the keys 1, 2, 3, 4 for the same ports", "names"};
    case Kind::kPaths:
      return {"fields", "array of strings: the JSON paths",
              "array of arrays: the keys that lead to the field, outermost first", ""};
  }
  return {};
}

constexpr Kind kKinds[] = {Kind::kGroup, Kind::kUnsigned, Kind::kSigned, Kind::kBoolean,
                           Kind::kEnum,  Kind::kText,     Kind::kScalar, Kind::kHex,
                           Kind::kIp,    Kind::kTexts,    Kind::kHexes,  Kind::kNumbers,
                           Kind::kBlobs, Kind::kRows,     Kind::kHosts,  Kind::kPaths};

struct RecordKind {
  RecordSet set;
  std::string_view name;
};
constexpr std::array<RecordKind, 3> kRecordKinds = {
    {{kInRun, "run"}, {kInObservation, "observation"}, {kInEnd, "end"}}};

// "tls.leaf.sha256", with another separator where a dot has a meaning.
void put_path(const Field& field, std::string_view separator, ByteSink& into) {
  if (field.parent != FieldId::kRoot) {
    put_path(field_of(field.parent), separator, into);
    into.put(separator);
  }
  into.put(field.name);
}

class Lines {
 public:
  explicit Lines(ByteSink& into) : into_(into) {}

  template <typename... Pieces>
  void operator()(const Pieces&... pieces) {
    (put(pieces), ...);
  }

 private:
  void put(std::string_view text) { into_.put(text); }
  void put(std::uint64_t number) { put_unsigned(number, into_); }

  ByteSink& into_;
};

// ---- the page ----------------------------------------------------------------------------------

constexpr std::string_view kIntroduction = R"(# The record format

Made from `core/record/fields.def` by `electrum-observatory format`. Do not edit.
`electrum-observatory format json-schema` and `electrum-observatory format cddl` print the same
table for validators.

electrum-probe writes records; electrum-observatory reads them. There are two forms of the same
facts, and either could be made from the other without loss (`electrum-observatory decode` makes
JSON Lines of both):

* **JSON Lines**: UTF-8, one object a line, each line ended by one line feed. For people and for
  every tool that reads JSON.
* **CBOR sequence** (RFC 8742): maps (RFC 8949) with integer keys, one after the other, nothing
  between them. What repeats stands once, so that a log of many visits to the same servers takes a
  tenth of the bytes and less.

A record is at most 1 MiB long in either form.

## A file

A run writes one `run` record, then one `observation` for every endpoint visited, then one `end`.
A file holds any number of runs; `vantage` and `run` say which record belongs to which, so files
may be joined, and JSON Lines cut anywhere between records and read in any order. A CBOR sequence is
read in its order, and cut where a `run` record begins: see [Content that
repeats](#content-that-repeats). A run without an `end` was cut off: what is there is whole and
true, and the list was not finished.

A run that goes on in another file (electrum-probe `--keep`) has its `run` record at the beginning
of each of them: the same record again, and one run.

## Rules

1. **Missing is absent, never 0.** A field that is not there was not learned: the phase was not
   reached, or the server did not say. A 0 is a measured 0. `null` stands only where a server
   itself answered `null`.
2. **Readers skip what they do not know**, at any depth: members in JSON, keys in CBOR, with
   everything inside them. The order of members means nothing, though writers keep the order of
   the tables below.
3. **What is known has its kind.** A record with a field of another kind is malformed as a whole.
4. **Versions.** `v` is the major version, and a reader refuses a record with one that it does not
   know. Within a version fields, enumeration names and record types are only added. A key, number
   or name is never reused for something else.
5. **Enumerations grow.** A number without a name in a reader's table stays that number, in JSON
   too; a name that a reader does not know leaves the field absent.
6. **Torn tail.** Records are written one at a time. Power loss or a full disk can tear the last
   one; a reader reports it and keeps everything before it. In JSON Lines that is a last line
   without its closing brace and line feed, in CBOR a map that the file ends inside.
7. **Malformed records.** In JSON Lines reading resumes at the next line. A CBOR sequence has no
   mark to resume at: what follows a malformed record in the file is lost.
8. **Bounds.** Every field has a bound, so a device can hold a record in memory that it knows
   beforehand. Text is cut at a character; lists at an item, and one text in a list at )";

constexpr std::string_view kIntroductionEnd = R"( bytes.
   Numbers beyond the bound are written as the bound. Each field that lost something is listed in
   `truncated`: with it a text is a beginning, a list is a beginning, a number is a lower limit,
   and a listed field that is absent had no room at all, or was content that is not there.
9. **Text is valid UTF-8** in both forms; broken bytes were replaced by U+FFFD. It is what a
   stranger's server sent and may hold anything that UTF-8 can: escape it for the place where it
   is shown. In JSON, writers escape control characters, line separators (U+2028, U+2029) and
   bidirectional controls.
10. **CBOR** is written with definite lengths and shortest numbers, without floats, and with one
    tag, that of the next section. Readers refuse indefinite lengths, and nesting deeper than 8.

## Content that repeats

Most of what a server gives away is the same in every visit. JSON Lines hold every record whole all
the same. In CBOR a value that stood in the same run before may stand as a reference:
tag )";

constexpr std::string_view kContentIntroduction = R"( around a
byte string of 8 bytes, the beginning of a SHA-256. It is taken of the bytes of `run` and, behind
them, the bytes of the value as it stood: with its head, and as if there were no reference inside.

* **What can be referred to** is every value of )";

constexpr std::string_view kContentIntroductionEnd = R"( bytes or more that stood behind `run` in a
  record of the run: a group, a text, a list, an item of a list. Nothing marks it. A reference is
  never a key, never inside another tag, and leads to what stood before it.
* **In a list** the byte string may have several hashes, one after the other: each is an item.
* **A segment** is the part of a log that can be read on its own. It begins with a `run` record,
  and a log that goes on in another file begins another one there, so references never lead out of
  a file that was not cut by somebody.
* **What is not there** (the log was cut in the midst of a segment, or damaged) costs the value
  alone: the field is absent, or the item left out of its list, and `truncated` names the field. A
  reader may put `undefined` in its place. The same content may stand whole any number of times.
* **Why a hash.** A number that counts what came before (as CBOR's tags 25 and 29 do) means
  something else as soon as one record is missing; a hash leads to its own content or to nothing. It
  has 8 bytes because the name of the run is in it, which nobody knows before the log is read: a
  server cannot look for two contents with one hash, and among 100,000 contents of a run two share
  one by chance in one of three thousand million runs.

The number of the tag is not registered; it is of the range that IANA gives to whoever comes first.

### Rows

Texts of a row have shorter forms in CBOR. The first may stand as `null`: it is the second again.
The first and the second may stand as a byte string of 4 or 16 bytes: an address, whose text is the
dotted quad, or IPv6 as RFC 5952 writes it. The third may stand as a byte string of words, which
one space parts: a word is its length (1 to 127) and its bytes, or one byte of 128 and more, the
number of a common word. These are, from 128 on:

```
)";

void put_kinds(Lines& line) {
  line("\n## Kinds\n\n| kind | JSON | CBOR | bound counts |\n|---|---|---|---|\n");
  for (const Kind kind : kKinds) {
    const KindText text = kind_text(kind);
    line("| ", text.name, " | ", text.json, " | ", text.cbor, " | ", text.bound, " |\n");
  }
}

// The common words of rows, some a line.
void put_words(ByteSink& into) {
  std::size_t width = 0;
  for (std::string_view rest = common_words(); !rest.empty();) {
    const std::size_t length = std::min(rest.find(' '), rest.size());
    const bool fits = width + length < 90;
    if (width > 0) into.put(fits ? " " : "\n");
    into.put(rest.substr(0, length));
    width = (fits ? width : 0) + length + 1;
    rest.remove_prefix(std::min(length + 1, rest.size()));
  }
}

void put_bound(const Field& field, Lines& line) {
  if (field.kind == Kind::kGroup || field.bound == 0) return;
  if (field.bound == std::numeric_limits<std::uint64_t>::max()) return line("2^64 - 1");
  if (field.bound == std::numeric_limits<std::uint32_t>::max()) return line("2^32 - 1");
  line(field.bound);
}

void put_records(const Field& field, Lines& line) {
  if (field.records == kInEvery) return line("every");
  bool first = true;
  for (const RecordKind& kind : kRecordKinds) {
    if ((field.records & kind.set) == 0) continue;
    line(first ? "" : ", ", kind.name);
    first = false;
  }
}

void put_group_table(FieldId group, ByteSink& into) {
  Lines line(into);
  if (group == FieldId::kRoot) {
    line("\n### The record itself\n");
  } else {
    line("\n### `");
    put_path(field_of(group), ".", into);
    line("`\n\n", sentence_of(field_of(group)).meaning, "\n");
  }
  line("\n| JSON path | key | kind | unit | bound | records | meaning |\n");
  line("|---|---:|---|---|---:|---|---|\n");
  for (const Field& field : all_fields()) {
    if (field.parent != group) continue;
    line("| `");
    put_path(field, ".", into);
    line("` | ", std::uint64_t{field.key}, " | ", kind_text(field.kind).name, " | ",
         sentence_of(field).unit, " | ");
    put_bound(field, line);
    line(" | ");
    put_records(field, line);
    line(" | ", sentence_of(field).meaning, " |\n");
  }
  for (const Field& field : all_fields()) {
    if (field.parent == group && field.kind == Kind::kGroup) put_group_table(field.id, into);
  }
}

void put_enumerations(ByteSink& into) {
  Lines line(into);
  line("\n## Enumerations\n");
  for (const Field& field : all_fields()) {
    if (field.kind != Kind::kEnum) continue;
    line("\n### `");
    put_path(field, ".", into);
    line("`\n\n", sentence_of(field).meaning, "\n\n| number | name |\n|---:|---|\n");
    for (const EnumName& entry : enum_names(field.names)) {
      line("| ", std::uint64_t{entry.number}, " | `", entry.name, "` |\n");
    }
  }
}

// Puts what goes in as pairs of hexadecimal digits, 32 bytes a line.
class HexDump final : public ByteSink {
 public:
  explicit HexDump(ByteSink& into) : into_(into) {}
  void put(ByteView bytes) override {
    for (const std::uint8_t byte : bytes) {
      if (count_ > 0) into_.put(count_ % 32 == 0 ? "\n" : " ");
      put_hex(ByteView(&byte, 1), into_);
      ++count_;
    }
  }
  using ByteSink::put;

 private:
  ByteSink& into_;
  std::size_t count_ = 0;
};

void put_example(ByteSink& into) {
  static constexpr std::uint8_t kRunName[] = {0x5e, 0x0f, 0x1c, 0x9a, 0x33, 0x7d, 0x42, 0xb8};
  std::array<std::uint8_t, 256> pool;
  Record record(pool);
  record.set(FieldId::kType, static_cast<std::uint64_t>(RecordType::kObservation));
  record.set(FieldId::kVersion, kFormatVersion);
  record.set_text(FieldId::kVantage, "pi-berlin");
  record.set_bytes(FieldId::kRun, kRunName);
  record.set(FieldId::kSeq, 17);
  record.set(FieldId::kTime, 1795327001456);
  record.set_text(FieldId::kHost, "electrum.example.org");
  record.set(FieldId::kPort, 50001);
  record.set(FieldId::kTransport, static_cast<std::uint64_t>(Transport::kTcp));
  IpAddress ip;
  ip.bytes = {203, 0, 113, 7};
  record.set_ip(FieldId::kIp, ip);
  record.set(FieldId::kOutcome, static_cast<std::uint64_t>(Outcome::kRefused));
  record.set(FieldId::kUsDns, 8123);

  into.put(
      "\n## An example\n\nA refused connection, first as a JSON line, then the same record in "
      "CBOR:\n\n```json\n");
  write_json(record, into);
  into.put("\n```\n\n```\n");
  HexDump dump(into);
  write_cbor(record, dump);
  into.put("\n```\n");
}

// ---- the JSON Schema ---------------------------------------------------------------------------

void put_schema_of_text(std::uint64_t longest, Lines& line) {
  line(R"("type": "string", "maxLength": )", longest);
}

void put_schema_list(std::string_view item, std::uint64_t bound, Lines& line) {
  line(R"("type": "array", "maxItems": )", bound, R"(, "items": )", item);
}

void put_schema_names(const Field& field, Lines& line) {
  line(R"("enum": [)");
  for (const EnumName& entry : enum_names(field.names)) {
    line(&entry == enum_names(field.names).data() ? "\"" : ", \"", entry.name, "\"");
  }
  line("]");
}

void put_schema_value(const Field& field, ByteSink& into) {
  Lines line(into);
  switch (field.kind) {
    case Kind::kGroup:
      line(R"("$ref": "#/$defs/)");
      put_path(field, ".", into);
      return line("\"");
    case Kind::kUnsigned:
      return line(R"("type": "integer", "minimum": 0, "maximum": )", field.bound);
    case Kind::kSigned:
      return line(R"("type": "integer")");
    case Kind::kBoolean:
      return line(R"("type": "boolean")");
    case Kind::kEnum:
      return put_schema_names(field, line);
    case Kind::kText:
      return put_schema_of_text(field.bound, line);
    case Kind::kScalar:
      return line(R"("type": ["null", "boolean", "integer", "string"], "minimum": 0, )",
                  R"("maxLength": )", field.bound);
    case Kind::kHex:
      return line(R"("type": "string", "pattern": "^([0-9a-f]{2})*$", "maxLength": )",
                  2 * field.bound);
    case Kind::kIp:
      return line(R"("anyOf": [{"format": "ipv4"}, {"format": "ipv6"}], "type": "string")");
    case Kind::kTexts:
      return put_schema_list(R"({"$ref": "#/$defs/item"})", field.bound, line);
    case Kind::kHexes:
      return put_schema_list(R"({"type": "string", "pattern": "^[0-9a-f]{64}$"})", field.bound,
                             line);
    case Kind::kNumbers:
      return put_schema_list(R"({"type": "integer", "minimum": 0, "maximum": 4294967295})",
                             field.bound, line);
    case Kind::kBlobs:
      return put_schema_list(R"({"$ref": "#/$defs/blob"})", field.bound, line);
    case Kind::kRows:
      return put_schema_list(
          R"({"type": "array", "minItems": 3, "maxItems": 3, "items": {"$ref": "#/$defs/item"}})",
          field.bound, line);
    case Kind::kHosts:
      return line(R"("type": "object", "maxProperties": )", field.bound,
                  R"(, "propertyNames": {"$ref": "#/$defs/item"}, )",
                  R"("additionalProperties": {"$ref": "#/$defs/ports"})");
    case Kind::kPaths:
      return line(R"("type": "array", "items": {"type": "string"})");
  }
}

// The members of a group that stand in records of the set.
void put_schema_members(FieldId group, unsigned records, ByteSink& into) {
  Lines line(into);
  line("      \"properties\": {");
  bool first = true;
  for (const Field& field : all_fields()) {
    if (field.parent != group || (field.records & records) == 0) continue;
    line(first ? "\n        \"" : ",\n        \"", field.name, "\": {");
    first = false;
    if (field.id == FieldId::kType) {
      for (const RecordKind& kind : kRecordKinds) {
        if (records == kind.set) line(R"("const": ")", kind.name, "\"");
      }
    } else if (field.id == FieldId::kVersion) {
      line(R"("const": )", kFormatVersion);
    } else {
      put_schema_value(field, into);
    }
    line(R"(, "description": )");
    put_json_string(sentence_of(field).meaning, into);
    line("}");
  }
  line("\n      }\n    }");
}

// ---- the CDDL ----------------------------------------------------------------------------------

void put_cddl_value(const Field& field, ByteSink& into) {
  Lines line(into);
  switch (field.kind) {
    case Kind::kGroup:
    case Kind::kEnum:
      line(field.kind == Kind::kGroup ? "group-" : "enum-");
      return put_path(field, "-", into);
    case Kind::kUnsigned:
      if (field.bound == std::numeric_limits<std::uint64_t>::max()) return line("uint");
      return line("0..", field.bound);
    case Kind::kSigned:
      return line("int64");
    case Kind::kBoolean:
      return line("bool");
    case Kind::kText:
      return line("tstr .size (0..", field.bound, ")");
    case Kind::kScalar:
      return line("null / bool / uint / tstr .size (0..", field.bound, ")");
    case Kind::kHex:
      return line("bstr .size (0..", field.bound, ")");
    case Kind::kIp:
      return line("bstr .size 4 / bstr .size 16");
    case Kind::kTexts:
      return line("[0*", field.bound, " (item / contents)]");
    case Kind::kHexes:
      return line("[0*", field.bound, " (bstr .size 32 / contents)]");
    case Kind::kNumbers:
      return line("[0*", field.bound, " 0..4294967295]");
    case Kind::kBlobs:
      return line("[0*", field.bound, " (bstr .size (0..", std::uint64_t{kLongestItem},
                  ") / contents)]");
    case Kind::kRows:
      return line("[0*", field.bound, " (row / contents)]");
    case Kind::kHosts:
      return line("{0*", field.bound, " tstr => ports}");
    case Kind::kPaths:
      return line("[* [+ uint]]");
  }
}

// Whether a reference may stand for the field's value.
bool can_be_content(const Field& field) {
  switch (field.kind) {
    case Kind::kUnsigned:
    case Kind::kSigned:
    case Kind::kBoolean:
    case Kind::kEnum:
    case Kind::kIp:
    case Kind::kPaths:
      return false;
    default:
      return field.records == kInObservation;
  }
}

void put_cddl_members(FieldId group, unsigned records, ByteSink& into) {
  Lines line(into);
  line("{\n");
  for (const Field& field : all_fields()) {
    if (field.parent != group || (field.records & records) == 0) continue;
    const bool required = field.id == FieldId::kType || field.id == FieldId::kVersion;
    line(required ? "  " : "  ? ", std::uint64_t{field.key}, ": ");
    if (field.id == FieldId::kType) {
      for (const EnumName& entry : enum_names(field.names)) {
        for (const RecordKind& kind : kRecordKinds) {
          if (records == kind.set && entry.name == kind.name) line(std::uint64_t{entry.number});
        }
      }
    } else if (field.id == FieldId::kVersion) {
      line(kFormatVersion);
    } else {
      put_cddl_value(field, into);
      if (can_be_content(field)) line(" / content");
    }
    line(",  ; ", field.name, "\n");
  }
  line("  * unknown-key => any,\n}\n");
}

}  // namespace

void put_format_page(ByteSink& into) {
  Lines line(into);
  line(kIntroduction, std::uint64_t{kLongestItem}, kIntroductionEnd, cbor::kContentTag,
       kContentIntroduction, std::uint64_t{kShortestContent}, kContentIntroductionEnd);
  put_words(into);
  line("\n```\n");
  put_kinds(line);
  put_example(into);
  line("\n## Fields\n\nA key and a name are unique within their group.\n");
  put_group_table(FieldId::kRoot, into);
  put_enumerations(into);
}

void put_json_schema(ByteSink& into) {
  Lines line(into);
  line("{\n", R"(  "$schema": "https://json-schema.org/draft/2020-12/schema",)", "\n");
  line(R"(  "title": "One line of Electrum Observatory's records",)", "\n", R"(  "oneOf": [)");
  for (const RecordKind& kind : kRecordKinds) {
    line(kind.set == kInRun ? "" : ", ", R"({"$ref": "#/$defs/)", kind.name, "\"}");
  }
  line("],\n  \"$defs\": {\n", R"(    "item": {"type": "string", "maxLength": )",
       std::uint64_t{kLongestItem}, "},\n");
  line(R"(    "blob": {"type": "string", "pattern": "^([0-9a-f]{2})*$", "maxLength": )",
       std::uint64_t{2 * kLongestItem}, "},\n");
  line(R"(    "port": {"type": "integer", "minimum": 1, "maximum": 65535},)", "\n");
  line(R"(    "ports": {"type": "object", "properties": {"tcp_port": {"$ref": "#/$defs/port"}, )",
       R"("ssl_port": {"$ref": "#/$defs/port"}, "ws_port": {"$ref": "#/$defs/port"}, )",
       R"("wss_port": {"$ref": "#/$defs/port"}}})");
  for (const RecordKind& kind : kRecordKinds) {
    line(",\n    \"", kind.name, "\": {\n", R"(      "type": "object", "required": ["type", "v"],)",
         "\n");
    put_schema_members(FieldId::kRoot, kind.set, into);
  }
  for (const Field& field : all_fields()) {
    if (field.kind != Kind::kGroup) continue;
    line(",\n    \"");
    put_path(field, ".", into);
    line("\": {\n      \"type\": \"object\",\n");
    put_schema_members(field.id, kInEvery, into);
  }
  line("\n  }\n}\n");
}

void put_cddl(ByteSink& into) {
  Lines line(into);
  line("; One record of Electrum Observatory; a file is a CBOR sequence (RFC 8742) of them.\n");
  line("record = run / observation / end\n");
  for (const RecordKind& kind : kRecordKinds) {
    line("\n", kind.name, " = ");
    put_cddl_members(FieldId::kRoot, kind.set, into);
  }
  for (const Field& field : all_fields()) {
    if (field.kind != Kind::kGroup) continue;
    line("\n; ", sentence_of(field).meaning, "\ngroup-");
    put_path(field, "-", into);
    line(" = ");
    put_cddl_members(field.id, kInEvery, into);
  }
  for (const Field& field : all_fields()) {
    if (field.kind != Kind::kEnum || field.id == FieldId::kType) continue;
    line("\n; ", sentence_of(field).meaning, "\nenum-");
    put_path(field, "-", into);
    line(" = &(\n");
    for (const EnumName& entry : enum_names(field.names)) {
      line("  ", entry.name, ": ", std::uint64_t{entry.number}, ",\n");
    }
    line(")\n");
  }
  line("\n; The ports of a host: 1 tcp, 2 ssl, 3 ws, 4 wss.\n");
  line("ports = {? 1: port, ? 2: port, ? 3: port, ? 4: port, * unknown-key => any}\n");
  line("port = 1..65535\n");
  line("item = tstr .size (0..", std::uint64_t{kLongestItem}, ")\n");
  line(
      "; A row: `null` is the second cell again, the first two may be addresses, the third "
      "words.\n");
  line("row = [host / null, host, item / bstr]\nhost = item / bstr .size 4 / bstr .size 16\n");
  line("; References to content that stood before: to one value, and to one or more items of a ",
       "list.\ncontent = #6.", cbor::kContentTag, "(bstr .size 8)\n");
  line("contents = #6.", cbor::kContentTag, "(bstr)\n");
  line("int64 = -9223372036854775808..9223372036854775807\n");
  line("unknown-key = uint\n");
}

}  // namespace observatory
