// SPDX-License-Identifier: MIT
#include "core/run/discovery.h"

#include <algorithm>

#include "core/base/ip_text.h"
#include "core/run/through_proxy.h"

namespace observatory {

void Discovery::read(const Record& observation, SeenEndpoints& seen, Agenda& agenda, Instant now,
                     bool repeats) {
  if (rules_.most == 0) return;
  Visit visit;
  visit.announced = true;
  visit.announced_by = static_cast<std::uint32_t>(observation.number(FieldId::kSeq));
  visit.due = now;
  Announcements announcements(observation, rules_.ports);
  for (Announcement found; announcements.next(found);) {
    ++announced_;
    const Endpoint& endpoint = found.endpoint;
    if (!may_visit(found)) {
      ++refused_;
      continue;
    }
    if (is_onion(endpoint.host.view()) && !rules_.follow_onions) continue;
    // What cannot be remembered could be followed again and again.
    if (host_count_ >= rules_.most || seen.full() || seen.knows(endpoint)) continue;
    const std::uint32_t host = seen.hash_of(endpoint.host.view());
    const auto end = hosts_.begin() + static_cast<std::ptrdiff_t>(host_count_);
    if (std::count(hosts_.begin(), end, host) >= std::ptrdiff_t{limits::kPortsOfHost}) {
      ++refused_;
      continue;
    }
    visit.endpoint = endpoint;
    if (agenda.room() < Agenda::kRoom / 2 || !agenda.add(visit, repeats)) continue;
    seen.seen(endpoint);
    hosts_[host_count_++] = host;
    ++followed_;
  }
}

bool Discovery::may_visit(const Announcement& announcement) const {
  if (!announcement.problem.empty()) return false;
  return !announcement.is_address || may_reach(rules_.reach, announcement.ip);
}

bool Discovery::may_follow_seed(const Endpoint& endpoint) {
  ++announced_;
  IpAddress ip;
  if (!read_ip(endpoint.host.view(), ip) || may_reach(rules_.reach, ip)) return true;
  ++refused_;
  return false;
}

bool Discovery::withdraw(const Endpoint& endpoint, const SeenEndpoints& seen, Agenda& agenda) {
  if (!agenda.withdraw(endpoint)) return false;
  const auto end = hosts_.begin() + static_cast<std::ptrdiff_t>(host_count_);
  const auto place = std::find(hosts_.begin(), end, seen.hash_of(endpoint.host.view()));
  *place = hosts_[--host_count_];
  --followed_;
  return true;
}

}  // namespace observatory
