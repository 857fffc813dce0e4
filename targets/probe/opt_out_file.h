// SPDX-License-Identifier: MIT
#pragma once

#include "core/run/opt_out.h"

namespace observatory {

// Reads a whole list of those who do not want to be visited. False, with the file, the line and the
// reason on standard error, when anything of it cannot be read or has no room.
[[nodiscard]] bool add_opt_out_file(const char* name, OptOut& into);

}  // namespace observatory
