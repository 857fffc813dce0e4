// SPDX-License-Identifier: MIT
// The digest of tests that run where no TLS library is.
#pragma once

#include "core/base/software_sha256.h"

namespace observatory::test {

using Sha256Digest = SoftwareSha256;

}  // namespace observatory::test
