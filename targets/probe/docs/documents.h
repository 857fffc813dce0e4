// SPDX-License-Identifier: MIT
// What is written from the command line's table for people and their shells.
#pragma once

#include <string>

namespace observatory::docs {

std::string manual_page();      // electrum-probe.1, in the man macros of roff
std::string bash_completion();  // a function for bash, without the library of bash-completion
std::string zsh_completion();   // a function for zsh's completion system

}  // namespace observatory::docs
