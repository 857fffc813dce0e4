// SPDX-License-Identifier: MIT
#include "core/dns/lookup.h"

#include <algorithm>
#include <bit>

namespace observatory {
namespace {

constexpr std::uint8_t bit_of(std::size_t server) { return static_cast<std::uint8_t>(1 << server); }

}  // namespace

void DnsLookup::start(const DnsName& name, std::size_t servers,
                      const std::array<std::uint16_t, kQuestions>& ids, Instant now) {
  name_ = name;
  for (std::size_t i = 0; i < kQuestions; ++i) questions_[i] = {.id = ids[i], .open = true};
  servers_ = static_cast<std::uint8_t>(servers);
  server_ = 0;
  round_ = 0;
  state_ = LookupState::kPending;
  found_ = no_name_ = failed_ = false;
  enough_ = Instant::never();
  ask(server_);
  next_server_ = now + limits::kDnsTry;
}

DnsQuestion DnsLookup::asked(std::size_t question) const {
  return {name_, question == 0 ? DnsType::kA : DnsType::kAaaa, questions_[question].id};
}

ByteView DnsLookup::take_query(MutableByteView into, std::size_t& server) {
  for (std::size_t i = 0; i < kQuestions; ++i) {
    Question& question = questions_[i];
    if (!question.open || question.due == 0) continue;
    server = static_cast<std::size_t>(std::countr_zero(question.due));
    question.due &= static_cast<std::uint8_t>(question.due - 1);
    return write_dns_query(asked(i), round_ == 0 && !question.plain, into);
  }
  return {};
}

void DnsLookup::receive(std::size_t server, ByteView datagram, Instant now, DnsAddresses& into) {
  for (std::size_t i = 0; i < kQuestions; ++i) {
    Question& question = questions_[i];
    if (!question.open) continue;
    switch (read_dns_answer(datagram, asked(i), into)) {
      case DnsAnswer::kNotOurs:
        continue;
      case DnsAnswer::kAddresses:
        found_ = true;
        close(question, now);
        return;
      case DnsAnswer::kNoName:
        no_name_ = true;
        close(question, now);
        return;
      case DnsAnswer::kNoAddress:
        close(question, now);
        return;
      case DnsAnswer::kNoEdns:
        if (round_ == 0 && !question.plain) {
          question.plain = true;
          question.due |= bit_of(server);
          return;
        }
        break;
      case DnsAnswer::kFailed:
        break;
    }
    if (fail(question, server) && server == server_) ask_next(now);
    return end_if_answered();
  }
}

void DnsLookup::unreachable(std::size_t server, Instant now) {
  bool go_on = false;
  for (Question& question : questions_) go_on = fail(question, server) || go_on;
  if (go_on && server == server_) ask_next(now);
  end_if_answered();
}

void DnsLookup::expire(Instant now) {
  if (!pending()) return;
  if (now >= enough_) {
    give_up();
  } else if (now >= next_server_) {
    ask_next(now);
  }
  end_if_answered();
}

Instant DnsLookup::deadline() const {
  return pending() ? std::min(next_server_, enough_) : Instant::never();
}

// False when no open question is left that this server may know.
bool DnsLookup::ask(std::size_t server) {
  bool asks = false;
  for (Question& question : questions_) {
    if (!question.open || (question.refused & bit_of(server)) != 0) continue;
    question.due |= bit_of(server);
    asks = true;
  }
  return asks;
}

void DnsLookup::ask_next(Instant now) {
  for (std::size_t tried = 0; tried < servers_; ++tried) {
    if (++server_ == servers_) {
      server_ = 0;
      ++round_;
    }
    if (round_ == limits::kDnsRounds) break;
    if (!ask(server_)) continue;
    next_server_ = now + (limits::kDnsTry << round_);
    return;
  }
  give_up();
}

void DnsLookup::close(Question& question, Instant now) {
  question.open = false;
  // An answer "no address" leaves nothing to end with: then the other family has all its time.
  if (found_ || no_name_) enough_ = std::min(enough_, now + limits::kDnsStraggler);
  end_if_answered();
}

void DnsLookup::give_up() {
  for (Question& question : questions_) {
    failed_ = failed_ || question.open;
    question.open = false;
  }
}

// Says whether there are other servers to put the question to.
bool DnsLookup::fail(Question& question, std::size_t server) {
  if (!question.open) return false;
  question.refused |= bit_of(server);
  question.due &= static_cast<std::uint8_t>(~bit_of(server));
  if (question.refused != bit_of(servers_) - 1) return true;
  question.open = false;
  failed_ = true;
  return false;
}

void DnsLookup::end_if_answered() {
  if (!pending() || questions_[0].open || questions_[1].open) return;
  if (found_) {
    state_ = LookupState::kFound;
  } else {
    // NXDOMAIN holds for every type (RFC 8020), whatever became of the other question.
    state_ = failed_ && !no_name_ ? LookupState::kFailed : LookupState::kNotFound;
  }
}

}  // namespace observatory
