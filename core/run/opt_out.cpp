// SPDX-License-Identifier: MIT
#include "core/run/opt_out.h"

#include <algorithm>

#include "core/base/byte_reader.h"
#include "core/base/ip_text.h"
#include "core/run/endpoint.h"

namespace observatory {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  const std::size_t start = std::min(text.find_first_not_of(kBlanks), text.size());
  text.remove_prefix(start);
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

std::string_view without_last_dot(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

std::size_t bytes_of(const IpAddress& ip) { return ip.family == IpAddress::Family::kV4 ? 4 : 16; }

// `::ffff:192.0.2.0/120` is meant for the same hosts as `192.0.2.0/24`.
IpNetwork plain_network(const IpNetwork& network) {
  const IpAddress plain = plain_form(network.ip);
  if (plain == network.ip || network.bits < 96) return network;
  return {plain, network.bits - 96};
}

}  // namespace

std::string_view OptOut::add_line(std::string_view line) {
  constexpr std::string_view kFull = "no room for more opt-outs";
  std::string_view word = trimmed(line.substr(0, line.find('#')));
  if (word.empty()) return {};
  IpNetwork network;
  if (read_network(word, network)) return append(network) ? "" : kFull;
  if (word.find('/') != std::string_view::npos) return "not a network a.b.c.d/n or v6/n";

  Kind kind = Kind::kName;
  for (const std::string_view start : {"*.", "."}) {
    if (kind == Kind::kDomain || !word.starts_with(start)) continue;
    kind = Kind::kDomain;
    word.remove_prefix(start.size());
  }
  FixedString<limits::kHost> host;
  const std::string_view problem = read_host(word, host);
  if (!problem.empty()) return problem;
  if (read_network(host.view(), network)) return append(network) ? "" : kFull;  // it had brackets
  const std::string_view name = without_last_dot(host.view());
  return append(kind, name.size(), as_bytes(name)) ? "" : kFull;
}

bool OptOut::covers(std::string_view host) const {
  IpAddress ip;
  if (read_ip(host, ip)) return covers(ip);
  host = without_last_dot(host);
  ByteReader reader(ByteView(pool_).first(used_));
  while (!reader.at_end()) {
    const auto kind = static_cast<Kind>(reader.take_byte());
    const std::size_t size = reader.take_byte();
    const std::string_view name = as_text(reader.take(kind == Kind::kV4   ? 4
                                                      : kind == Kind::kV6 ? 16
                                                                          : size));
    if (kind == Kind::kV4 || kind == Kind::kV6) continue;
    if (host == name) return true;
    if (kind == Kind::kDomain && host.ends_with(name) && host[host.size() - size - 1] == '.') {
      return true;
    }
  }
  return false;
}

bool OptOut::covers(const IpAddress& ip) const {
  const IpAddress plain = plain_form(ip);
  ByteReader reader(ByteView(pool_).first(used_));
  while (!reader.at_end()) {
    const auto kind = static_cast<Kind>(reader.take_byte());
    const unsigned size = reader.take_byte();
    const ByteView bytes = reader.take(kind == Kind::kV4 ? 4 : kind == Kind::kV6 ? 16 : size);
    if (kind != Kind::kV4 && kind != Kind::kV6) continue;
    const IpNetwork network{ip_of_bytes(bytes), size};
    if (contains(network, plain) || contains(network, ip)) return true;
  }
  return false;
}

bool OptOut::append(const IpNetwork& network) {
  const IpNetwork plain = plain_network(network);
  const Kind kind = plain.ip.family == IpAddress::Family::kV4 ? Kind::kV4 : Kind::kV6;
  return append(kind, plain.bits, ByteView(plain.ip.bytes).first(bytes_of(plain.ip)));
}

bool OptOut::append(Kind kind, std::size_t size, ByteView bytes) {
  if (pool_.size() - used_ < 2 + bytes.size()) return false;
  pool_[used_] = static_cast<std::uint8_t>(kind);
  pool_[used_ + 1] = static_cast<std::uint8_t>(size);
  std::copy(bytes.begin(), bytes.end(), pool_.begin() + static_cast<std::ptrdiff_t>(used_ + 2));
  used_ += 2 + bytes.size();
  return true;
}

}  // namespace observatory
