// SPDX-License-Identifier: MIT
#include "tests/support/denied_calls.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace observatory::test {
namespace {

// One system call, perhaps with one value of its first argument only.
struct Rule {
  std::uint32_t call;
  bool any_argument;
  std::uint32_t argument;
  int error;
};

void add_rules(Denied what, std::vector<Rule>& rules) {
  switch (what) {
    case Denied::kIpv6:
      return rules.push_back({SYS_socket, false, AF_INET6, EAFNOSUPPORT});
    case Denied::kGetrandom:
      return rules.push_back({SYS_getrandom, true, 0, ENOSYS});
    case Denied::kSeed:
      return rules.push_back({SYS_getrandom, true, 0, EAGAIN});
    case Denied::kClockStatus:
      rules.push_back({SYS_adjtimex, true, 0, EPERM});
      return rules.push_back({SYS_clock_adjtime, true, 0, EPERM});
  }
}

sock_filter load(std::size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}

// Goes on with the next instruction when what was loaded is `value`, else leaves out `others`.
sock_filter unless(std::uint32_t value, std::uint8_t others) {
  return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, others);
}

sock_filter answer(std::uint32_t action) { return BPF_STMT(BPF_RET | BPF_K, action); }

}  // namespace

bool deny(std::span<const Denied> calls) {
  constexpr std::size_t kLowHalf = std::endian::native == std::endian::little ? 0 : 4;
  std::vector<Rule> rules;
  for (const Denied call : calls) add_rules(call, rules);
  std::vector<sock_filter> filter;
  for (const Rule& rule : rules) {
    filter.push_back(load(offsetof(seccomp_data, nr)));
    filter.push_back(unless(rule.call, rule.any_argument ? 1 : 3));
    if (!rule.any_argument) {
      filter.push_back(load(offsetof(seccomp_data, args) + kLowHalf));
      filter.push_back(unless(rule.argument, 1));
    }
    filter.push_back(answer(SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(rule.error)));
  }
  filter.push_back(answer(SECCOMP_RET_ALLOW));
  const sock_fprog program = {static_cast<unsigned short>(filter.size()), filter.data()};
  // Without new privileges no right is needed.
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

}  // namespace observatory::test
