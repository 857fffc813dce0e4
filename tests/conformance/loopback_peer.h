// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "platform/interface/address.h"
#include "tests/conformance/fixture.h"

namespace observatory::conformance {

// A real listening socket on the loopback interface at a port of the kernel's choice, and a thread
// that treats its connections as a Peer says. Ends with the object, connections included.
class LoopbackPeer {
 public:
  LoopbackPeer(IpAddress::Family family, Peer peer);
  ~LoopbackPeer();
  LoopbackPeer(const LoopbackPeer&) = delete;
  LoopbackPeer& operator=(const LoopbackPeer&) = delete;

  // False when the family is not to be had on this machine.
  bool listening() const { return listener_ >= 0; }
  SocketAddress address() const { return address_; }

 private:
  struct Client {
    int socket = -1;
    std::string to_send;
    std::size_t sent = 0;
    bool reads = true;

    bool sending() const { return sent < to_send.size(); }
  };

  void run();
  void accept_one();
  // Each says whether the connection goes on.
  bool readable(Client& client);
  bool send_more(Client& client);

  Peer peer_;
  int listener_ = -1;
  int stop_[2] = {-1, -1};
  SocketAddress address_;
  std::vector<Client> clients_;
  std::thread thread_;
};

// A port of 127.0.0.1 whose queue of connections is full: Linux drops further SYNs. Nobody ever
// accepts.
class FullBacklog {
 public:
  FullBacklog();
  ~FullBacklog();
  FullBacklog(const FullBacklog&) = delete;
  FullBacklog& operator=(const FullBacklog&) = delete;

  // Nothing when this kernel answers all the same.
  std::optional<SocketAddress> address() const { return address_; }

 private:
  std::vector<int> sockets_;
  std::optional<SocketAddress> address_;
};

// A port of 127.0.0.1 at which nobody listens: just given out by the kernel, and given back.
SocketAddress refusing_loopback();

}  // namespace observatory::conformance
