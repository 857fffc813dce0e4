// SPDX-License-Identifier: MIT
#pragma once

#include "platform/interface/bytes.h"
#include "platform/interface/network.h"

namespace observatory::posix {

// Bytes of Linux' struct tcp_info up to the last member that is read here.
inline constexpr std::size_t kTcpInfoBytes = 232;

// What a struct tcp_info says that getsockopt(TCP_INFO) gave, in this machine's byte order. It may
// end early, as older kernels' do: what is not in it stays unknown.
TcpFacts read_tcp_info(ByteView info);

}  // namespace observatory::posix
