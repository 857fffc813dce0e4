// SPDX-License-Identifier: MIT
// The one pass over the observations of a question: what is kept of them, per endpoint and per
// vantage. Its size does not depend on how many they are.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "targets/observatory/snapshot/median.h"
#include "targets/observatory/snapshot/snapshot.h"

namespace observatory::host {

// Of one endpoint, or of all of a server, and one vantage.
struct PairTally {
  std::uint32_t tried = 0;
  std::uint32_t reached = 0;
  std::optional<std::uint32_t> min_us;
  Median connect_us;

  void add(const ObservationRow& row);
  void merge(const PairTally& other);
  Sight sight() const;
  bool empty() const { return tried == 0 && connect_us.count() == 0; }
};

// What the runs that saw an endpoint say of its chain (rule C3).
class ListedChain {
 public:
  void add(const std::string& genesis);  // of the run's list; empty: of none
  // Empty unless all were of one chain.
  const std::string& genesis() const { return genesis_; }

 private:
  bool any_ = false;
  std::string genesis_;
};

struct EndpointTally {
  RowId endpoint = 0;
  std::uint64_t observations = 0;
  std::vector<PairTally> pairs;  // by place in Tally::vantages; those behind the last are empty
  std::array<std::uint64_t, 32> outcomes{};
  std::set<RowId> addresses;
  std::set<std::string> changed;
  ListedChain listed;
  RowId facts_of_ok = 0;     // of the latest observation with outcome ok
  RowId facts = 0;           // of the latest that has some
  RowId facts_of_shown = 0;  // of the latest with a completed handshake
  RowId peers = 0;
  std::optional<std::uint32_t> tip_height;
  std::int64_t first = 0;
  std::int64_t last = 0;
  RowId last_run = 0;
  std::uint32_t last_seq = 0;
};

class Tally {
 public:
  // Reads the observations of the selection.
  Tally(const Store& store, const Selection& selection);

  std::vector<RowId> vantages;           // in the order of their first observation
  std::vector<EndpointTally> endpoints;  // likewise

 private:
  struct RunSeen {
    RowId run = 0;
    std::string genesis;
  };

  void add(const Store& store, const ObservationRow& row);
  std::uint32_t vantage_place(RowId vantage);
  EndpointTally& endpoint_tally(RowId endpoint);
  const std::string& listed_chain(const Store& store, RowId run);

  std::unordered_map<RowId, std::uint32_t> vantage_places_;
  std::unordered_map<RowId, std::uint32_t> endpoint_places_;
  std::array<RunSeen, 256> runs_;  // those asked for last, by the end of their number
};

}  // namespace observatory::host
