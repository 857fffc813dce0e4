// SPDX-License-Identifier: MIT
// What a question is asked of: the observations of a window and some vantages, as a picture of the
// network on four levels that are never mixed.
//
//   endpoint   host, port and transport
//   address    an IP address that an endpoint led to
//   server     endpoints that are one machine or one service, by the rules of servers.h
//   operator   servers that belong together, by the evidence of operators.h
//
// The rules (W1, E1, ...) stand in ../README.md.
//
// Memory grows with the endpoints and the vantages, not with the observations.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "targets/observatory/enrich/enricher.h"
#include "targets/observatory/store/store.h"

namespace observatory::host {

inline constexpr std::string_view kBitcoinGenesis =
    "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f";

struct Question {
  Selection selection;
  std::string chain = "bitcoin";  // a name that chains.h knows, or a genesis hash
  bool reached_only = false;      // leave out the servers that no vantage reached
};

// Of one endpoint, or of all endpoints of a server, as one vantage saw it.
struct Sight {
  std::uint32_t tried = 0;    // observations that say something of the server
  std::uint32_t reached = 0;  // of these, outcome ok
  // Of connections without retransmission and not proxied; absent without a sample.
  std::optional<std::uint32_t> min_us;     // shortest of TCP connect, TCP_INFO's minimum and pings
  std::optional<std::uint32_t> median_us;  // of TCP connect
  std::uint32_t samples = 0;
};

struct EndpointView {
  Endpoint endpoint;
  std::map<std::uint32_t, Sight> sights;     // by vantage, as a place in Snapshot::vantages
  std::array<std::uint64_t, 32> outcomes{};  // observations by outcome, of those tried or not
  std::string genesis;                       // of its chain; empty: of none (rules C1 to C4)
  std::vector<IpAddress> addresses;          // each once, in the order of bytes
  std::optional<Facts> facts;                // what it says and shows, by rules E1 and E2
  std::optional<Certificate> certificate;    // by rule E2
  std::vector<std::string> changed;          // what repeated visits found to change, each once
  std::optional<std::uint32_t> tip_height;   // of the latest
  RowId peers = 0;                           // of the latest
  std::int64_t first = 0;                    // ms, first and last observation in the window
  std::int64_t last = 0;
  RowId last_run = 0;  // (last_run, last_seq): the latest observation with facts, else the latest
  std::uint32_t last_seq = 0;
  std::uint32_t server = 0;  // a place in Snapshot::servers

  bool tried() const;
  bool reached() const;  // by at least one vantage
};

// Whether an outcome says something of the server (rule T1).
bool tells_of_server(Outcome outcome);

struct Server {
  std::string name;                      // the host that stands for it
  std::vector<std::uint32_t> endpoints;  // places in Snapshot::endpoints
  std::vector<IpAddress> addresses;
  std::map<std::uint32_t, Sight> sights;  // by vantage: its endpoints taken together
  bool onion = false;                     // it has no address, and an onion name
  const Place* place = nullptr;           // by rule S4; never null
  std::vector<std::string> software;      // every claim of its endpoints, sorted, each once
  std::vector<std::string> joined_by;     // rules of servers.h that joined it, each once
  std::uint32_t operated_by = 0;          // a place in Snapshot::operators
  bool reached_any = false;
  bool reached_majority = false;  // of the vantages that tried it and are not suspect
  bool reached_all = false;
  bool tried = false;
};

struct Operator {
  std::string name;                    // an annotation's, else that of one of its servers
  bool annotated = false;              // by an annotation
  std::vector<std::uint32_t> servers;  // places in Snapshot::servers
  std::vector<std::string> evidence;   // in words, each with its value; empty for a single server
};

struct VantageView {
  std::string name;
  std::uint64_t tried = 0;    // endpoints
  std::uint64_t reached = 0;  // endpoints
  bool suspect = false;  // it reached less than a fifth of what it tried while others did better:
                         // it is down itself, and left out of majorities
};

struct Snapshot {
  Selection selection;
  std::string chain;
  bool reached_only = false;          // as the question had it
  std::vector<VantageView> vantages;  // by name
  std::vector<Run> runs;
  std::uint64_t observations = 0;
  std::uint64_t undated = 0;
  std::vector<EndpointView> endpoints;  // of the chain or of none; by host, port, transport
  std::vector<Server> servers;          // by name
  std::vector<Operator> operators;      // by name
  std::map<std::string, std::uint64_t> other_chains;  // genesis hash, servers that were set aside
  std::vector<KnownEndpoint> known;  // that imported lists name, of whatever chain and time
};

// Throws StoreError, and std::runtime_error when the chain has no name here and is no hash.
// `enricher` outlives the snapshot.
Snapshot take_snapshot(const Store& store, Enricher& enricher, const Question& question);

}  // namespace observatory::host
