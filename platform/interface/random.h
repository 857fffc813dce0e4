// SPDX-License-Identifier: MIT
#pragma once

#include "platform/interface/bytes.h"

namespace observatory {

class Random {
 public:
  // Fills `into` with bytes that nobody outside can predict; never waits for them. False when the
  // device has no source of such bytes, or not yet (never a weaker source in silence); `into` is
  // then undefined.
  [[nodiscard]] virtual bool fill(MutableByteView into) = 0;

 protected:
  ~Random() = default;
};

}  // namespace observatory
