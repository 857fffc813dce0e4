// SPDX-License-Identifier: MIT
#pragma once

#include "platform/interface/digest.h"

namespace observatory {

// SHA-256 of bytes that are all there.
inline Sha256 sha256_of(ByteView bytes, Digest& digest) {
  Sha256 hash;
  digest.start();
  digest.update(bytes);
  digest.finish(hash);
  return hash;
}

}  // namespace observatory
