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

void PaddedOutput::Add(Wire& wire, std::string_view reply) {
  held_ += reply;
  Consume(wire, false);
}

void PaddedOutput::OnTimer(Wire& wire) {
  timer_set_ = false;
  Consume(wire, false);
}

void PaddedOutput::Close(Wire& wire) {
  if (padding_ == Padding::kWarmUp) Consume(wire, true);
  held_.clear();
}

void PaddedOutput::Consume(Wire& wire, bool force) {
  if (held_.empty()) return;
  const double wait_ms = last_send_ms_ + kHoldMs - wire.NowMs();
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
    last_send_ms_ = wire.NowMs();
    wire.Send(packet);
  }
  if (!held_.empty() && !timer_set_) {
    timer_set_ = true;
    wire.Later(std::max(0.0, last_send_ms_ + kHoldMs - wire.NowMs()), kTimer);
  }
}

void ElectrumServer::OnOpen(Wire& wire) {
  padded_ = PaddedOutput(implementation_.padding, wire.NowMs());
}

void ElectrumServer::OnBytes(Wire& wire, std::string_view bytes, bool last) {
  if (ended_) return;
  if (last && implementation_.lossy_half_close) {
    ended_ = true;
    wire.Close();
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
      OnLine(std::string_view(input_).substr(begin, end - begin));
    }
    begin = end + 1;
  }
  input_.erase(0, begin);
  if (input_.size() > kMaxLine) {
    input_.clear();
    skipping_ = true;
    if (implementation_.reader != Reader::kAiorpcx) ended_ = true;
  }
  SendAll(wire);
  if (ended_ || last) {
    ended_ = true;
    padded_.Close(wire);
    wire.Close();
  }
}

void ElectrumServer::OnTimer(Wire& wire, int token) {
  if (token == PaddedOutput::kTimer) {
    padded_.OnTimer(wire);
  } else if (!late_replies_.empty()) {
    SendOne(wire, late_replies_.front());
    late_replies_.erase(late_replies_.begin());
  }
}

void ElectrumServer::SendOne(Wire& wire, const std::string& text) {
  if (implementation_.padding != Padding::kNone) {
    padded_.Add(wire, text);
  } else if (implementation_.eol_apart) {
    wire.Send(std::string_view(text).substr(0, text.size() - 1));
    wire.Send("\n");
  } else {
    wire.Send(text);
  }
}

void ElectrumServer::SendAll(Wire& wire) {
  std::stable_sort(replies_.begin(), replies_.end(),
                   [](const Reply& a, const Reply& b) { return a.lateness < b.lateness; });
  std::string together;
  for (Reply& reply : replies_) {
    reply.text += implementation_.eol;
    if (reply.lateness > 0 && !ended_) {
      late_replies_.push_back(reply.text);
      wire.Later(kLateMs * reply.lateness, 0);
    } else if (implementation_.reader == Reader::kFulcrum) {
      together += reply.text;
    } else {
      SendOne(wire, reply.text);
    }
  }
  if (!together.empty()) wire.Send(together);
  replies_.clear();
}

std::string ElectrumServer::Line(std::string_view text) const {
  if (implementation_.reader != Reader::kFulcrum) return std::string(text);
  std::string excerpt(text.substr(0, kFulcrumExcerpt));
  if (text.size() < kFulcrumExcerpt) excerpt += '\n';
  for (char& c : excerpt) {
    if (c < ' ' || c > '~') c = '?';
  }
  if (text.size() >= kFulcrumExcerpt) excerpt += "...";
  return excerpt;
}

void ElectrumServer::OnLine(std::string_view line) {
  const bool python = implementation_.style.dialect == Dialect::kPython;
  const ParseRules rules{.non_finite = python,
                         .lone_surrogates = python,
                         .wide_integers = implementation_.reader != Reader::kFulcrum,
                         .max_depth = implementation_.max_depth};
  Json message;
  const ParseStatus status = ParseJson(line, rules, &message);
  if (status != ParseStatus::kOk) {
    const Fault& fault =
        status == ParseStatus::kTooDeep ? implementation_.too_deep : implementation_.invalid_json;
    std::string text = Filled(fault.text, {{"{line}", Line(line)}});
    if (status == ParseStatus::kInvalidUtf8 && implementation_.reader == Reader::kAiorpcx) {
      text = "messages must be encoded in UTF-8";
    }
    const int lateness = implementation_.reader == Reader::kAiorpcx ? kAtOnce : 0;
    Complain({fault.kind, fault.code, text}, {}, lateness, &replies_);
  } else if (message.Is(Json::Kind::kArray)) {
    OnBatch(message);
  } else {
    OnMessage(message, false, &replies_);
  }
}

void ElectrumServer::OnBatch(const Json& batch) {
  if (implementation_.batch.kind == Fault::Kind::kHangUp) {
    ended_ = true;
    return;
  }
  if (batch.size() == 0 && implementation_.empty_batch.kind != Fault::Kind::kAnswered) {
    const Fault& fault = implementation_.empty_batch;
    const int lateness = implementation_.reader == Reader::kAiorpcx ? kAtOnce : 0;
    Complain({fault.kind, fault.code, fault.text}, {}, lateness, &replies_);
    return;
  }
  if (implementation_.reader == Reader::kFulcrum && batch.size() > kFulcrumMaxBatch) {
    Complain({Fault::Kind::kError, 4, "Batch limit exceeded"}, {}, 0, &replies_);
    return;
  }
  std::vector<Reply> replies;
  for (const Json& message : batch.items()) {
    if (!ended_) OnMessage(message, true, &replies);
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

bool ElectrumServer::RefusedBeforeVersion(const Request& request, std::vector<Reply>* replies) {
  const bool opens = request.method == "server.version" && !request.notification;
  if (!implementation_.version_first || session_.version_sent || opens) return false;
  for (const char* method : {"blockchain.relayfee", "blockchain.estimatefee"}) {
    replies->push_back({0, WriteJson(Json::Object({{"jsonrpc", Json::Text("2.0")},
                                                   {"method", Json::Text(method)}}),
                                     implementation_.style)});
  }
  if (!request.notification) {
    Complain({Fault::Kind::kError, 1, "use server.version to identify client"}, request.id, 0,
             replies);
  }
  ended_ = true;
  return true;
}

void ElectrumServer::OnMessage(const Json& message, bool in_batch, std::vector<Reply>* replies) {
  if (!std::exchange(protocol_seen_, true)) {
    strict_ = !message.Is(Json::Kind::kObject) || message.Find("jsonrpc") != nullptr;
  }
  const Request request = ReadRequest(implementation_, message, in_batch, strict_);
  if (request.verdict == Request::Verdict::kIgnore) return;
  if (request.verdict == Request::Verdict::kComplaint) {
    Complaint complaint = request.complaint;
    complaint.text =
        Filled(complaint.text, {{"{line}", WriteJson(message, implementation_.style)}});
    Complain(complaint, request.id, request.at_once ? kAtOnce : 0, replies);
    return;
  }
  if (RefusedBeforeVersion(request, replies)) return;
  const Answer answer = CallMethod(persona_, request, &session_);
  const bool silent = answer.complaint.kind == Fault::Kind::kSilence;
  if (request.notification && implementation_.reader == Reader::kPersonal && !silent) {
    ended_ = true;  // it looks for the id only when it has something to say
    return;
  }
  if (answer.complaint.kind != Fault::Kind::kAnswered) {
    Complaint complaint = answer.complaint;
    if (request.notification && complaint.kind == Fault::Kind::kError) return;
    Complain(complaint, request.id, 0, replies);
  } else if (!request.notification) {
    errors_ = std::max(0, errors_ - 1);
    replies->push_back({answer.lateness, ResultText(answer.result, request.id)});
  }
}

void ElectrumServer::Complain(const Complaint& complaint, const Json& id, int lateness,
                              std::vector<Reply>* replies) {
  if (implementation_.reader == Reader::kFulcrum && ++errors_ >= kFulcrumMaxErrors) {
    replies->clear();
    ended_ = true;
    return;
  }
  if (complaint.kind == Fault::Kind::kError || complaint.kind == Fault::Kind::kErrorClose) {
    replies->push_back({lateness, ErrorText(complaint, id)});
  }
  if (complaint.kind == Fault::Kind::kErrorClose || complaint.kind == Fault::Kind::kHangUp) {
    ended_ = true;
  }
  if (complaint.kind == Fault::Kind::kDeaf) deaf_ = true;
}

std::string ElectrumServer::ResultText(const Json& result, const Json& id) const {
  Json envelope = Json::Object({{"jsonrpc", Json::Text("2.0")}});
  if (implementation_.envelope == Envelope::kIdBeforeResult) {
    envelope.Set("id", id);
    envelope.Set("result", result);
  } else {
    envelope.Set("result", result);
    envelope.Set("id", id);
  }
  return WriteJson(envelope, implementation_.style);
}

std::string ElectrumServer::ErrorText(const Complaint& complaint, const Json& id) const {
  const Json version = Json::Text("2.0");
  const Json code = Json::Int(complaint.code);
  const Json text = Json::Text(complaint.text);
  Json error = Json::Object({{"code", code}, {"message", text}});
  Json envelope = Json::Object({{"jsonrpc", version}});
  switch (implementation_.error_shape) {
    case ErrorShape::kObject:
      break;
    case ErrorShape::kObjectData:
      error.Set("data", Json());
      break;
    case ErrorShape::kText:
      error = text;
      break;
    case ErrorShape::kBesideResult:
      envelope.Set("result", Json());
      break;
    case ErrorShape::kPersonal:
      error = Json::Object({{"message", text}, {"code", code}});
      return WriteJson(Json::Object({{"error", error}, {"jsonrpc", version}, {"id", id}}),
                       implementation_.style);
  }
  if (implementation_.envelope == Envelope::kIdBeforeResult) {
    envelope.Set("id", id);
    envelope.Set("error", error);
  } else {
    envelope.Set("error", error);
    envelope.Set("id", id);
  }
  return WriteJson(envelope, implementation_.style);
}

}  // namespace observatory::demo
