// SPDX-License-Identifier: MIT
#include "core/dns/addresses.h"

#include <algorithm>
#include <cstring>

#include "core/base/ip_text.h"

namespace observatory {

std::uint8_t* DnsAddresses::place(std::size_t family, std::size_t i) const {
  return room_[family] + i * width_of(family);
}

IpAddress DnsAddresses::at(std::size_t family, std::size_t i) const {
  return ip_of_bytes({place(family, i), width_of(family)});
}

void DnsAddresses::add(ByteView address) {
  static constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (address.size() == 16 && std::memcmp(address.data(), kMapped, sizeof(kMapped)) == 0) {
    address = address.subspan(sizeof(kMapped));
  }
  const std::size_t family = address.size() == 4 ? 0 : 1;
  std::uint8_t& count = count_[family];
  for (std::size_t i = 0; i < count; ++i) {
    if (std::memcmp(place(family, i), address.data(), address.size()) == 0) return;
  }
  if (count == most_) return;
  std::memcpy(place(family, count), address.data(), address.size());
  ++count;
}

std::size_t DnsAddresses::copy(IpAddress::Family before, std::span<IpAddress> into) const {
  std::size_t copied = 0;
  std::size_t family = index_of(before);
  for (int turn = 0; turn < 2; ++turn, family = 1 - family) {
    for (std::size_t i = 0; i < count_[family] && copied < into.size(); ++i) {
      into[copied++] = at(family, i);
    }
  }
  return copied;
}

}  // namespace observatory
