// SPDX-License-Identifier: MIT
// One endpoint's passage: resolve -> connect -> TLS (or none) -> Electrum -> close -> extra hellos.
//
// A session never blocks and never fails: whatever happens ends in a record with an outcome.
// Each phase has its deadline and the whole has one; phases that were not completed are absent
// from the record. States advance left to right; a second connection (a TLS fallback, or the
// other form of server.version) goes back to kConnecting, at most limits::kConnections times:
//
//   kIdle -> kLookup -> kTurn -> kConnecting -> kTls -> kTalking -> kHellos -> kDone
//                         | ^                              |
//                 kPutOff + +------------------------------+
//
// kHellos is passed through where a fingerprint was asked for that takes further connections
// (hello_series.h). They have a time of their own, beyond the visit's; the address stays taken.
//
// A visit through the platform's proxy looks nothing up, takes its turn by name, and has
// limits::kProxyPatience times the time.
#pragma once

#include <array>

#include "core/base/limits.h"
#include "core/probe/electrum_probe.h"
#include "core/record/record.h"
#include "core/run/gate.h"
#include "core/run/hello_series.h"
#include "core/run/reach.h"
#include "core/run/route.h"
#include "core/run/tls_facts.h"
#include "core/run/visit.h"
#include "platform/interface/platform.h"
#include "platform/interface/tls.h"

namespace observatory {

class Session {
 public:
  // Everything belongs to the caller and outlives the session; `tls` serves it alone.
  Session(const Platform& platform, TlsEngine& tls, Gate& gate)
      : platform_(platform), tls_(tls), gate_(gate) {}

  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Starts a visit that takes at most `longest` microseconds once it has its turn (through a proxy
  // limits::kProxyPatience times that), and then the hellos that belong to `fingerprint`, unless
  // they were sent within a day (visit().hellos_at). `client_name` must outlive it. With
  // `may_put_off` a visit for which it is too early ends as put_off(); else it waits for its turn
  // however long that takes. Beyond `reach` nothing is connected to: of a name's addresses those
  // are left out, and where none is left the visit ends as forbidden_address; so does one to a name
  // that only a proxy looks up, unless it is an onion. REQUIRES idle() or done().
  void begin(const Visit& visit, std::string_view client_name, Micros longest,
             TlsFingerprint fingerprint, bool may_put_off, Reach reach = Reach::kAnywhere);

  // Does everything that can be done without waiting.
  void step();

  // What to wait for before the next step().
  Interest interest() const;
  Instant deadline() const;

  bool idle() const { return state_ == State::kIdle; }
  bool done() const { return state_ == State::kDone; }

  // The visit is not to be made before visit().due; nothing was connected to, and the record is
  // worthless. release() makes the session idle.
  bool put_off() const { return state_ == State::kPutOff; }

  // What is visited, and when and where to go on if it is put_off().
  const Visit& visit() const { return planned_; }
  Visit& visit() { return planned_; }
  bool may_be_put_off() const { return may_put_off_; }
  Instant began() const { return began_; }

  // The addresses of the name that may be visited; empty without a lookup. And the one that was
  // visited last, when one was.
  std::span<const IpAddress> addresses() const {
    return std::span(addresses_).first(looked_up_ ? address_count_ : 0);
  }
  const IpAddress& address() const { return addresses_[address_]; }

  // The facts so far, complete once done(). The caller adds what belongs to the run.
  Record& record() { return record_; }

  // Gives up at once, whatever the state: releases every handle. The session is idle then, and
  // its record worthless. Also to be called after done(), when the record has been used.
  void release();

 private:
  enum class State : std::uint8_t {
    kIdle,
    kLookup,
    kTurn,
    kPutOff,
    kConnecting,
    kTls,
    kTalking,
    kHellos,
    kDone,
  };

  // Each moves on by what is possible now; false when it has to wait.
  bool lookup();
  bool take_turn();
  bool connecting();
  bool handshake();
  bool talking();
  bool hellos();

  void leave_out_forbidden();
  bool begin_proxied();
  void start_turn(std::size_t address);
  Micros short_wait() const;
  void put_off_until(Instant at);
  bool may_connect() const;
  void connect();
  void connect_failed(NetError why);
  void next_address(Outcome outcome);
  Outcome refusal(NetError why);
  void connected();
  void handshake_done(Instant arrived);
  void handshake_failed();
  void ended_in_handshake(NetError why);
  void start_probe();
  void reconnect();
  bool pump_in();
  bool pump_out();
  void decrypt(Instant arrived, ByteView bytes);
  bool decrypt_record(Instant arrived, ByteView bytes);
  void record_tls();
  void close_stream();
  void leave_gate(Outcome outcome);
  Place place() const { return {addresses_[address_], planned_.endpoint.port, route_.peer.name}; }
  void finish(Outcome outcome);
  // The proxy looks the name up.
  bool by_name() const { return !route_.peer.name.empty(); }
  bool is_tls() const { return planned_.endpoint.transport == Transport::kTls; }
  Instant now() const { return platform_.clock.now(); }
  void record_time(FieldId field, Instant from, Instant to);

  Platform platform_;
  TlsEngine& tls_;
  Gate& gate_;

  State state_ = State::kIdle;
  Visit planned_;
  bool may_put_off_ = false;
  Reach reach_ = Reach::kAnywhere;
  Instant began_;
  std::string_view client_name_;
  Micros visit_ = 0;  // the longest
  TlsFingerprint fingerprint_ = TlsFingerprint::kHello;
  Instant phase_started_;
  Instant phase_deadline_;
  Instant attempt_deadline_;  // of connecting to one address
  Instant visit_deadline_;

  LookupId lookup_ = kNoLookup;
  std::array<IpAddress, limits::kAddresses> addresses_;
  std::size_t address_count_ = 0;
  std::size_t address_ = 0;      // the one that is tried
  std::size_t address_end_ = 0;  // no further ones
  bool looked_up_ = false;
  bool inside_gate_ = false;
  Route route_;
  Outcome connect_outcome_ = Outcome::kUnreachable;  // the most telling failure so far
  std::size_t failed_address_ = 0;

  StreamId stream_ = kNoStream;
  NetError ended_ = NetError::kNone;  // how the stream ended, once it has
  TcpFacts at_connect_;               // what the kernel knew right behind the handshake
  unsigned connections_ = 0;
  TlsOffer offer_ = TlsOffer::kNewest;
  VersionForm form_ = VersionForm::kList;
  bool list_refused_ = false;  // by the first connection

  std::array<std::uint8_t, limits::kChunk> out_;  // ciphertext on its way to the network
  std::size_t out_size_ = 0;
  std::size_t out_sent_ = 0;

  std::array<std::uint8_t, limits::kRecordPool> pool_;
  Record record_{pool_};
  TlsFacts tls_facts_{record_, platform_.digest};
  std::array<std::uint8_t, limits::kLine> line_;
  ElectrumProbe probe_{line_, record_, platform_.digest};
  // Works when the probe no longer does, in its memory.
  HelloSeries hellos_{platform_, record_, line_};
};

}  // namespace observatory
