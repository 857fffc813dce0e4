// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <vector>

#include "targets/observatory/show/sheet.h"
#include "targets/observatory/store/store.h"

namespace observatory::host {

// vantage, run, seq, t, date, host, port, transport, ip, outcome, connect_us, tls_us, version_us,
// ping_us, min_rtt_us, retransmitted, proxied, tip_height, software, protocol,
// certificate_sha256, visit, changed.
const std::vector<SheetColumn>& observation_columns();

// Hands a row for each observation of the selection to `use`, as the store orders them, of every
// chain. Memory grows with what repeats (endpoints, addresses, facts), not with the observations.
// Throws StoreError.
void each_observation_cells(const Store& store, const Selection& selection,
                            const std::function<void(const std::vector<Cell>&)>& use);

}  // namespace observatory::host
