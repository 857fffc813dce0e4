// SPDX-License-Identifier: MIT
// DNS messages (RFC 1035 section 4) as far as a stub resolver needs them: a question for the
// addresses of a name, and what a name server answered to it.
//
// Over UDP alone. Queries offer limits::kDnsMessage bytes (EDNS0, RFC 6891), in which an answer has
// room for 40 addresses and more: more than a visit uses, and enough of a seed, so the rest of a
// truncated answer is not fetched over TCP.
#pragma once

#include <cstdint>

#include "core/base/limits.h"
#include "core/dns/addresses.h"
#include "core/dns/name.h"
#include "platform/interface/bytes.h"

namespace observatory {

// RFC 1035 section 3.2.2, RFC 3596 section 2.1.
enum class DnsType : std::uint16_t { kA = 1, kAaaa = 28 };

struct DnsQuestion {
  const DnsName& name;
  DnsType type = DnsType::kA;
  std::uint16_t id = 0;  // unpredictable (RFC 5452 section 9.2)
};

// The longest query: header, name, type and class, OPT record.
inline constexpr std::size_t kDnsQuery = 12 + limits::kHost + 4 + 11;

// Writes a query with recursion desired, with an OPT record or without; gives what was written.
// `into` has room for kDnsQuery bytes.
ByteView write_dns_query(const DnsQuestion& question, bool edns, MutableByteView into);

enum class DnsAnswer : std::uint8_t {
  kNotOurs,    // answers another question, or is no answer at all: as if it had not come
  kAddresses,  // of this type, added to `into`
  kNoAddress,  // the name exists and has no address of this type
  kNoName,     // the name does not exist (NXDOMAIN)
  kNoEdns,     // FORMERR or NOTIMP: the server may know nothing of EDNS (RFC 6891 section 7)
  kFailed,     // this server cannot tell: SERVFAIL, REFUSED, a referral, nonsense
};

// Reads what a name server sent. An answer is ours when it has our id and repeats our question,
// case of letters aside (RFC 5452 section 9.1); a server that does not understand the query may
// leave the question out. Aliases (CNAME) are followed within the message, in whatever order its
// records stand, limits::kDnsAliases at the most; addresses of other names do not count. Of a
// truncated message (TC) the records that are whole count; without any address it is kFailed, as
// is, for what is missing, a message that ends early.
DnsAnswer read_dns_answer(ByteView message, const DnsQuestion& question, DnsAddresses& into);

}  // namespace observatory
