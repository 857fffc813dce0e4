// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/dns_message.h"

namespace observatory::test {

// A real name server: a UDP socket on the loopback interface, and a thread that answers each query
// as its function says. Ends with the object.
class DnsServer {
 public:
  struct Datagram {
    std::string bytes;
    std::chrono::milliseconds after{0};  // the query
    bool from_elsewhere = false;         // from another port than the server's
  };
  // Called in the server's thread; nothing means silence.
  using Answer = std::function<std::vector<Datagram>(const DnsQuery&)>;

  // `address` is one of 127.0.0.0/8, or "::1". Port 0: one that is free. Throws when it cannot be
  // had.
  explicit DnsServer(Answer answer, const std::string& address = "127.0.0.1",
                     std::uint16_t port = 0);
  ~DnsServer();
  DnsServer(const DnsServer&) = delete;
  DnsServer& operator=(const DnsServer&) = delete;

  std::uint16_t port() const { return port_; }
  // Every query so far, in order of arrival; and the ports that they came from.
  std::vector<DnsQuery> queries() const;
  std::vector<std::uint16_t> source_ports() const;

 private:
  void run();

  Answer answer_;
  int socket_ = -1;
  int elsewhere_ = -1;
  int stop_[2] = {-1, -1};
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::vector<DnsQuery> queries_;
  std::vector<std::uint16_t> source_ports_;
  std::thread thread_;
};

}  // namespace observatory::test
