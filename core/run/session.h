// SPDX-License-Identifier: MIT
// One endpoint's passage: resolve -> connect -> TLS (or none) -> Electrum -> close.
//
// A session never blocks and never fails: whatever happens ends in a record with an outcome.
// Each phase has its deadline and the whole has one; phases that were not completed are absent
// from the record. States advance left to right; a second connection (a TLS fallback, or the
// other form of server.version) goes back to kConnecting, at most limits::kConnections times:
//
//   kIdle -> kLookup -> kTurn -> kConnecting -> kTls -> kTalking -> kDone
//                         ^                                |
//                         +--------------------------------+
#pragma once

#include <array>

#include "core/base/limits.h"
#include "core/probe/electrum_probe.h"
#include "core/record/record.h"
#include "core/run/endpoint.h"
#include "core/run/reach.h"
#include "platform/interface/platform.h"
#include "platform/interface/tls.h"

namespace observatory {

// Keeps two sessions from visiting one address at the same time: a good neighbour opens one
// connection at a time per server.
class AddressGate {
 public:
  bool is_free(const IpAddress& ip) const;
  // True when the address was free; it is then taken until leave().
  bool enter(const IpAddress& ip);
  void leave(const IpAddress& ip);

 private:
  std::array<IpAddress, limits::kMostSlots> inside_;
  std::size_t count_ = 0;
};

class Session {
 public:
  // Everything belongs to the caller and outlives the session; `tls` serves it alone.
  Session(const Platform& platform, TlsEngine& tls, AddressGate& gate)
      : platform_(platform), tls_(tls), gate_(gate) {}

  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Starts a visit that takes at most `visit` microseconds once it has its turn. `client_name`
  // must outlive it. No address beyond `reach` is connected to: of a name's addresses those are
  // left out, and where none is left the visit ends as forbidden_address. REQUIRES idle() or
  // done().
  void begin(const Endpoint& endpoint, std::string_view client_name, Micros visit,
             Reach reach = Reach::kAnywhere);

  // Does everything that can be done without waiting.
  void step();

  // What to wait for before the next step().
  Interest interest() const;
  Instant deadline() const;

  bool idle() const { return state_ == State::kIdle; }
  bool done() const { return state_ == State::kDone; }

  // The facts so far, complete once done(). The caller adds what belongs to the run.
  Record& record() { return record_; }

  // Gives up at once, whatever the state: releases every handle. The session is idle then, and
  // its record worthless. Also to be called after done(), when the record has been used.
  void release();

 private:
  enum class State : std::uint8_t { kIdle, kLookup, kTurn, kConnecting, kTls, kTalking, kDone };

  // Each moves on by what is possible now; false when it has to wait.
  bool lookup();
  bool take_turn();
  bool connecting();
  bool handshake();
  bool talking();

  void leave_out_forbidden();
  void start_turn(std::size_t address);
  void connect();
  void connect_failed(NetError why);
  void connected();
  void handshake_done(Instant arrived);
  void handshake_failed();
  void ended_in_handshake(NetError why);
  void start_probe();
  void reconnect();
  bool pump_in();
  bool pump_out();
  void decrypt(Instant arrived, ByteView bytes);
  void record_tls();
  void record_tcp();
  void close_stream();
  void leave_gate();
  void finish(Outcome outcome);
  bool is_tls() const { return endpoint_.transport == Transport::kTls; }
  Instant now() const { return platform_.clock.now(); }
  void record_time(FieldId field, Instant from, Instant to);

  Platform platform_;
  TlsEngine& tls_;
  AddressGate& gate_;

  State state_ = State::kIdle;
  Endpoint endpoint_;
  std::string_view client_name_;
  Micros visit_ = 0;
  Reach reach_ = Reach::kAnywhere;
  Instant phase_started_;
  Instant phase_deadline_;
  Instant attempt_deadline_;  // of connecting to one address
  Instant visit_deadline_;

  LookupId lookup_ = kNoLookup;
  std::array<IpAddress, limits::kAddresses> addresses_;
  std::size_t address_count_ = 0;
  std::size_t address_ = 0;  // the one that is tried
  bool inside_gate_ = false;
  Outcome connect_outcome_ = Outcome::kUnreachable;  // the most telling failure so far
  IpAddress failed_ip_;

  StreamId stream_ = kNoStream;
  NetError ended_ = NetError::kNone;  // how the stream ended, once it has
  unsigned connections_ = 0;
  TlsOffer offer_ = TlsOffer::kNewest;
  VersionForm form_ = VersionForm::kList;
  bool list_refused_ = false;  // by the first connection

  std::array<std::uint8_t, limits::kChunk> out_;  // ciphertext on its way to the network
  std::size_t out_size_ = 0;
  std::size_t out_sent_ = 0;

  std::array<std::uint8_t, limits::kRecordPool> pool_;
  Record record_{pool_};
  std::array<std::uint8_t, limits::kLine> line_;
  ElectrumProbe probe_{line_, record_, platform_.digest};
};

}  // namespace observatory
