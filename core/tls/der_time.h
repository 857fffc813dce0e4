// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "core/tls/der.h"

namespace observatory {

// Reads a UTCTime or GeneralizedTime as RFC 5280 section 4.1.2.5 allows them, with seconds and in
// UTC: seconds since 1970-01-01. False for every other form and for what is no date. The leap
// second 23:59:60 is the first second of the next day, as POSIX counts.
bool read_time(const DerElement& time, std::int64_t& seconds);

}  // namespace observatory
