// SPDX-License-Identifier: MIT
#include "core/dns/message.h"

#include <cstring>

#include "core/base/byte_reader.h"

namespace observatory {
namespace {

constexpr std::size_t kHeader = 12;
constexpr std::uint16_t kClassInternet = 1;
constexpr std::uint16_t kTypeCname = 5;

// Bits of the header's second word (RFC 1035 section 4.1.1).
constexpr unsigned kResponse = 0x8000;
constexpr unsigned kOpcode = 0x7800;
constexpr unsigned kAuthoritative = 0x0400;
constexpr unsigned kTruncated = 0x0200;
constexpr unsigned kRecursionDesired = 0x0100;
constexpr unsigned kRecursionAvailable = 0x0080;
constexpr unsigned kRcode = 0x000F;

enum Rcode : unsigned { kNoError = 0, kFormErr = 1, kNxDomain = 3, kNotImp = 4 };

std::uint8_t* put_16(std::uint8_t* at, unsigned value) {
  at[0] = static_cast<std::uint8_t>(value >> 8);
  at[1] = static_cast<std::uint8_t>(value);
  return at + 2;
}

// ByteReader's own numbers have 64 bits, which small processors have to put together.
unsigned take_16(ByteReader& reader) {
  const ByteView bytes = reader.take(2);
  return bytes.empty() ? 0 : static_cast<unsigned>(bytes[0]) << 8 | bytes[1];
}

// Walks the labels of a name in a message, through its compression (RFC 1035 section 4.1.4). A
// pointer may only lead to before the piece that it ends, so every walk has an end.
class Labels {
 public:
  Labels(ByteView message, std::size_t at) : message_(message), at_(at), piece_(at) {}

  // The next label with its length in front; the zero byte at the end. Empty when the name is
  // broken or longer than a name can be.
  ByteView next() {
    for (;;) {
      if (at_ >= message_.size()) return {};
      const std::size_t first = message_[at_];
      if (first < 0x40) {
        if (at_ + 1 + first > message_.size()) return {};
        walked_ += 1 + first;
        if (walked_ > limits::kHost) return {};
        const ByteView label = message_.subspan(at_, 1 + first);
        at_ += label.size();
        return label;
      }
      if (first < 0xC0 || at_ + 2 > message_.size()) return {};
      const std::size_t target = (first & 0x3F) << 8 | message_[at_ + 1];
      if (target >= piece_) return {};
      piece_ = at_ = target;
    }
  }

 private:
  ByteView message_;
  std::size_t at_;
  std::size_t piece_;
  std::size_t walked_ = 0;
};

bool same_name(ByteView message, std::size_t one, std::size_t other) {
  // Most names are a pointer to the question.
  if (one == other) return true;
  Labels a(message, one);
  Labels b(message, other);
  for (;;) {
    const ByteView label = a.next();
    if (label.empty() || !same_without_case(label, b.next())) return false;
    if (label.size() == 1) return true;
  }
}

// The records of a message, from the front. next() is false behind the last one, and at one that is
// not whole.
class Records {
 public:
  Records(ByteView message, std::size_t at, unsigned count)
      : message_(message), at_(at), left_(count) {}

  bool next() {
    if (left_ == 0) return false;
    name = at_;
    ByteReader reader(message_.subspan(at_));
    skip_name(reader);
    type = take_16(reader);
    const unsigned record_class = take_16(reader);
    reader.take(4);  // how long it may be kept
    data = reader.take(take_16(reader));
    if (reader.failed()) return false;
    if (record_class != kClassInternet) type = 0;
    at_ = message_.size() - reader.rest().size();
    --left_;
    return true;
  }

  // How many could not be read.
  unsigned left() const { return left_; }

  // Of the record that next() has read; names by where they stand in the message.
  std::size_t name = 0;
  unsigned type = 0;
  ByteView data;

 private:
  static void skip_name(ByteReader& reader) {
    for (;;) {
      const ByteView first = reader.take(1);
      if (first.empty() || first[0] == 0) return;
      if (first[0] >= 0xC0) {
        reader.take(1);
        return;
      }
      reader.take(first[0]);
    }
  }

  ByteView message_;
  std::size_t at_;
  unsigned left_;
};

DnsAnswer read_records(ByteView message, std::size_t at, unsigned count, unsigned flags,
                       DnsType type, DnsAddresses& into) {
  Records whole(message, at, count);
  while (whole.next()) {
  }
  const bool truncated = (flags & kTruncated) != 0;
  if (whole.left() > 0 && !truncated) return DnsAnswer::kFailed;
  count -= whole.left();

  const std::size_t size = type == DnsType::kA ? 4 : 16;
  std::size_t owner = kHeader;  // where the name stands whose records count: first the question's
  for (std::size_t aliases = 0; aliases <= limits::kDnsAliases; ++aliases) {
    std::size_t alias = 0;
    bool found = false;
    Records records(message, at, count);
    while (records.next()) {
      const bool is_address =
          records.type == static_cast<unsigned>(type) && records.data.size() == size;
      const bool is_alias = records.type == kTypeCname && alias == 0;
      if ((!is_address && !is_alias) || !same_name(message, owner, records.name)) continue;
      if (is_address) {
        into.add(records.data);
        found = true;
      } else {
        alias = static_cast<std::size_t>(records.data.data() - message.data());
      }
    }
    if (found) return DnsAnswer::kAddresses;
    if (alias == 0) {
      // Who neither knows by itself nor asks others only refers us to others (as glibc judges,
      // resolv/res_send.c).
      const bool knows = (flags & (kAuthoritative | kRecursionAvailable)) != 0;
      return knows && !truncated ? DnsAnswer::kNoAddress : DnsAnswer::kFailed;
    }
    owner = alias;
  }
  return DnsAnswer::kFailed;  // aliases in a circle, or too many
}

}  // namespace

ByteView write_dns_query(const DnsQuestion& question, bool edns, MutableByteView into) {
  std::uint8_t* at = put_16(into.data(), question.id);
  at = put_16(at, kRecursionDesired);
  at = put_16(at, 1);  // questions
  at = put_16(at, 0);
  at = put_16(at, 0);
  at = put_16(at, edns ? 1 : 0);
  const ByteView name = question.name.wire();
  std::memcpy(at, name.data(), name.size());
  at = put_16(at + name.size(), static_cast<unsigned>(question.type));
  at = put_16(at, kClassInternet);
  if (edns) {
    // RFC 6891 section 6.1.2: the root's name, OPT, our size, version 0 without flags, no options.
    static constexpr std::uint8_t kOpt[11] = {
        0, 0, 41, limits::kDnsMessage >> 8, limits::kDnsMessage & 0xFF, 0, 0, 0, 0, 0, 0};
    std::memcpy(at, kOpt, sizeof(kOpt));
    at += sizeof(kOpt);
  }
  return into.first(static_cast<std::size_t>(at - into.data()));
}

DnsAnswer read_dns_answer(ByteView message, const DnsQuestion& question, DnsAddresses& into) {
  ByteReader reader(message);
  const unsigned id = take_16(reader);
  const unsigned flags = take_16(reader);
  const unsigned questions = take_16(reader);
  const unsigned answers = take_16(reader);
  reader.take(4);
  if (reader.failed() || id != question.id || (flags & (kResponse | kOpcode)) != kResponse) {
    return DnsAnswer::kNotOurs;
  }
  const unsigned rcode = flags & kRcode;
  const bool puzzled = rcode == kFormErr || rcode == kNotImp;
  if (questions == 0 && puzzled) return DnsAnswer::kNoEdns;
  // The first name of a message has nothing to point back to: it is compared as it stands.
  const ByteView name = reader.take(question.name.size);
  const unsigned type = take_16(reader);
  const unsigned asked_class = take_16(reader);
  if (reader.failed() || questions != 1 || asked_class != kClassInternet ||
      type != static_cast<unsigned>(question.type) ||
      !same_without_case(name, question.name.wire())) {
    return DnsAnswer::kNotOurs;
  }
  if (puzzled) return DnsAnswer::kNoEdns;
  if (rcode == kNxDomain) return DnsAnswer::kNoName;
  if (rcode != kNoError) return DnsAnswer::kFailed;
  return read_records(message, message.size() - reader.rest().size(), answers, flags, question.type,
                      into);
}

}  // namespace observatory
