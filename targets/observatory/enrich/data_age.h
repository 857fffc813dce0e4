// SPDX-License-Identifier: MIT
// How old data are. An age depends on the day on which it is asked for: print dates where the same
// input must give the same bytes, and ages on standard error.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "targets/observatory/enrich/enricher.h"

namespace observatory::host {

// Data that are older than this are named as a warning.
inline constexpr int kStaleDays = 90;

// The day of a Unix time, YYYY-MM-DD in UTC; empty outside of the years 1970 to 9999.
std::string date_of(std::uint64_t unix_seconds);

// Whole days from the source's date to the day of `now`, a Unix time; negative for a date that is
// still to come. Nothing where the date is unknown.
std::optional<int> age_in_days(const DataSource& source, std::int64_t now);

// Those that are more than kStaleDays old on the day of `now`, in their order. The pointers live as
// long as `sources`.
std::vector<const DataSource*> stale_sources(const std::vector<DataSource>& sources,
                                             std::int64_t now);

// One line for standard error that names them with date and age; empty when there are none.
std::string stale_warning(const std::vector<DataSource>& sources, std::int64_t now);

}  // namespace observatory::host
