// SPDX-License-Identifier: MIT
// Which servers belong together: evidence O1 to O5 of ../README.md.
#pragma once

#include <vector>

#include "targets/observatory/snapshot/snapshot.h"

namespace observatory::host {

// The operators of `servers`, by name. Sets Server::operated_by.
std::vector<Operator> find_operators(const std::vector<EndpointView>& endpoints,
                                     std::vector<Server>& servers, const Enricher& enricher);

}  // namespace observatory::host
