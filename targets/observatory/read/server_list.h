// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/record/schema.h"
#include "targets/observatory/read/input_error.h"

namespace observatory::host {

struct ListedEndpoint {
  std::string host;  // lower case, without brackets
  std::uint16_t port = 0;
  Transport transport{};
};

struct ServerList {
  std::vector<ListedEndpoint> endpoints;  // in the order of the list
  std::uint64_t refused = 0;              // lines, or servers, that could not be read
  std::vector<std::string> problems;      // the first of them, for people, with file and place
};

// A list of servers, told apart by its first character, packed or not (byte_source.h):
//
//   Electrum's servers.json    {"host": {"t": "50001", "s": "50002", ...}, ...}
//   lines                      host t50001 s50002   (t or s alone: Electrum's default port)
//                              host:50001:t, [v6]:50002:s, or a host alone for both defaults;
//                              # begins a comment
//
// `-` is standard input. Throws InputError when the file cannot be read, is longer than 4 MiB, or
// is neither.
ServerList read_server_list(const std::string& path);

}  // namespace observatory::host
