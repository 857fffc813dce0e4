// SPDX-License-Identifier: MIT
#include "tests/servers/network.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <deque>
#include <map>
#include <queue>
#include <stdexcept>
#include <utility>
#include <vector>

#include "tests/servers/prng.h"

namespace observatory::demo {
namespace {

constexpr size_t kMaxUnsent = 4 << 20;
constexpr size_t kReadAtOnce = 1 << 18;
constexpr double kHandshakeMs = 10000;
constexpr double kIdleMs = 600000;
// Timers outlive their connections until they are due, so none is set far ahead.
constexpr double kIdleCheckMs = 10000;
// After its last word a server reads on for that long, so that the client's unread bytes do not
// turn its close into a reset which could destroy that last word.
constexpr double kLingerMs = 2000;
constexpr int kBacklog = 64;
constexpr std::string_view kUnexpectedMessage("\x15\x03\x03\x00\x02\x02\x0a", 7);

double now_ms() {
  using std::chrono::steady_clock;
  return std::chrono::duration<double, std::milli>(steady_clock::now().time_since_epoch()).count();
}

std::runtime_error system_error(const std::string& what) {
  return std::runtime_error(what + ": " + std::strerror(errno));
}

struct SslContextDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct SslDeleter {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using SslContextPtr = std::unique_ptr<SSL_CTX, SslContextDeleter>;
using SslPtr = std::unique_ptr<SSL, SslDeleter>;

int acknowledge_name(SSL* /*ssl*/, int* /*alert*/, void* /*argument*/) { return SSL_TLSEXT_ERR_OK; }

SslContextPtr make_context(const Identity& identity, const TlsPolicy& policy) {
  SslContextPtr context(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* raw = context.get();
  bool ok = raw != nullptr && SSL_CTX_set_min_proto_version(raw, policy.min_version) == 1 &&
            SSL_CTX_set_max_proto_version(raw, policy.max_version) == 1 &&
            SSL_CTX_use_certificate(raw, identity.chain.front().get()) == 1 &&
            SSL_CTX_use_PrivateKey(raw, identity.key.get()) == 1;
  for (size_t i = 1; ok && i < identity.chain.size(); ++i) {
    ok = SSL_CTX_add1_chain_cert(raw, identity.chain[i].get()) == 1;
  }
  if (!ok) throw std::runtime_error("OpenSSL: cannot set up a server");
  if (policy.own_cipher_order) SSL_CTX_set_options(raw, SSL_OP_CIPHER_SERVER_PREFERENCE);
  if (!policy.new_keys_every_time) {
    // Python sets a context of that name; Qt sets none, which makes its tickets shorter.
    SSL_CTX_set_session_id_context(raw, reinterpret_cast<const unsigned char*>("Python"), 6);
  }
  if (policy.acknowledges_name) {
    // The macro for this call holds an old-style cast.
    SSL_CTX_callback_ctrl(raw, SSL_CTRL_SET_TLSEXT_SERVERNAME_CB,
                          reinterpret_cast<void (*)()>(acknowledge_name));
  }
  return context;
}

int open_socket() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) throw system_error("cannot open a socket");
  return fd;
}

sockaddr_in address_of(const Endpoint& endpoint) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(endpoint.port));
  if (inet_pton(AF_INET, endpoint.address.c_str(), &address.sin_addr) != 1) {
    throw std::runtime_error("not an IPv4 address: " + endpoint.address);
  }
  return address;
}

}  // namespace

class Network::Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void add(Endpoint endpoint);
  void run(double seconds);

 private:
  class Connection;

  struct Listener {
    Endpoint endpoint;
    int fd = -1;
    SslContextPtr context;
    Prng jitter{0};
    std::vector<int> fillers = {};  // connections that keep its queue full
  };

  struct Timer {
    double due_ms;
    uint64_t sequence;  // equal times go in order
    uint64_t connection;
    int token;
    bool operator>(const Timer& other) const {
      return std::pair(due_ms, sequence) > std::pair(other.due_ms, other.sequence);
    }
  };

  void accept(size_t index);
  void set_timer(double due_ms, uint64_t connection, int token);
  void run_timers();
  int wait_ms(double end_ms) const;
  void watch(int fd, uint64_t id, uint32_t events, int operation);
  void remove_finished();

  int epoll_ = -1;
  int signals_ = -1;
  std::deque<Listener> listeners_;
  std::map<uint64_t, std::unique_ptr<Connection>> connections_;
  std::vector<uint64_t> finished_;
  uint64_t next_id_ = 1;
  uint64_t next_sequence_ = 0;
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
};

namespace {

// What an epoll event is about: connections have even numbers, listeners odd ones.
constexpr uint64_t kSignalTag = UINT64_MAX;
constexpr uint64_t listener_tag(size_t index) { return index * 2 + 1; }
constexpr uint64_t connection_tag(uint64_t id) { return id * 2; }

// Tokens of the connection's own timers; those of conversations are not negative.
constexpr int kFlushTimer = -1;
constexpr int kHandshakeTimer = -2;
constexpr int kIdleTimer = -3;
constexpr int kLingerTimer = -4;

}  // namespace

class Network::Loop::Connection : public Wire {
 public:
  Connection(Loop* loop, Listener* listener, int fd, uint64_t id)
      : loop_(loop), listener_(listener), fd_(fd), id_(id), last_input_ms_(demo::now_ms()) {}

  ~Connection() override { ::close(fd_); }

  void open() {
    conversation_ = listener_->endpoint.converse();
    loop_->set_timer(last_input_ms_ + kIdleCheckMs, id_, kIdleTimer);
    if (!listener_->endpoint.tls) return conversation_->on_open(*this);
    SslContextPtr own;
    if (listener_->endpoint.policy.new_keys_every_time) {
      own = make_context(listener_->endpoint.identity, listener_->endpoint.policy);
    }
    ssl_.reset(SSL_new(own ? own.get() : listener_->context.get()));
    BIO* in = BIO_new(BIO_s_mem());
    BIO* out = BIO_new(BIO_s_mem());
    if (ssl_ == nullptr || in == nullptr || out == nullptr) {
      throw std::runtime_error("OpenSSL: out of memory");
    }
    SSL_set_bio(ssl_.get(), in, out);
    SSL_set_accept_state(ssl_.get());
    loop_->set_timer(last_input_ms_ + kHandshakeMs, id_, kHandshakeTimer);
  }

  // Wire.
  void send(std::string_view bytes) override {
    if (closing_ || bytes.empty()) return;
    if (ssl_ == nullptr) return enqueue(bytes);
    SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
    enqueue_ciphertext();
  }

  void close() override {
    if (closing_) return;
    if (ssl_ != nullptr && SSL_is_init_finished(ssl_.get())) {
      SSL_shutdown(ssl_.get());
      enqueue_ciphertext();
    }
    closing_ = true;
    flush();
  }

  void reset() override {
    closing_ = true;
    reset_ = true;
    flush();
  }

  void later(double milliseconds, int token) override {
    loop_->set_timer(demo::now_ms() + milliseconds, id_, token);
  }

  double now_ms() const override { return demo::now_ms(); }

  // Events of the loop.
  void on_readable() {
    if (input_ended_) return finish();  // only an error or a hang-up can bring us here
    std::string bytes;
    bool last = false;
    std::array<char, 16384> piece{};
    while (bytes.size() < kReadAtOnce) {
      const ssize_t got = recv(fd_, piece.data(), piece.size(), 0);
      if (got > 0) {
        bytes.append(piece.data(), static_cast<size_t>(got));
        continue;
      }
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
      if (got < 0) return finish();
      last = true;
      break;
    }
    last_input_ms_ = demo::now_ms();
    if (last) {
      input_ended_ = true;
      update_events();
    }
    if (closing_) {
      if (last && ended_) finish();
      return;
    }
    if (ssl_ == nullptr) {
      conversation_->on_bytes(*this, bytes, last);
    } else {
      on_ciphertext(bytes, last);
    }
  }

  void on_writable() { flush(); }

  void on_timer(int token) {
    switch (token) {
      case kFlushTimer:
        return flush();
      case kHandshakeTimer:
        if (!SSL_is_init_finished(ssl_.get())) close();
        return;
      case kIdleTimer:
        if (demo::now_ms() - last_input_ms_ >= kIdleMs) return close();
        return loop_->set_timer(demo::now_ms() + kIdleCheckMs, id_, kIdleTimer);
      case kLingerTimer:
        return finish();
      default:
        if (!closing_) conversation_->on_timer(*this, token);
    }
  }

 private:
  struct Packet {
    double due_ms;
    std::string bytes;
  };

  void on_ciphertext(std::string_view bytes, bool last) {
    if (!bytes.empty()) {
      BIO_write(SSL_get_rbio(ssl_.get()), bytes.data(), static_cast<int>(bytes.size()));
    }
    if (!SSL_is_init_finished(ssl_.get())) {
      ERR_clear_error();
      const int result = SSL_accept(ssl_.get());
      const bool failed = result <= 0 && SSL_get_error(ssl_.get(), result) != SSL_ERROR_WANT_READ;
      const bool alerted = BIO_pending(SSL_get_wbio(ssl_.get())) > 0;
      enqueue_ciphertext();
      if (failed && !alerted && listener_->endpoint.policy.alert_for_plain_text) {
        enqueue(kUnexpectedMessage);
      }
      if (failed || last) return close();
      if (result == 1) conversation_->on_open(*this);
    }
    std::string plain;
    bool ended = last;
    std::array<char, 16384> piece{};
    while (SSL_is_init_finished(ssl_.get())) {
      ERR_clear_error();
      const int got = SSL_read(ssl_.get(), piece.data(), static_cast<int>(piece.size()));
      if (got <= 0) {
        if (SSL_get_error(ssl_.get(), got) != SSL_ERROR_WANT_READ) ended = true;
        break;
      }
      plain.append(piece.data(), static_cast<size_t>(got));
    }
    enqueue_ciphertext();
    if (!closing_ && (!plain.empty() || ended)) conversation_->on_bytes(*this, plain, ended);
  }

  void enqueue_ciphertext() {
    char* data = nullptr;
    BIO* out = SSL_get_wbio(ssl_.get());
    const long size = BIO_get_mem_data(out, &data);
    if (size > 0) enqueue(std::string_view(data, static_cast<size_t>(size)));
    BIO_reset(out);
  }

  void enqueue(std::string_view bytes) {
    if (ended_) return;
    const Endpoint& endpoint = listener_->endpoint;
    double due_ms = demo::now_ms() + endpoint.delay_ms;
    if (endpoint.jitter_ms > 0) {
      due_ms += endpoint.jitter_ms * static_cast<double>(listener_->jitter.below(1000)) / 1000;
    }
    // A packet never overtakes the one before it.
    if (!packets_.empty()) due_ms = std::max(due_ms, packets_.back().due_ms);
    unsent_ += bytes.size();
    packets_.push_back({due_ms, std::string(bytes)});
    if (unsent_ > kMaxUnsent) return reset();
    if (endpoint.delay_ms > 0 || endpoint.jitter_ms > 0) {
      loop_->set_timer(due_ms, id_, kFlushTimer);
    } else {
      flush();
    }
  }

  void flush() {
    if (ended_) return;
    bool blocked = false;
    while (!packets_.empty() && packets_.front().due_ms <= demo::now_ms()) {
      Packet& packet = packets_.front();
      const ssize_t sent = ::send(fd_, packet.bytes.data(), packet.bytes.size(), MSG_NOSIGNAL);
      if (sent < 0) {
        if (errno == EINTR) continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK) return finish();
        blocked = true;
        break;
      }
      unsent_ -= static_cast<size_t>(sent);
      packet.bytes.erase(0, static_cast<size_t>(sent));
      if (packet.bytes.empty()) packets_.pop_front();
    }
    blocked_ = blocked;
    update_events();
    if (packets_.empty() && closing_) end();
  }

  // Everything is on its way.
  void end() {
    ended_ = true;
    if (reset_) {
      const linger now{.l_onoff = 1, .l_linger = 0};
      setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
      return finish();
    }
    shutdown(fd_, SHUT_WR);
    if (input_ended_) return finish();
    loop_->set_timer(demo::now_ms() + kLingerMs, id_, kLingerTimer);
  }

  void update_events() {
    const uint32_t events = (input_ended_ ? 0U : static_cast<uint32_t>(EPOLLIN)) |
                            (blocked_ ? static_cast<uint32_t>(EPOLLOUT) : 0U);
    if (events != events_) loop_->watch(fd_, connection_tag(id_), events, EPOLL_CTL_MOD);
    events_ = events;
  }

  void finish() {
    ended_ = true;
    closing_ = true;
    if (!std::exchange(finished_, true)) loop_->finished_.push_back(id_);
  }

  Loop* loop_;
  Listener* listener_;
  int fd_;
  uint64_t id_;
  double last_input_ms_;
  std::unique_ptr<Conversation> conversation_;
  SslPtr ssl_;
  std::deque<Packet> packets_;
  size_t unsent_ = 0;
  uint32_t events_ = EPOLLIN;
  bool blocked_ = false;      // the socket takes no more for now
  bool input_ended_ = false;  // the client has closed its side
  bool closing_ = false;      // nothing more will be said
  bool reset_ = false;        // ... and it ends with RST
  bool ended_ = false;        // our side is closed
  bool finished_ = false;     // to be removed
};

Network::Loop::Loop() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  signals_ = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  if (epoll_ < 0 || signals_ < 0) throw system_error("cannot make an event loop");
  watch(signals_, kSignalTag, EPOLLIN, EPOLL_CTL_ADD);
}

Network::Loop::~Loop() {
  connections_.clear();
  for (const Listener& listener : listeners_) {
    for (const int fd : listener.fillers) close(fd);
    close(listener.fd);
  }
  close(signals_);
  close(epoll_);
}

void Network::Loop::watch(int fd, uint64_t id, uint32_t events, int operation) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = id;
  epoll_ctl(epoll_, operation, fd, &event);
}

void Network::Loop::add(Endpoint endpoint) {
  const std::string where = endpoint.address + " port " + std::to_string(endpoint.port);
  const sockaddr_in address = address_of(endpoint);
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  listeners_.emplace_back();
  Listener& listener = listeners_.back();
  listener.fd = open_socket();
  const int on = 1;
  setsockopt(listener.fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener.fd, generic, sizeof address) != 0) {
    throw system_error("cannot bind " + where);
  }
  listener.jitter = Prng(endpoint.seed);
  if (endpoint.tls) listener.context = make_context(endpoint.identity, endpoint.policy);
  const Endpoint::Listening listening = endpoint.listening;
  listener.endpoint = std::move(endpoint);
  if (listening == Endpoint::Listening::kRefusing) return;
  const bool full = listening == Endpoint::Listening::kFull;
  if (listen(listener.fd, full ? 0 : kBacklog) != 0)
    throw system_error("cannot listen on " + where);
  if (full) {
    // A queue of length 0 holds one connection; the second is for systems that round up.
    for (int i = 0; i < 2; ++i) {
      listener.fillers.push_back(open_socket());
      [[maybe_unused]] const int pending =
          connect(listener.fillers.back(), generic, sizeof address);
    }
    return;
  }
  watch(listener.fd, listener_tag(listeners_.size() - 1), EPOLLIN, EPOLL_CTL_ADD);
}

void Network::Loop::accept(size_t index) {
  Listener& listener = listeners_[index];
  while (true) {
    const int fd = accept4(listener.fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    if (connections_.size() >= kMaxConnections) {
      close(fd);
      continue;
    }
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const uint64_t id = next_id_++;
    auto& connection = connections_[id];
    connection = std::make_unique<Connection>(this, &listener, fd, id);
    watch(fd, connection_tag(id), EPOLLIN, EPOLL_CTL_ADD);
    connection->open();
  }
}

void Network::Loop::set_timer(double due_ms, uint64_t connection, int token) {
  timers_.push({due_ms, next_sequence_++, connection, token});
}

void Network::Loop::run_timers() {
  const double now = now_ms();
  while (!timers_.empty() && timers_.top().due_ms <= now) {
    const Timer timer = timers_.top();
    timers_.pop();
    const auto found = connections_.find(timer.connection);
    if (found != connections_.end()) found->second->on_timer(timer.token);
    remove_finished();
  }
}

void Network::Loop::remove_finished() {
  for (const uint64_t id : std::exchange(finished_, {})) connections_.erase(id);
}

int Network::Loop::wait_ms(double end_ms) const {
  double due_ms = end_ms;
  if (!timers_.empty()) due_ms = std::min(due_ms, timers_.top().due_ms);
  const double left_ms = std::clamp(due_ms - now_ms(), 0.0, 60000.0);
  // Rounding up keeps the loop from spinning through the last part of a millisecond.
  return static_cast<int>(left_ms) + (left_ms > static_cast<int>(left_ms) ? 1 : 0);
}

void Network::Loop::run(double seconds) {
  const double end_ms = now_ms() + seconds * 1000;
  std::array<epoll_event, 64> events{};
  while (now_ms() < end_ms) {
    const int count =
        epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait_ms(end_ms));
    if (count < 0 && errno != EINTR) throw system_error("cannot wait for events");
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<size_t>(i)];
      const uint64_t tag = event.data.u64;
      if (tag == kSignalTag) return;
      if (tag % 2 == 1) {
        accept(tag / 2);
      } else if (const auto found = connections_.find(tag / 2); found != connections_.end()) {
        Connection& connection = *found->second;
        if ((event.events & EPOLLOUT) != 0) connection.on_writable();
        if ((event.events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0) connection.on_readable();
      }
      remove_finished();
    }
    run_timers();
  }
}

Network::Network() : loop_(std::make_unique<Loop>()) {}
Network::~Network() = default;
void Network::add(Endpoint endpoint) { loop_->add(std::move(endpoint)); }
void Network::run(double seconds) { loop_->run(seconds); }

}  // namespace observatory::demo
