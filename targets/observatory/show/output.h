// SPDX-License-Identifier: MIT
#pragma once

#include <cstdio>
#include <stdexcept>
#include <string_view>

namespace observatory::host {

// Standard output that notices when it cannot be written. Every function throws
// std::runtime_error ("standard output: No space left on device") when something did not arrive.
class Output {
 public:
  void write(std::string_view text);
  // Everything written so far is handed over. Call it once at the end: what is still held back
  // when the program ends may be lost unnoticed.
  void flush();
};

// Puts "electrum-observatory: <message>" and a line feed on standard error.
void report(std::string_view message);

}  // namespace observatory::host
