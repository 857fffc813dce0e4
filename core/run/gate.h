// SPDX-License-Identifier: MIT
#pragma once

#include <array>

#include "core/record/outcome.h"
#include "core/run/manners.h"
#include "core/run/opt_out.h"

namespace observatory {

// What every connection of a run has to pass, whichever session makes it: nobody is visited who
// opted out, one session at a time is at an address, and all the rules of Manners hold.
class Gate {
 public:
  // `opt_out` outlives the gate and is complete before the first visit.
  explicit Gate(const OptOut& opt_out) : opt_out_(opt_out) {}

  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  // Once, before anything else; the key is random.
  void start(const KeyedHash::Key& key, Instant now) { manners_.start(key, now); }

  // Whether a host is not even to be looked up.
  bool opted_out(std::string_view host) const { return opt_out_.covers(host); }

  // Changes nothing. kBusy only where no pause follows a visit: on this machine.
  Permission ask(const Place& place, Instant now) const;

  // A session is at the place from here to leave(). REQUIRES that ask() just answered kNow.
  void enter(const Place& place, Instant now);

  // `outcome` of what was tried there, and whether the server said that it limits us, decide
  // whether it is left alone for a while.
  void leave(const Place& place, Instant now, Outcome outcome, bool limited);

 private:
  bool is_inside(std::uint64_t key) const;

  const OptOut& opt_out_;
  Manners manners_;
  std::array<std::uint64_t, limits::kMostSlots> inside_{};
  std::size_t count_ = 0;
};

}  // namespace observatory
