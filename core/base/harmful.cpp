// SPDX-License-Identifier: MIT
#include "core/base/harmful.h"

#include <algorithm>
#include <array>

namespace observatory {
namespace {

struct Range {
  std::uint32_t first;
  std::uint32_t last;
  Harm harm;
};

// Ascending, so that one comparison sends plain text on its way.
constexpr std::array kRanges = {
    Range{0x0000, 0x001F, Harm::kActs},       // C0
    Range{0x007F, 0x009F, Harm::kActs},       // DEL, C1
    Range{0x00AD, 0x00AD, Harm::kHides},      // soft hyphen
    Range{0x0600, 0x0605, Harm::kFormats},    // Arabic number signs
    Range{0x061C, 0x061C, Harm::kHides},      // Arabic letter mark
    Range{0x06DD, 0x06DD, Harm::kFormats},    // Arabic end of ayah
    Range{0x070F, 0x070F, Harm::kFormats},    // Syriac abbreviation mark
    Range{0x0890, 0x0891, Harm::kFormats},    // Arabic pound and piastre marks
    Range{0x08E2, 0x08E2, Harm::kFormats},    // Arabic disputed end of ayah
    Range{0x180E, 0x180E, Harm::kFormats},    // Mongolian vowel separator
    Range{0x200B, 0x200F, Harm::kHides},      // zero width, direction marks
    Range{0x2028, 0x202E, Harm::kActs},       // separators, embeddings, overrides
    Range{0x2060, 0x2065, Harm::kHides},      // word joiner, invisible operators
    Range{0x2066, 0x2069, Harm::kActs},       // isolates
    Range{0x206A, 0x206F, Harm::kHides},      // deprecated switches
    Range{0xFEFF, 0xFEFF, Harm::kHides},      // byte order mark
    Range{0xFFF9, 0xFFFB, Harm::kFormats},    // interlinear annotation
    Range{0x110BD, 0x110BD, Harm::kFormats},  // Kaithi number signs
    Range{0x110CD, 0x110CD, Harm::kFormats},
    Range{0x13430, 0x13438, Harm::kFormats},  // hieroglyph joiners
    Range{0x1BCA0, 0x1BCA3, Harm::kFormats},  // shorthand format controls
    Range{0x1D173, 0x1D17A, Harm::kFormats},  // musical beams and slurs
    Range{0xE0001, 0xE007F, Harm::kFormats},  // tags
};

}  // namespace

Harm harm_of(std::uint32_t code_point) {
  const auto* const found =
      std::find_if(kRanges.begin(), kRanges.end(),
                   [code_point](const Range& range) { return code_point <= range.last; });
  return found != kRanges.end() && found->first <= code_point ? found->harm : Harm::kNone;
}

}  // namespace observatory
