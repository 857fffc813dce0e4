// SPDX-License-Identifier: MIT
// The cells of a row in CBOR. Rows are entries of a peers list, of which a log has thousands, and
// their three texts are mostly made of the same few things: an address, the host again, words such
// as `t50001`. These have a shorter form that gives the very same text back; any other text stands
// as it is.
#pragma once

#include <span>

#include "core/base/byte_sink.h"
#include "core/record/schema.h"

namespace observatory {

using Row = std::span<const std::string_view, kRowWidth>;

// Puts a cell of the row: a text string, or
//  * in column 0 `null`: the text of column 1 again;
//  * in columns 0 and 1 a byte string of 4 or 16 bytes: an address, whose text is how put_ip()
//    writes it;
//  * in column 2 a byte string of words with one space between them, each its number in
//    common_words() + 128, or its length (1 to 127) and its bytes.
void put_cell(Row row, std::size_t column, ByteSink& into);

// Puts the text of such a byte string. False, and what was put is of no use, when it is none.
[[nodiscard]] bool unpack_cell(std::size_t column, ByteView packed, ByteSink& into);

// The words that have a number, from 0, one space between them. Only ever added to.
std::string_view common_words();

}  // namespace observatory
