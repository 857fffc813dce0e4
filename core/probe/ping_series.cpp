// SPDX-License-Identifier: MIT
#include "core/probe/ping_series.h"

#include <algorithm>

#include "core/base/number.h"
#include "core/electrum/request.h"

namespace observatory {

void PingSeries::start(Instant now, bool pads) {
  wanted_ = static_cast<std::uint8_t>(pads ? limits::kPingsWithPause : limits::kPings);
  pause_ = pads ? limits::kPingPause : 0;
  count_ = 0;
  waiting_ = false;
  ends_at_ = now + limits::kPingTime;
  plan(now + pause_);
}

// The next ping goes out by expire() alone, so that the time it takes to read the reply before is
// not counted as the server's.
void PingSeries::plan(Instant next) {
  deadline_ = count_ < wanted_ && next < ends_at_ ? next : Instant::never();
}

void PingSeries::expire(Instant now, ByteSink& into) {
  if (done() || now < deadline_) return;
  if (waiting_ || now >= ends_at_) {
    deadline_ = Instant::never();
    return;
  }
  put_ping(kFirstPingId + count_, into);
  asked_at_ = now;
  waiting_ = true;
  deadline_ = ends_at_;
}

bool PingSeries::take(Instant now, std::string_view id) {
  if (!waiting_ || !is_ping_id(id, kFirstPingId + count_)) return false;
  waiting_ = false;
  times_[count_++] = static_cast<std::uint32_t>(std::max<Micros>(0, now - asked_at_));
  plan(now + pause_);
  return true;
}

void PingSeries::put(Record& record) const {
  if (count_ == 0) return;
  ListField pings(record, FieldId::kUsPings);
  for (std::size_t i = 0; i < count_; ++i) pings.add(std::uint64_t{times_[i]});
}

}  // namespace observatory
