// SPDX-License-Identifier: MIT
// The metrics of a snapshot as JSON: the contract of `electrum-observatory metrics --format json`
// (README.md of this folder), from which its tables and CSV are made, too.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "targets/observatory/snapshot/snapshot.h"

namespace observatory::host {

enum class MetricGroup : std::uint8_t {
  kReachability,
  kGeography,
  kConcentration,
  kSoftware,
  kLatency,
  kRisk,
};

// `snapshot` and the groups, in the order given. The same snapshot gives the same bytes.
nlohmann::ordered_json metrics_of(const Snapshot& snapshot, const Enricher& enricher,
                                  const std::vector<MetricGroup>& groups);

}  // namespace observatory::host
