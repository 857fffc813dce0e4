// SPDX-License-Identifier: MIT
// Which vantages are to be believed, and by how many a server is reached: rules T2 to T5 of
// ../README.md.
#pragma once

#include <vector>

#include "targets/observatory/snapshot/snapshot.h"

namespace observatory::host {

// VantageView::tried and reached.
void count_reach(const std::vector<EndpointView>& endpoints, std::vector<VantageView>& vantages);

// VantageView::suspect.
void suspect_vantages(const std::vector<EndpointView>& endpoints,
                      std::vector<VantageView>& vantages);

// Server::tried and reached_*; from Server::sights.
void count_reach(const std::vector<VantageView>& vantages, std::vector<Server>& servers);

}  // namespace observatory::host
