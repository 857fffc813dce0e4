// SPDX-License-Identifier: MIT
// What the program prints when it is asked about itself.
#pragma once

#include <cstddef>

#include "core/base/byte_sink.h"

namespace observatory {

void put_help_page(ByteSink& into);

// The versions, a line each, then the limits that were compiled in: name, number and perhaps a
// unit, separated by blanks. Lines are added, never renamed.
void put_version_page(ByteSink& into);

// What a run with so many slots takes of memory, by part.
void put_memory_page(std::size_t slots, ByteSink& into);

}  // namespace observatory
