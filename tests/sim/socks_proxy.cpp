// SPDX-License-Identifier: MIT
#include "tests/sim/socks_proxy.h"

#include <algorithm>

namespace observatory::sim {
namespace {

std::size_t at(std::string_view bytes, std::size_t place) {
  return static_cast<unsigned char>(bytes[place]);
}

std::uint8_t code_of(NetError error) {
  switch (error) {
    case NetError::kNone:
      return 0;
    case NetError::kRefused:
      return 5;
    case NetError::kUnreachable:
      return 3;
    case NetError::kTimedOut:
      return 6;
    default:
      return 1;
  }
}

}  // namespace

SocksProxy::SocksProxy(SimWorld& world, const SocketAddress& where)
    : server_(world.listen(where.ip, where.port)) {
  server_.on_bytes([this](Connection& client, ByteView bytes) { hear(client, bytes); });
}

SocksProxy& SocksProxy::name(std::string_view name, const IpAddress& ip) {
  names_[std::string(name)] = ip;
  return *this;
}

SocksProxy& SocksProxy::open_to_all() {
  open_to_all_ = true;
  return *this;
}

SocksProxy& SocksProxy::says(Message to, std::string_view bytes) {
  said_[to] = bytes;
  return *this;
}

SocksProxy& SocksProxy::closes(Message message) {
  ends_[message] = End::kClose;
  return *this;
}

SocksProxy& SocksProxy::resets(Message message) {
  ends_[message] = End::kReset;
  return *this;
}

SocksProxy& SocksProxy::bound(std::string_view bytes) {
  bound_ = bytes;
  return *this;
}

void SocksProxy::hear(Connection& connection, ByteView bytes) {
  Client& client = clients_[connection.id()];
  client.unread += as_text(bytes);
  while (true) {
    const std::size_t length = length_of(client.next, client.unread);
    if (length == 0 || client.unread.size() < length) return;
    const std::string message = client.unread.substr(0, length);
    client.unread.erase(0, length);
    answer(connection, client, message);
  }
}

std::size_t SocksProxy::length_of(Message message, std::string_view bytes) {
  const auto known = [&](std::size_t place) { return bytes.size() > place; };
  switch (message) {
    case Message::kGreeting:
      return known(1) ? 2 + at(bytes, 1) : 0;
    case Message::kLogin: {
      if (!known(1)) return 0;
      const std::size_t password = 2 + at(bytes, 1);
      return known(password) ? password + 1 + at(bytes, password) : 0;
    }
    case Message::kRequest:
      if (!known(4)) return 0;
      if (at(bytes, 3) == 1) return 4 + 4 + 2;
      if (at(bytes, 3) == 4) return 4 + 16 + 2;
      return 4 + 1 + at(bytes, 4) + 2;
  }
  return 0;
}

void SocksProxy::answer(Connection& connection, Client& client, std::string_view message) {
  const Message kind = client.next;
  const auto said = said_.find(kind);
  const auto end = ends_.find(kind);
  if (said != said_.end()) connection.send(said->second);
  if (end != ends_.end()) {
    if (end->second == End::kClose) connection.close();
    if (end->second == End::kReset) connection.reset();
    return;
  }
  const bool as_it_should = said == said_.end();
  switch (kind) {
    case Message::kGreeting:
      methods_ = message.substr(2);
      client.next = open_to_all_ ? Message::kRequest : Message::kLogin;
      if (as_it_should) connection.send(open_to_all_ ? std::string("\5\0", 2) : "\5\2");
      return;
    case Message::kLogin:
      client.request.user = message.substr(2, at(message, 1));
      client.request.password = message.substr(3 + at(message, 1));
      client.next = Message::kRequest;
      if (as_it_should) connection.send(std::string("\1\0", 2));
      return;
    case Message::kRequest:
      answer_request(connection, client, message);
      return;
  }
}

void SocksProxy::answer_request(Connection& connection, Client& client, std::string_view message) {
  Request& request = client.request;
  const std::string_view tail = message.substr(message.size() - 2);
  request.port = static_cast<std::uint16_t>(at(tail, 0) << 8 | at(tail, 1));
  const std::string_view address = message.substr(4, message.size() - 6);
  if (at(message, 3) == 3) {
    request.name = address.substr(1);
  } else {
    request.ip.family = address.size() == 4 ? IpAddress::Family::kV4 : IpAddress::Family::kV6;
    std::copy(address.begin(), address.end(), request.ip.bytes.begin());
  }
  requests_.push_back(request);
  if (said_.count(Message::kRequest) != 0) return;
  const auto known = names_.find(request.name);
  if (known != names_.end()) request.ip = known->second;
  if (!request.name.empty() && known == names_.end()) return reply(connection, 4);
  connection.lead_to({request.ip, request.port},
                     [this, &connection](NetError error) { reply(connection, code_of(error)); });
}

void SocksProxy::reply(Connection& connection, std::uint8_t code) {
  std::string bytes("\5\0\0", 3);
  bytes[1] = static_cast<char>(code);
  connection.send(bytes + bound_);
  if (code != 0) connection.close();
}

}  // namespace observatory::sim
