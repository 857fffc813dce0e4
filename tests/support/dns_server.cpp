// SPDX-License-Identifier: MIT
#include "tests/support/dns_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

namespace observatory::test {
namespace {

using Clock = std::chrono::steady_clock;

struct Native {
  sockaddr_storage storage{};
  socklen_t length = sizeof(sockaddr_storage);

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  // The port stands at the same place for both families.
  std::uint16_t port() const {
    sockaddr_in v4;
    std::memcpy(&v4, &storage, sizeof(v4));
    return ntohs(v4.sin_port);
  }
};

Native native_of(const std::string& address, std::uint16_t port) {
  Native native;
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  if (::inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    native.length = sizeof(v4);
    std::memcpy(&native.storage, &v4, sizeof(v4));
  } else if (::inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    native.length = sizeof(v6);
    std::memcpy(&native.storage, &v6, sizeof(v6));
  } else {
    throw std::invalid_argument("no address: " + address);
  }
  return native;
}

int open_at(Native& native) {
  const int socket = ::socket(native.storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket >= 0 && ::bind(socket, native.get(), native.length) == 0 &&
      ::getsockname(socket, native.get(), &native.length) == 0) {
    return socket;
  }
  if (socket >= 0) ::close(socket);
  throw std::runtime_error("DnsServer: cannot have the address");
}

struct Due {
  Clock::time_point at;
  int socket;
  Native to;
  std::string bytes;
};

}  // namespace

DnsServer::DnsServer(Answer answer, const std::string& address, std::uint16_t port)
    : answer_(std::move(answer)) {
  Native own = native_of(address, port);
  socket_ = open_at(own);
  port_ = own.port();
  Native other = native_of(address, 0);
  elsewhere_ = open_at(other);
  if (::pipe2(stop_, O_CLOEXEC) != 0) throw std::runtime_error("DnsServer: pipe2");
  thread_ = std::thread([this] { run(); });
}

DnsServer::~DnsServer() {
  ::close(stop_[1]);
  thread_.join();
  ::close(stop_[0]);
  ::close(socket_);
  ::close(elsewhere_);
}

std::vector<DnsQuery> DnsServer::queries() const {
  const std::lock_guard lock(mutex_);
  return queries_;
}

std::vector<std::uint16_t> DnsServer::source_ports() const {
  const std::lock_guard lock(mutex_);
  return source_ports_;
}

void DnsServer::run() {
  std::vector<Due> due;
  while (true) {
    int timeout = -1;
    for (const Due& datagram : due) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(datagram.at - Clock::now()).count();
      const int milliseconds = static_cast<int>(std::max<decltype(left)>(left, 0));
      timeout = timeout < 0 ? milliseconds : std::min(timeout, milliseconds);
    }
    std::array<pollfd, 2> wishes{{{stop_[0], POLLIN, 0}, {socket_, POLLIN, 0}}};
    if (::poll(wishes.data(), wishes.size(), timeout) < 0) continue;
    if (wishes[0].revents != 0) return;
    if (wishes[1].revents != 0) {
      std::array<char, 2048> bytes;
      Native from;
      const ssize_t count =
          ::recvfrom(socket_, bytes.data(), bytes.size(), 0, from.get(), &from.length);
      const auto query =
          count < 0
              ? std::nullopt
              : read_dns_query(std::string_view(bytes.data(), static_cast<std::size_t>(count)));
      if (query) {
        {
          const std::lock_guard lock(mutex_);
          queries_.push_back(*query);
          source_ports_.push_back(from.port());
        }
        for (Datagram& datagram : answer_(*query)) {
          due.push_back({Clock::now() + datagram.after,
                         datagram.from_elsewhere ? elsewhere_ : socket_, from,
                         std::move(datagram.bytes)});
        }
      }
    }
    for (std::size_t i = 0; i < due.size();) {
      Due& datagram = due[i];
      if (datagram.at > Clock::now()) {
        ++i;
        continue;
      }
      // Who has gone has no use for it.
      static_cast<void>(::sendto(datagram.socket, datagram.bytes.data(), datagram.bytes.size(), 0,
                                 datagram.to.get(), datagram.to.length));
      due.erase(due.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
}

}  // namespace observatory::test
