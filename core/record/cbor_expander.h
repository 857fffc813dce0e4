// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/status.h"
#include "core/record/content.h"
#include "platform/interface/bytes.h"

namespace observatory {

// Where a reader of a log keeps content. How much it holds is its own affair; what it has dropped
// is missing from the records that refer to it.
class Contents {
 public:
  virtual void keep(const ContentHash& hash, ByteView value) = 0;

  // Empty when it is not there. Valid until keep() is called.
  virtual ByteView find(const ContentHash& hash) = 0;

 protected:
  ~Contents() = default;
};

struct [[nodiscard]] Expansion {
  Status status = Status::kOk;
  ByteView record;          // the same record without references, in the caller's memory
  std::size_t missing = 0;  // values whose content was not there
};

// Puts the content in the place of every reference in a record, and keeps what later records may
// refer to. `record` is one whole record, as read_cbor() found it; `into` takes the result. In the
// place of what is missing stands `undefined`, which read_cbor() marks in `truncated`.
//
//   kOk         `record` of the result can be read
//   kMalformed  no well-formed CBOR, a reference where none can be, nesting beyond kDeepestCbor
//   kOverflow   expanded, it does not fit `into`
//
// Content holds no references, so a record grows to no more than `into` whatever it says, and
// every byte of it was in the log once.
Expansion expand_cbor(ByteView record, Contents& contents, Digest& digest, MutableByteView into);

}  // namespace observatory
