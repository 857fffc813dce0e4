// SPDX-License-Identifier: MIT
// Records as aligned lines for people.
#pragma once

#include <string_view>

#include "core/base/byte_sink.h"
#include "core/record/record.h"

namespace observatory {

// Puts `text` so that it can do nothing to a terminal: control characters, broken UTF-8 and the
// invisible and direction-changing characters of Unicode become `?`.
void put_safe_text(std::string_view text, ByteSink& into);

// Puts one line with its newline: for a run the column heads, for an observation its facts, for
// an end the totals.
void put_text_line(const Record& record, ByteSink& into);

}  // namespace observatory
