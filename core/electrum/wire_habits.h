// SPDX-License-Identifier: MIT
// Habits of the bytes of a reply, before any parser destroys them. Facts, no verdict.
#pragma once

#include <string_view>

#include "core/electrum/line_reader.h"
#include "core/record/record.h"

namespace observatory {

// Puts the names of an object's members, joined by commas, as text of `field`.
void set_member_order(std::string_view object, FieldId field, Record& record);

// Whether a blank stands behind the first colon of an object.
bool is_spaced(std::string_view object);

// Whether blanks stand before the last bracket, as ElectrumX >= 1.18 pads the last reply of a
// packet (electrumx src/electrumx/server/transport.py).
bool is_padded(std::string_view line);

// What two lines together say of the terminator.
Eol combine(Eol before, Eol now);

}  // namespace observatory
