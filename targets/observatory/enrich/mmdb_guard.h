// SPDX-License-Identifier: MIT
// What must be true of a MaxMind DB before libmaxminddb is asked. Up to 1.13 (Debian 12 has 1.7,
// Debian 13 has 1.12) it follows nested and repeated data without a bound: a file of some kilobytes
// can exhaust the stack, the memory, or the patience.
//
// Format: MaxMind DB File Format Specification 2.0, "Output Data Section".
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace observatory::host {

// A section of a MaxMind DB: pointers in it count from its beginning.
using MmdbSection = std::span<const std::uint8_t>;

// Everything that can be reached from `offset`: whole, of known types, in bounds, text that is
// UTF-8, nested at most 32 deep and of at most 20,000 values, those counted twice that are pointed
// at twice. Empty when all is well, else what is not.
std::string trouble_in_mmdb_data(MmdbSection section, std::size_t offset);

// The same of the metadata of a file, which is a map behind its last marker. Throws SourceError
// that names the file.
void check_mmdb_metadata(const std::string& path);

}  // namespace observatory::host
