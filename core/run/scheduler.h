// SPDX-License-Identifier: MIT
// A run: endpoints in, records out, a fixed number of sessions at a time.
#pragma once

#include <span>

#include "core/run/agenda.h"
#include "core/run/discovery.h"
#include "core/run/endpoint_list.h"
#include "core/run/session.h"

namespace observatory {

// Where endpoints come from.
class EndpointSource {
 public:
  enum class Next : std::uint8_t {
    kEndpoint,  // one was given
    kNotYet,    // nothing to read now; ask again
    kEnd,
  };
  virtual Next next(Endpoint& endpoint) = 0;

  // Endpoints that could not be read so far.
  virtual std::uint64_t bad_lines() const = 0;

  // Which DNS seed the endpoint given last comes from, from 1; 0 when it was listed. And the name
  // of that seed.
  virtual std::uint8_t seed() const { return 0; }
  virtual void name_seed(std::uint8_t, FixedString<limits::kHost>& into) const { into.clear(); }

 protected:
  ~EndpointSource() = default;
};

// Where records go.
class RunOutput {
 public:
  // A visit begins; for progress. Comes again for a visit that turned out to be too early.
  virtual void visiting(const Endpoint& endpoint) = 0;

  // A complete record. Anything but kOk ends the run: a run whose records are lost is no run.
  virtual Status write(const Record& record) = 0;

 protected:
  ~RunOutput() = default;
};

// What is the same for every record of a run. Views outlive the run.
struct RunOptions {
  std::string_view vantage;
  std::string_view software;
  std::string_view tls_engine;
  std::string_view tls_newest;
  std::string_view chain;        // empty: no bundled list
  std::string_view client_name;  // see client_name_problem()
  Micros visit = limits::kVisit;
  // Visits to each endpoint, at most limits::kMostVisits, and from the beginning of one to that of
  // the next; longer where manners ask for it. With more than one, each address that a name has at
  // the first visit is visited on its own; a name with one address is looked up each time.
  std::uint32_t visits = 1;
  Micros every = limits::kEvery;
  DiscoveryRules discovery;
  TlsFingerprint tls_fingerprint = TlsFingerprint::kHello;
};

// Writes a `run` record, an observation for each visit, and an `end` record. One session a slot; a
// slow lookup or a silent server holds up its own slot only. Visits that manners forbid for now
// wait in the agenda while others are made; each of them ends in exactly one observation. Call
// step() until done():
//
//   while (!scheduler.done()) scheduler.step();
class Scheduler {
 public:
  // `sessions` are idle, at least one and at most limits::kMostSlots, and share `gate`. False
  // answers of `platform.random` end the run with kFailed before anything is written.
  Scheduler(const Platform& platform, std::span<Session* const> sessions, Gate& gate,
            EndpointSource& source, RunOutput& output, const RunOptions& options);

  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // Does what can be done, then sleeps until something happens.
  void step();

  // Ends the run soon: visits under way are dropped whole, `end` is written by the next step().
  void stop() { stopping_ = true; }

  bool done() const { return state_ == State::kDone; }

  // kFailed when the output refused a record, or there was no randomness.
  Status status() const { return status_; }

  // Whether stop() came before the list was done.
  bool interrupted() const { return interrupted_; }

 private:
  enum class State : std::uint8_t { kStarting, kRunning, kDone };

  void start();
  void sleep();
  // `place` of a session among the sessions. False when there is no visit to make now.
  bool fill(std::size_t place);
  bool take_due(std::size_t place, bool announced_too, Visit& visit);
  bool take_listed(Visit& visit);
  void record_origin(const Visit& visit, Record& record) const;
  void write_observation(std::size_t place);
  void plan_next(std::size_t place);
  void write_end();
  void begin_record(RecordType type, Record& record);
  void write(const Record& record);
  void finish();
  bool all_idle() const;
  bool nothing_left() const { return source_ended_ && all_idle() && agenda_.empty(); }

  Platform platform_;
  std::span<Session* const> sessions_;
  Gate& gate_;
  EndpointSource& source_;
  RunOutput& output_;
  RunOptions options_;
  SeenEndpoints seen_;
  Agenda agenda_;
  Discovery discovery_;

  State state_ = State::kStarting;
  Status status_ = Status::kOk;
  bool stopping_ = false;
  bool interrupted_ = false;
  bool source_ended_ = false;
  bool source_waits_ = false;
  std::array<std::uint8_t, 8> run_{};
  std::uint64_t sequence_ = 0;
  std::uint64_t observations_ = 0;
  std::uint64_t reached_ = 0;
  std::uint64_t duplicates_ = 0;
  std::uint64_t held_back_ = 0;
  std::uint64_t opted_out_ = 0;
  std::uint64_t not_repeated_ = 0;
};

}  // namespace observatory
