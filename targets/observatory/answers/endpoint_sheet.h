// SPDX-License-Identifier: MIT
#pragma once

#include "targets/observatory/show/sheet.h"
#include "targets/observatory/snapshot/snapshot.h"

namespace observatory::host {

// A row for each endpoint of the snapshot: endpoint, host, port, transport, server, addresses,
// tried, reached, vantages_tried, vantages_reached, outcomes, rtt_ms, connect_ms, samples,
// software, protocol, protocol_min, protocol_max, genesis_hash, tip_height, donation,
// banner_sha256, tls, cipher, ja3s, jarm, certificate, certificate_sha256, changed, first_seen,
// last_seen.
Sheet endpoint_sheet(const Snapshot& snapshot);

}  // namespace observatory::host
