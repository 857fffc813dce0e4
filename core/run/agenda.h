// SPDX-License-Identifier: MIT
// The visits that a run has still to make: repeated ones, those that had to be put off, and those
// to endpoints that servers announced. In a fixed piece of memory: "full" is an ordinary answer.
//
//   if (!agenda.add(visit)) ++refused;             // a visit to come
//   ...
//   if (agenda.take(now, place, true, visit)) {    // now under way in slot `place`
//     ...
//     agenda.put_back(place, visit);               // once more, at visit.due
//     agenda.drop(place);                          // or: it was the last
//   }
//
// A visit that is under way keeps its room, so putting it back never fails.
#pragma once

#include <array>

#include "core/base/limits.h"
#include "core/run/visit.h"
#include "platform/interface/bytes.h"

namespace observatory {

class Agenda {
 public:
  Agenda() = default;
  Agenda(const Agenda&) = delete;
  Agenda& operator=(const Agenda&) = delete;

  // False, and nothing changes, when there is no room. A visit takes kHead bytes, its host's name,
  // and with `repeats` room for its facts. Facts of a visit that does not repeat are not kept.
  // Whoever adds what servers announce sees to it that they cannot fill it all: see room().
  [[nodiscard]] bool add(const Visit& visit, bool repeats = false) {
    return append(visit, repeats, kWaiting);
  }

  // The same for a visit that begins at once, in slot `place` (from 0).
  [[nodiscard]] bool add_under_way(const Visit& visit, bool repeats, std::size_t place) {
    return append(visit, repeats, under_way_in(place));
  }

  // Of the visits whose time has come, the one that is due longest, and of equals the one that was
  // added first; those that servers announced only with `announced_too`. It is then under way in
  // slot `place`. False, and `into` untouched, when there is none.
  [[nodiscard]] bool take(Instant now, std::size_t place, bool announced_too, Visit& into);

  // The visit that is under way in slot `place` waits again, as `visit` now says; the endpoint is
  // the same. Without effect when the slot has none of the agenda.
  void put_back(std::size_t place, const Visit& visit);

  // The visit that is under way in slot `place` is done with. Without effect when the slot has
  // none.
  void drop(std::size_t place);

  // Takes out the visit to an endpoint that a server announced, wherever it waits. False when none
  // does.
  bool withdraw(const Endpoint& announced);

  // When the first of the visits that wait is due, as take() would give them; never() when none
  // waits.
  Instant next_due(bool announced_too) const;

  // No visit waits or is under way.
  bool empty() const { return used_ == 0; }

  // Bytes that are free, of kRoom.
  static constexpr std::size_t kRoom = limits::kAgenda;
  std::size_t room() const { return kRoom - used_; }

 private:
  // An entry is a Head, its facts if it repeats, and the host's name. Entries stand one behind the
  // other in the order in which they were added.
  struct Head {
    Instant due;
    Instant hellos_at;
    std::uint32_t number;
    std::uint32_t announced_by;
    std::array<std::uint8_t, 16> ip;
    std::uint16_t port;
    std::uint8_t place;  // kWaiting, or 1 + the slot in which it is under way
    std::uint8_t host_size;
    std::uint8_t seed;
    bool tls : 1;
    bool announced : 1;
    bool knows_ip : 1;
    bool one_address : 1;
    bool ip_is_v6 : 1;
    bool repeats : 1;
  };
  static constexpr std::uint8_t kWaiting = 0;
  static constexpr std::uint8_t under_way_in(std::size_t place) {
    return static_cast<std::uint8_t>(place + 1);
  }
  static constexpr std::size_t facts_size(const Head& head) {
    return head.repeats ? sizeof(FactHashes) : 0;
  }
  static constexpr std::size_t size_of(const Head& head) {
    return kHead + facts_size(head) + head.host_size;
  }

  void erase(std::size_t offset);
  bool append(const Visit& visit, bool repeats, std::uint8_t place);
  Head head_at(std::size_t offset) const;
  std::string_view host_of(std::size_t offset, const Head& head) const;
  // Where the visit under way in that slot stands; kRoom when there is none.
  std::size_t find(std::size_t place) const;
  void write(std::size_t offset, const Head& head, const Visit& visit);
  void read(std::size_t offset, const Head& head, Visit& into) const;

 public:
  static constexpr std::size_t kHead = sizeof(Head);

 private:
  std::array<std::uint8_t, kRoom> pool_;
  std::size_t used_ = 0;
};

}  // namespace observatory
