// SPDX-License-Identifier: MIT
#pragma once

#include <sys/socket.h>

#include <cstdint>

#include "platform/interface/address.h"

namespace observatory::posix {

// An address as system calls take it: room for either family, of which `length` bytes count.
struct NativeAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  int family() const { return storage.ss_family; }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// `scope` is the index of the interface on which a link-local IPv6 address is meant (RFC 4007); 0:
// none.
NativeAddress to_native(const SocketAddress& address, std::uint32_t scope = 0);

}  // namespace observatory::posix
