// SPDX-License-Identifier: MIT
#include "core/run/gate.h"

#include <algorithm>

#include "core/base/ip_network.h"

namespace observatory {

Permission Gate::ask(const Place& place, Instant now) const {
  if (place.name.empty() ? opt_out_.covers(place.ip) : opt_out_.covers(place.name)) {
    return {Permission::Kind::kOptedOut, {}};
  }
  if (!is_inside(manners_.address_key(place)) && count_ < inside_.size()) {
    return manners_.ask(place, now);
  }
  if (place.name.empty() && is_loopback(place.ip)) return {Permission::Kind::kBusy, {}};
  return {Permission::Kind::kNotBefore, now + manners::kAddressGap};
}

void Gate::enter(const Place& place, Instant now) {
  inside_[count_++] = manners_.address_key(place);
  manners_.enter(place, now);
}

void Gate::leave(const Place& place, Instant now, Outcome outcome, bool limited) {
  const auto end = inside_.begin() + static_cast<std::ptrdiff_t>(count_);
  const auto found = std::find(inside_.begin(), end, manners_.address_key(place));
  if (found != end) *found = inside_[--count_];
  manners_.leave(place, now);
  if (limited || outcome == Outcome::kRateLimited) manners_.back_off_address(place, now);
  if (outcome == Outcome::kClosed || outcome == Outcome::kReset) {
    manners_.back_off_endpoint(place, now);
  }
}

bool Gate::is_inside(std::uint64_t key) const {
  const auto end = inside_.begin() + static_cast<std::ptrdiff_t>(count_);
  return std::find(inside_.begin(), end, key) != end;
}

}  // namespace observatory
