// SPDX-License-Identifier: MIT
#pragma once

#include "core/run/endpoint.h"
#include "core/run/visit_facts.h"
#include "platform/interface/address.h"
#include "platform/interface/time.h"

namespace observatory {

// A visit to come, under way, or to be repeated, and what is carried from one to the next.
struct Visit {
  Endpoint endpoint;
  Instant due;               // not before this
  std::uint32_t number = 1;  // of this one among the visits to the endpoint (and address), from 1

  // Who announced the endpoint: `seq` of the observation. 0: the operator listed it.
  std::uint32_t announced_by = 0;
  // Announced by a server, so only addresses that anybody may announce are connected to. Such
  // visits are also the last in the queue: see Agenda::take().
  bool announced = false;
  // The DNS seed that the address comes from; 0: none. Such addresses are held to the same rule.
  std::uint8_t seed = 0;

  // The address that the name had when the visit was put off, so that the visit is not begun
  // before that address may be visited. Of no meaning otherwise, unless `one_address`.
  bool knows_ip = false;
  // The name is not looked up: the visit is to `ip` and to no other address.
  bool one_address = false;
  IpAddress ip;

  // When hellos beyond the one real handshake (JARM) were last sent to the endpoint; zero: not in
  // this run. Whoever sends them asks may_send_hellos() first and sets it: they are carried on.
  Instant hellos_at;
  bool may_send_hellos(Instant now) const {
    return hellos_at == Instant{} || now - hellos_at >= limits::kHelloPause;
  }

  FactHashes facts{};  // of the first observation that had each; see visit_facts.h
};

}  // namespace observatory
