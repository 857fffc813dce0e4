// SPDX-License-Identifier: MIT
#include "core/run/dns_seeds.h"

#include "core/base/ip_text.h"
#include "core/base/text_buffer.h"

namespace observatory {

void read_dns_seed(std::string_view text, const DefaultPorts& ports, EndpointLine& into) {
  read_endpoint_argument(text, ports, into);
  IpAddress ip;
  if (into.count == 0 || !read_ip(into.endpoints[0].host.view(), ip)) return;
  into.count = 0;
  into.problem = "an address, where a name is asked for";
}

EndpointSource::Next DnsSeeds::next(Endpoint& endpoint) {
  if (!list_ended_) {
    const Next next = list_.next(endpoint);
    if (next != Next::kEnd) return next;
    list_ended_ = true;
  }
  for (;;) {
    switch (state_) {
      case State::kNoSeed:
        if (number_ == seeds_.size()) return Next::kEnd;
        begin_seed();
        break;
      case State::kLookup:
        if (!looked_up()) return Next::kNotYet;
        break;
      case State::kGiving:
        if (give(endpoint)) return Next::kEndpoint;
        state_ = State::kNoSeed;
        break;
    }
  }
}

void DnsSeeds::begin_seed() {
  read_dns_seed(seeds_[number_++], ports_, line_);
  if (line_.count == 0) return;
  seed_ = line_.endpoints[0].host;
  deadline_ = clock_.now() + limits::kSeedLookup;
  state_ = State::kLookup;
}

// False as long as there is nothing but to wait.
bool DnsSeeds::looked_up() {
  if (lookup_ == kNoLookup) lookup_ = resolver_.start_seed(seed_.view());
  LookupResult result;
  if (lookup_ != kNoLookup) result = resolver_.poll(lookup_, addresses_);
  if (result.state == LookupState::kPending) {
    if (clock_.now() < deadline_) return false;
    fail(SeedProblem::kTimedOut);
  } else if (result.state == LookupState::kFailed) {
    fail(SeedProblem::kFailed);
  } else if (result.count == 0) {
    fail(SeedProblem::kNoAddress);
  } else {
    count_ = result.count;
    address_ = port_ = 0;
    state_ = State::kGiving;
  }
  drop_lookup();
  return true;
}

bool DnsSeeds::give(Endpoint& endpoint) {
  if (address_ == count_) return false;
  endpoint = line_.endpoints[port_];
  TextBuffer<kLongestIpText> text;
  put_ip(addresses_[address_], text);
  if (++port_ >= line_.count) {
    port_ = 0;
    ++address_;
  }
  return endpoint.host.assign(text.text());
}

void DnsSeeds::name_seed(std::uint8_t number, FixedString<limits::kHost>& into) const {
  into.clear();
  if (number == 0 || number > seeds_.size()) return;
  EndpointLine line;
  read_dns_seed(seeds_[number - 1u], ports_, line);
  if (line.count > 0) into = line.endpoints[0].host;
}

void DnsSeeds::fail(SeedProblem why) {
  ++failed_;
  state_ = State::kNoSeed;
  listener_.seed_failed(seed_.view(), why);
}

void DnsSeeds::drop_lookup() {
  if (lookup_ != kNoLookup) resolver_.release(lookup_);
  lookup_ = kNoLookup;
}

}  // namespace observatory
