// SPDX-License-Identifier: MIT
#pragma once

#include "targets/observatory/show/table.h"

namespace observatory::host {

// What standard output is, for a table: on a terminal its width (COLUMNS, when that is a number
// from 1, before what the terminal says; 80 when nobody knows) and colours, unless NO_COLOR is set
// and not empty (no-color.org) or TERM is "dumb". In a pipe or a file: no bound, no colours.
Table::Page standard_page();

}  // namespace observatory::host
