// SPDX-License-Identifier: MIT
#pragma once

#include "platform/interface/clock.h"

namespace observatory::posix {

// Microseconds of CLOCK_MONOTONIC: zero is the device's start; stands still while it sleeps.
Instant monotonic_now();

class PosixClock final : public Clock {
 public:
  Instant now() override { return monotonic_now(); }

  // CLOCK_REALTIME; 0 for a date before 1970.
  std::uint64_t wall_ms() override;

  // kUnset before 2026-01-01 UTC: no device that runs this program lived then, so the date is
  // a factory setting. kNtp when the kernel says that a daemon disciplines its clock (ntp_adjtime
  // status without STA_UNSYNC: RFC 1589 section 4.2; set by ntpd, chronyd, systemd-timesyncd and
  // busybox ntpd alike). Else kUnknown, also where the kernel does not answer.
  WallClock wall_clock() override;
};

}  // namespace observatory::posix
