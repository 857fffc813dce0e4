// SPDX-License-Identifier: MIT
// Habits of the bytes of replies, before any parser destroys them. Facts, no verdict.
//
// What each habit tells apart was read in the sources of aiorpcX (aiorpcx/jsonrpc.py), ElectrumX
// (src/electrumx/server/transport.py), Fulcrum (src/RPC.cpp, src/Json/Json.cpp), romanz/electrs
// (src/electrum.rs) and serde_json, and seen on the wire (tests/vectors/captures).
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "core/base/limits.h"
#include "core/base/text_buffer.h"
#include "core/electrum/line_reader.h"
#include "core/electrum/reply.h"
#include "core/electrum/request.h"
#include "core/record/record.h"

namespace observatory {

// The names of an object's members, joined by commas.
void put_member_order(std::string_view object, ByteSink& into);
void set_member_order(std::string_view object, FieldId field, Record& record);

// Whether a blank stands behind the first colon of an object.
bool is_spaced(std::string_view object);

// How many spaces stand before the last bracket, where ElectrumX >= 1.18 pads the last reply of a
// packet.
std::size_t padding_of(std::string_view line);

// What two lines together say of the terminator.
Eol combine(Eol before, Eol now);

// The habits of one connection's replies.
class WireHabits {
 public:
  void clear();

  // The reply that is the line of `reader`, the first one to that request. What can be said of it
  // alone goes into the record at once.
  void take(Request request, const Reply& reply, const LineReader& reader, Record& record);

  // The same for the first answer to server.version, once it is known to be one.
  void take_version(const LineReader& reader, Record& record);

  // Some reply was padded.
  bool padded() const { return padded_; }

  // Puts what is told of all replies together: their order, their bytes and lengths.
  void put(Record& record) const;

 private:
  // The bytes of one reply; the tail has no byte that is in the head.
  struct Kept {
    std::size_t head_size() const { return std::min<std::size_t>(length, head.size()); }
    std::size_t tail_size() const { return std::min(length - head_size(), tail.size()); }

    std::uint32_t length;
    std::uint32_t padding;
    std::array<std::uint8_t, limits::kReplyHead> head;
    std::array<std::uint8_t, limits::kReplyTail> tail;
  };

  void keep(std::string_view raw, std::size_t padding);
  void put_list(FieldId field, Record& record) const;
  void take_orders(const Reply& reply, std::string_view line, Record& record);
  void take_echo(Request request, std::string_view id, Record& record);

  Eol eol_ = Eol::kNone;
  bool padded_ = false;
  std::size_t count_ = 0;
  std::array<Kept, kRequests> kept_;
  TextBuffer<2 * kRequests> arrival_;
  TextBuffer<64> echo_others_;
};

}  // namespace observatory
