// SPDX-License-Identifier: MIT
// One connection's conversation with an Electrum server: eight requests in two writes, then a few
// pings.
//
// Sans-IO. The probe never touches a socket or a clock: the caller feeds it events, each stamped
// with the time it happened, and carries out what it asks:
//
//   start / receive / peer_closed / expire      events in
//   to_send, deadline, done, outcome            what is wanted now
//
// What is learned goes into the caller's record at once, so a conversation that breaks off keeps
// what it had. States advance left to right and never back:
//
//   kIdle -> kFirstReplies -> kSecondReplies -> kPings -> kDone
//
// The second write goes out when all replies to the first are in, or some time after the reply to
// server.version (limits::kFirstReplies, kStragglers): servers answer in any order, and some
// never answer everything. Pings follow only where everything was answered; whatever becomes of
// them, the outcome is kOk.
#pragma once

#include "core/base/text_buffer.h"
#include "core/electrum/line_reader.h"
#include "core/electrum/reply.h"
#include "core/electrum/request.h"
#include "core/electrum/wire_habits.h"
#include "core/probe/ping_series.h"
#include "core/record/record.h"
#include "platform/interface/digest.h"
#include "platform/interface/network.h"
#include "platform/interface/time.h"

namespace observatory {

class ElectrumProbe {
 public:
  // `line` holds the longest reply and belongs to the caller, as do `record` and `digest`.
  ElectrumProbe(MutableByteView line, Record& record, Digest& digest)
      : reader_(line), record_(record), digest_(digest) {}

  // The stream is open; the probe may speak. `version_timeout` bounds the wait for the reply to
  // server.version; the waits for the others are `patience` times those in limits. REQUIRES
  // client_name_problem(client_name) to be empty. May be called again, for another connection, once
  // done().
  void start(Instant now, std::string_view client_name, VersionForm form, Micros version_timeout,
             unsigned patience = 1);

  // Bytes arrived, in any split.
  void receive(Instant now, ByteView bytes);

  // The stream ended before the probe was done; `why` is kClosed when in good order.
  void peer_closed(Instant now, NetError why);

  // To be called once now >= deadline(); harmless earlier.
  void expire(Instant now);

  // The visit's time is over, whatever the probe still waits for.
  void give_up();

  // Bytes to put on the wire, until sent() confirms them.
  ByteView to_send() const { return as_bytes(writes_.text()).subspan(sent_); }
  void sent(std::size_t count) { sent_ += count; }

  Instant deadline() const { return deadline_; }
  bool done() const { return state_ == State::kDone; }

  // REQUIRES done().
  Outcome outcome() const { return outcome_; }

  // The list of versions was answered with an error: another connection with VersionForm::kString
  // may succeed. REQUIRES done().
  bool wants_string_form() const { return wants_string_form_; }

 private:
  enum class State : std::uint8_t { kIdle, kFirstReplies, kSecondReplies, kPings, kDone };

  void send_second_write(Instant now);
  void start_pings(Instant now);
  void follow_pings();
  void count_other_line();
  void read_line(Instant now);
  void take_reply(Instant now, const Reply& reply);
  void take_error(Request request, const Reply& reply);
  void take_result(Request request, std::string_view result);
  void take_version(Instant now, const Reply& reply);
  void take_fees(std::string_view result);
  void take_banner(std::string_view result);
  void take_tip(std::string_view result);
  void put_text(std::string_view string, FieldId field);
  void record_error(const ReplyError& error, FieldId code, FieldId message);
  std::uint64_t waited(Instant now) const;  // microseconds since start()
  bool answered(Request request) const;
  bool all_answered(int requests) const;
  void finish(Outcome outcome);

  LineReader reader_;
  Record& record_;
  Digest& digest_;
  State state_ = State::kIdle;
  VersionForm form_ = VersionForm::kList;
  Outcome outcome_ = Outcome::kReplyTimeout;
  bool wants_string_form_ = false;
  bool saw_other_json_ = false;  // JSON that answers nothing we asked
  bool saw_too_long_ = false;
  unsigned patience_ = 1;
  std::uint16_t answered_ = 0;  // one bit a request
  std::size_t received_ = 0;    // bytes
  std::size_t lines_ = 0;
  std::uint16_t oversize_ = 0;
  std::uint16_t notifications_ = 0;
  std::uint16_t other_lines_ = 0;
  Instant started_;
  Instant version_deadline_;
  Instant deadline_ = Instant::never();
  std::size_t sent_ = 0;
  // The second write follows the first, and the pings the second.
  TextBuffer<kLongestWrite + kLongestSecondWrite + PingSeries::kLongestWrites> writes_;
  WireHabits habits_;
  PingSeries pings_;
};

// What the first bytes of a stream say it is, when that is not Electrum: a TLS record, an HTTP
// answer or an SSH banner.
bool is_other_protocol(std::string_view first_bytes);

}  // namespace observatory
