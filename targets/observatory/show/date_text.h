// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

namespace observatory::host {

// Milliseconds since 1970 UTC as ISO 8601 to the second, `2026-11-22T18:00:00Z`; rounded down.
// Years are those of the proleptic Gregorian calendar, of four digits where they fit (1970-9999),
// else with a sign and as many as it takes (ISO 8601's expanded form).
std::string date_text(std::int64_t milliseconds);

}  // namespace observatory::host
