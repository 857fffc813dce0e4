// SPDX-License-Identifier: MIT
#pragma once

#include <span>

#include "core/run/scheduler.h"
#include "platform/interface/clock.h"
#include "platform/interface/resolver.h"

namespace observatory {

// Reads NAME, NAME:PORT:t or NAME:PORT:s: what read_endpoint_argument() takes, but for addresses,
// which have no further addresses. `into` then names the ports of every address.
void read_dns_seed(std::string_view text, const DefaultPorts& ports, EndpointLine& into);

// Why nothing came of a seed.
enum class SeedProblem : std::uint8_t {
  kNoAddress,  // the name does not exist, or has no address
  kFailed,     // no name server could tell
  kTimedOut,   // no answer within limits::kSeedLookup
};

class SeedListener {
 public:
  virtual void seed_failed(std::string_view seed, SeedProblem why) = 0;

 protected:
  ~SeedListener() = default;
};

// The endpoints of a list, and behind them those of DNS seeds: each address of each name, up to
// limits::kSeedAddresses of a family, on each of its ports. One name is looked up at a time, when
// it is its turn; next() answers kNotYet meanwhile. A seed that gives nothing is told to the
// listener and counted as a line that could not be read.
class DnsSeeds final : public EndpointSource {
 public:
  // Each of `seeds` has passed read_dns_seed(). Everything outlives this.
  DnsSeeds(EndpointSource& list, std::span<const char* const> seeds, const DefaultPorts& ports,
           Resolver& resolver, Clock& clock, SeedListener& listener)
      : list_(list),
        seeds_(seeds),
        ports_(ports),
        resolver_(resolver),
        clock_(clock),
        listener_(listener) {}
  ~DnsSeeds() { drop_lookup(); }
  DnsSeeds(const DnsSeeds&) = delete;
  DnsSeeds& operator=(const DnsSeeds&) = delete;

  Next next(Endpoint& endpoint) override;
  std::uint64_t bad_lines() const override { return list_.bad_lines() + failed_; }
  std::uint8_t seed() const override { return list_ended_ ? number_ : std::uint8_t{0}; }
  void name_seed(std::uint8_t number, FixedString<limits::kHost>& into) const override;

 private:
  enum class State : std::uint8_t { kNoSeed, kLookup, kGiving };

  void begin_seed();
  bool looked_up();
  bool give(Endpoint& endpoint);
  void fail(SeedProblem why);
  void drop_lookup();

  EndpointSource& list_;
  std::span<const char* const> seeds_;
  DefaultPorts ports_;
  Resolver& resolver_;
  Clock& clock_;
  SeedListener& listener_;

  bool list_ended_ = false;
  std::uint8_t number_ = 0;  // of the seed, from 1
  State state_ = State::kNoSeed;
  FixedString<limits::kHost> seed_;  // the name
  EndpointLine line_;                // its ports
  LookupId lookup_ = kNoLookup;
  Instant deadline_;
  std::array<IpAddress, 2 * limits::kSeedAddresses> addresses_;
  std::size_t count_ = 0;
  std::size_t address_ = 0;  // the next one to be given
  std::size_t port_ = 0;     // on this one of its ports
  std::uint64_t failed_ = 0;
};

}  // namespace observatory
