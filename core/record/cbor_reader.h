// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/status.h"
#include "core/record/record.h"

namespace observatory {

struct [[nodiscard]] ReadResult {
  Status status = Status::kOk;
  std::size_t consumed = 0;  // bytes of the record; 0 unless kOk or kUnsupported
  bool skipped = false;      // it holds something that the schema does not know
};

// Reads the record that `bytes` starts with. Keys that the schema does not know are skipped,
// nested ones with them, and `skipped` says so. What the record `into` holds afterwards is valid
// only with kOk.
//
// Where a reference to content stands (content.h), or `undefined`, the field is absent and marked
// as cut, an item of a list is left out and the list marked: expand_cbor() comes first.
//
//   kOk           a record; the next one starts after `consumed`
//   kIncomplete   `bytes` ends inside the record: more bytes are needed, or its end was torn off
//   kMalformed    no CBOR map of this format: a wrong type, a bound that cannot be, an indefinite
//                 length (never written by us), nesting beyond kDeepestCbor
//   kUnsupported  a record of another major version
inline constexpr int kDeepestCbor = 8;
ReadResult read_cbor(ByteView bytes, Record& into);

}  // namespace observatory
