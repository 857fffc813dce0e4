// SPDX-License-Identifier: MIT
#include "platform/posix/errno_mapping.h"

#include <cerrno>

namespace observatory::posix {

int last_error() { return errno; }

void restore_error(int error) { errno = error; }

bool is_interrupted(int error) { return error == EINTR; }

bool is_not_now(int error) {
  // Apart, since the two are one number on most systems and compilers object to a repetition.
  if (error == EAGAIN) return true;
  return error == EWOULDBLOCK;
}

// POSIX connect(): interrupted by a signal, it goes on in the background like any other.
bool is_under_way(int error) { return error == EINPROGRESS || error == EALREADY || error == EINTR; }

bool is_missing_call(int error) { return error == ENOSYS || error == EPERM; }

NetError net_error(int error) {
  if (error == 0 || is_not_now(error) || is_under_way(error)) return NetError::kNone;
  switch (error) {
    case ECONNREFUSED:
      return NetError::kRefused;

    case ECONNRESET:
    case ECONNABORTED:
    case ENETRESET:
    case EPIPE:  // a write after the peer's reset was already reported once
      return NetError::kReset;

    // EACCES and EPERM come from a packet filter on this device or a prohibited route,
    // EAFNOSUPPORT and EADDRNOTAVAIL from a kernel without IPv6 or without an address to send
    // from, ENOPROTOOPT from ICMP "protocol unreachable" (Linux, net/ipv4/icmp.c).
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
    case EACCES:
    case EPERM:
    case EAFNOSUPPORT:
    case EPROTONOSUPPORT:
    case EADDRNOTAVAIL:
    case ENOPROTOOPT:
#ifdef ENONET
    case ENONET:
#endif
      return NetError::kUnreachable;

    case ETIMEDOUT:
      return NetError::kTimedOut;

    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return NetError::kExhausted;

    default:
      return NetError::kOther;
  }
}

}  // namespace observatory::posix
