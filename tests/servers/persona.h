// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "tests/servers/chain.h"
#include "tests/servers/implementations.h"
#include "tests/servers/json.h"

namespace observatory::demo {

// One server: an implementation and what its operator made of it.
struct Persona {
  std::string name;
  std::string address;
  int tcp_port = 0;  // 0: none
  int tls_port = 0;
  const Implementation* implementation = nullptr;
  std::string software;  // what it claims to be
  std::string banner;
  Json donation;
  Json peers = Json::from_items();
  Json hosts = Json::from_members();  // member of server.features
  Json services = Json::from_items();
  Json fee_histogram = Json::from_items();
  std::string estimate;  // result of blockchain.estimatefee
  const Chain* chain = nullptr;
  int tip = 0;
};

}  // namespace observatory::demo
