// SPDX-License-Identifier: MIT
// The name server's side of DNS messages, for tests: reads a query, writes what a server may
// answer. Written after RFC 1035 for its own sake and shares nothing with core/dns.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace observatory::test {

inline constexpr std::uint16_t kA = 1;
inline constexpr std::uint16_t kCname = 5;
inline constexpr std::uint16_t kAaaa = 28;

struct DnsQuery {
  std::uint16_t id = 0;
  std::string name;  // with dots, as it was sent
  std::uint16_t type = 0;
  bool edns = false;
  std::string bytes;
};

// Nothing when it is no query with one question.
std::optional<DnsQuery> read_dns_query(std::string_view bytes);

// "www.example" as labels; a name of another form is taken for a name that is encoded already.
std::string dns_name(std::string_view name);

// An answer to a query: first what all have in common, then record by record.
//   DnsReply(query).cname(query.name, "other.test").a("other.test", "192.0.2.1").bytes()
class DnsReply {
 public:
  static constexpr std::uint16_t kRecursive = 0x8180;  // QR, RD, RA
  static constexpr std::uint16_t kTruncated = 0x0200;

  explicit DnsReply(const DnsQuery& query);

  // The header's second word; only its rcode.
  DnsReply& flags(std::uint16_t flags);
  DnsReply& rcode(std::uint16_t rcode);
  DnsReply& id(std::uint16_t id);
  // Another question than the one that was asked; none at all.
  DnsReply& question(std::string_view name, std::uint16_t type, std::uint16_t of_class = 1);
  DnsReply& without_question();

  DnsReply& a(std::string_view owner, std::string_view address);
  DnsReply& aaaa(std::string_view owner, std::string_view address);
  DnsReply& cname(std::string_view owner, std::string_view target);
  DnsReply& record(std::string_view encoded_owner, std::uint16_t type, std::string_view data,
                   std::uint16_t of_class = 1);
  // What the header says, in place of the true number.
  DnsReply& says_answers(std::uint16_t count);

  std::string bytes() const;

 private:
  std::uint16_t id_;
  std::uint16_t flags_ = kRecursive;
  std::string question_;
  std::uint16_t questions_ = 1;
  std::uint16_t answers_ = 0;
  std::string records_;
};

}  // namespace observatory::test
