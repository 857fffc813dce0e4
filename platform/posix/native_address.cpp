// SPDX-License-Identifier: MIT
#include "platform/posix/native_address.h"

#include <netinet/in.h>

#include <cstring>

namespace observatory::posix {

NativeAddress to_native(const SocketAddress& address, std::uint32_t scope) {
  NativeAddress native;
  if (address.ip.family == IpAddress::Family::kV4) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(address.port);
    std::memcpy(&v4.sin_addr, address.ip.bytes.data(), sizeof(v4.sin_addr));
    std::memcpy(&native.storage, &v4, sizeof(v4));
    native.length = sizeof(v4);
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(address.port);
    v6.sin6_scope_id = scope;
    std::memcpy(&v6.sin6_addr, address.ip.bytes.data(), sizeof(v6.sin6_addr));
    std::memcpy(&native.storage, &v6, sizeof(v6));
    native.length = sizeof(v6);
  }
  return native;
}

}  // namespace observatory::posix
