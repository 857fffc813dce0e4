// SPDX-License-Identifier: MIT
// What may change between two visits to one endpoint, as hashes small enough to be carried from
// one to the next. Equal hashes are taken for equal facts: of 2^32 changes one is missed.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/record/record.h"

namespace observatory {

inline constexpr std::size_t kFacts = 18;

// One for each row of the table in visit_facts.cpp; 0: not seen yet.
using FactHashes = std::array<std::uint32_t, kFacts>;

// The fact's name in the field `changed`.
std::string_view fact_name(std::size_t fact);

// Compares the facts of an observation with those of earlier visits and keeps those that were not
// seen before. With `first` nothing is written; else `changed` lists the facts that differ from the
// first observation which had them. What an observation does not have is not said to have changed:
// its outcome tells why it is missing.
void record_changes(Record& record, bool first, FactHashes& facts);

}  // namespace observatory
