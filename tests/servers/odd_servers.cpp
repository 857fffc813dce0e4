// SPDX-License-Identifier: MIT
#include "tests/servers/odd_servers.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "tests/servers/electrum_server.h"
#include "tests/servers/prng.h"

namespace observatory::demo {
namespace {

class Silent : public Conversation {
 public:
  void on_bytes(Wire& wire, std::string_view /*bytes*/, bool last) override {
    if (last) wire.close();
  }
};

class ResetOnAccept : public Silent {
 public:
  void on_open(Wire& wire) override { wire.reset(); }
};

class CloseOnAccept : public Silent {
 public:
  void on_open(Wire& wire) override { wire.close(); }
};

// Says one thing to the first bytes of the client.
class OneReply : public Conversation {
 public:
  enum class Then { kStay, kClose, kReset };
  OneReply(std::string reply, Then then) : reply_(std::move(reply)), then_(then) {}

  void on_bytes(Wire& wire, std::string_view bytes, bool last) override {
    if (!bytes.empty() && !reply_.empty()) {
      wire.send(reply_);
      reply_.clear();
      if (then_ == Then::kClose) return wire.close();
      if (then_ == Then::kReset) return wire.reset();
    }
    if (last) wire.close();
  }

 private:
  std::string reply_;
  Then then_;
};

// Says the same to every line of the client.
class EveryLine : public Conversation {
 public:
  explicit EveryLine(std::string reply) : reply_(std::move(reply)) {}

  void on_bytes(Wire& wire, std::string_view bytes, bool last) override {
    for (const char c : bytes) {
      if (c == '\n') wire.send(reply_);
    }
    if (last) wire.close();
  }

 private:
  std::string reply_;
};

class EndlessLine : public Silent {
 public:
  static constexpr size_t kTotal = 1 << 20;
  static constexpr size_t kPiece = 16384;

  void on_bytes(Wire& wire, std::string_view bytes, bool last) override {
    if (last) return wire.close();
    if (bytes.empty() || started_) return;
    started_ = true;
    wire.send(R"({"jsonrpc":"2.0","id":1,"result":")");
    wire.later(0, 0);
  }

  void on_timer(Wire& wire, int /*token*/) override {
    wire.send(std::string(kPiece, 'A'));
    sent_ += kPiece;
    if (sent_ < kTotal) wire.later(2, 0);
  }

 private:
  bool started_ = false;
  size_t sent_ = 0;
};

// An ElectrumServer behind a wire that passes one byte at a time.
class Dribble : public Conversation {
 public:
  static constexpr double kEveryMs = 50;
  static constexpr int kTimer = 2000;
  static constexpr size_t kMaxWaiting = 1 << 20;

  explicit Dribble(const Persona& persona) : inner_(persona) {}

  void on_open(Wire& wire) override {
    Slow slow(this, wire);
    inner_.on_open(slow);
  }

  void on_bytes(Wire& wire, std::string_view bytes, bool last) override {
    if (last) return wire.close();
    Slow slow(this, wire);
    inner_.on_bytes(slow, bytes, last);
    arm(wire);
  }

  void on_timer(Wire& wire, int token) override {
    if (token != kTimer) {
      Slow slow(this, wire);
      inner_.on_timer(slow, token);
    } else {
      armed_ = false;
      wire.send(waiting_.substr(0, 1));
      waiting_.erase(0, 1);
    }
    arm(wire);
  }

 private:
  class Slow : public Wire {
   public:
    Slow(Dribble* owner, Wire& wire) : owner_(owner), wire_(wire) {}
    void send(std::string_view bytes) override {
      const size_t room = kMaxWaiting - std::min(kMaxWaiting, owner_->waiting_.size());
      owner_->waiting_ += bytes.substr(0, room);
    }
    void close() override { wire_.close(); }
    void reset() override { wire_.reset(); }
    void later(double milliseconds, int token) override { wire_.later(milliseconds, token); }
    double now_ms() const override { return wire_.now_ms(); }

   private:
    Dribble* owner_;
    Wire& wire_;
  };

  void arm(Wire& wire) {
    if (armed_ || waiting_.empty()) return;
    armed_ = true;
    wire.later(kEveryMs, kTimer);
  }

  ElectrumServer inner_;
  std::string waiting_;
  bool armed_ = false;
};

// An Electrum server that takes a ClientHello for lines. A hello holds a newline only most of the
// time; one is added, or the answer would depend on the client's random bytes.
class PlainOnTlsPort : public Conversation {
 public:
  explicit PlainOnTlsPort(const Persona& persona) : inner_(persona) {}
  void on_open(Wire& wire) override { inner_.on_open(wire); }
  void on_bytes(Wire& wire, std::string_view bytes, bool last) override {
    std::string text(bytes);
    if (!bytes.empty() && bytes[0] == '\x16') text += '\n';
    inner_.on_bytes(wire, text, last);
  }
  void on_timer(Wire& wire, int token) override { inner_.on_timer(wire, token); }

 private:
  ElectrumServer inner_;
};

std::string garbage(const Persona& persona) {
  Prng prng(0, persona.name);
  std::string bytes;
  for (int i = 0; i < 512; ++i) bytes.push_back(static_cast<char>(prng.below(256)));
  bytes[0] = '\xde';  // what it starts with must not look like anything
  bytes[511] = '\n';
  return bytes;
}

constexpr std::string_view kHttpReply =
    "HTTP/1.1 400 Bad Request\r\nServer: nginx/1.22.1\r\nContent-Type: text/html\r\n"
    "Content-Length: 60\r\nConnection: close\r\n\r\n"
    "<html><head><title>400 Bad Request</title></head></html>\r\n\r\n";
constexpr std::string_view kAlert("\x15\x03\x03\x00\x02\x02\x28", 7);

}  // namespace

std::unique_ptr<Conversation> make_conversation(Behaviour behaviour, const Persona& persona) {
  using Then = OneReply::Then;
  switch (behaviour) {
    case Behaviour::kElectrum:
    case Behaviour::kTlsOnTcpPort:
      return std::make_unique<ElectrumServer>(persona);
    case Behaviour::kSilent:
    case Behaviour::kRefuse:
    case Behaviour::kFullBacklog:
      return std::make_unique<Silent>();
    case Behaviour::kReset:
      return std::make_unique<ResetOnAccept>();
    case Behaviour::kResetMidReply:
      return std::make_unique<OneReply>(R"({"jsonrpc": "2.0", "result": ["ElectrumX 1.)",
                                        Then::kReset);
    case Behaviour::kGarbage:
      return std::make_unique<OneReply>(garbage(persona), Then::kStay);
    case Behaviour::kHttp:
      return std::make_unique<OneReply>(std::string(kHttpReply), Then::kClose);
    case Behaviour::kPlainOnTlsPort:
      return std::make_unique<PlainOnTlsPort>(persona);
    case Behaviour::kTlsAlert:
      return std::make_unique<OneReply>(std::string(kAlert), Then::kClose);
    case Behaviour::kEndlessLine:
      return std::make_unique<EndlessLine>();
    case Behaviour::kMalformed:
      return std::make_unique<EveryLine>(
          "{\"jsonrpc\":\"2.0\",\"result\":[\"ElectrumX 1.16.0\","
          "\"1.4.2\"},\"id\":1\n");
    case Behaviour::kNotJsonRpc:
      return std::make_unique<EveryLine>("{\"station\":\"demo\",\"temperature\":21.5}\n");
    case Behaviour::kDribble:
      return std::make_unique<Dribble>(persona);
    case Behaviour::kRateLimit:
      return std::make_unique<OneReply>(
          "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-101,\"message\":\"excessive resource usage\"},"
          "\"id\":1}\n",
          Then::kClose);
    case Behaviour::kCloseOnAccept:
      return std::make_unique<CloseOnAccept>();
  }
  return std::make_unique<Silent>();
}

}  // namespace observatory::demo
