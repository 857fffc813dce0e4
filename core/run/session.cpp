// SPDX-License-Identifier: MIT
#include "core/run/session.h"

#include <algorithm>
#include <cstring>

#include "core/base/ip_text.h"
#include "core/run/tcp_record.h"
#include "core/run/through_proxy.h"

namespace observatory {
namespace {

// The certificate that Electrum Personal Server 0.2.4 carries in its package. That server ends
// its process at a list of versions (electrumprotocol.py), so it is asked in the other form.
constexpr Sha256 kPersonalServerCertificate = {
    0x4F, 0xAF, 0x9B, 0x44, 0x23, 0x95, 0xE5, 0xA3, 0xEC, 0x17, 0x76, 0x3D, 0x68, 0x78, 0x66, 0x6F,
    0x01, 0x10, 0x48, 0xD4, 0xAF, 0xE1, 0xBE, 0x3E, 0xFB, 0x3A, 0x8F, 0xB7, 0xAD, 0xDF, 0x6A, 0x40};

Outcome outcome_of_connect(NetError why) {
  switch (why) {
    case NetError::kRefused:
      return Outcome::kRefused;
    case NetError::kReset:
    case NetError::kClosed:
      return Outcome::kReset;
    case NetError::kNone:
    case NetError::kTimedOut:
      return Outcome::kConnectTimeout;
    case NetError::kExhausted:
      return Outcome::kExhausted;
    case NetError::kUnreachable:
    case NetError::kOther:
      return Outcome::kUnreachable;
  }
  return Outcome::kUnreachable;
}

// Of the failures of several addresses, the one that says most about the server is kept.
int weight(Outcome outcome) {
  switch (outcome) {
    case Outcome::kReset:
      return 5;
    case Outcome::kRefused:
      return 4;
    case Outcome::kConnectTimeout:
      return 3;
    case Outcome::kHeldBack:
    case Outcome::kOptedOut:
      return 2;
    case Outcome::kUnreachable:
      return 1;
    default:
      return 0;
  }
}

Outcome outcome_of_tls(TlsFailure failure) {
  switch (failure) {
    case TlsFailure::kAlertReceived:
      return Outcome::kTlsAlert;
    case TlsFailure::kNoCommonVersion:
      return Outcome::kTlsNoVersion;
    case TlsFailure::kNotTls:
      return Outcome::kWrongProtocol;
    case TlsFailure::kOutOfMemory:
      return Outcome::kExhausted;
    case TlsFailure::kNone:
    case TlsFailure::kPeerMisbehaved:
    case TlsFailure::kBadCertificate:
    case TlsFailure::kInternal:
      return Outcome::kTlsFailed;
  }
  return Outcome::kTlsFailed;
}

}  // namespace

void Session::begin(const Visit& visit, std::string_view client_name, Micros longest,
                    TlsFingerprint fingerprint, bool may_put_off, Reach reach) {
  record_.clear();
  tls_facts_.clear();
  planned_ = visit;
  may_put_off_ = may_put_off;
  reach_ = reach;
  client_name_ = client_name;
  visit_ = longest;
  fingerprint_ = fingerprint;
  looked_up_ = false;
  began_ = now();
  connections_ = 0;
  offer_ = TlsOffer::kNewest;
  form_ = VersionForm::kList;
  list_refused_ = false;
  connect_outcome_ = Outcome::kExhausted;
  record_.set(FieldId::kTime, platform_.clock.wall_ms());
  record_.set_text(FieldId::kHost, planned_.endpoint.host.view());
  record_.set(FieldId::kPort, planned_.endpoint.port);
  record_.set(FieldId::kTransport, static_cast<std::uint64_t>(planned_.endpoint.transport));

  const std::string_view host = planned_.endpoint.host.view();
  route_ = {.proxied = platform_.proxy != nullptr && (platform_.proxy_for_all || is_onion(host))};
  route_.peer.port = planned_.endpoint.port;
  phase_started_ = began_;
  visit_deadline_ = Instant::never();  // runs from the turn on
  address_end_ = address_count_ = 1;
  if (gate_.opted_out(host)) return finish(Outcome::kOptedOut);
  if (route_.proxied && !begin_proxied()) return finish(Outcome::kExhausted);
  phase_deadline_ = phase_started_ + visit_ / limits::kLookupShare;
  if (planned_.one_address) {
    addresses_[0] = planned_.ip;
    return start_turn(0);
  }
  if (read_ip(host, addresses_[0])) return start_turn(0);
  if (route_.proxied) {
    route_.peer.name = host;
    addresses_[0] = {};
    return start_turn(0);
  }
  // RFC 7686 section 2: an onion name is no name for the DNS, and asking would tell it.
  if (is_onion(host)) return finish(Outcome::kNeedsProxy);
  state_ = State::kLookup;
}

// A number of this visit's own, since one that a stranger could guess would not keep visits apart.
bool Session::begin_proxied() {
  record_.set(FieldId::kProxied, 1);
  visit_ *= route_.patience();
  std::array<std::uint8_t, sizeof(route_.peer.isolation)> random;
  if (!platform_.random.fill(random)) return false;
  std::memcpy(&route_.peer.isolation, random.data(), random.size());
  return true;
}

void Session::step() {
  for (bool moved = true; moved;) {
    switch (state_) {
      case State::kIdle:
      case State::kPutOff:
      case State::kDone:
        return;
      case State::kLookup:
        moved = lookup();
        break;
      case State::kTurn:
        moved = take_turn();
        break;
      case State::kConnecting:
        moved = connecting();
        break;
      case State::kTls:
        moved = handshake();
        break;
      case State::kTalking:
        moved = talking();
        break;
      case State::kHellos:
        moved = hellos();
        break;
    }
  }
}

Interest Session::interest() const {
  if (state_ == State::kHellos) return hellos_.interest();
  Interest interest;
  interest.stream = stream_;
  interest.want_read = state_ == State::kTls || state_ == State::kTalking;
  interest.want_write = state_ == State::kConnecting || out_sent_ < out_size_ ||
                        (state_ == State::kTalking && !is_tls() && !probe_.to_send().empty());
  return interest;
}

Instant Session::deadline() const {
  switch (state_) {
    case State::kIdle:
      return Instant::never();
    case State::kTurn: {  // may have begun since the last step, when another session moved on
      const Permission permission = gate_.ask(place(), now());
      if (permission.kind == Permission::Kind::kBusy) return Instant::never();
      return permission.kind == Permission::Kind::kNotBefore ? permission.at : Instant{};
    }
    case State::kLookup:
      return lookup_ == kNoLookup ? std::min(now() + limits::kRetry, phase_deadline_)
                                  : phase_deadline_;
    case State::kConnecting:
      return std::min(attempt_deadline_, visit_deadline_);
    case State::kTls:
      return std::min(phase_deadline_, visit_deadline_);
    case State::kTalking:
      return std::min(probe_.deadline(), visit_deadline_);
    case State::kHellos:
      return hellos_.deadline();
    case State::kPutOff:
    case State::kDone:
      return {};
  }
  return {};
}

void Session::release() {
  close_stream();
  hellos_.release();
  leave_gate(Outcome::kOk);
  if (lookup_ != kNoLookup) platform_.resolver.release(lookup_);
  lookup_ = kNoLookup;
  state_ = State::kIdle;
}

// --- resolve

bool Session::lookup() {
  if (lookup_ == kNoLookup) lookup_ = platform_.resolver.start(planned_.endpoint.host.view());
  LookupResult result;
  if (lookup_ != kNoLookup) result = platform_.resolver.poll(lookup_, addresses_);
  if (result.state == LookupState::kPending) {
    if (now() < phase_deadline_) return false;
    finish(lookup_ == kNoLookup ? Outcome::kExhausted : Outcome::kDnsTimeout);
    return true;
  }
  platform_.resolver.release(lookup_);
  lookup_ = kNoLookup;
  if (result.state != LookupState::kFound || result.count == 0) {
    finish(Outcome::kDnsFailed);
    return true;
  }
  address_end_ = address_count_ = result.count;
  looked_up_ = true;
  record_time(FieldId::kUsDns, phase_started_, now());
  record_.set(FieldId::kAddresses, address_count_);
  leave_out_forbidden();
  if (address_count_ == 0) {
    finish(Outcome::kForbiddenAddress);
  } else {
    start_turn(0);
  }
  return true;
}

void Session::leave_out_forbidden() {
  const auto begin = addresses_.begin();
  const auto end = begin + static_cast<std::ptrdiff_t>(address_count_);
  const auto left =
      std::remove_if(begin, end, [this](const IpAddress& ip) { return !may_reach(reach_, ip); });
  address_end_ = address_count_ = static_cast<std::size_t>(left - begin);
}

// --- connect

void Session::start_turn(std::size_t address) {
  address_ = address;
  phase_started_ = now();
  state_ = State::kTurn;
}

bool Session::take_turn() {
  const Instant at = now();
  const Permission permission = gate_.ask(place(), at);
  switch (permission.kind) {
    case Permission::Kind::kNow:
      break;
    case Permission::Kind::kBusy:
      return false;
    case Permission::Kind::kNotBefore:
      if (!may_put_off_ || permission.at - at <= short_wait()) return false;
      put_off_until(permission.at);
      return true;
    case Permission::Kind::kHeldBack:
      next_address(Outcome::kHeldBack);
      return true;
    case Permission::Kind::kOptedOut:
      next_address(Outcome::kOptedOut);
      return true;
  }
  if (visit_deadline_ == Instant::never()) {
    visit_deadline_ = at + visit_;
    phase_deadline_ = at + visit_ / limits::kConnectShare;
  } else {
    // The time it took to get this turn is not held against the address.
    visit_deadline_ = visit_deadline_ + (at - phase_started_);
    phase_deadline_ = phase_deadline_ + (at - phase_started_);
  }
  connect();
  return true;
}

Micros Session::short_wait() const {
  return address_ > 0 ? limits::kFallbackWait : limits::kShortWait;
}

void Session::put_off_until(Instant at) {
  planned_.due = at;
  planned_.ip = addresses_[address_];
  planned_.knows_ip = !by_name();
  // The addresses before it were tried: only this one is left to be seen.
  if (address_ > 0 && connect_outcome_ != Outcome::kExhausted) planned_.one_address = true;
  state_ = State::kPutOff;
}

bool Session::may_connect() const {
  if (!by_name()) return may_reach(reach_, addresses_[address_]);
  // Where a name leads from the proxy cannot be seen here; an onion name leads to no address.
  return reach_ == Reach::kAnywhere || is_onion(planned_.endpoint.host.view());
}

// Every connection of a visit begins here, and none without a look at where it leads.
void Session::connect() {
  if (!may_connect()) return finish(Outcome::kForbiddenAddress);
  const Instant at = now();
  // What is left of the phase's time is shared among the addresses that are left.
  const auto left = static_cast<Micros>(address_end_ - address_);
  attempt_deadline_ = at + std::max<Micros>(0, phase_deadline_ - at) / left;
  phase_started_ = at;
  state_ = State::kConnecting;
  ended_ = NetError::kNone;
  out_size_ = out_sent_ = 0;
  route_.peer.ip = addresses_[address_];
  if (!by_name()) record_.set_ip(FieldId::kIp, route_.peer.ip);
  NetError why = NetError::kNone;
  stream_ = route_.open(platform_, why);
  if (stream_ == kNoStream) return connect_failed(why);  // nothing was sent: it was no visit
  if (!inside_gate_) gate_.enter(place(), at);
  inside_gate_ = true;
}

bool Session::connecting() {
  const IoResult result = platform_.network.connected(stream_);
  if (result.count > 0) {
    connected();
    return true;
  }
  if (result.error != NetError::kNone) {
    connect_failed(result.error);
    return true;
  }
  if (now() < std::min(attempt_deadline_, visit_deadline_)) return false;
  connect_failed(NetError::kTimedOut);
  return true;
}

void Session::connect_failed(NetError why) {
  const Outcome outcome = route_.proxied ? refusal(why) : outcome_of_connect(why);
  close_stream();
  leave_gate(outcome);
  next_address(outcome);
}

// After an address that could not be visited, for the reason given.
void Session::next_address(Outcome outcome) {
  if (address_ == 0 || weight(outcome) > weight(connect_outcome_)) {
    connect_outcome_ = outcome;
    failed_address_ = address_;
  }
  if (address_ + 1 < address_end_ && now() < visit_deadline_) return start_turn(address_ + 1);
  address_ = failed_address_;
  if (!by_name()) record_.set_ip(FieldId::kIp, addresses_[address_]);
  finish(connect_outcome_);
}

// What the proxy has to say of a stream that it did not open.
Outcome Session::refusal(NetError why) {
  ProxyProgress progress;
  if (stream_ != kNoStream) progress = platform_.proxy->progress(stream_);
  if (progress.replied) record_.set(FieldId::kProxyReply, progress.reply);
  return outcome_of_proxy(progress, why);
}

void Session::connected() {
  const Instant at = now();
  // Only what was opened counts: addresses that do not answer must not use up the fallbacks.
  if (++connections_ > 1) record_.set(FieldId::kConnections, connections_);
  record_time(route_.proxied ? FieldId::kUsProxy : FieldId::kUsConnect, phase_started_, at);
  at_connect_ = platform_.network.tcp_facts(stream_);
  if (!is_tls()) return start_probe();
  phase_started_ = at;
  phase_deadline_ = at + visit_ / limits::kTlsShare;
  state_ = State::kTls;
  tls_facts_.begin();
  if (!tls_.reset(planned_.endpoint.host.view(), offer_)) finish(Outcome::kExhausted);
}

// Once more to the address that answered, for what the first connection could not give.
void Session::reconnect() {
  close_stream();
  phase_deadline_ = now() + visit_ / limits::kConnectShare;
  address_end_ = address_ + 1;
  connect_outcome_ = Outcome::kExhausted;
  failed_address_ = address_;
  connect();
}

// --- TLS

bool Session::handshake() {
  const bool wrote = pump_out();
  const bool read = pump_in();
  if (state_ != State::kTls) return true;
  if (tls_.state() == TlsState::kFailed) {
    pump_out();  // our alert
    handshake_failed();
  } else if (tls_.state() == TlsState::kClosed) {
    ended_in_handshake(NetError::kClosed);
  } else if (ended_ != NetError::kNone) {
    ended_in_handshake(ended_);
  } else if (wrote || read) {
    return true;
  } else if (now() < std::min(phase_deadline_, visit_deadline_)) {
    return false;
  } else {
    finish(Outcome::kTlsTimeout);
  }
  return true;
}

void Session::ended_in_handshake(NetError why) {
  record_tls();
  finish(why == NetError::kClosed ? Outcome::kClosed : Outcome::kReset);
}

void Session::handshake_done(Instant arrived) {
  record_time(FieldId::kUsTls, phase_started_, arrived);
  record_tls();
  start_probe();
}

void Session::handshake_failed() {
  const TlsPeer& peer = tls_.peer();
  if (peer.retry_with_tls12 && offer_ == TlsOffer::kNewest && connections_ < limits::kConnections) {
    offer_ = TlsOffer::kTls12;
    record_.set(FieldId::kTlsFallback, 1);
    return reconnect();
  }
  record_tls();
  finish(outcome_of_tls(peer.failure));
}

void Session::record_tls() {
  tls_facts_.handshake_over(tls_.peer(), planned_.endpoint.host.view());
  if (!record_.has(FieldId::kLeafSha256)) return;
  const ByteView leaf = record_.bytes(FieldId::kLeafSha256);
  const Sha256& personal = kPersonalServerCertificate;
  if (std::equal(leaf.begin(), leaf.end(), personal.begin(), personal.end())) {
    form_ = VersionForm::kString;
  }
}

// --- Electrum

void Session::start_probe() {
  state_ = State::kTalking;
  probe_.start(now(), client_name_, form_, visit_ / limits::kVersionShare, route_.patience());
}

bool Session::talking() {
  const bool wrote = pump_out();
  const bool read = !probe_.done() && pump_in();
  // Answers are missing then because of us; the probe would say that the server hung up.
  if (is_tls() && tls_.peer().failure == TlsFailure::kOutOfMemory) {
    finish(Outcome::kExhausted);
    return true;
  }
  if (ended_ != NetError::kNone) probe_.peer_closed(now(), ended_);
  const Instant at = now();
  probe_.expire(at);
  if (!probe_.done() && at >= visit_deadline_) probe_.give_up();
  // The second write may just have been queued, and TLS keeps it to itself until it is taken.
  if (!probe_.done()) return wrote || read || pump_out();

  if (probe_.wants_string_form() && connections_ < limits::kConnections) {
    form_ = VersionForm::kString;
    list_refused_ = true;
    reconnect();
    return true;
  }
  finish(probe_.outcome());
  return true;
}

// --- bytes

// Network -> (TLS) -> probe. False when there is nothing to read now.
bool Session::pump_in() {
  if (ended_ != NetError::kNone) return false;
  std::array<std::uint8_t, limits::kChunk> chunk;
  const IoResult result = platform_.network.read(stream_, chunk);
  if (result.count == 0) {
    ended_ = result.error;
    return ended_ != NetError::kNone;
  }
  // Stamped before anything is computed: checking a chain takes a router many milliseconds.
  const Instant arrived = now();
  const ByteView bytes = ByteView(chunk).first(result.count);
  if (is_tls()) {
    decrypt(arrived, bytes);
  } else {
    probe_.receive(arrived, bytes);
  }
  return true;
}

// One record at a time while the handshake is observed.
void Session::decrypt(Instant arrived, ByteView bytes) {
  while (!bytes.empty() && ended_ == NetError::kNone) {
    const std::size_t count = tls_facts_.arrived(arrived, bytes);
    const bool taken = decrypt_record(arrived, bytes.first(count));
    // What an engine still refuses it will never take: the peer misuses it.
    if (!taken && tls_.state() != TlsState::kFailed) ended_ = NetError::kReset;
    bytes = bytes.subspan(count);
  }
  if (tls_.state() == TlsState::kFailed) {
    if (state_ == State::kTls) return;  // handshake() sends our alert first
    ended_ = NetError::kReset;
  }
  if (tls_.state() == TlsState::kClosed) ended_ = NetError::kClosed;
}

// Takes plaintext as it comes, because the engine may not take all ciphertext before that. False
// when the engine did not take all of it.
bool Session::decrypt_record(Instant arrived, ByteView bytes) {
  for (;;) {
    const std::size_t taken = tls_.put_ciphertext(bytes);
    bytes = bytes.subspan(taken);
    if (state_ == State::kTls && tls_.state() == TlsState::kOpen) handshake_done(arrived);
    std::array<std::uint8_t, limits::kChunk> plain;
    std::size_t given = 0;
    while (state_ == State::kTalking) {
      const std::size_t count = tls_.take_plaintext(plain);
      if (count == 0) break;
      given += count;
      tls_facts_.data(tls_.peer());
      probe_.receive(arrived, ByteView(plain).first(count));
    }
    if (taken == 0 && given == 0) return bytes.empty();
  }
}

// Probe -> (TLS) -> network. False when nothing could be written. A failed write says nothing
// here: what the peer sent before is still to be read, and the read then tells why it ended.
bool Session::pump_out() {
  if (ended_ != NetError::kNone) return false;
  bool moved = false;
  for (;;) {
    if (!is_tls()) {
      const ByteView wanted = probe_.to_send();
      if (wanted.empty()) return moved;
      const IoResult result = platform_.network.write(stream_, wanted);
      if (result.count == 0) return moved;
      probe_.sent(result.count);
      moved = true;
      continue;
    }
    if (state_ == State::kTalking && !probe_.to_send().empty()) {
      probe_.sent(tls_.put_plaintext(probe_.to_send()));
    }
    if (out_sent_ == out_size_) {
      out_sent_ = 0;
      out_size_ = tls_.take_ciphertext(out_);
      if (out_size_ == 0) return moved;
    }
    const IoResult result =
        platform_.network.write(stream_, ByteView(out_).first(out_size_).subspan(out_sent_));
    if (result.count == 0) return moved;
    tls_facts_.sent(now());
    out_sent_ += result.count;
    moved = true;
  }
}

// --- end

void Session::close_stream() {
  if (stream_ != kNoStream) platform_.network.close(stream_);
  stream_ = kNoStream;
  out_size_ = out_sent_ = 0;
}

void Session::leave_gate(Outcome outcome) {
  if (inside_gate_) gate_.leave(place(), now(), outcome, record_.has(FieldId::kLimit));
  inside_gate_ = false;
}

void Session::record_time(FieldId field, Instant from, Instant to) {
  record_.set(field, static_cast<std::uint64_t>(std::max<Micros>(0, to - from)));
}

void Session::finish(Outcome outcome) {
  // A server that refused our first form and then failed in any other way refused all the same.
  if (outcome != Outcome::kOk && list_refused_) outcome = Outcome::kVersionRefused;
  record_.set(FieldId::kOutcome, static_cast<std::uint64_t>(outcome));
  tls_facts_.over(tls_.peer());
  if (stream_ != kNoStream) {
    if (is_tls() && tls_.state() == TlsState::kOpen && ended_ == NetError::kNone) {
      tls_.close();
      pump_out();
    }
    record_tcp(at_connect_, platform_.network.tcp_facts(stream_), record_);
  }
  if (lookup_ != kNoLookup) platform_.resolver.release(lookup_);
  lookup_ = kNoLookup;
  close_stream();
  if (inside_gate_ && planned_.may_send_hellos(now()) &&
      hellos_.begin(fingerprint_, planned_.endpoint, route_)) {
    planned_.hellos_at = now();
    state_ = State::kHellos;
    return;
  }
  leave_gate(outcome);
  state_ = State::kDone;
}

bool Session::hellos() {
  hellos_.step();
  if (!hellos_.done()) return false;
  leave_gate(static_cast<Outcome>(record_.number(FieldId::kOutcome)));
  state_ = State::kDone;
  return true;
}

}  // namespace observatory
