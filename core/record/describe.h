// SPDX-License-Identifier: MIT
// The format described for people and for other tools, made from the same table as the writers
// (fields.def). Stands in its own file, so that a program which never calls it does not carry its
// sentences.
#pragma once

#include "core/base/byte_sink.h"

namespace observatory {

// The page for users, Markdown. core/record/FORMAT.md is this text; a test compares.
void put_format_page(ByteSink& into);

// A JSON Schema (draft 2020-12) of one line of JSON Lines. Members that it does not name are
// allowed, as readers skip them. Lengths of text are bounds in characters, which bytes imply.
void put_json_schema(ByteSink& into);

// A CDDL (RFC 8610) description of one record of the CBOR sequence.
void put_cddl(ByteSink& into);

}  // namespace observatory
