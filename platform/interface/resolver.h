// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "platform/interface/address.h"

namespace observatory {

using LookupId = std::int32_t;
inline constexpr LookupId kNoLookup = -1;

enum class LookupState : std::uint8_t {
  kPending,
  kFound,     // at least one address
  kNotFound,  // the name does not exist, or has no address
  kFailed,    // no answer could be had: no name server, broken answer
};

struct [[nodiscard]] LookupResult {
  LookupState state = LookupState::kPending;
  std::size_t count = 0;  // addresses written, in the order in which they should be tried
};

// Turns names into addresses without ever blocking the caller. Network::wait() returns when a
// lookup has ended.
class Resolver {
 public:
  // Starts a lookup of `name` (at most 255 bytes; an IP literal is answered too). kNoLookup when
  // all of the resolver's places are taken: try again later.
  virtual LookupId start(std::string_view name) = 0;

  // The same for a name with many addresses, of which start() keeps no more than one visit tries.
  // There is one such place: kNoLookup while it is taken.
  virtual LookupId start_seed(std::string_view name) = 0;

  // Asks how the lookup stands; fills `into` when it has found something. Addresses beyond the
  // capacity of `into` are dropped.
  virtual LookupResult poll(LookupId lookup, std::span<IpAddress> into) = 0;

  // Gives the lookup up, or back: every id from start() is released exactly once. Never blocks,
  // even when the lookup still runs.
  virtual void release(LookupId lookup) = 0;

 protected:
  ~Resolver() = default;
};

}  // namespace observatory
