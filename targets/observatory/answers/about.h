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

// The sources with their dates, as a line for people ("Data: libloc 2022-10-14, ...") with a line
// feed; empty without any. Licences and attributions are in about_snapshot() and `geo status`.
std::string data_line(const Enricher& enricher);

}  // namespace observatory::host
