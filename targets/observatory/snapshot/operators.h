// SPDX-License-Identifier: MIT
// Which servers belong together: evidence O1 to O5 of ../README.md.
#pragma once

#include <string_view>
#include <vector>

#include "targets/observatory/snapshot/snapshot.h"

namespace observatory::host {

// Whether a server's answer to server.donation_address could be an address, and is no remark
// (rule O3).
bool looks_like_donation(std::string_view text);

// The operators of `servers`, by name. Sets Server::operated_by.
std::vector<Operator> find_operators(const std::vector<EndpointView>& endpoints,
                                     std::vector<Server>& servers, const Enricher& enricher);

}  // namespace observatory::host
