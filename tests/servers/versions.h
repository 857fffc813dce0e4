// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "tests/servers/implementations.h"
#include "tests/servers/json.h"

namespace observatory::demo {

// Protocol versions as aiorpcX and Fulcrum see them: numbers of any length between dots.
using VersionNumbers = std::vector<std::string>;

// The numbers of "1.4.2"; empty if it is no version.
VersionNumbers parse_version(std::string_view text);
// Negative, zero or positive, as tuples compare: (1,6) < (1,6,0).
int compare_versions(const VersionNumbers& a, const VersionNumbers& b);

struct Negotiation {
  bool accepted = false;
  std::string version;       // of an accepted one: what the reply says
  std::string refusal = {};  // of a refused one: replaces the text of Implementation::bad_version
};

// The answer of `implementation` to the second parameter of server.version; `requested` is null if
// the client sent none. Rules: electrum-protocol (negotiation),
// electrumx:src/electrumx/lib/util.py, Fulcrum:src/Servers.cpp, romanz:src/electrum.rs,
// EPS:electrumpersonalserver/server/electrumprotocol.py.
Negotiation negotiate(const Implementation& implementation, const Json* requested);

}  // namespace observatory::demo
