// SPDX-License-Identifier: MIT
// The files of tests/vectors/jarm; README.md there tells what they are. What cannot be read throws.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "core/tls/client_hello.h"

namespace observatory::test {

// One hello to a server, and its answer.
struct JarmExchange {
  std::string hello;
  HelloRandom injected;  // what is random in the hello
  std::string reply;     // what one read gave
  std::string flight;    // all that came
  std::string raw;       // the reply as the reference reads it
};

struct JarmVector {
  std::string host;
  std::string jarm;
  std::string raw;
  std::array<JarmExchange, kJarmProbes> exchanges;
};

// A single reply, and the reference's reading of it.
struct JarmEdge {
  std::string name;
  std::string reply;
  std::string raw;
  std::string hash;  // the first three characters, when it is the first of ten
};

struct JarmHashCase {
  std::string raw;
  std::string jarm;
};

// Names of the servers, in order, and one of them.
std::vector<std::string> jarm_servers();
JarmVector jarm_vector(const std::string& server);

std::vector<JarmEdge> jarm_edges();
std::vector<JarmHashCase> jarm_hash_cases();

}  // namespace observatory::test
