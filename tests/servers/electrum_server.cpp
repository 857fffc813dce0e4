// SPDX-License-Identifier: MIT
#include "tests/servers/electrum_server.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "tests/servers/text.h"

namespace observatory::demo {
namespace {

constexpr size_t kMinPacket = 1024;
constexpr size_t kWarmUpBytes = 1024;
constexpr double kHoldMs = 1000.0;
// Between two classes of late replies: enough to come as packets of their own.
constexpr double kLateMs = 0.4;
// Fulcrum:src/Options.h: max_batch.
constexpr size_t kFulcrumMaxBatch = 345;
// Fulcrum repeats that much of a line it cannot read.
constexpr size_t kFulcrumExcerpt = 80;
// Fulcrum:src/Servers.cpp: with so many errors more than good requests it hangs up, and what it has
// not written yet is lost.
constexpr int kFulcrumMaxErrors = 10;
constexpr int kAtOnce = -1;

}  // namespace

void PaddedOutput::add(Wire& wire, std::string_view reply) {
  held_ += reply;
  consume(wire, false);
}

void PaddedOutput::on_timer(Wire& wire) {
  timer_set_ = false;
  consume(wire, false);
}

void PaddedOutput::close(Wire& wire) {
  if (padding_ == Padding::kWarmUp) consume(wire, true);
  held_.clear();
}

void PaddedOutput::consume(Wire& wire, bool force) {
  if (held_.empty()) return;
  const double wait_ms = last_send_ms_ + kHoldMs - wire.now_ms();
  const bool warm = padding_ == Padding::kWarmUp && unpadded_sent_ < kWarmUpBytes;
  if (force || warm || held_.size() >= kMinPacket || wait_ms <= 0) {
    const size_t large = std::max(kMinPacket, std::bit_ceil(held_.size() + 1));
    const size_t small = std::max(kMinPacket, large / 2);
    size_t taken = held_.size();
    size_t target = large;
    // The smaller packet is taken when it wastes less, and leaves the rest for later.
    const size_t newline = held_.rfind('\n', small - 1);
    if (!force && newline != std::string::npos && small - (newline + 1) < large - taken) {
      taken = newline + 1;
      target = small;
    }
    std::string packet = held_.substr(0, taken);
    packet.insert(taken - 2, target - taken, ' ');
    held_.erase(0, taken);
    unpadded_sent_ += taken;
    last_send_ms_ = wire.now_ms();
    wire.send(packet);
  }
  if (!held_.empty() && !timer_set_) {
    timer_set_ = true;
    wire.later(std::max(0.0, last_send_ms_ + kHoldMs - wire.now_ms()), kTimer);
  }
}

void ElectrumServer::on_open(Wire& wire) {
  padded_ = PaddedOutput(implementation_.padding, wire.now_ms());
}

void ElectrumServer::on_bytes(Wire& wire, std::string_view bytes, bool last) {
  if (ended_) return;
  if (last && implementation_.lossy_half_close) {
    ended_ = true;
    wire.close();
    return;
  }
  input_ += bytes;
  size_t begin = 0;
  while (!ended_) {
    const size_t end = input_.find('\n', begin);
    if (end == std::string::npos) break;
    const bool too_long = end - begin > kMaxLine;
    if (too_long && implementation_.reader != Reader::kAiorpcx) ended_ = true;
    if (!std::exchange(skipping_, false) && !too_long && !deaf_) {
      on_line(std::string_view(input_).substr(begin, end - begin));
    }
    begin = end + 1;
  }
  input_.erase(0, begin);
  if (input_.size() > kMaxLine) {
    input_.clear();
    skipping_ = true;
    if (implementation_.reader != Reader::kAiorpcx) ended_ = true;
  }
  send_all(wire);
  if (ended_ || last) {
    ended_ = true;
    padded_.close(wire);
    wire.close();
  }
}

void ElectrumServer::on_timer(Wire& wire, int token) {
  if (token == PaddedOutput::kTimer) {
    padded_.on_timer(wire);
  } else if (!late_replies_.empty()) {
    send_one(wire, late_replies_.front());
    late_replies_.erase(late_replies_.begin());
  }
}

void ElectrumServer::send_one(Wire& wire, const std::string& text) {
  if (implementation_.padding != Padding::kNone) {
    padded_.add(wire, text);
  } else if (implementation_.eol_apart) {
    wire.send(std::string_view(text).substr(0, text.size() - 1));
    wire.send("\n");
  } else {
    wire.send(text);
  }
}

void ElectrumServer::send_all(Wire& wire) {
  std::stable_sort(replies_.begin(), replies_.end(),
                   [](const Reply& a, const Reply& b) { return a.lateness < b.lateness; });
  std::string together;
  for (Reply& reply : replies_) {
    reply.text += implementation_.eol;
    if (reply.lateness > 0 && !ended_) {
      late_replies_.push_back(reply.text);
      wire.later(kLateMs * reply.lateness, 0);
    } else if (implementation_.reader == Reader::kFulcrum) {
      together += reply.text;
    } else {
      send_one(wire, reply.text);
    }
  }
  if (!together.empty()) wire.send(together);
  replies_.clear();
}

std::string ElectrumServer::line_excerpt(std::string_view text) const {
  if (implementation_.reader != Reader::kFulcrum) return std::string(text);
  std::string excerpt(text.substr(0, kFulcrumExcerpt));
  if (text.size() < kFulcrumExcerpt) excerpt += '\n';
  for (char& c : excerpt) {
    if (c < ' ' || c > '~') c = '?';
  }
  if (text.size() >= kFulcrumExcerpt) excerpt += "...";
  return excerpt;
}

void ElectrumServer::on_line(std::string_view line) {
  const bool python = implementation_.style.dialect == Dialect::kPython;
  const ParseRules rules{.non_finite = python,
                         .lone_surrogates = python,
                         .wide_integers = implementation_.reader != Reader::kFulcrum,
                         .max_depth = implementation_.max_depth};
  Json message;
  const ParseStatus status = parse_json(line, rules, &message);
  if (status != ParseStatus::kOk) {
    const Fault& fault =
        status == ParseStatus::kTooDeep ? implementation_.too_deep : implementation_.invalid_json;
    std::string text = filled(fault.text, {{"{line}", line_excerpt(line)}});
    if (status == ParseStatus::kInvalidUtf8 && implementation_.reader == Reader::kAiorpcx) {
      text = "messages must be encoded in UTF-8";
    }
    const int lateness = implementation_.reader == Reader::kAiorpcx ? kAtOnce : 0;
    complain({fault.kind, fault.code, text}, {}, lateness, &replies_);
  } else if (message.is(Json::Kind::kArray)) {
    on_batch(message);
  } else {
    on_message(message, false, &replies_);
  }
}

void ElectrumServer::on_batch(const Json& batch) {
  if (implementation_.batch.kind == Fault::Kind::kHangUp) {
    ended_ = true;
    return;
  }
  if (batch.size() == 0 && implementation_.empty_batch.kind != Fault::Kind::kAnswered) {
    const Fault& fault = implementation_.empty_batch;
    const int lateness = implementation_.reader == Reader::kAiorpcx ? kAtOnce : 0;
    complain({fault.kind, fault.code, fault.text}, {}, lateness, &replies_);
    return;
  }
  if (implementation_.reader == Reader::kFulcrum && batch.size() > kFulcrumMaxBatch) {
    complain({Fault::Kind::kError, 4, "Batch limit exceeded"}, {}, 0, &replies_);
    return;
  }
  std::vector<Reply> replies;
  for (const Json& message : batch.items()) {
    if (!ended_) on_message(message, true, &replies);
  }
  if (replies.empty() && batch.size() > 0) return;
  std::stable_sort(replies.begin(), replies.end(),
                   [](const Reply& a, const Reply& b) { return a.lateness < b.lateness; });
  std::string text = "[";
  for (const Reply& reply : replies) {
    if (text.size() > 1) text += implementation_.batch_comma;
    text += reply.text;
  }
  replies_.push_back({0, text + "]"});
}

bool ElectrumServer::refuse_before_version(const Request& request, std::vector<Reply>* replies) {
  const bool opens = request.method == "server.version" && !request.notification;
  if (!implementation_.version_first || session_.version_sent || opens) return false;
  for (const char* method : {"blockchain.relayfee", "blockchain.estimatefee"}) {
    replies->push_back({0, write_json(Json::from_members({{"jsonrpc", Json::from_text("2.0")},
                                                          {"method", Json::from_text(method)}}),
                                      implementation_.style)});
  }
  if (!request.notification) {
    complain({Fault::Kind::kError, 1, "use server.version to identify client"}, request.id, 0,
             replies);
  }
  ended_ = true;
  return true;
}

void ElectrumServer::on_message(const Json& message, bool in_batch, std::vector<Reply>* replies) {
  if (!std::exchange(protocol_seen_, true)) {
    strict_ = !message.is(Json::Kind::kObject) || message.find("jsonrpc") != nullptr;
  }
  const Request request = read_request(implementation_, message, in_batch, strict_);
  if (request.verdict == Request::Verdict::kIgnore) return;
  if (request.verdict == Request::Verdict::kComplaint) {
    Complaint complaint = request.complaint;
    complaint.text =
        filled(complaint.text, {{"{line}", write_json(message, implementation_.style)}});
    complain(complaint, request.id, request.at_once ? kAtOnce : 0, replies);
    return;
  }
  if (refuse_before_version(request, replies)) return;
  const Answer answer = call_method(persona_, request, &session_);
  const bool silent = answer.complaint.kind == Fault::Kind::kSilence;
  if (request.notification && implementation_.reader == Reader::kPersonal && !silent) {
    ended_ = true;  // it looks for the id only when it has something to say
    return;
  }
  if (answer.complaint.kind != Fault::Kind::kAnswered) {
    Complaint complaint = answer.complaint;
    if (request.notification && complaint.kind == Fault::Kind::kError) return;
    complain(complaint, request.id, 0, replies);
  } else if (!request.notification) {
    errors_ = std::max(0, errors_ - 1);
    replies->push_back({answer.lateness, result_text(answer.result, request.id)});
  }
}

void ElectrumServer::complain(const Complaint& complaint, const Json& id, int lateness,
                              std::vector<Reply>* replies) {
  if (implementation_.reader == Reader::kFulcrum && ++errors_ >= kFulcrumMaxErrors) {
    replies->clear();
    ended_ = true;
    return;
  }
  if (complaint.kind == Fault::Kind::kError || complaint.kind == Fault::Kind::kErrorClose) {
    replies->push_back({lateness, error_text(implementation_, complaint, id)});
  }
  if (complaint.kind == Fault::Kind::kErrorClose || complaint.kind == Fault::Kind::kHangUp) {
    ended_ = true;
  }
  if (complaint.kind == Fault::Kind::kDeaf) deaf_ = true;
}

std::string ElectrumServer::result_text(const Json& result, const Json& id) const {
  Json envelope = Json::from_members({{"jsonrpc", Json::from_text("2.0")}});
  if (implementation_.envelope == Envelope::kIdBeforeResult) {
    envelope.set("id", id);
    envelope.set("result", result);
  } else {
    envelope.set("result", result);
    envelope.set("id", id);
  }
  return write_json(envelope, implementation_.style);
}

std::string error_text(const Implementation& implementation, const Complaint& complaint,
                       const Json& id) {
  const Json version = Json::from_text("2.0");
  const Json code = Json::from_int(complaint.code);
  const Json text = Json::from_text(complaint.text);
  Json error = Json::from_members({{"code", code}, {"message", text}});
  Json envelope = Json::from_members({{"jsonrpc", version}});
  switch (implementation.error_shape) {
    case ErrorShape::kObject:
      break;
    case ErrorShape::kObjectData:
      error.set("data", Json());
      break;
    case ErrorShape::kText:
      error = text;
      break;
    case ErrorShape::kBesideResult:
      envelope.set("result", Json());
      break;
    case ErrorShape::kPersonal:
      error = Json::from_members({{"message", text}, {"code", code}});
      return write_json(Json::from_members({{"error", error}, {"jsonrpc", version}, {"id", id}}),
                        implementation.style);
  }
  if (implementation.envelope == Envelope::kIdBeforeResult) {
    envelope.set("id", id);
    envelope.set("error", error);
  } else {
    envelope.set("error", error);
    envelope.set("id", id);
  }
  return write_json(envelope, implementation.style);
}

}  // namespace observatory::demo
