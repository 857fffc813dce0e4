// SPDX-License-Identifier: MIT
// One function for each group of metrics; README.md of this folder says what each field counts.
#pragma once

#include "targets/observatory/metrics/json.h"
#include "targets/observatory/snapshot/snapshot.h"

namespace observatory::host {

Json reachability_of(const Snapshot& snapshot);
Json geography_of(const Snapshot& snapshot);
Json infrastructure_of(const Snapshot& snapshot);  // the group "concentration"
Json software_of(const Snapshot& snapshot);
Json latency_of(const Snapshot& snapshot, const Enricher& enricher);
Json risk_of(const Snapshot& snapshot);

}  // namespace observatory::host
