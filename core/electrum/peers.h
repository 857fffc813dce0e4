// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "core/record/record.h"
#include "platform/interface/digest.h"

namespace observatory {

// Records the answer to server.peers.subscribe (its `result`, JSON text): the number of entries,
// a digest of the text as it came, and as many entries as the record takes. An entry is
// [address, host, [feature words]]; one of another shape is counted and not kept. Feature words
// are joined by single blanks. Does nothing for what is no array.
void record_peers(std::string_view result, Digest& digest, Record& record);

}  // namespace observatory
