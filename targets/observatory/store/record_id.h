// SPDX-License-Identifier: MIT
// Numbers that stand in columns.
#pragma once

#include <cstdint>

namespace observatory::host {

// Of a record: its run and its place there; 0 is the run record's.
constexpr std::int64_t record_id(std::int64_t run, std::uint32_t seq) {
  return run << 32 | std::int64_t{seq};
}
constexpr std::int64_t run_of_record(std::int64_t id) { return id >> 32; }
constexpr std::uint32_t seq_of_record(std::int64_t id) {
  return static_cast<std::uint32_t>(id & 0xffff'ffff);
}

// Of an observation.
enum ObservationFlag : std::uint8_t { kMisdated = 1, kProxied = 2, kRetransmitted = 4 };

}  // namespace observatory::host
