// SPDX-License-Identifier: MIT
// What differs between two snapshots: of two times, or of two vantages.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "targets/observatory/show/sheet.h"
#include "targets/observatory/snapshot/snapshot.h"

namespace observatory::host {

// Names in output: in lower case.
enum class Difference : std::uint8_t {
  kCame,         // reached in the second alone
  kWent,         // reached in the first alone
  kCertificate,  // of an endpoint; "same key" when it was renewed with its key
  kSoftware,
  kAddress,
  kProvider,
};

inline constexpr std::size_t kDifferences = 6;

std::string_view difference_name(Difference difference);

struct Change {
  std::string server;  // its name in the second snapshot, where it is there
  Difference difference{};
  std::string endpoint;  // of a certificate; else empty
  std::vector<std::string> before;
  std::vector<std::string> after;
};

// By server, then by difference, then by endpoint. Two servers are the same when they share a host
// or, without one, an address; of several the first by name. Facts are compared where both sides
// know some: that a server says nothing any more is no change of what it says. A server that came
// or went shows on the other side what was known there: how its visits ended, or "not tried".
std::vector<Change> diff(const Snapshot& first, const Snapshot& second);

// server, change, endpoint, before, after.
Sheet change_sheet(const std::vector<Change>& changes);

}  // namespace observatory::host
