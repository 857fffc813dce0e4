// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "targets/observatory/snapshot/snapshot.h"

namespace observatory::host {

// What an answer was made of: since, until, chain, vantages, runs, observations, endpoints,
// servers, operators and data, the sources of what was added with date, licence and the words that
// they ask to be named with.
nlohmann::ordered_json about_snapshot(const Snapshot& snapshot, const Enricher& enricher);

// Sources whose data are more than 90 days older than the end of the window, as a line for people;
// empty without any.
std::string stale_data(const Snapshot& snapshot, const Enricher& enricher);

}  // namespace observatory::host
