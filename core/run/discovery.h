// SPDX-License-Identifier: MIT
// Endpoints that others name: which of them a run visits, and in what order.
//
// Servers name each other in their peers lists, DNS seeds name addresses. Whoever they are, they
// decide nothing but what is tried: an endpoint is added to the run once, no more of them than the
// operator asked for, no more than kPortsOfHost at one host, and an address that is not global only
// if the operator allowed it. A name's addresses are looked at when it is visited (Session).
//
// What is followed goes into the agenda, due at once: breadth first, as far as manners allow, since
// what is listed comes before what listed servers announce, that before what those announce, each
// in the order of the observations.
#pragma once

#include "core/run/agenda.h"
#include "core/run/announced.h"
#include "core/run/endpoint_list.h"
#include "core/run/reach.h"

namespace observatory {

struct DiscoveryRules {
  std::size_t most = 0;  // endpoints followed out of peers lists, up to limits::kMostDiscovered
  DefaultPorts ports;
  Reach reach = Reach::kGlobal;
  bool follow_onions = false;  // there is a way to them
};

class Discovery {
 public:
  explicit Discovery(const DiscoveryRules& rules) : rules_(rules) {}

  // Takes what a finished observation, with its `seq`, announces; nothing when no endpoint is to be
  // followed. What `seen` has is passed over; what is followed goes into it and into the agenda, of
  // which it leaves half to others.
  void read(const Record& observation, SeenEndpoints& seen, Agenda& agenda, Instant now,
            bool repeats);

  // The operator lists this one after all: visited as listed, it is not followed. False when it
  // does not wait in the agenda.
  bool withdraw(const Endpoint& endpoint, const SeenEndpoints& seen, Agenda& agenda);

  // Whether an endpoint that a DNS seed gave may be visited; counts it.
  bool may_follow_seed(const Endpoint& endpoint);
  void followed_seed() { ++followed_; }

  // Whether anything was to be discovered; and how many endpoints were named, each time counted,
  // added to the run, and found to be such as may not be visited.
  bool asked() const { return rules_.most > 0 || announced_ > 0; }
  std::uint64_t announced() const { return announced_; }
  std::uint64_t followed() const { return followed_; }
  std::uint64_t refused() const { return refused_; }

 private:
  bool may_visit(const Announcement& announcement) const;

  DiscoveryRules rules_;
  std::array<std::uint32_t, limits::kMostDiscovered> hosts_;  // a hash for each that was followed
  std::size_t host_count_ = 0;
  std::uint64_t announced_ = 0;
  std::uint64_t followed_ = 0;
  std::uint64_t refused_ = 0;
};

}  // namespace observatory
