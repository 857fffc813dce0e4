// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <span>

#include "core/base/limits.h"
#include "platform/interface/address.h"
#include "platform/interface/bytes.h"

namespace observatory {

// The addresses of one name, each once, in the order in which they came within their family. Keeps
// as many of a family as there is room for, at most 255, and drops what comes later. The room is
// that of a DnsAddressesUpTo.
class DnsAddresses {
 public:
  DnsAddresses(const DnsAddresses&) = delete;
  DnsAddresses& operator=(const DnsAddresses&) = delete;

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

 protected:
  // 4 and 16 bytes for each.
  DnsAddresses(std::uint8_t* v4, std::uint8_t* v6, std::uint8_t most)
      : room_{v4, v6}, most_(most) {}

 private:
  static constexpr std::size_t index_of(IpAddress::Family family) {
    return family == IpAddress::Family::kV6 ? 1 : 0;
  }
  static constexpr std::size_t width_of(std::size_t family) { return family == 0 ? 4 : 16; }

  std::uint8_t* place(std::size_t family, std::size_t i) const;
  IpAddress at(std::size_t family, std::size_t i) const;

  std::array<std::uint8_t*, 2> room_;
  std::array<std::uint8_t, 2> count_{};
  std::uint8_t most_;
};

template <std::size_t kMost>
struct DnsAddressRoom {
  static_assert(kMost <= 255);
  std::array<std::uint8_t, kMost * 4> v4{};
  std::array<std::uint8_t, kMost * 16> v6{};
};

template <std::size_t kMost>
class DnsAddressesUpTo final : private DnsAddressRoom<kMost>, public DnsAddresses {
 public:
  DnsAddressesUpTo() : DnsAddresses(this->v4.data(), this->v6.data(), kMost) {}
};

}  // namespace observatory
