// SPDX-License-Identifier: MIT
// The shapes that all groups of metrics share.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "targets/observatory/metrics/interval.h"

namespace observatory::host {

using Json = nlohmann::ordered_json;

// How many there are of each key.
using Counts = std::map<std::string, std::uint64_t>;

// `part` of `whole`; null when there is nothing to share in.
Json share_of(std::uint64_t part, std::uint64_t whole);

Json optional_of(const std::optional<double>& value);  // null when absent

// [low, high]; null when absent.
Json interval_of(const std::optional<Interval>& interval);

// The keys, largest count first, then by bytes.
std::vector<std::pair<std::string, std::uint64_t>> ranked(const Counts& counts);

// [{"key","count","share"}], ranked; shares of `whole`.
Json list_of(const Counts& counts, std::uint64_t whole);

// GROUPS of servers, of which `unknown` more belong to no group that is known.
Json groups_of(const Counts& counts, std::uint64_t unknown);

}  // namespace observatory::host
