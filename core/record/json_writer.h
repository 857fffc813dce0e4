// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/byte_sink.h"
#include "core/record/record.h"

namespace observatory {

// Puts `text`, valid UTF-8, as a JSON string with its quotes. Escapes what RFC 8259 demands, and
// beside it DEL, C1 controls, U+2028, U+2029 and bidirectional controls (U+202A to U+202E, U+2066
// to U+2069): the output is one line for every reader of lines, and harmless on a terminal.
void put_json_string(std::string_view text, ByteSink& into);

// Puts the record as one JSON object without a newline, members in the order of the schema.
void write_json(const Record& record, ByteSink& into);

}  // namespace observatory
