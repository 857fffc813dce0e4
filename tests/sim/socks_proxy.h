// SPDX-License-Identifier: MIT
// A SOCKS 5 proxy in a SimWorld, whose every word a test can put in its mouth:
//
//   SocksProxy proxy(world, {"127.0.0.1"_ip, 9050});
//   proxy.name("abc.onion", "192.0.2.1"_ip).pieces(1);
//
// Unless told otherwise it is like Tor: it takes any user and password, looks names up itself, and
// says of a server what connecting to it gave.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/sim_world.h"

namespace observatory::sim {

class SocksProxy {
 public:
  // The client's messages, which the proxy answers one by one.
  enum class Message : std::uint8_t { kGreeting, kLogin, kRequest };

  // What a client asked for.
  struct Request {
    std::string user;
    std::string password;
    std::string name;  // empty: an address
    IpAddress ip;
    std::uint16_t port = 0;
  };

  SocksProxy(SimWorld& world, const SocketAddress& at);
  SocksProxy(const SocksProxy&) = delete;
  SocksProxy& operator=(const SocksProxy&) = delete;

  // Where a name leads. Names that were never told here end with reply 4.
  SocksProxy& name(std::string_view name, const IpAddress& ip);
  // Wants no user and password.
  SocksProxy& open_to_all();
  // Says these bytes to such a message, in place of what it should; an empty text is silence.
  SocksProxy& says(Message to, std::string_view bytes);
  // Ends the stream at such a message, in good order or not, behind what it says to it, if
  // anything was given.
  SocksProxy& closes(Message at);
  SocksProxy& resets(Message at);
  // The address it connected from, as it stands in the reply from the kind of address on.
  // Unless set: 0.0.0.0:0.
  SocksProxy& bound(std::string_view bytes);

  // How the way to it is, and how its bytes come: until it has connected somewhere.
  ScriptedServer& server() { return server_; }
  const std::vector<Request>& requests() const { return requests_; }
  // Methods of the last greeting, in their order.
  const std::string& methods() const { return methods_; }

 private:
  enum class End : std::uint8_t { kClose, kReset };
  struct Client {
    Message next = Message::kGreeting;
    std::string unread;
    Request request;
  };

  void hear(Connection& connection, ByteView bytes);
  // How long the message is that the bytes begin with, as far as they tell; 0: not told yet.
  static std::size_t length_of(Message message, std::string_view bytes);
  void answer(Connection& connection, Client& client, std::string_view message);
  void answer_request(Connection& connection, Client& client, std::string_view message);
  void reply(Connection& connection, std::uint8_t code);

  ScriptedServer& server_;
  std::map<std::uint64_t, Client> clients_;
  std::map<std::string, IpAddress, std::less<>> names_;
  std::map<Message, std::string> said_;
  std::map<Message, End> ends_;
  bool open_to_all_ = false;
  std::string bound_{"\x01\0\0\0\0\0\0", 7};
  std::vector<Request> requests_;
  std::string methods_;
};

}  // namespace observatory::sim
