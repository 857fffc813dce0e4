// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/byte_sink.h"
#include "core/record/record.h"

namespace observatory {

// Puts the record as one CBOR map (RFC 8949) with the schema's integer keys, every length
// definite and every number in its shortest form. Records written one after the other are a CBOR
// sequence (RFC 8742).
void write_cbor(const Record& record, ByteSink& into);

}  // namespace observatory
