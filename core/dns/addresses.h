// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <span>

#include "core/base/limits.h"
#include "platform/interface/address.h"
#include "platform/interface/bytes.h"

namespace observatory {

// The addresses of one name, each once, in the order in which they came within their family. Keeps
// limits::kAddresses of a family and drops what comes later. Small, since there is one for every
// lookup.
class DnsAddresses {
 public:
  void clear() { count_ = {}; }

  // An address in network order: 4 bytes, or 16. An IPv4-mapped IPv6 address (RFC 4291 section
  // 2.5.5.2) is the IPv4 address that it holds.
  void add(ByteView address);

  bool empty() const { return count_[0] + count_[1] == 0; }
  bool has(IpAddress::Family family) const { return count_[index_of(family)] > 0; }
  // The first of that family; has(family) must hold.
  IpAddress first(IpAddress::Family family) const { return at(index_of(family), 0); }

  // Writes as many as there is room for, one family after the other; says how many.
  std::size_t copy(IpAddress::Family before, std::span<IpAddress> into) const;

 private:
  static constexpr std::size_t index_of(IpAddress::Family family) {
    return family == IpAddress::Family::kV6 ? 1 : 0;
  }
  static constexpr std::size_t width_of(std::size_t family) { return family == 0 ? 4 : 16; }

  std::uint8_t* place(std::size_t family, std::size_t i);
  IpAddress at(std::size_t family, std::size_t i) const;

  std::array<std::uint8_t, limits::kAddresses * 4> v4_;
  std::array<std::uint8_t, limits::kAddresses * 16> v6_;
  std::array<std::uint8_t, 2> count_{};
};

}  // namespace observatory
