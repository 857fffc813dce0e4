// SPDX-License-Identifier: MIT
#pragma once

#include <array>

#include "core/run/endpoint.h"
#include "platform/interface/bytes.h"

namespace observatory {

// Endpoints that wait for their visit, first come, first served, each with the number of the
// observation that announced it. They lie end to end in limits::kWaiting bytes: some 500 of usual
// length, 60 of the longest.
class WaitingEndpoints {
 public:
  bool empty() const { return used_ == 0; }

  // False, and nothing changes, when there is no room.
  [[nodiscard]] bool put(const Endpoint& endpoint, std::uint32_t announced_by);

  // Takes the first; false when there is none.
  bool take(Endpoint& endpoint, std::uint32_t& announced_by);

  // Takes this one out, wherever it stands; false when it is not there.
  bool remove(const Endpoint& endpoint);

 private:
  void erase(std::size_t at, std::size_t size);

  std::array<std::uint8_t, limits::kWaiting> bytes_;
  std::size_t used_ = 0;
};

}  // namespace observatory
