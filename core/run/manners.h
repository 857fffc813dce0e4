// SPDX-License-Identifier: MIT
// How often a server may be visited, and for how long it is left alone when it does not want to be.
// There is no switch: who visits anything asks here first. Instants go in and come out; nothing
// here sleeps.
//
// The rules, for each visit by the address it goes to:
//
//                   a network       an address     an endpoint (address and port)
//   pause between   kNetworkGap     kAddressGap
//   most in an hour kNetworkHourly  kAddressHourly kEndpointHourly
//   left alone                      rate limited   closed or reset without an answer
//
// This machine (is_loopback()) is nobody's to protect from itself: it is always admitted.
//
// What was visited is remembered in a table of fixed size, by hashes under a key that differs from
// run to run: what servers announce cannot be chosen so that it falls together there. Where the
// table has no room a visit waits until something of it is forgotten; it never goes out unpaced.
// Two places that share a hash (of 2^32 pairs in the same corner of the table, one) share their
// rules: one of them is then visited less often than it might be.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/base/keyed_hash.h"
#include "core/base/limits.h"
#include "platform/interface/address.h"
#include "platform/interface/time.h"

namespace observatory {

namespace manners {

inline constexpr Micros kMinute = 60 * kSecond;
inline constexpr Micros kHour = 60 * kMinute;

// From the end of a visit to the beginning of the next one at the address. ElectrumX counts what a
// client costs and forgives 600 units in 300 seconds (electrumx src/electrumx/server/session.py,
// bump_cost); our visit costs 8.65 units, forgiven in 4.3 seconds.
inline constexpr Micros kAddressGap = 5 * kSecond;

// Between the beginnings of visits into a network. Ours: nobody who watches a network sees it
// swept.
inline constexpr Micros kNetworkGap = 1 * kSecond;

// Visits to an endpoint in any hour. Ours: a survey that asked up to twenty times in a row got no
// answer to 907 of its 1,665 questions (gabrielcaixeta01/electrum-observatory, online_peers.json).
inline constexpr unsigned kEndpointHourly = 2;

// Visits to an address in any hour. Even where each costs 100 units more (mempool.get_info is not
// known) twelve cost 1,304, near the soft limit of an ElectrumX that never forgave anything
// (1,000).
inline constexpr unsigned kAddressHourly = 12;

// Visits to a network in any hour. Ours: 30 servers of two ports each, as large hosters have them.
inline constexpr unsigned kNetworkHourly = 60;

// What counts as one network: what ElectrumX counts as one client (SESSION_GROUP_BY_SUBNET_IPV4 and
// _IPV6), and what one party usually gets.
inline constexpr unsigned kNetworkBitsV4 = 24;
inline constexpr unsigned kNetworkBitsV6 = 48;

// How long a server is left alone that limited us (the whole address), or that closed or reset in
// the place of an answer (the endpoint). ElectrumX 1.18 closes without a word when it limits.
inline constexpr Micros kBackOff = 6 * kHour;

}  // namespace manners

// Where a connection is to lead. Behind a proxy only the name is known: then the rules are kept by
// the name, there is no network, and the address means nothing.
struct Place {
  IpAddress ip;
  std::uint16_t port = 0;
  std::string_view name{};  // in lower case; empty: `ip` counts
};

// May a visit begin now?
struct Permission {
  enum class Kind : std::uint8_t {
    kNow,
    kBusy,       // another session is there; for an unknown time
    kNotBefore,  // ask again at `at`, which is later than now
    kHeldBack,   // the server wants to be left alone
    kOptedOut,   // its operator does
  };
  Kind kind = Kind::kNow;
  Instant at;
};

class Manners {
 public:
  Manners() = default;
  Manners(const Manners&) = delete;
  Manners& operator=(const Manners&) = delete;

  // Forgets everything. To be called before anything else; the key is random.
  void start(const KeyedHash::Key& key, Instant now);

  // kNow, kNotBefore or kHeldBack; changes nothing.
  Permission ask(const Place& place, Instant now) const;

  // A visit begins. REQUIRES that ask() just answered kNow.
  void enter(const Place& place, Instant now);
  // It ends; the pause at the address runs from here.
  void leave(const Place& place, Instant now);

  // From a visit that is under way: leave the address, or the endpoint alone, alone.
  void back_off_address(const Place& place, Instant now);
  void back_off_endpoint(const Place& place, Instant now);

  // What stands for the address of a place, loopback too; the same for equal addresses only.
  std::uint64_t address_key(const Place& place) const { return key_of(Level::kAddress, place); }

 private:
  enum class Level : std::uint8_t { kEndpoint, kAddress, kNetwork };
  static constexpr std::array<Level, 3> kLevels = {Level::kEndpoint, Level::kAddress,
                                                   Level::kNetwork};

  // Time in tenths of a second, rounded up. Starts so late that an entry of zeros is outdated.
  using Tick = std::uint32_t;

  static constexpr std::size_t kSpans = 7;  // of ten minutes: any hour lies within seven

  struct Entry {
    std::uint32_t tag = 0;                      // the part of the key that does not choose the row
    Tick last = 0;                              // visit, or end of one
    Tick before = 0;                            // the visit before
    Tick until = 0;                             // left alone until then
    std::array<std::uint8_t, kSpans> counts{};  // visits in the ten minutes of `last`, and before
  };

  static constexpr std::size_t kWays = 16;  // places where an entry can stand
  static constexpr std::size_t kRows = limits::kManners / kWays;

  bool applies(Level level, const Place& place) const;
  std::uint64_t key_of(Level level, const Place& place) const;
  static std::size_t row_of(std::uint64_t key);
  Tick tick_of(Instant at) const;
  Instant instant_of(Tick tick) const;

  const Entry* find(std::uint64_t key) const;
  Entry* find(std::uint64_t key);
  static Tick forgotten_at(const Entry& entry);
  Entry& take_place(std::uint64_t key, Tick now);
  Tick room_at(std::uint64_t key, std::size_t wanted) const;
  void back_off(Level level, const Place& place, Instant now);

  static Tick allowed_at(Level level, const Entry& entry, Tick now);
  static void advance(Entry& entry, Tick now);

  KeyedHash::Key key_{};
  Instant start_;
  std::array<Entry, kRows * kWays> entries_{};
};

}  // namespace observatory
