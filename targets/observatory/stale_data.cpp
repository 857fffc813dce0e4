// SPDX-License-Identifier: MIT
#include "targets/observatory/stale_data.h"

#include <ctime>

#include "targets/observatory/enrich/data_age.h"
#include "targets/observatory/show/output.h"

namespace observatory::host {

void warn_of_stale_data(const Enricher& enricher) {
  const std::string warning = stale_warning(enricher.sources(), std::time(nullptr));
  if (!warning.empty()) report(warning);
}

}  // namespace observatory::host
