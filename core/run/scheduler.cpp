// SPDX-License-Identifier: MIT
#include "core/run/scheduler.h"

#include <algorithm>

namespace observatory {
namespace {

constexpr std::size_t kRunPool = 512;  // texts of a `run` or `end` record

}  // namespace

Scheduler::Scheduler(const Platform& platform, std::span<Session* const> sessions,
                     EndpointSource& source, RunOutput& output, const RunOptions& options)
    : platform_(platform),
      sessions_(sessions),
      source_(source),
      output_(output),
      options_(options),
      discovery_(options.discovery) {}

void Scheduler::step() {
  if (state_ == State::kDone) return;
  if (state_ == State::kStarting) start();

  source_waits_ = false;
  bool finished = false;  // a session made room, or an address free: look again before sleeping
  for (Session* session : sessions_) {
    if (!ok(status_) || stopping_) break;
    if (session->idle()) fill(*session);
    session->step();
    if (!session->done()) continue;
    write_observation(*session);
    session->release();
    finished = true;
  }
  if (!ok(status_) || stopping_ || all_done()) return finish();
  if (finished) return;

  std::array<Interest, limits::kMostSlots> interests;
  Instant wake = source_waits_ ? platform_.clock.now() + limits::kRetry : Instant::never();
  for (std::size_t i = 0; i < sessions_.size(); ++i) {
    interests[i] = sessions_[i]->interest();
    wake = std::min(wake, sessions_[i]->deadline());
  }
  platform_.network.wait(std::span(interests).first(sessions_.size()), wake);
}

void Scheduler::start() {
  state_ = State::kRunning;
  std::array<std::uint8_t, 8> key;
  if (!platform_.random.fill(run_) || !platform_.random.fill(key)) {
    status_ = Status::kFailed;
    return;
  }
  seen_.start(key);
  std::array<std::uint8_t, kRunPool> pool;
  Record record(pool);
  begin_record(RecordType::kRun, record);
  record.set(FieldId::kTime, platform_.clock.wall_ms());
  record.set_text(FieldId::kSoftware, options_.software);
  record.set_text(FieldId::kTlsEngine, options_.tls_engine);
  record.set_text(FieldId::kTlsNewest, options_.tls_newest);
  record.set(FieldId::kClock, static_cast<std::uint64_t>(platform_.clock.wall_clock()));
  if (!options_.chain.empty()) record.set_text(FieldId::kChain, options_.chain);
  write(record);
}

// The next endpoint of the source that was not visited yet; false when there is none now.
bool Scheduler::next_listed(Endpoint& endpoint) {
  while (!source_ended_) {
    switch (source_.next(endpoint)) {
      case EndpointSource::Next::kEnd:
        source_ended_ = true;
        return false;
      case EndpointSource::Next::kNotYet:
        source_waits_ = true;
        return false;
      case EndpointSource::Next::kEndpoint:
        break;
    }
    const bool from_seed = !source_.seed().empty();
    if (from_seed && !discovery_.may_follow_seed(endpoint)) continue;
    if (seen_.seen(endpoint) && !discovery_.withdraw(endpoint, seen_)) {
      ++duplicates_;
      continue;
    }
    if (from_seed) discovery_.followed_seed();
    return true;
  }
  return false;
}

void Scheduler::fill(Session& session) {
  Endpoint endpoint;
  std::uint32_t announced_by = 0;
  std::string_view seed;
  if (next_listed(endpoint)) {
    seed = source_.seed();
  } else if (!source_ended_ || !discovery_.next(endpoint, announced_by)) {
    return;
  }
  output_.visiting(endpoint);
  const bool listed = seed.empty() && announced_by == 0;
  session.begin(endpoint, options_.client_name, options_.visit,
                listed ? Reach::kAnywhere : discovery_.reach());
  // First of all, so that no server can leave too little room for it.
  begin_record(RecordType::kObservation, session.record());
  if (announced_by != 0) session.record().set(FieldId::kAnnouncedBy, announced_by);
  if (!seed.empty()) session.record().set_text(FieldId::kSeed, seed);
}

void Scheduler::write_observation(Session& session) {
  Record& record = session.record();
  record.set(FieldId::kSeq, ++sequence_);
  ++observations_;
  if (record.number(FieldId::kOutcome) == static_cast<std::uint64_t>(Outcome::kOk)) ++reached_;
  write(record);
  discovery_.read(record, seen_);
}

void Scheduler::write_end() {
  std::array<std::uint8_t, kRunPool> pool;
  Record record(pool);
  begin_record(RecordType::kEnd, record);
  record.set(FieldId::kTime, platform_.clock.wall_ms());
  record.set(FieldId::kSeq, ++sequence_);
  record.set(FieldId::kObservations, observations_);
  record.set(FieldId::kReached, reached_);
  if (source_.bad_lines() > 0) record.set(FieldId::kBadLines, source_.bad_lines());
  if (duplicates_ > 0) record.set(FieldId::kDuplicates, duplicates_);
  if (interrupted_) record.set(FieldId::kInterrupted, 1);
  if (discovery_.asked()) {
    record.set(FieldId::kAnnounced, discovery_.announced());
    record.set(FieldId::kFollowed, discovery_.followed());
    record.set(FieldId::kRefused, discovery_.refused());
  }
  write(record);
}

void Scheduler::begin_record(RecordType type, Record& record) {
  record.set(FieldId::kType, static_cast<std::uint64_t>(type));
  record.set(FieldId::kVersion, kFormatVersion);
  record.set_text(FieldId::kVantage, options_.vantage);
  record.set_bytes(FieldId::kRun, run_);
}

void Scheduler::write(const Record& record) {
  const Status written = output_.write(record);
  if (!ok(written)) status_ = written;
}

void Scheduler::finish() {
  interrupted_ = stopping_ && !all_done();
  if (ok(status_)) write_end();
  for (Session* session : sessions_) session->release();
  state_ = State::kDone;
}

bool Scheduler::all_done() const {
  return source_ended_ && !discovery_.waiting() &&
         std::all_of(sessions_.begin(), sessions_.end(),
                     [](const Session* session) { return session->idle(); });
}

}  // namespace observatory
