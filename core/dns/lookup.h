// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>

#include "core/dns/addresses.h"
#include "core/dns/message.h"
#include "core/dns/name.h"
#include "platform/interface/resolver.h"
#include "platform/interface/time.h"

namespace observatory {

// One lookup of a name: its IPv4 and its IPv6 addresses, asked for at the same time. Sans-IO: it is
// fed datagrams, failures and instants, and asked for datagrams and one deadline.
//
// Name servers have numbers, from 0. The first is asked first; the next one after limits::kDnsTry,
// or as soon as the one before fails, and so on in turns that wait twice as long each,
// limits::kDnsRounds of them. An answer counts whichever server it comes from, even when the next
// has been asked already. A server that has failed is not asked that question again.
//
// It ends when both families have been answered, or one of them has and the other stays silent for
// limits::kDnsStraggler (RFC 4074 section 4.1: name servers that ignore questions for IPv6). The
// second and later rounds ask without EDNS, for the sake of what drops such queries on the way.
class DnsLookup {
 public:
  static constexpr std::size_t kQuestions = 2;

  // A new lookup with 1 to limits::kNameServers servers; each question has an id of its own, which
  // nobody can predict. What the lookup was before is forgotten.
  void start(const DnsName& name, std::size_t servers,
             const std::array<std::uint16_t, kQuestions>& ids, Instant now);

  // kPending until it has ended. Then kFound with the addresses that receive() was given room for;
  // kNotFound when the name does not exist or has no address; kFailed when no server could tell.
  LookupState state() const { return state_; }

  // Writes the next datagram that is due and says to which server; empty when none is. `into` has
  // room for kDnsQuery bytes.
  ByteView take_query(MutableByteView into, std::size_t& server);

  // What a server has sent; addresses are added to `into`, the same at each call.
  void receive(std::size_t server, ByteView datagram, Instant now, DnsAddresses& into);

  // That server cannot be reached.
  void unreachable(std::size_t server, Instant now);

  // Does what is due by now; when to come back for that. Instant::never() after the end.
  void expire(Instant now);
  Instant deadline() const;

 private:
  struct Question {
    std::uint16_t id = 0;
    bool open = false;         // not answered yet
    bool plain = false;        // a server did not understand EDNS
    std::uint8_t due = 0;      // servers to be sent the query, bit by bit
    std::uint8_t refused = 0;  // servers that cannot answer it
  };

  DnsQuestion asked(std::size_t question) const;
  bool pending() const { return state_ == LookupState::kPending; }
  bool ask(std::size_t server);
  void ask_next(Instant now);
  void close(Question& question, Instant now);
  void give_up();
  bool fail(Question& question, std::size_t server);
  void end_if_answered();

  DnsName name_;
  std::array<Question, kQuestions> questions_;
  std::uint8_t servers_ = 0;
  std::uint8_t server_ = 0;  // the one asked last
  std::uint8_t round_ = 0;
  LookupState state_ = LookupState::kFailed;
  bool found_ = false;
  bool no_name_ = false;
  bool failed_ = false;  // a question that no server could answer
  Instant next_server_;
  Instant enough_;  // end with what there is
};

}  // namespace observatory
