// SPDX-License-Identifier: MIT
// The table of the format's fields (fields.def). Both writers, the readers, FORMAT.md, the JSON
// Schema and the CDDL are made from it; tests/unit/format_test.cpp holds them together.
//
// Rules of the format, which FORMAT.md tells its users:
//  * Missing is absent, never 0. Readers skip what they do not know and keep what they can.
//  * Text is valid UTF-8. Text and lists that were cut say so in `truncated`.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/record/outcome.h"

namespace observatory {

inline constexpr std::uint64_t kFormatVersion = 1;

enum class RecordType : std::uint8_t { kRun = 1, kObservation = 2, kEnd = 3 };

enum class Transport : std::uint8_t { kTcp = 1, kTls = 2 };

// What a field holds. `bound` counts what is named in brackets.
enum class Kind : std::uint8_t {
  kGroup,     // members of its own: a JSON object, a CBOR map
  kUnsigned,  // a number from 0 [largest value]
  kSigned,    // a number of either sign
  kBoolean,
  kEnum,     // one of a list: its name in JSON, its number in CBOR
  kText,     // UTF-8 text [bytes]
  kScalar,   // null, a boolean, a number from 0, or text, whichever was sent [bytes of a text]
  kHex,      // bytes: lower-case hexadecimal in JSON, a byte string in CBOR [bytes]
  kIp,       // an IP address: text in JSON, 4 or 16 bytes in CBOR
  kTexts,    // a list of texts [items]
  kHexes,    // a list of 32-byte digests [items]
  kNumbers,  // a list of numbers from 0 to 2^32 - 1 [items]
  kBlobs,    // a list of byte strings: texts of lower-case hexadecimal in JSON [items]
  kRows,     // a list of rows of kRowWidth texts each [rows]
  kHosts,    // names and their ports, as server.features gives them [names]
  kPaths,    // a list of fields: dotted names in JSON, lists of keys in CBOR
};

inline constexpr std::size_t kRowWidth = 3;
inline constexpr std::size_t kLongestItem = 300;  // bytes of one text or byte string in a list

enum class FieldId : std::uint8_t {
  kRoot,  // no field: the record itself
#define FIELD(id, ...) id,
#define ENUM(id, ...) id,
#include "core/record/fields.def"
#undef FIELD
#undef ENUM
  kCount,
};

inline constexpr std::size_t kFieldCount = static_cast<std::size_t>(FieldId::kCount);

// One name of an enumeration.
struct EnumName {
  std::uint8_t number;
  std::string_view name;
};

// In which records a field stands, as a set of bits.
enum RecordSet : std::uint8_t {
  kInRun = 1,
  kInObservation = 2,
  kInEnd = 4,
  kInNumbered = kInObservation | kInEnd,
  kInEvery = kInRun | kInObservation | kInEnd,
};

// The enumerations, for enum_names().
enum class Names : std::uint8_t {
  kNone,
  kTypes,
  kTransports,
  kClocks,
  kEols,
  kOutcomes,
  kTrustErrors
};

// One row. The order of the members leaves no gaps: there are a hundred rows.
struct Field {
  std::string_view name;  // JSON member, unique within the group
  std::uint64_t bound;    // see Kind; 0 where a kind has none
  FieldId id;
  FieldId parent;    // the group it stands in; kRoot: the record itself
  std::uint8_t key;  // CBOR map key, unique within the group
  Kind kind;
  RecordSet records;
  Names names;  // of a kEnum
};

// Every field but kRoot, in the order of FieldId, which is the order in JSON.
std::span<const Field> all_fields();

// The row of a field; `id` is not kRoot or kCount.
const Field& field_of(FieldId id);

// The field with this key, or this name, in the group; kRoot when there is none.
FieldId find_field(FieldId group, std::uint64_t key);
FieldId find_field(FieldId group, std::string_view name);

// The names of an enumeration; empty for kNone.
std::span<const EnumName> enum_names(Names names);

// The name of an enumeration's number, empty when unknown; and back, false when unknown.
std::string_view enum_name(const Field& field, std::uint64_t number);
bool enum_number(const Field& field, std::string_view name, std::uint64_t& number);

std::string_view outcome_name(Outcome outcome);

}  // namespace observatory
