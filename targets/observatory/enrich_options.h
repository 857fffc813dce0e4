// SPDX-License-Identifier: MIT
#pragma once

#include "targets/observatory/enrich/enricher.h"

namespace CLI {
class App;
}

namespace observatory::host {

// Adds --mmdb, --annotations, --libloc and --no-libloc to a command. Parsing fills `options`, which
// lives as long as the command.
void add_enrich_options(CLI::App& command, EnrichOptions& options);

}  // namespace observatory::host
