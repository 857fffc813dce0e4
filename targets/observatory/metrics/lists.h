// SPDX-License-Identifier: MIT
#pragma once

#include "targets/observatory/metrics/json.h"
#include "targets/observatory/snapshot/snapshot.h"

namespace observatory::host {

// What the imported lists have of the network and the network of them: `lists` and `recapture` of
// the group "reachability". Both are empty without an imported list.
Json lists_of(const Snapshot& snapshot);
Json recapture_of(const Snapshot& snapshot);

}  // namespace observatory::host
