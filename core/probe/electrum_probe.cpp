// SPDX-License-Identifier: MIT
#include "core/probe/electrum_probe.h"

#include <algorithm>

#include "core/base/hash.h"
#include "core/base/limits.h"
#include "core/base/number.h"
#include "core/electrum/features.h"
#include "core/electrum/peers.h"
#include "core/json/reader.h"

namespace observatory {
namespace {

constexpr std::size_t kHeaderBytes = 80;
constexpr std::size_t kLeastSniffed = 5;  // a TLS record header

// Counts and hashes what is decoded, and keeps as much of it as the record takes.
class BannerSink final : public ByteSink {
 public:
  BannerSink(Record& record, Digest& digest)
      : text_(record, FieldId::kBannerText), digest_(digest) {
    digest_.start();
  }

  void put(ByteView bytes) override {
    bytes_ += bytes.size();
    digest_.update(bytes);
    text_.put(bytes);
  }
  using ByteSink::put;

  std::uint64_t bytes() const { return bytes_; }

 private:
  TextField text_;
  Digest& digest_;
  std::uint64_t bytes_ = 0;
};

void reverse(Sha256& hash) { std::reverse(hash.begin(), hash.end()); }

std::uint16_t bit(Request request) {
  return static_cast<std::uint16_t>(1u << static_cast<unsigned>(request));
}

}  // namespace

bool is_other_protocol(std::string_view first_bytes) {
  if (first_bytes.size() < kLeastSniffed) return false;
  const ByteView bytes = as_bytes(first_bytes);
  const bool tls = bytes[0] >= 0x14 && bytes[0] <= 0x17 && bytes[1] == 3 && bytes[2] <= 4;
  return tls || first_bytes.substr(0, 5) == "HTTP/" || first_bytes.substr(0, 4) == "SSH-";
}

void ElectrumProbe::start(Instant now, std::string_view client_name, VersionForm form,
                          Micros version_timeout, unsigned patience) {
  reader_.next();
  writes_.clear();
  habits_.clear();
  sent_ = 0;
  state_ = State::kFirstReplies;
  form_ = form;
  patience_ = patience;
  wants_string_form_ = saw_other_json_ = saw_too_long_ = false;
  answered_ = 0;
  received_ = lines_ = 0;
  oversize_ = notifications_ = other_lines_ = 0;
  started_ = now;
  version_deadline_ = now + version_timeout;
  deadline_ = version_deadline_;
  put_first_write(client_name, form, writes_);
}

void ElectrumProbe::receive(Instant now, ByteView bytes) {
  while (!bytes.empty() && !done()) {
    const std::size_t taken = reader_.take(bytes);
    bytes = bytes.subspan(taken);
    received_ += taken;
    if (lines_ == 0 && is_other_protocol(reader_.line())) return finish(Outcome::kWrongProtocol);
    if (received_ > limits::kConnectionBytes) return finish(Outcome::kReplyTooLong);
    if (!reader_.complete()) continue;
    ++lines_;
    read_line(now);
    reader_.next();
    if (!done() && lines_ >= limits::kConnectionLines) finish(Outcome::kNotElectrum);
  }
}

void ElectrumProbe::read_line(Instant now) {
  if (reader_.too_long()) {
    saw_too_long_ = true;
    record_.set(FieldId::kWireOversize, ++oversize_);
    return;
  }
  Reply reply;
  switch (read_reply(reader_.line(), reply)) {
    case Status::kOk:
      return take_reply(now, reply);
    case Status::kMalformed:
      count_other_line();
      if (!answered(Request::kVersion)) finish(Outcome::kMalformedReply);
      return;
    default:
      count_other_line();
      saw_other_json_ = true;
  }
}

void ElectrumProbe::count_other_line() { record_.set(FieldId::kWireOtherLines, ++other_lines_); }

void ElectrumProbe::take_reply(Instant now, const Reply& reply) {
  if (!reply.method.empty()) {  // what it announces was not asked for
    record_.set(FieldId::kWireNotifications, ++notifications_);
    return;
  }
  if (reply.result.empty() && reply.error.empty()) {
    count_other_line();
    saw_other_json_ = true;
    return;
  }
  const ReplyError error = read_error(reply.error);
  if (is_rate_limit(error)) {
    record_error(error, FieldId::kLimitCode, FieldId::kLimitMessage);
    if (!answered(Request::kVersion)) return finish(Outcome::kRateLimited);
    if (state_ == State::kPings) finish(Outcome::kOk);
    return;
  }
  if (state_ == State::kPings && pings_.take(now, reply.id)) return follow_pings();
  Request request;
  if (!request_of_id(reply.id, request) || answered(request)) {
    count_other_line();
    saw_other_json_ = true;
    return;
  }
  answered_ = static_cast<std::uint16_t>(answered_ | bit(request));
  habits_.take(request, reply, reader_, record_);
  record_.set(FieldId::kUsReplies, waited(now));

  if (request == Request::kVersion) {
    take_version(now, reply);
  } else if (!reply.error.empty()) {
    take_error(request, reply);
  } else {
    take_result(request, reply.result);
  }
  if (done()) return;
  if (all_answered(kRequests)) return start_pings(now);
  if (state_ == State::kFirstReplies && all_answered(kFirstWriteRequests)) send_second_write(now);
}

void ElectrumProbe::take_version(Instant now, const Reply& reply) {
  if (!reply.error.empty()) {
    record_error(read_error(reply.error), FieldId::kVersionErrorCode,
                 FieldId::kVersionErrorMessage);
    wants_string_form_ = form_ == VersionForm::kList;
    return finish(Outcome::kVersionRefused);
  }
  JsonDocument document;
  if (!ok(document.parse(reply.result))) return finish(Outcome::kNotElectrum);
  // Before protocol 1.1 the answer was the software alone.
  const JsonValue root = document.root();
  const JsonValue software = root.type() == JsonType::kString ? root : root.element(0);
  if (software.type() != JsonType::kString) return finish(Outcome::kNotElectrum);
  put_text(software.raw(), FieldId::kServerSoftware);
  const JsonValue protocol = root.element(1);
  if (protocol.type() == JsonType::kString) put_text(protocol.raw(), FieldId::kProtocol);
  if (protocol.type() == JsonType::kNumber) record_.set_text(FieldId::kProtocol, protocol.raw());

  record_.set(FieldId::kUsVersion, waited(now));
  habits_.take_version(reader_, record_);
  deadline_ =
      std::max(started_ + patience_ * limits::kFirstReplies, now + patience_ * limits::kStragglers);
}

void ElectrumProbe::take_error(Request request, const Reply& reply) {
  if (request != Request::kMempoolInfo) return;
  record_error(read_error(reply.error), FieldId::kUnknownMethodCode,
               FieldId::kUnknownMethodMessage);
}

void ElectrumProbe::take_result(Request request, std::string_view result) {
  switch (request) {
    case Request::kHeaders:
      return take_tip(result);
    case Request::kDonation:
      return record_scalar(result, FieldId::kDonation, record_);
    case Request::kBanner:
      return take_banner(result);
    case Request::kPeers:
      return record_peers(result, digest_, record_);
    case Request::kFeatures:
      return record_features(result, record_);
    case Request::kMempoolInfo:
      return take_fees(result);
    case Request::kVersion:
    case Request::kPing:
      return;
  }
}

void ElectrumProbe::take_banner(std::string_view result) {
  if (json_type(result) != JsonType::kString) return;
  std::uint64_t bytes = 0;
  {
    BannerSink sink(record_, digest_);
    if (!put_json_text(result, sink)) record_.set(FieldId::kWireInvalidUtf8, 1);
    bytes = sink.bytes();
  }
  Sha256 hash;
  digest_.finish(hash);
  record_.set_bytes(FieldId::kBannerSha256, hash);
  record_.set(FieldId::kBannerBytes, bytes);
}

void ElectrumProbe::take_tip(std::string_view result) {
  if (json_type(result) != JsonType::kObject) return;
  set_member_order(result, FieldId::kWireTipOrder, record_);
  std::uint64_t height = 0;
  if (json_unsigned(json_member(result, "height"), height)) {
    record_.set(FieldId::kTipHeight, height);
  }
  const std::string_view hex = json_member(result, "hex");
  std::array<std::uint8_t, kHeaderBytes> header;
  if (json_type(hex) != JsonType::kString || hex.size() < 2 * kHeaderBytes + 2) return;
  if (!read_hex(hex.substr(1, 2 * kHeaderBytes), header)) return;
  Sha256 hash = sha256_of(sha256_of(header, digest_), digest_);
  reverse(hash);
  record_.set_bytes(FieldId::kTipHash, hash);
  // A block header: version 4, previous hash 32, merkle root 32, time 4, bits 4, nonce 4 bytes.
  std::copy_n(header.begin() + 4, hash.size(), hash.begin());
  reverse(hash);
  record_.set_bytes(FieldId::kTipPrevious, hash);
  const std::uint8_t* time = header.data() + 68;
  record_.set(FieldId::kTipTime, static_cast<std::uint64_t>(time[0]) | std::uint64_t{time[1]} << 8 |
                                     std::uint64_t{time[2]} << 16 | std::uint64_t{time[3]} << 24);
}

void ElectrumProbe::take_fees(std::string_view result) {
  if (json_type(result) != JsonType::kObject) return;
  set_member_order(result, FieldId::kWireMempoolOrder, record_);
  const std::string_view fee = json_member(result, "mempoolminfee");
  if (!fee.empty()) record_.set_text(FieldId::kWireMempoolFee, fee);
}

void ElectrumProbe::put_text(std::string_view string, FieldId field) {
  TextField text(record_, field);
  put_json_text(string, text);
}

void ElectrumProbe::record_error(const ReplyError& error, FieldId code, FieldId message) {
  if (error.has_code) record_.set_signed(code, error.code);
  if (!error.message.empty()) put_text(error.message, message);
}

void ElectrumProbe::send_second_write(Instant now) {
  state_ = State::kSecondReplies;
  deadline_ = now + patience_ * limits::kSecondReplies;
  put_second_write(writes_);
}

void ElectrumProbe::start_pings(Instant now) {
  state_ = State::kPings;
  pings_.start(now, habits_.padded());
  follow_pings();
}

void ElectrumProbe::follow_pings() {
  if (pings_.done()) return finish(Outcome::kOk);
  deadline_ = pings_.deadline();
}

void ElectrumProbe::peer_closed(Instant, NetError why) {
  if (done()) return;
  if (state_ == State::kPings) return finish(Outcome::kOk);
  if (answered(Request::kVersion)) {
    record_.set(FieldId::kWireHangup, state_ == State::kFirstReplies ? 1 : 2);
    return finish(Outcome::kOk);
  }
  if (saw_too_long_) return finish(Outcome::kReplyTooLong);
  if (saw_other_json_) return finish(Outcome::kNotElectrum);
  finish(why == NetError::kClosed ? Outcome::kClosed : Outcome::kReset);
}

void ElectrumProbe::expire(Instant now) {
  if (done() || now < deadline_) return;
  if (answered(Request::kVersion) && state_ == State::kFirstReplies) return send_second_write(now);
  if (state_ != State::kPings) return give_up();
  pings_.expire(now, writes_);
  follow_pings();
}

void ElectrumProbe::give_up() {
  if (done()) return;
  finish(saw_too_long_     ? Outcome::kReplyTooLong
         : saw_other_json_ ? Outcome::kNotElectrum
                           : Outcome::kReplyTimeout);
}

// Bytes may be stamped before start(): with TLS they can come in one piece with the handshake's
// end.
std::uint64_t ElectrumProbe::waited(Instant now) const {
  return static_cast<std::uint64_t>(std::max<Micros>(0, now - started_));
}

bool ElectrumProbe::answered(Request request) const { return (answered_ & bit(request)) != 0; }

bool ElectrumProbe::all_answered(int requests) const {
  for (int i = 1; i <= requests; ++i) {
    if (!answered(static_cast<Request>(i))) return false;
  }
  return true;
}

void ElectrumProbe::finish(Outcome outcome) {
  // Whatever went wrong later: a server that answered server.version was reached.
  outcome_ = answered(Request::kVersion) && outcome != Outcome::kVersionRefused &&
                     record_.has(FieldId::kServerSoftware)
                 ? Outcome::kOk
                 : outcome;
  habits_.put(record_);
  if (state_ == State::kPings) pings_.put(record_);
  state_ = State::kDone;
  deadline_ = Instant::never();
  sent_ = writes_.text().size();
}

}  // namespace observatory
