// SPDX-License-Identifier: MIT
#include "core/run/scheduler.h"

#include <algorithm>

namespace observatory {
namespace {

constexpr std::size_t kRunPool = 512;  // texts of a `run` or `end` record

}  // namespace

Scheduler::Scheduler(const Platform& platform, std::span<Session* const> sessions, Gate& gate,
                     EndpointSource& source, RunOutput& output, const RunOptions& options)
    : platform_(platform),
      sessions_(sessions),
      gate_(gate),
      source_(source),
      output_(output),
      options_(options),
      discovery_(options.discovery) {}

void Scheduler::step() {
  if (state_ == State::kDone) return;
  if (state_ == State::kStarting) start();

  source_waits_ = false;
  bool again = false;  // a session made room, or an address free: look again before sleeping
  bool more = true;    // there may be a visit for an idle session
  for (std::size_t place = 0; place < sessions_.size(); ++place) {
    if (!ok(status_) || stopping_) break;
    Session& session = *sessions_[place];
    if (session.idle() && more) more = fill(place);
    session.step();
    if (session.put_off()) {
      agenda_.put_back(place, session.visit());
    } else if (session.done()) {
      write_observation(place);
    } else {
      continue;
    }
    session.release();
    again = true;
  }
  if (!ok(status_) || stopping_ || nothing_left()) return finish();
  if (!again) sleep();
}

void Scheduler::sleep() {
  std::array<Interest, limits::kMostSlots> interests;
  Instant wake = source_waits_ ? platform_.clock.now() + limits::kRetry : Instant::never();
  bool any_idle = false;
  for (std::size_t i = 0; i < sessions_.size(); ++i) {
    interests[i] = sessions_[i]->interest();
    wake = std::min(wake, sessions_[i]->deadline());
    any_idle = any_idle || sessions_[i]->idle();
  }
  if (any_idle) wake = std::min(wake, agenda_.next_due(source_ended_));
  platform_.network.wait(std::span(interests).first(sessions_.size()), wake);
}

void Scheduler::start() {
  state_ = State::kRunning;
  std::array<std::uint8_t, 8> key;
  KeyedHash::Key gate_key;
  if (!platform_.random.fill(run_) || !platform_.random.fill(key) ||
      !platform_.random.fill(gate_key)) {
    status_ = Status::kFailed;
    return;
  }
  seen_.start(key);
  gate_.start(gate_key, platform_.clock.now());
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

// What was put off or is to be repeated comes before the list, so that an endless list starves
// nobody; what servers announced comes when the list is done, so that a run goes from the near to
// the far, and nobody can have an endpoint visited as announced that the operator lists.
bool Scheduler::fill(std::size_t place) {
  Session& session = *sessions_[place];
  Visit visit;
  bool planned = take_due(place, false, visit);
  if (!planned && take_listed(visit)) {
    planned = agenda_.add_under_way(visit, options_.visits > 1, place);
  } else if (!planned) {
    planned = take_due(place, source_ended_, visit);
    if (!planned) return false;
  }
  output_.visiting(visit.endpoint);
  const bool named_by_others = visit.announced || visit.seed != 0;
  session.begin(visit, options_.client_name, options_.visit, options_.tls_fingerprint, planned,
                named_by_others ? options_.discovery.reach : Reach::kAnywhere);
  // First of all, so that no server can leave too little room for it.
  begin_record(RecordType::kObservation, session.record());
  record_origin(visit, session.record());
  return true;
}

void Scheduler::record_origin(const Visit& visit, Record& record) const {
  if (visit.announced) record.set(FieldId::kAnnouncedBy, visit.announced_by);
  if (visit.seed == 0) return;
  FixedString<limits::kHost> seed;
  source_.name_seed(visit.seed, seed);
  record.set_text(FieldId::kSeed, seed.view());
}

bool Scheduler::take_due(std::size_t place, bool announced_too, Visit& visit) {
  const Instant now = platform_.clock.now();
  while (agenda_.take(now, place, announced_too, visit)) {
    if (!visit.knows_ip && !visit.one_address) return true;
    // No need to look the name up only to find that it is still too early.
    const Permission permission = gate_.ask({visit.ip, visit.endpoint.port}, now);
    if (permission.kind != Permission::Kind::kNotBefore) return true;
    visit.due = permission.at;
    agenda_.put_back(place, visit);
  }
  return false;
}

bool Scheduler::take_listed(Visit& visit) {
  visit = {};
  while (!source_ended_) {
    switch (source_.next(visit.endpoint)) {
      case EndpointSource::Next::kEnd:
        source_ended_ = true;
        return false;
      case EndpointSource::Next::kNotYet:
        source_waits_ = true;
        return false;
      case EndpointSource::Next::kEndpoint:
        break;
    }
    visit.seed = source_.seed();
    if (visit.seed != 0 && !discovery_.may_follow_seed(visit.endpoint)) continue;
    if (!seen_.seen(visit.endpoint) || discovery_.withdraw(visit.endpoint, seen_, agenda_)) {
      if (visit.seed != 0) discovery_.followed_seed();
      return true;
    }
    ++duplicates_;
  }
  return false;
}

void Scheduler::write_observation(std::size_t place) {
  Session& session = *sessions_[place];
  Record& record = session.record();
  record.set(FieldId::kSeq, ++sequence_);
  if (options_.visits > 1) {
    Visit& visit = session.visit();
    record.set(FieldId::kVisit, visit.number);
    record_changes(record, visit.number == 1, visit.facts);
  }
  ++observations_;
  switch (static_cast<Outcome>(record.number(FieldId::kOutcome))) {
    case Outcome::kOk:
      ++reached_;
      break;
    case Outcome::kHeldBack:
      ++held_back_;
      break;
    case Outcome::kOptedOut:
      ++opted_out_;
      break;
    default:
      break;
  }
  write(record);
  discovery_.read(record, seen_, agenda_, platform_.clock.now(), options_.visits > 1);
  plan_next(place);
}

// After a visit: the next one to the endpoint, and the first ones to its other addresses.
void Scheduler::plan_next(std::size_t place) {
  Session& session = *sessions_[place];
  const auto outcome = static_cast<Outcome>(session.record().number(FieldId::kOutcome));
  // What no later visit of this run can change.
  const bool pointless = outcome == Outcome::kOptedOut || outcome == Outcome::kNeedsProxy;
  Visit visit = session.visit();
  if (visit.number >= options_.visits || pointless) return agenda_.drop(place);
  if (visit.number == 1 && !session.may_be_put_off()) ++not_repeated_;

  const bool several = session.addresses().size() > 1;
  visit.knows_ip = false;
  if (several) {
    visit.one_address = true;
    visit.ip = session.address();
  }
  ++visit.number;
  visit.due = session.began() + options_.every;
  agenda_.put_back(place, visit);
  if (!several) return;

  visit.number = 1;
  visit.due = platform_.clock.now();
  visit.hellos_at = {};
  visit.facts = {};
  for (const IpAddress& ip : session.addresses()) {
    if (ip == session.address()) continue;
    visit.ip = ip;
    if (!agenda_.add(visit, true)) ++not_repeated_;
  }
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
  if (held_back_ > 0) record.set(FieldId::kHeldBack, held_back_);
  if (opted_out_ > 0) record.set(FieldId::kOptedOut, opted_out_);
  if (not_repeated_ > 0) record.set(FieldId::kNotRepeated, not_repeated_);
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
  interrupted_ = stopping_ && !nothing_left();
  if (ok(status_)) write_end();
  for (Session* session : sessions_) session->release();
  state_ = State::kDone;
}

bool Scheduler::all_idle() const {
  return std::all_of(sessions_.begin(), sessions_.end(),
                     [](const Session* session) { return session->idle(); });
}

}  // namespace observatory
