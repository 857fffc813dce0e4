// SPDX-License-Identifier: MIT
#pragma once

#include "tests/servers/persona.h"
#include "tests/servers/requests.h"

namespace observatory::demo {

// What a session remembers between two requests.
struct SessionState {
  bool version_sent = false;
  bool protocol_16 = false;  // 1.6 or later was negotiated
  bool protocol_17 = false;  // 1.7 or later
};

// The answer to a call: a result, or a complaint whose kind is not kAnswered.
struct Answer {
  Json result = {};
  Complaint complaint = {};
  // Implementations that answer out of order send larger numbers later; 0 is at once.
  int lateness = 0;
};

// Carries out one call. Served: server.{version,features,banner,donation_address,peers.subscribe,
// ping,add_peer}, blockchain.{headers.subscribe,headers.get_tip,block.header,block.headers,
// estimatefee,relayfee}, mempool.{get_info,get_fee_histogram}, and fixed answers to
// blockchain.scripthash.{get_balance,subscribe} and blockchain.transaction.{get,broadcast}; every
// implementation knows only what the real one knows. Checkpoint proofs (cp_height) are refused.
Answer call_method(const Persona& persona, const Request& request, SessionState* session);

// Whether blockchain.headers.subscribe is written with "hex" first.
bool hex_comes_first(const Implementation& implementation);

}  // namespace observatory::demo
