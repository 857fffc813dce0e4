// SPDX-License-Identifier: MIT
// Every bound of the device side, in one place. What a peer sends decides no size.
//
// A build may set those that decide the memory, each by the CMake variable of the same name:
//   cmake -DOBSERVATORY_MOST_SLOTS=1 -DOBSERVATORY_LONGEST_LINE=32768 ...
// What could not work is refused at the end of this file.
#pragma once

#include <cstddef>
#include <cstdint>

#include "platform/interface/time.h"

#ifndef OBSERVATORY_LONGEST_LINE
#define OBSERVATORY_LONGEST_LINE 65536
#endif
#ifndef OBSERVATORY_RECORD_POOL
#define OBSERVATORY_RECORD_POOL 32768
#endif
#ifndef OBSERVATORY_MOST_SLOTS
#define OBSERVATORY_MOST_SLOTS 32
#endif
#ifndef OBSERVATORY_REMEMBERED
#define OBSERVATORY_REMEMBERED 2048
#endif
#ifndef OBSERVATORY_AGENDA
#define OBSERVATORY_AGENDA 32768
#endif
#ifndef OBSERVATORY_MANNERS
#define OBSERVATORY_MANNERS 2048
#endif
#ifndef OBSERVATORY_OPT_OUT
#define OBSERVATORY_OPT_OUT 8192
#endif
#ifndef OBSERVATORY_KNOWN_CONTENTS
#define OBSERVATORY_KNOWN_CONTENTS 4096
#endif

namespace observatory::limits {

// Memory of one slot.
// The longest reply; 64 KiB hold a list of 600 peers.
inline constexpr std::size_t kLine = OBSERVATORY_LONGEST_LINE;
// Text and lists of one observation.
inline constexpr std::size_t kRecordPool = OBSERVATORY_RECORD_POOL;
inline constexpr std::size_t kAddresses = 8;  // addresses of a name that are tried
inline constexpr std::size_t kChunk = 1024;   // bytes moved between network, TLS and probe

// Slots that --slots may ask for.
inline constexpr std::size_t kMostSlots = OBSERVATORY_MOST_SLOTS;

// Names.
inline constexpr std::size_t kHost = 255;           // RFC 1035: the longest name
inline constexpr std::size_t kClientName = 80;      // Fulcrum keeps 80, ElectrumX 100 characters
inline constexpr std::size_t kEndpointLine = 1024;  // longest line of an endpoint list

// Name lookup. Servers are asked in turn, each for kDnsTry before the next one; every further round
// waits twice as long. A lookup that nobody answers thus lasts 7 s with one server and 21 s with
// three: longer than its share of a visit, so that silence ends as a timeout and not as an answer.
inline constexpr std::size_t kNameServers = 3;  // resolv.conf(5), MAXNS
inline constexpr Micros kDnsTry = 1 * kSecond;
inline constexpr unsigned kDnsRounds = 3;
inline constexpr Micros kDnsStraggler = 500 * kMillisecond;  // the second family after the first
inline constexpr std::size_t kDnsMessage = 1232;  // UDP that fits every path: DNS flag day 2020
inline constexpr std::size_t kDnsAliases = 11;    // CNAMEs in a row; unbound follows as many
inline constexpr std::size_t kNameFile = 16 * 1024 * 1024;  // read of /etc/hosts for one lookup

// DNS seeds: names whose every address is an endpoint. A UDP answer holds some 70 IPv4 addresses.
inline constexpr std::size_t kSeeds = 8;
inline constexpr std::size_t kSeedAddresses = 64;  // of a family
inline constexpr Micros kSeedLookup = 30 * kSecond;

// Distinct endpoints of a run that are remembered, so that none of them is visited twice. In a
// longer list a repeated endpoint is recognised only if it was first listed within these.
inline constexpr std::size_t kRemembered = OBSERVATORY_REMEMBERED;

// Endpoints out of peers lists that --discover may ask for; and how many of them at one host, since
// a list is not to make us scan somebody's ports.
inline constexpr std::size_t kMostDiscovered = 1024;
inline constexpr std::size_t kPortsOfHost = 4;

// Bytes of the visits that a run has still to make: repeated ones, those that were put off, those
// to endpoints that servers announced. A visit takes some 50 bytes and its host's name; one that is
// repeated some 70 more: 32 KiB hold 230 endpoints that are repeated, or 450 that are not.
inline constexpr std::size_t kAgenda = OBSERVATORY_AGENDA;

// A visit that may begin within this waits for it in its slot; a longer wait is put off, so that
// the slot can serve others meanwhile. A visit that goes on to another address of its name waits
// longer: put off, it would forget what it has seen.
inline constexpr Micros kShortWait = 2 * kSecond;
inline constexpr Micros kFallbackWait = 6 * kSecond;

// Endpoints, addresses and networks of the last hour whose visits are counted (run/manners.h). Each
// of the first brings up to two of the others: 2048 are enough for 700 to 1,000 endpoints an hour,
// and where there are more they wait.
inline constexpr std::size_t kManners = OBSERVATORY_MANNERS;

// Bytes of the lists of those who do not want to be visited: a name takes two besides its own, a
// network 6 or 18. 8 KiB hold some 350 names.
inline constexpr std::size_t kOptOut = OBSERVATORY_OPT_OUT;

// Visits to each endpoint of a run.
inline constexpr std::uint32_t kMostVisits = 10'000;
inline constexpr Micros kEvery = 1800 * kSecond;  // between two of them, unless told
inline constexpr Micros kLongestEvery = 7 * 86400 * kSecond;

// Between two times that an endpoint is sent hellos beyond the one real handshake.
inline constexpr Micros kHelloPause = 86400 * kSecond;

// Contents of a CBOR log that are remembered, so that they are written once (record/content.h): 4
// bytes each, which a run in another format never touches.
inline constexpr std::size_t kKnownContents = OBSERVATORY_KNOWN_CONTENTS;

// TLS handshakes. A ServerHello of TLS 1.2 or 1.3 has some 60 to 130 bytes, 260 with the longest
// ALPN name there is.
inline constexpr std::size_t kServerHello = 512;
inline constexpr std::size_t kTracedRecords = 16;

// What one visit takes at the most. Source of the waiting times: electrumx
// src/electrumx/server/transport.py holds small replies for a second; Fulcrum gives a TLS
// handshake ten seconds.
inline constexpr Micros kVisit = 15 * kSecond;         // the whole, all connections together
inline constexpr Micros kLookupShare = 3;              // name lookup: a third of the whole
inline constexpr Micros kConnectShare = 3;             // TCP, all addresses: a third
inline constexpr Micros kTlsShare = 2;                 // TLS: half
inline constexpr Micros kVersionShare = 2;             // reply to server.version: half
inline constexpr Micros kFirstReplies = 4 * kSecond;   // then the second write goes out
inline constexpr Micros kStragglers = 1 * kSecond;     // after a late reply to server.version
inline constexpr Micros kSecondReplies = 3 * kSecond;  // then we close
inline constexpr Micros kLongestVisit = 120 * kSecond;
// Through a proxy every one of these times is so many times as long: Tor has to find a way over six
// relays to an onion service first, and then each round trip takes that way.
inline constexpr unsigned kProxyPatience = 3;

// Pings at the end of a connection: ElectrumX counts a tenth of a unit for each, and holds replies
// back for a second (electrumx src/electrumx/server/transport.py).
inline constexpr std::size_t kPings = 5;
inline constexpr std::size_t kPingsWithPause = 2;
inline constexpr Micros kPingPause = 1050 * kMillisecond;
inline constexpr Micros kPingTime = 3 * kSecond;  // all of them together

// What is kept of the bytes of each reply.
inline constexpr std::size_t kReplyHead = 96;
inline constexpr std::size_t kReplyTail = 16;

// Bytes and lines of one connection; more is a flood and ends it.
inline constexpr std::size_t kConnectionBytes = 512 * 1024;
inline constexpr std::size_t kConnectionLines = 64;

// How soon what was not possible is tried again: a lookup when all places are taken, a list that
// has nothing to read yet.
inline constexpr Micros kRetry = 50 * kMillisecond;

// Connections of one visit: a TLS fallback and a second form of server.version at the most.
inline constexpr unsigned kConnections = 3;

// Extra hellos (--tls-fingerprint hello2, jarm), after the visit and beyond its time: one
// connection at a time, the next one so long after the last was closed. All eleven thus take 77 s
// at the most, 12 s at a server that answers. Firewalls that count connections allow 10 to 30 a
// minute and drop what is more: two that fail in a row end the series.
inline constexpr Micros kHelloGap = 1 * kSecond;
inline constexpr Micros kHelloTimeout = 6 * kSecond;  // from connecting to the end of the answer
inline constexpr unsigned kHelloFailures = 2;         // in a row

static_assert(OBSERVATORY_MOST_SLOTS >= 1,
              "OBSERVATORY_MOST_SLOTS is below 1: without a slot nothing is visited");
static_assert(
    OBSERVATORY_MOST_SLOTS <= 64,
    "OBSERVATORY_MOST_SLOTS is above 64: platform/posix waits for no more streams at once");
static_assert(OBSERVATORY_LONGEST_LINE >= 8192,
              "OBSERVATORY_LONGEST_LINE is below 8192: a banner of 4096 bytes, escaped, would be "
              "lost");
static_assert(OBSERVATORY_LONGEST_LINE <= kConnectionBytes,
              "OBSERVATORY_LONGEST_LINE is above 524288: a connection that brings so much is ended "
              "as a flood");
static_assert(OBSERVATORY_RECORD_POOL >= 8192,
              "OBSERVATORY_RECORD_POOL is below 8192: the facts of a certificate and a banner have "
              "no room");
static_assert(OBSERVATORY_RECORD_POOL <= 1024 * 1024,
              "OBSERVATORY_RECORD_POOL is above 1048576: a record is at most 1 MiB long");
static_assert(OBSERVATORY_REMEMBERED >= 1,
              "OBSERVATORY_REMEMBERED is below 1: no endpoint would be known again");
static_assert(OBSERVATORY_REMEMBERED <= 1024 * 1024,
              "OBSERVATORY_REMEMBERED is above 1048576: the table would take more than 16 MiB");
static_assert(OBSERVATORY_KNOWN_CONTENTS >= 64,
              "OBSERVATORY_KNOWN_CONTENTS is below 64: a second visit would find nothing");
static_assert(OBSERVATORY_KNOWN_CONTENTS <= 1024 * 1024,
              "OBSERVATORY_KNOWN_CONTENTS is above 1048576: the table would take more than 4 MiB");
static_assert(OBSERVATORY_KNOWN_CONTENTS % 8 == 0,
              "OBSERVATORY_KNOWN_CONTENTS is no multiple of 8: its table has rows of 8 places");

static_assert(OBSERVATORY_AGENDA >= 1024,
              "OBSERVATORY_AGENDA is below 1024: not even two visits could be put off");
static_assert(OBSERVATORY_AGENDA <= 1024 * 1024,
              "OBSERVATORY_AGENDA is above 1048576: to look through it would take too long");

static_assert(OBSERVATORY_MANNERS >= 64,
              "OBSERVATORY_MANNERS is below 64: a run would wait an hour after twenty visits");
static_assert(OBSERVATORY_MANNERS % 16 == 0,
              "OBSERVATORY_MANNERS is not divisible by 16: the table has rows of 16");
static_assert(OBSERVATORY_MANNERS <= 1024 * 1024,
              "OBSERVATORY_MANNERS is above 1048576: the table would take more than 24 MiB");
static_assert(OBSERVATORY_OPT_OUT >= 512,
              "OBSERVATORY_OPT_OUT is below 512: not even two long names could be left out");
static_assert(OBSERVATORY_OPT_OUT <= 1024 * 1024,
              "OBSERVATORY_OPT_OUT is above 1048576: to look through it would take too long");

}  // namespace observatory::limits
