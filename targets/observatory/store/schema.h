// SPDX-License-Identifier: MIT
// The tables of the database, as the steps that lead from an empty file to today's schema, and the
// way an older file goes forward.
#pragma once

#include <cstdint>
#include <span>

#include "targets/observatory/store/sqlite.h"

namespace observatory::host {

// PRAGMA application_id, "ElOb": says whose file it is (file(1) shows it, too).
inline constexpr std::int64_t kApplicationId = 0x456c4f62;

// SQL that brings a file from one version of the schema, PRAGMA user_version, to the next: step 0
// makes version 1 of an empty file, and so on. A step is never changed once it was released.
using SchemaSteps = std::span<const char* const>;

SchemaSteps schema_steps();

// Throws StoreError for a file of another program, or of a version beyond the steps; with `change`
// makes the tables of an empty file and brings an older one forward, all steps or none. Without it
// a file that is empty or older is an error. Any number of processes may do this at once.
void prepare_schema(Database& database, bool change, SchemaSteps steps = schema_steps());

}  // namespace observatory::host
