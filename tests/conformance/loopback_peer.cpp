// SPDX-License-Identifier: MIT
#include "tests/conformance/loopback_peer.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

namespace observatory::conformance {
namespace {

void close_with_reset(int socket) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  ::close(socket);
}

// A socket bound to a free port of the loopback interface; -1 when the family is not there.
int bind_loopback(IpAddress::Family family, SocketAddress& address) {
  const bool v4 = family == IpAddress::Family::kV4;
  const int socket = ::socket(v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return -1;

  sockaddr_in in4{};
  in4.sin_family = AF_INET;
  in4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr_in6 in6{};
  in6.sin6_family = AF_INET6;
  in6.sin6_addr = in6addr_loopback;
  sockaddr* const native =
      v4 ? reinterpret_cast<sockaddr*>(&in4) : reinterpret_cast<sockaddr*>(&in6);
  socklen_t length = v4 ? sizeof(in4) : sizeof(in6);
  if (::bind(socket, native, length) != 0 || ::getsockname(socket, native, &length) != 0) {
    ::close(socket);
    return -1;
  }
  address = {};
  address.ip.family = family;
  address.port = ntohs(v4 ? in4.sin_port : in6.sin6_port);
  if (v4) std::memcpy(address.ip.bytes.data(), &in4.sin_addr, 4);
  if (!v4) std::memcpy(address.ip.bytes.data(), &in6.sin6_addr, 16);
  return socket;
}

}  // namespace

LoopbackPeer::LoopbackPeer(IpAddress::Family family, Peer peer) : peer_(peer) {
  listener_ = bind_loopback(family, address_);
  if (listener_ < 0) return;
  if (::listen(listener_, 1024) != 0 || ::pipe2(stop_, O_CLOEXEC) != 0) {
    throw std::runtime_error("LoopbackPeer: cannot listen");
  }
  thread_ = std::thread([this] { run(); });
}

LoopbackPeer::~LoopbackPeer() {
  if (!listening()) return;
  ::close(stop_[1]);
  thread_.join();
  ::close(stop_[0]);
  ::close(listener_);
  for (const Client& client : clients_) ::close(client.socket);
}

void LoopbackPeer::run() {
  while (true) {
    std::vector<pollfd> wishes{{stop_[0], POLLIN, 0}, {listener_, POLLIN, 0}};
    for (const Client& client : clients_) {
      const int events = (client.reads ? POLLIN : 0) | (client.sending() ? POLLOUT : 0);
      wishes.push_back({client.socket, static_cast<short>(events), 0});
    }
    if (::poll(wishes.data(), wishes.size(), -1) < 0) continue;
    if (wishes[0].revents != 0) return;
    for (std::size_t i = clients_.size(); i-- > 0;) {
      const int found = wishes[2 + i].revents;
      bool goes_on = true;
      if ((found & POLLOUT) != 0) goes_on = send_more(clients_[i]);
      if (goes_on && (found & ~POLLOUT) != 0) goes_on = readable(clients_[i]);
      if (!goes_on) clients_.erase(clients_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (wishes[1].revents != 0) accept_one();
  }
}

void LoopbackPeer::accept_one() {
  Client client;
  client.socket = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (client.socket < 0) {
    ::poll(nullptr, 0, 1);  // out of handles: the case is testing just that
    return;
  }
  const int on = 1;
  ::setsockopt(client.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  using Does = Peer::Does;
  const Does does = peer_.does;
  client.reads = does != Does::kNothing && does != Does::kFlood;
  if (does == Does::kSend || does == Does::kSendAndClose || does == Does::kSendAndReset) {
    client.to_send = pattern(peer_.bytes);
  }
  if (does == Does::kFlood) client.to_send = pattern(64 * 1024);
  if (send_more(client)) clients_.push_back(std::move(client));
}

bool LoopbackPeer::send_more(Client& client) {
  while (client.sending()) {
    const ssize_t count = ::send(client.socket, client.to_send.data() + client.sent,
                                 client.to_send.size() - client.sent, MSG_NOSIGNAL);
    // "Not now" and "gone" alike: the first comes back by itself, the second as readable.
    if (count < 0) return true;
    client.sent += static_cast<std::size_t>(count);
    if (peer_.does == Peer::Does::kFlood && !client.sending()) client.sent = 0;
  }
  client.to_send.clear();
  client.sent = 0;
  if (peer_.does != Peer::Does::kSendAndClose) return true;
  ::close(client.socket);
  return false;
}

bool LoopbackPeer::readable(Client& client) {
  std::array<char, 16384> bytes;
  // Also for those that do not read: poll() reports a client that has gone unasked.
  const int flags = client.reads ? 0 : MSG_PEEK;
  const ssize_t count = ::recv(client.socket, bytes.data(), bytes.size(), flags);
  const bool gone = count <= 0 || !client.reads;
  const bool resets =
      peer_.does == Peer::Does::kResetOnBytes || peer_.does == Peer::Does::kSendAndReset;
  if (!gone && resets) {
    close_with_reset(client.socket);
    return false;
  }
  if (gone) {
    ::close(client.socket);
    return false;
  }
  if (peer_.does == Peer::Does::kEcho) {
    client.to_send.append(bytes.data(), static_cast<std::size_t>(count));
    return send_more(client);
  }
  return true;
}

FullBacklog::FullBacklog() {
  SocketAddress address;
  sockets_.push_back(bind_loopback(IpAddress::Family::kV4, address));
  if (sockets_[0] < 0 || ::listen(sockets_[0], 0) != 0) return;

  sockaddr_in native{};
  native.sin_family = AF_INET;
  native.sin_port = htons(address.port);
  native.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // The kernel rounds a backlog of 0 up; the first that gets no answer shows that it is full.
  for (int attempt = 0; attempt < 16; ++attempt) {
    const int filler = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (filler < 0) return;
    sockets_.push_back(filler);
    ::connect(filler, reinterpret_cast<sockaddr*>(&native), sizeof(native));
    pollfd wish{filler, POLLOUT, 0};
    if (::poll(&wish, 1, 200) != 0) continue;
    address_ = address;
    return;
  }
}

FullBacklog::~FullBacklog() {
  for (const int socket : sockets_) {
    if (socket >= 0) ::close(socket);
  }
}

SocketAddress refusing_loopback() {
  SocketAddress address;
  const int socket = bind_loopback(IpAddress::Family::kV4, address);
  if (socket < 0) throw std::runtime_error("no IPv4 loopback interface");
  ::close(socket);
  return address;
}

}  // namespace observatory::conformance
