// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "core/base/ip_scope.h"

namespace observatory {

// Which addresses a visit may lead to. What the operator lists may be anywhere. What others name
// (servers in their peers lists, DNS seeds) must not lead into the network that the device stands
// in, or it would be a way to knock on doors there from outside.
enum class Reach : std::uint8_t {
  kAnywhere,
  kGlobal,  // see is_global()
};

inline bool may_reach(Reach reach, const IpAddress& ip) {
  return reach == Reach::kAnywhere || is_global(ip);
}

}  // namespace observatory
