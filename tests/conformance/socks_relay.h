// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include "platform/interface/address.h"

namespace observatory::conformance {

// A real SOCKS 5 proxy at a port of 127.0.0.1 of the kernel's choice, in a process of its own, so
// that its handles are not those of the device. It passes on what a proxy of good will can pass on:
// an end as an end, a reset as a reset. Takes addresses alone; ends with the object.
class SocksRelay {
 public:
  SocksRelay();
  ~SocksRelay();
  SocksRelay(const SocksRelay&) = delete;
  SocksRelay& operator=(const SocksRelay&) = delete;

  SocketAddress address() const { return address_; }

 private:
  SocketAddress address_;
  pid_t process_ = -1;
};

}  // namespace observatory::conformance
