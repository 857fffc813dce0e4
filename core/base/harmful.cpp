// SPDX-License-Identifier: MIT
#include "core/base/harmful.h"

namespace observatory {
namespace {

struct Range {
  std::uint32_t first;
  std::uint32_t last;
  Harm harm;
};

// Ascending, so that two comparisons send plain text on its way.
constexpr Range kRanges[] = {
    {0x0000, 0x001F, Harm::kActs},       // C0
    {0x007F, 0x009F, Harm::kActs},       // DEL, C1
    {0x00AD, 0x00AD, Harm::kHides},      // soft hyphen
    {0x0600, 0x0605, Harm::kFormats},    // Arabic number signs
    {0x061C, 0x061C, Harm::kHides},      // Arabic letter mark
    {0x06DD, 0x06DD, Harm::kFormats},    // Arabic end of ayah
    {0x070F, 0x070F, Harm::kFormats},    // Syriac abbreviation mark
    {0x0890, 0x0891, Harm::kFormats},    // Arabic pound and piastre marks
    {0x08E2, 0x08E2, Harm::kFormats},    // Arabic disputed end of ayah
    {0x180E, 0x180E, Harm::kFormats},    // Mongolian vowel separator
    {0x200B, 0x200F, Harm::kHides},      // zero width, direction marks
    {0x2028, 0x202E, Harm::kActs},       // separators, embeddings, overrides
    {0x2060, 0x2065, Harm::kHides},      // word joiner, invisible operators
    {0x2066, 0x2069, Harm::kActs},       // isolates
    {0x206A, 0x206F, Harm::kHides},      // deprecated switches
    {0xFEFF, 0xFEFF, Harm::kHides},      // byte order mark
    {0xFFF9, 0xFFFB, Harm::kFormats},    // interlinear annotation
    {0x110BD, 0x110BD, Harm::kFormats},  // Kaithi number signs
    {0x110CD, 0x110CD, Harm::kFormats}, {0x13430, 0x13438, Harm::kFormats},  // hieroglyph joiners
    {0x1BCA0, 0x1BCA3, Harm::kFormats},  // shorthand format controls
    {0x1D173, 0x1D17A, Harm::kFormats},  // musical beams and slurs
    {0xE0001, 0xE007F, Harm::kFormats},  // tags
};

}  // namespace

Harm harm_of(std::uint32_t code_point) {
  for (const Range& range : kRanges) {
    if (code_point <= range.last) return code_point >= range.first ? range.harm : Harm::kNone;
  }
  return Harm::kNone;
}

}  // namespace observatory
