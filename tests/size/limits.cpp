// SPDX-License-Identifier: MIT
// Says what the device side takes of memory, and holds it to its bounds.
#include "core/base/limits.h"

#include <cstddef>
#include <cstdio>

#include "core/dns/lookup.h"
#include "core/run/scheduler.h"

namespace {

using namespace observatory;

int failures = 0;

void bound(const char* what, std::size_t size, std::size_t most) {
  std::printf("%-14s %7zu bytes of %7zu\n", what, size, most);
  if (size <= most) return;
  std::printf("%s is too large\n", what);
  ++failures;
}

}  // namespace

int main() {
  constexpr std::size_t kKibi = 1024;
  bound("Session", sizeof(Session), 112 * kKibi);
  bound("Session alone", sizeof(Session) - limits::kLine - limits::kRecordPool, 8 * kKibi);
  bound("ElectrumProbe", sizeof(ElectrumProbe), 3 * kKibi);
  bound("Record", sizeof(Record), 2 * kKibi);
  bound("Scheduler", sizeof(Scheduler), 72 * kKibi);
  bound("Gate", sizeof(Gate), 49 * kKibi);
  bound("OptOut", sizeof(OptOut), 9 * kKibi);
  bound("DnsLookup", sizeof(DnsLookup), 320);
  bound("DnsAddresses", sizeof(DnsAddressesUpTo<limits::kAddresses>), 192);
  return failures == 0 ? 0 : 1;
}
