// SPDX-License-Identifier: MIT
#pragma once

#include "core/record/record.h"
#include "platform/interface/network.h"

namespace observatory {

// Records what the kernel knew of one connection right behind its handshake, and at its end: the
// group `tcp`, whose fields say which is which. What was not known stays absent.
void record_tcp(const TcpFacts& at_connect, const TcpFacts& at_end, Record& record);

}  // namespace observatory
