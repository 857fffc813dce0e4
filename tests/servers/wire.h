// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "tests/servers/json.h"

namespace observatory::demo {

// How the JSON library of an implementation writes strings and numbers.
enum class Dialect {
  kPython,      // json.dumps: everything outside printable ASCII, DEL too, becomes \uXXXX
  kFulcrum,     // Fulcrum:src/Json/Json.cpp: raw UTF-8, \u007f, whole floats lose their fraction
  kSerde,       // serde_json: raw UTF-8 and DEL, 2.0 stays 2.0
  kGo,          // encoding/json: \u003c \u003e \u0026 \u2028, numbers pass through float64
  kOrgJson,     // org.json: <\/ and \u2028, numbers lose trailing zeros
  kJavaScript,  // JSON.stringify: all raw, numbers pass through a double
};

enum class MemberOrder {
  kAsBuilt,
  kSorted,    // QVariantMap, BTreeMap
  kJavaHash,  // java.util.HashMap with 16 buckets
};

struct WriteStyle {
  Dialect dialect = Dialect::kPython;
  MemberOrder order = MemberOrder::kAsBuilt;
  bool spaced = false;  // ": " and ", " instead of ":" and ","
};

// `value` as one line without terminator.
std::string write_json(const Json& value, const WriteStyle& style);

// Python's str() and repr() of a parsed value: aiorpcX puts them into error texts.
std::string python_str(const Json& value);
std::string python_repr(const Json& value);

}  // namespace observatory::demo
