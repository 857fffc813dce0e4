// SPDX-License-Identifier: MIT
// Which endpoints are one server: rules S1 to S4 of ../README.md.
#pragma once

#include <vector>

#include "targets/observatory/snapshot/snapshot.h"

namespace observatory::host {

// The servers of `endpoints`, by name, with everything that follows from the endpoints alone: name,
// endpoints, addresses, onion, software, joined_by. Sets EndpointView::server.
std::vector<Server> join_servers(std::vector<EndpointView>& endpoints);

}  // namespace observatory::host
