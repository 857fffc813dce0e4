// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "targets/observatory/store/record_packing.h"
#include "targets/observatory/store/store.h"

namespace observatory::host {

// Answers what Store is asked: see there.
class Questions {
 public:
  Questions(Database& database, RecordPacking& packing);

  std::optional<Window> latest_day();
  void each_observation(const Selection& selection,
                        const std::function<void(const ObservationRow&)>& use);
  void each_observation_of(const std::vector<Endpoint>& endpoints,
                           const std::function<void(const ObservationRow&)>& use);
  std::uint64_t undated(const std::vector<std::string>& vantages);
  Endpoint endpoint(RowId id);
  IpAddress address(RowId id);
  Facts facts(RowId id);
  Certificate certificate(RowId id);
  Run run(RowId id);
  std::string vantage(RowId id);
  PeersList peers(RowId id);
  std::vector<Run> runs(const Selection& selection);
  std::vector<KnownEndpoint> known_endpoints();
  bool read(RowId run, std::uint32_t seq, Record& record);
  std::string raw(RowId run, std::uint32_t seq);
  Totals totals();

 private:
  // A run that a selection is about: with a date, of one of its vantages.
  struct ChosenRun {
    RowId vantage = 0;
    std::size_t place = 0;  // by name
  };
  using ChosenRuns = std::unordered_map<RowId, ChosenRun>;
  ChosenRuns chosen_runs(const std::vector<std::string>& vantages);

  // Gives `use` what the scan, bound and not begun, finds of these vantages' runs.
  void hand_out(Statement& scan, const std::vector<std::string>& vantages,
                const std::function<void(const ObservationRow&)>& use);

  // The row of that number; throws StoreError when there is none.
  void step_to(Statement& find, RowId id, const char* of_what);

  Database& database_;
  RecordPacking& packing_;
  Statement endpoint_;
  Statement address_;
  Statement facts_;
  Statement certificate_;
  Statement run_;
  Statement vantage_;
  Statement peers_;
  Statement record_;
  Statement raw_;
};

}  // namespace observatory::host
