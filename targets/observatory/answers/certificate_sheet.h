// SPDX-License-Identifier: MIT
#pragma once

#include "targets/observatory/show/sheet.h"
#include "targets/observatory/snapshot/snapshot.h"

namespace observatory::host {

// A row for each certificate that endpoints of the snapshot showed last, by SHA-256: sha256,
// spki_sha256, subject, issuer, serial, san, key, signature, not_before, not_after, self_signed,
// state (at the last observation of its first endpoint), endpoints, servers.
Sheet certificate_sheet(const Snapshot& snapshot);

}  // namespace observatory::host
