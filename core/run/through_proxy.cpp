// SPDX-License-Identifier: MIT
#include "core/run/through_proxy.h"

namespace observatory {
namespace {

// Replies below kTor: RFC 1928 section 6. Tor gives its own only where its SocksPort has the flag
// ExtendedErrors (tor(1)); else most of them are 4 or 1.
Outcome outcome_of_reply(std::uint8_t reply) {
  switch (reply) {
    case 0x03:  // network unreachable
    case 0x04:  // host unreachable, or its name unknown
      return Outcome::kUnreachable;
    case 0x05:
      return Outcome::kRefused;
    case 0x06:
      return Outcome::kConnectTimeout;
    case 0xF0:  // descriptor not found
      return Outcome::kOnionNotFound;
    case 0xF1:  // descriptor invalid
    case 0xF6:  // address invalid
      return Outcome::kOnionInvalid;
    case 0xF2:  // introduction failed
    case 0xF3:  // rendezvous failed
    case 0xF7:  // introduction timed out
      return Outcome::kOnionUnreachable;
    case 0xF4:  // client authorization missing
    case 0xF5:  // client authorization wrong
      return Outcome::kOnionLocked;
    default:  // 1 general failure, 2 not allowed, 7 and 8 not supported; what nobody has defined
      return Outcome::kProxyRefused;
  }
}

}  // namespace

bool is_onion(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  return host.ends_with(".onion");
}

Outcome outcome_of_proxy(const ProxyProgress& progress, NetError why) {
  if (why == NetError::kExhausted) return Outcome::kExhausted;
  if (progress.replied) return outcome_of_reply(progress.reply);
  const bool still_trying = progress.asked && why == NetError::kTimedOut;
  return still_trying ? Outcome::kConnectTimeout : Outcome::kProxyFailed;
}

}  // namespace observatory
