// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace observatory::demo {

struct Options {
  uint64_t seed = 1;
  std::string base = "127.70.0.0";  // the servers are base + 1, base + 2, ..
  std::vector<std::string> only;    // names; empty: all servers
  double delay_scale = 1;           // 0..100
  std::string list_path;            // empty: not written
  std::string truth_path;
  std::string ca_path;
  double seconds = 3600;  // 0 < seconds <= 604,800
  int ports_from = 0;     // 0: the ports of the roster
  bool help = false;
};

// Throws std::invalid_argument with a sentence for the user.
Options parse_options(const std::vector<std::string>& arguments);

// The text of --help.
const char* usage();

// "127.70.0.5" for ("127.70.0.0", 5). Throws std::invalid_argument outside 127.0.0.0/8.
std::string address_at(const std::string& base, uint32_t offset);

}  // namespace observatory::demo
