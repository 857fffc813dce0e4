// SPDX-License-Identifier: MIT
// All that is known of one server.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "targets/observatory/show/table.h"
#include "targets/observatory/snapshot/snapshot.h"

namespace observatory::host {

// For programs, an object:
//   snapshot      about.h
//   server        the row of server_sheet.h
//   operator      name, servers, evidence (texts)
//   endpoints     rows of endpoint_sheet.h
//   sights        of each endpoint and vantage: endpoint, vantage, tried, reached, rtt_ms,
//                 connect_ms, samples
//   certificates  rows of certificate_sheet.h
//   latest        of each endpoint the record that its facts come from, whole (FORMAT.md)
//   history       rows of server_history.h
// `server` is a place in Snapshot::servers. Throws StoreError.
nlohmann::ordered_json server_page(const Store& store, const Enricher& enricher,
                                   const Snapshot& snapshot, std::uint32_t server);

// The same for people, from what server_page() gave.
std::string server_page_text(const nlohmann::ordered_json& page_of_server, const Table::Page& page);

}  // namespace observatory::host
