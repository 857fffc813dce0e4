// SPDX-License-Identifier: MIT
// How our own functions fail. What the network did is NetError; how an observation ended is
// Outcome; the three are never mixed.
#pragma once

#include <cstdint>

namespace observatory {

enum class [[nodiscard]] Status : std::uint8_t{
    kOk,
    kOverflow,     // a bounded buffer is full
    kMalformed,    // the bytes break their format
    kIncomplete,   // the bytes end too early; more of them may help
    kUnsupported,  // well formed, and of a version or kind that this program does not know
    kNotFound,
    kFailed,  // the device refused: no file, no room, no permission
};

constexpr bool ok(Status status) { return status == Status::kOk; }

}  // namespace observatory
