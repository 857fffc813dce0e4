// SPDX-License-Identifier: MIT
// server.ping, asked a few times, one at a time: the round trip of the application.
//
// Sans-IO, a part of ElectrumProbe. Between start() and done() the series either holds its next
// ping back or waits for the reply to one; deadline() is the end of either.
#pragma once

#include <array>

#include "core/base/byte_sink.h"
#include "core/base/limits.h"
#include "core/record/record.h"
#include "platform/interface/time.h"

namespace observatory {

class PingSeries {
 public:
  // Bytes that all pings have together, at the most.
  static constexpr std::size_t kLongestWrites = limits::kPings * 64;

  // All other replies are in, the last of them at `now`. Where the server `pads` its replies, it
  // holds back what follows another reply within a second (electrumx
  // src/electrumx/server/transport.py): fewer pings are sent then, each after such a pause.
  void start(Instant now, bool pads);

  // To be called once now >= deadline(): sends the next ping, or ends the series.
  void expire(Instant now, ByteSink& into);

  // Whether a reply with this `id` (its JSON text) answers the ping that is out; then its round
  // trip is kept.
  bool take(Instant now, std::string_view id);

  Instant deadline() const { return deadline_; }
  bool done() const { return deadline_ == Instant::never(); }

  // Puts the round trips into us.pings, if there are any.
  void put(Record& record) const;

 private:
  void plan(Instant next);

  Instant deadline_ = Instant::never();
  Instant ends_at_;
  Instant asked_at_;
  Micros pause_ = 0;
  std::uint8_t wanted_ = 0;
  std::uint8_t count_ = 0;
  bool waiting_ = false;
  std::array<std::uint32_t, limits::kPings> times_{};
};

}  // namespace observatory
