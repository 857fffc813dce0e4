// SPDX-License-Identifier: MIT
// Runs a command on a kernel that can do less:
//
//   without WHAT... -- COMMAND...      WHAT: ipv6, getrandom, seed, clock-status (denied_calls.h)
//
// Exit status: the command's; 125 when it could not be had like this, 127 when there is no command.
#include <unistd.h>

#include <cstdio>
#include <string_view>
#include <vector>

#include "tests/support/denied_calls.h"

namespace {

using observatory::test::Denied;

constexpr int kCannot = 125;
constexpr int kNoCommand = 127;

bool add(std::string_view name, std::vector<Denied>& calls) {
  constexpr struct {
    std::string_view name;
    Denied what;
  } kNames[] = {{"ipv6", Denied::kIpv6},
                {"getrandom", Denied::kGetrandom},
                {"seed", Denied::kSeed},
                {"clock-status", Denied::kClockStatus}};
  for (const auto& row : kNames) {
    if (row.name != name) continue;
    calls.push_back(row.what);
    return true;
  }
  std::fprintf(stderr, "without: nothing is called `%.*s`\n", static_cast<int>(name.size()),
               name.data());
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<Denied> calls;
  int at = 1;
  for (; at < argc && std::string_view(argv[at]) != "--"; ++at) {
    if (!add(argv[at], calls)) return kCannot;
  }
  if (at + 1 >= argc) {
    std::fprintf(stderr, "usage: without WHAT... -- COMMAND...\n");
    return kCannot;
  }
  if (!observatory::test::deny(calls)) {
    std::perror("without: seccomp");
    return kCannot;
  }
  ::execvp(argv[at + 1], argv + at + 1);
  std::perror(argv[at + 1]);
  return kNoCommand;
}
