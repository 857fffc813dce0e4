// SPDX-License-Identifier: MIT
#pragma once

#include "targets/observatory/enrich/enricher.h"

namespace observatory::host {

// Says on standard error which of the sources are old today; nothing where none is.
void warn_of_stale_data(const Enricher& enricher);

}  // namespace observatory::host
