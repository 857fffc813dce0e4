// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "tests/servers/roster.h"

namespace observatory::demo {

// Lines "ADDRESS tPORT sPORT", one per server.
std::string list_text(const std::vector<Server>& servers);

// JSON Lines, one object per endpoint; the fields are those of the README.
std::string truth_text(const std::vector<Server>& servers);

}  // namespace observatory::demo
