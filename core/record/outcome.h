// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace observatory {

// How an observation ended: a closed, numbered list that is data. Numbers and names are stable,
// never reused, and written to logs; a new one goes to the end. A refused connection is a
// successful observation.
//
// After the vocabularies of the field: OONI df-007-errors, zgrab2 status.go.
enum class Outcome : std::uint8_t {
  kOk = 0,               // server.version was answered
  kDnsFailed = 1,        // the name has no address, or nobody could say
  kDnsTimeout = 2,       // no answer about the name in time
  kRefused = 3,          // TCP: nothing listens
  kUnreachable = 4,      // TCP: no route, forbidden on the way
  kConnectTimeout = 5,   // TCP: no answer in time
  kReset = 6,            // the peer, or something between, tore the connection down
  kTlsTimeout = 7,       // TLS: no complete handshake in time
  kTlsAlert = 8,         // TLS: the peer refused (tls.alert says how)
  kTlsNoVersion = 9,     // TLS: no version that both sides speak (run.tls_newest says ours)
  kTlsFailed = 10,       // TLS: the handshake broke for another reason
  kReplyTimeout = 11,    // no answer to server.version in time
  kClosed = 12,          // closed in good order before server.version was answered
  kRateLimited = 13,     // the server said that it limits us (codes -101, -102)
  kReplyTooLong = 14,    // a line beyond our bound before server.version was answered
  kMalformedReply = 15,  // a line that is no JSON
  kWrongProtocol = 16,   // the peer speaks TLS, HTTP or SSH where it should not, or no TLS
  kNotElectrum = 17,     // JSON, and not a reply to server.version
  kVersionRefused = 18,  // server.version was answered with an error, in both its forms
  kExhausted = 19,       // this device had no handle or memory to spare: says nothing of the server
  kNeedsProxy = 20,      // an onion name and no way to Tor: not tried, says nothing of the server
  kHeldBack = 21,        // not tried: the server limited us or cut us off in the last six hours
  kOptedOut = 22,        // not tried: its operator does not want to be visited
  kForbiddenAddress =
      23,  // announced; leads into somebody's own network, or nobody knows: not tried

  // Through a proxy; kRefused, kUnreachable and kConnectTimeout come from there as well.
  kProxyFailed = 24,       // the proxy: not reached, no SOCKS 5, or hung up: nothing of the server
  kProxyRefused = 25,      // the proxy would or could not (proxy_reply): nothing sure of the server
  kOnionNotFound = 26,     // Tor: nobody published the onion service
  kOnionInvalid = 27,      // Tor: no such onion name can exist, or what was published is broken
  kOnionUnreachable = 28,  // Tor: published, but no way to it was found
  kOnionLocked = 29,       // Tor: it takes only clients that it knows
};

}  // namespace observatory
