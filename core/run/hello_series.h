// SPDX-License-Identifier: MIT
// The connections that a fingerprint takes beyond the visit: strictly one at a time, to the address
// of the visit, each closed before the next, limits::kHelloGap apart.
//
//   kGap -> kConnecting -> kAsking -> kGap ... -> kDone
//
// The series never fails; what it could not learn is absent. It goes on for as long as each
// connection may take (limits::kHelloTimeout), whatever time the visit had. When
// limits::kHelloFailures connections in a row are refused or time out it is broken off: somebody
// there has seen enough of us. The last of these counts as timed out even if it was refused, as do
// those that are no longer made, so that no fingerprint is made of a server's defence.
#pragma once

#include "core/base/limits.h"
#include "core/probe/hello2_probe.h"
#include "core/probe/jarm_probe.h"
#include "core/record/record.h"
#include "core/run/endpoint.h"
#include "core/run/route.h"
#include "core/run/tls_fingerprint.h"
#include "platform/interface/platform.h"

namespace observatory {

class HelloSeries {
 public:
  static constexpr std::size_t kMemory = JarmProbe::kMemory;

  // `memory` has kMemory bytes, which are the series' from begin() until done(). All belong to the
  // caller and outlive the series.
  HelloSeries(const Platform& platform, Record& record, MutableByteView memory)
      : platform_(platform),
        record_(record),
        hello2_(memory.first<kLongestHello>(), record),
        jarm_(memory, record, platform.digest) {}

  HelloSeries(const HelloSeries&) = delete;
  HelloSeries& operator=(const HelloSeries&) = delete;

  // Starts what belongs to `fingerprint`, after a visit of the endpoint at that address which is
  // complete in the record and has closed its connection. False, and there is nothing to do, when
  // nothing was asked for, without TLS, and where the server wants no more of us: it said that it
  // limits us, or closed or reset the connection in place of an answer. A handshake that failed in
  // any other way is no reason against it. The connections take the same `route` as the visit.
  // `endpoint` outlives the series.
  [[nodiscard]] bool begin(TlsFingerprint fingerprint, const Endpoint& endpoint,
                           const Route& route);

  // Does everything that can be done without waiting.
  void step();

  // What to wait for before the next step().
  Interest interest() const;
  Instant deadline() const { return deadline_; }

  bool done() const { return state_ == State::kDone; }

  // Gives up at once: releases the handle, records nothing more.
  void release();

 private:
  enum class State : std::uint8_t { kGap, kConnecting, kAsking, kDone };

  // Each moves on by what is possible now; false when it has to wait.
  bool gap();
  bool connecting();
  bool asking();

  void wait_for_turn();
  void connect();
  void connection_over(NetError why);
  void close_stream();
  Instant now() const { return platform_.clock.now(); }

  Platform platform_;
  Record& record_;
  Hello2Probe hello2_;
  JarmProbe jarm_;
  HelloProbe* probe_ = nullptr;       // the one that is asking
  HelloProbe* next_probe_ = nullptr;  // the one after it, if any
  State state_ = State::kDone;
  Route route_;
  StreamId stream_ = kNoStream;
  ByteView to_send_;
  Instant deadline_;
  unsigned failures_ = 0;  // in a row
};

}  // namespace observatory
