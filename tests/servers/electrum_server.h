// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/servers/conversation.h"
#include "tests/servers/methods.h"
#include "tests/servers/persona.h"

namespace observatory::demo {

// Holds replies back and fills them up with spaces as ElectrumX does since 1.18.0
// (electrumx:src/electrumx/server/transport.py): a packet of at least 1024 bytes goes out when as
// many have gathered, when a second has passed since the last one, or during the warm-up. A packet
// is filled up to a power of two by spaces before its last bracket.
class PaddedOutput {
 public:
  static constexpr int kTimer = 1000;  // the token of its timer

  PaddedOutput(Padding padding, double now_ms) : padding_(padding), last_send_ms_(now_ms) {}

  void add(Wire& wire, std::string_view reply);  // with its terminator
  void on_timer(Wire& wire);
  void close(Wire& wire);  // 1.18.0 forgets what it held

 private:
  void consume(Wire& wire, bool force);

  Padding padding_;
  double last_send_ms_;
  size_t unpadded_sent_ = 0;
  bool timer_set_ = false;
  std::string held_;
};

// The line, without its terminator, in which an implementation refuses a request.
std::string error_text(const Implementation& implementation, const Complaint& complaint,
                       const Json& id);

// A session with a client: lines in, replies out. `persona` outlives it. A line longer than 1 MB is
// skipped by ElectrumX and ends the session with every other implementation.
class ElectrumServer : public Conversation {
 public:
  static constexpr size_t kMaxLine = 1000000;

  explicit ElectrumServer(const Persona& persona) : persona_(persona) {}

  void on_open(Wire& wire) override;
  void on_bytes(Wire& wire, std::string_view bytes, bool last) override;
  void on_timer(Wire& wire, int token) override;

 private:
  struct Reply {
    int lateness;  // below 0: before the others
    std::string text;
  };

  void on_line(std::string_view line);
  void on_message(const Json& message, bool in_batch, std::vector<Reply>* replies);
  void on_batch(const Json& batch);
  bool refuse_before_version(const Request& request, std::vector<Reply>* replies);
  // Adds the error reply, if the complaint has one, and ends the session, if it does that.
  void complain(const Complaint& complaint, const Json& id, int lateness,
                std::vector<Reply>* replies);
  std::string line_excerpt(std::string_view text) const;  // as error messages repeat it
  std::string result_text(const Json& result, const Json& id) const;
  void send_all(Wire& wire);
  void send_one(Wire& wire, const std::string& text);

  const Persona& persona_;
  const Implementation& implementation_ = *persona_.implementation;
  SessionState session_;
  PaddedOutput padded_{Padding::kNone, 0};
  std::string input_;
  bool skipping_ = false;       // the rest of a line that was too long
  bool protocol_seen_ = false;  // the first message has decided about strict_
  bool strict_ = true;
  bool ended_ = false;
  int errors_ = 0;                         // more than good requests
  bool deaf_ = false;                      // Fault::Kind::kDeaf has happened
  std::vector<Reply> replies_;             // to the bytes at hand
  std::vector<std::string> late_replies_;  // waiting for their timers, which are their indices
};

}  // namespace observatory::demo
