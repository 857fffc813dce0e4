// SPDX-License-Identifier: MIT
#include "core/record/cbor_writer.h"

#include "core/record/cbor_values.h"

namespace observatory {

void write_cbor(const Record& record, ByteSink& into) {
  cbor::put_members(record, FieldId::kRoot, into);
}

}  // namespace observatory
