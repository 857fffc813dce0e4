// SPDX-License-Identifier: MIT
#include "tests/support/dns_message.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace observatory::test {
namespace {

std::string number(unsigned value) {
  return {static_cast<char>(value >> 8 & 0xFF), static_cast<char>(value & 0xFF)};
}

std::uint16_t number_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint16_t>(static_cast<unsigned char>(bytes.at(at)) << 8 |
                                    static_cast<unsigned char>(bytes.at(at + 1)));
}

std::string address(int family, std::string_view text, std::size_t size) {
  std::array<char, 16> bytes{};
  if (::inet_pton(family, std::string(text).c_str(), bytes.data()) != 1) {
    throw std::invalid_argument("no address: " + std::string(text));
  }
  return {bytes.data(), size};
}

}  // namespace

std::optional<DnsQuery> read_dns_query(std::string_view bytes) {
  if (bytes.size() < 12 || number_at(bytes, 4) != 1) return std::nullopt;
  DnsQuery query;
  query.id = number_at(bytes, 0);
  query.edns = number_at(bytes, 10) == 1;
  query.bytes = bytes;
  std::size_t at = 12;
  while (at < bytes.size() && bytes[at] != 0) {
    const auto length = static_cast<unsigned char>(bytes[at]);
    if (length > 63 || at + 1 + length > bytes.size()) return std::nullopt;
    if (!query.name.empty()) query.name += '.';
    query.name += bytes.substr(at + 1, length);
    at += 1 + length;
  }
  if (at + 5 > bytes.size()) return std::nullopt;
  query.type = number_at(bytes, at + 1);
  return query;
}

std::string dns_name(std::string_view name) {
  if (name.empty() || name.back() == '\0' || static_cast<unsigned char>(name.front()) >= 0xC0) {
    return std::string(name);
  }
  std::string encoded;
  while (!name.empty()) {
    const std::string_view label = name.substr(0, name.find('.'));
    encoded += static_cast<char>(label.size());
    encoded += label;
    name.remove_prefix(std::min(name.size(), label.size() + 1));
  }
  return encoded + '\0';
}

DnsReply::DnsReply(const DnsQuery& query)
    : id_(query.id), question_(dns_name(query.name) + number(query.type) + number(1)) {}

DnsReply& DnsReply::flags(std::uint16_t flags) {
  flags_ = flags;
  return *this;
}

DnsReply& DnsReply::rcode(std::uint16_t rcode) {
  flags_ = static_cast<std::uint16_t>((flags_ & 0xFFF0) | rcode);
  return *this;
}

DnsReply& DnsReply::id(std::uint16_t id) {
  id_ = id;
  return *this;
}

DnsReply& DnsReply::question(std::string_view name, std::uint16_t type, std::uint16_t of_class) {
  question_ = dns_name(name) + number(type) + number(of_class);
  return *this;
}

DnsReply& DnsReply::without_question() {
  question_.clear();
  questions_ = 0;
  return *this;
}

DnsReply& DnsReply::a(std::string_view owner, std::string_view text) {
  return record(dns_name(owner), kA, address(AF_INET, text, 4));
}

DnsReply& DnsReply::aaaa(std::string_view owner, std::string_view text) {
  return record(dns_name(owner), kAaaa, address(AF_INET6, text, 16));
}

DnsReply& DnsReply::cname(std::string_view owner, std::string_view target) {
  return record(dns_name(owner), kCname, dns_name(target));
}

DnsReply& DnsReply::record(std::string_view encoded_owner, std::uint16_t type,
                           std::string_view data, std::uint16_t of_class) {
  records_ += encoded_owner;
  records_ += number(type) + number(of_class) + number(0) + number(300) +
              number(static_cast<unsigned>(data.size()));
  records_ += data;
  ++answers_;
  return *this;
}

DnsReply& DnsReply::says_answers(std::uint16_t count) {
  answers_ = count;
  return *this;
}

std::string DnsReply::bytes() const {
  return number(id_) + number(flags_) + number(questions_) + number(answers_) + number(0) +
         number(0) + question_ + records_;
}

}  // namespace observatory::test
