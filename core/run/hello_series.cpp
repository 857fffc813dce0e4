// SPDX-License-Identifier: MIT
#include "core/run/hello_series.h"

#include <array>

namespace observatory {
namespace {

// Whether the server, after this visit, may be asked for more.
bool is_welcome(const Record& record) {
  if (record.has(FieldId::kLimit)) return false;
  switch (static_cast<Outcome>(record.number(FieldId::kOutcome))) {
    case Outcome::kOk:
    case Outcome::kTlsTimeout:
    case Outcome::kTlsAlert:
    case Outcome::kTlsNoVersion:
    case Outcome::kTlsFailed:
    case Outcome::kReplyTimeout:
    case Outcome::kReplyTooLong:
    case Outcome::kMalformedReply:
    case Outcome::kWrongProtocol:
    case Outcome::kNotElectrum:
    case Outcome::kVersionRefused:
      return true;
    default:
      return false;
  }
}

bool fill(HelloRandom& bytes, Random& random) {
  return random.fill(bytes.random) && random.fill(bytes.session_id) &&
         random.fill(bytes.key_share) && random.fill(bytes.grease);
}

}  // namespace

bool HelloSeries::begin(TlsFingerprint fingerprint, const Endpoint& endpoint, const Route& route) {
  if (fingerprint == TlsFingerprint::kHello || endpoint.transport != Transport::kTls) return false;
  if (!is_welcome(record_)) return false;
  route_ = route;
  failures_ = 0;
  hello2_.start(endpoint.host.view());
  probe_ = &hello2_;
  jarm_.start(endpoint.host.view());
  next_probe_ = fingerprint == TlsFingerprint::kJarm ? &jarm_ : nullptr;
  wait_for_turn();
  return true;
}

void HelloSeries::step() {
  for (bool moved = true; moved;) {
    switch (state_) {
      case State::kGap:
        moved = gap();
        break;
      case State::kConnecting:
        moved = connecting();
        break;
      case State::kAsking:
        moved = asking();
        break;
      case State::kDone:
        return;
    }
  }
}

Interest HelloSeries::interest() const {
  Interest interest;
  interest.stream = stream_;
  interest.want_read = state_ == State::kAsking;
  interest.want_write = state_ == State::kConnecting || !to_send_.empty();
  return interest;
}

void HelloSeries::release() {
  close_stream();
  state_ = State::kDone;
}

void HelloSeries::wait_for_turn() {
  state_ = State::kGap;
  deadline_ = now() + limits::kHelloGap;
}

bool HelloSeries::gap() {
  if (now() < deadline_) return false;
  connect();
  return true;
}

void HelloSeries::connect() {
  deadline_ = now() + route_.patience() * limits::kHelloTimeout;
  state_ = State::kConnecting;
  HelloRandom bytes;
  NetError why = NetError::kExhausted;
  const bool filled = fill(bytes, platform_.random);
  to_send_ = probe_->open(bytes);
  if (filled) stream_ = route_.open(platform_, why);
  if (stream_ == kNoStream) connection_over(why);
}

bool HelloSeries::connecting() {
  const IoResult result = platform_.network.connected(stream_);
  if (result.count > 0) {
    state_ = State::kAsking;
  } else if (result.error != NetError::kNone) {
    connection_over(result.error);
  } else if (now() >= deadline_) {
    connection_over(NetError::kTimedOut);
  } else {
    return false;
  }
  return true;
}

bool HelloSeries::asking() {
  // A failed write says nothing: the read tells why.
  if (!to_send_.empty()) {
    to_send_ = to_send_.subspan(platform_.network.write(stream_, to_send_).count);
  }
  std::array<std::uint8_t, limits::kChunk> chunk;
  const IoResult result = platform_.network.read(stream_, chunk);
  if (result.count > 0) {
    if (probe_->receive(ByteView(chunk).first(result.count))) connection_over(NetError::kNone);
  } else if (result.error != NetError::kNone) {
    connection_over(result.error);
  } else if (now() >= deadline_) {
    connection_over(NetError::kTimedOut);
  } else {
    return false;
  }
  return true;
}

void HelloSeries::connection_over(NetError why) {
  const bool failed = why == NetError::kRefused || why == NetError::kTimedOut ||
                      why == NetError::kUnreachable || why == NetError::kExhausted;
  failures_ = failed ? failures_ + 1 : 0;
  const bool enough = failures_ == limits::kHelloFailures;
  close_stream();
  probe_->close(enough ? NetError::kTimedOut : why);
  if (enough) probe_->give_up();
  if (probe_->done()) {
    probe_ = next_probe_;
    next_probe_ = nullptr;
  }
  if (probe_ != nullptr && !enough) return wait_for_turn();
  state_ = State::kDone;
}

void HelloSeries::close_stream() {
  if (stream_ != kNoStream) platform_.network.close(stream_);
  stream_ = kNoStream;
  to_send_ = {};
}

}  // namespace observatory
