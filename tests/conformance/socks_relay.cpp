// SPDX-License-Identifier: MIT
#include "tests/conformance/socks_relay.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <list>
#include <stdexcept>
#include <string>
#include <vector>

namespace observatory::conformance {
namespace {

constexpr std::size_t kBuffer = 64 * 1024;

// One end of a connection, and what is on its way to it.
struct End {
  int socket = -1;
  std::string to_send;
  bool ended = false;  // it said that it will send no more
  bool reset = false;
};

class Connection {
 public:
  explicit Connection(int socket) { client_.socket = socket; }

  void wish(std::vector<pollfd>& wishes) const {
    const bool reads = stage_ != Stage::kConnecting && server_.to_send.size() < kBuffer;
    wishes.push_back(wish_of(client_, reads && !client_.ended));
    const bool connecting = stage_ == Stage::kConnecting;
    wishes.push_back(wish_of(server_, !server_.ended && client_.to_send.size() < kBuffer));
    if (connecting) wishes.back().events = POLLOUT;
  }

  // Does what can be done; false when the connection is over.
  bool step(int client_found, int server_found) {
    if (stage_ == Stage::kConnecting && server_found != 0) connected();
    if (stage_ == Stage::kOpen && server_found != 0) receive(server_, client_);
    if (client_found != 0 && stage_ != Stage::kConnecting) receive(client_, server_);
    if (stage_ < Stage::kConnecting) negotiate();
    send(client_);
    if (stage_ == Stage::kOpen) send(server_);
    const bool nothing_left = client_.to_send.empty() && server_.to_send.empty();
    const bool over = client_.reset || client_.ended || server_.reset || server_.ended ||
                      stage_ == Stage::kRefused;
    const bool hung_up = (client_found & (POLLERR | POLLHUP)) != 0;
    if (!hung_up && !(over && (nothing_left || client_.reset || client_.ended))) return true;
    if (server_.reset) reset_when_closed(client_.socket);
    ::close(client_.socket);
    if (server_.socket >= 0) ::close(server_.socket);
    return false;
  }

 private:
  enum class Stage { kGreeting, kLogin, kRequest, kConnecting, kOpen, kRefused };

  static pollfd wish_of(const End& end, bool reads) {
    const int events = (reads ? POLLIN : 0) | (end.to_send.empty() ? 0 : POLLOUT);
    return {end.socket, static_cast<short>(events), 0};
  }

  // 0 when it is. Not SO_ERROR, whose number is the outer machine's under qemu.
  static int why_not_connected(int socket) {
    sockaddr_storage peer;
    socklen_t length = sizeof(peer);
    if (::getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &length) == 0) return 0;
    char byte = 0;
    return ::recv(socket, &byte, 1, MSG_DONTWAIT) < 0 ? errno : ECONNRESET;
  }

  static void reset_when_closed(int socket) {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  }

  static void receive(End& from, End& to) {
    char bytes[16384];
    if (from.ended || from.reset || to.to_send.size() >= kBuffer) return;
    const ssize_t count = ::recv(from.socket, bytes, sizeof(bytes), MSG_DONTWAIT);
    if (count > 0) to.to_send.append(bytes, static_cast<std::size_t>(count));
    if (count == 0) from.ended = true;
    if (count < 0 && errno != EAGAIN) from.reset = true;
  }

  static void send(End& to) {
    if (to.socket < 0 || to.to_send.empty()) return;
    const ssize_t count = ::send(to.socket, to.to_send.data(), to.to_send.size(), MSG_NOSIGNAL);
    if (count > 0) to.to_send.erase(0, static_cast<std::size_t>(count));
    // What cannot be delivered must not keep the end from being passed on.
    if (count < 0 && errno != EAGAIN) to.to_send.clear();
  }

  // Until it is connected, what the client sends is for the proxy.
  void negotiate() {
    std::string& heard = server_.to_send;
    const auto at = [&](std::size_t place) { return static_cast<unsigned char>(heard[place]); };
    if (stage_ == Stage::kGreeting && heard.size() >= 2 && heard.size() >= 2u + at(1)) {
      heard.erase(0, 2u + at(1));
      client_.to_send += std::string("\5\2", 2);
      stage_ = Stage::kLogin;
    }
    if (stage_ == Stage::kLogin && heard.size() >= 2 && heard.size() > 2u + at(1)) {
      const std::size_t size = 3u + at(1) + at(2u + at(1));
      if (heard.size() < size) return;
      heard.erase(0, size);
      client_.to_send += std::string("\1\0", 2);
      stage_ = Stage::kRequest;
    }
    if (stage_ != Stage::kRequest || heard.size() < 4) return;
    const bool v4 = at(3) == 1;
    const std::size_t size = v4 ? 10 : 22;
    if (heard.size() < size) return;
    sockaddr_in in4{};
    in4.sin_family = AF_INET;
    sockaddr_in6 in6{};
    in6.sin6_family = AF_INET6;
    std::memcpy(&in4.sin_addr, heard.data() + 4, 4);
    std::memcpy(&in4.sin_port, heard.data() + size - 2, 2);
    in6.sin6_port = in4.sin_port;
    if (!v4) std::memcpy(&in6.sin6_addr, heard.data() + 4, 16);
    heard.erase(0, size);
    server_.socket = ::socket(v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
    stage_ = Stage::kConnecting;
    const int failed =
        v4 ? ::connect(server_.socket, reinterpret_cast<sockaddr*>(&in4), sizeof in4)
           : ::connect(server_.socket, reinterpret_cast<sockaddr*>(&in6), sizeof in6);
    if (failed == 0 || errno != EINPROGRESS) connected();
  }

  void connected() {
    const int error = why_not_connected(server_.socket);
    std::string reply("\5\0\0\1\0\0\0\0\0\0", 10);
    reply[1] = static_cast<char>(error == 0 ? 0 : error == ECONNREFUSED ? 5 : 1);
    client_.to_send += reply;
    stage_ = error == 0 ? Stage::kOpen : Stage::kRefused;
    const int on = 1;
    ::setsockopt(server_.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  }

  Stage stage_ = Stage::kGreeting;
  End client_;
  End server_;
};

[[noreturn]] void serve(int listener) {
  std::list<Connection> connections;
  while (true) {
    std::vector<pollfd> wishes{{listener, POLLIN, 0}};
    for (const Connection& connection : connections) connection.wish(wishes);
    if (::poll(wishes.data(), wishes.size(), -1) < 0) continue;
    std::size_t at = 1;
    for (auto connection = connections.begin(); connection != connections.end(); at += 2) {
      const bool goes_on = connection->step(wishes[at].revents, wishes[at + 1].revents);
      connection = goes_on ? std::next(connection) : connections.erase(connection);
    }
    if (wishes[0].revents == 0) continue;
    const int socket = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
    if (socket < 0) continue;
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    connections.emplace_back(socket);
  }
}

}  // namespace

SocksRelay::SocksRelay() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in native{};
  native.sin_family = AF_INET;
  native.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(native);
  if (::bind(listener, reinterpret_cast<sockaddr*>(&native), length) != 0 ||
      ::getsockname(listener, reinterpret_cast<sockaddr*>(&native), &length) != 0 ||
      ::listen(listener, 1024) != 0) {
    throw std::runtime_error("SocksRelay: cannot listen");
  }
  std::memcpy(address_.ip.bytes.data(), &native.sin_addr, 4);
  address_.port = ntohs(native.sin_port);
  process_ = ::fork();
  if (process_ < 0) throw std::runtime_error("SocksRelay: cannot fork");
  if (process_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    serve(listener);
  }
  ::close(listener);
}

SocksRelay::~SocksRelay() {
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

}  // namespace observatory::conformance
