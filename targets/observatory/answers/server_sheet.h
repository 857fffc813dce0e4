// SPDX-License-Identifier: MIT
// Servers as rows.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "targets/observatory/show/geojson.h"
#include "targets/observatory/show/sheet.h"
#include "targets/observatory/snapshot/snapshot.h"

namespace observatory::host {

struct ServerColumn {
  SheetColumn column;
  std::string_view meaning;
  bool usual;  // in the table when nobody chooses columns
  Cell (*cell)(const Snapshot&, const Server&);
};

// Every column there is, in the order in which they are written.
std::span<const ServerColumn> server_columns();

// A row for each server, in the snapshot's order, with every column.
Sheet server_sheet(const Snapshot& snapshot);

// One of these rows as an object.
nlohmann::ordered_json server_row(const Snapshot& snapshot, const Server& server);

// Where the server is, as far as anybody knows.
std::optional<Coordinates> coordinates_of(const Server& server);

}  // namespace observatory::host
