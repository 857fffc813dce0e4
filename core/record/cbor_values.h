// SPDX-License-Identifier: MIT
// How the values of a record stand in CBOR when they are written whole. For the writers.
#pragma once

#include "core/base/byte_sink.h"
#include "core/record/cbor.h"
#include "core/record/record.h"

namespace observatory::cbor {

// The first bytes of an item, the number in its shortest form.
void put_head(Major major, std::uint64_t number, ByteSink& into);

void put_text(std::string_view text, ByteSink& into);
void put_bytes(ByteView bytes, ByteSink& into);

// The value of a field that is there.
void put_value(const Record& record, const Field& field, ByteSink& into);

// All members of a group (kRoot: of the record) as a map.
void put_members(const Record& record, FieldId group, ByteSink& into);

// The next item of a kTexts, kHexes, kNumbers, kBlobs or kRows field (of a kRows: the next row).
// False, and nothing is put, at the end of `items`.
bool put_item(const Field& field, Items& items, ByteSink& into);

}  // namespace observatory::cbor
