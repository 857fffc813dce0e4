// SPDX-License-Identifier: MIT
// One stream of a SimWorld with both its ends. Internal to tests/sim.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "platform/interface/network.h"
#include "tests/sim/scripted_server.h"
#include "tests/sim/sim_world.h"

namespace observatory::sim {

class Link final : public Connection, public std::enable_shared_from_this<Link> {
 public:
  Link(SimWorld& world, ScriptedServer& server, const SocketAddress& peer, std::uint64_t id)
      : world_(world), server_(&server), peer_(peer), id_(id) {}

  const SocketAddress& peer() const { return peer_; }
  ScriptedServer& server() { return *server_; }

  // The client's end.
  void start_connecting();
  IoResult connected();
  IoResult write(ByteView bytes);
  IoResult read(MutableByteView into);
  TcpFacts tcp_facts() const;
  void client_close();
  bool ready(const Interest& interest) const;

  // The server's end.
  void send(ByteView bytes, Micros delay) override;
  void close(Micros delay) override { end(Chunk::Kind::kEnd, delay); }
  void reset(Micros delay) override { end(Chunk::Kind::kReset, delay); }
  void lead_to(const SocketAddress& peer, std::function<void(NetError)> ended) override;
  Instant now() const override { return world_.now_; }
  std::string_view received_so_far() const override { return received_; }
  std::size_t index() const override { return index_; }
  std::uint64_t id() const override { return id_; }

 private:
  enum class State : std::uint8_t { kConnecting, kConnected, kFailed };

  // What is on its way to the client, or has arrived and found no room.
  struct Chunk {
    enum class Kind : std::uint8_t { kBytes, kEnd, kReset };
    Kind kind;
    Instant arrives_at;
    std::string bytes;
  };

  Micros half_trip() const { return server_->round_trip_ / 2; }
  // Runs `action` later, unless the client has gone by then.
  template <typename Action>
  void later(Micros length, Action action);
  void fail(NetError error);
  void accepted();
  void change_server(ScriptedServer& server, const SocketAddress& peer);
  void arrive_at_server(const std::string& bytes);
  void client_gone();
  void end(Chunk::Kind kind, Micros delay);
  void cut(ScriptedServer::Cut how);
  void put_on_wire(Chunk::Kind kind, std::string bytes, Instant leaves_at);
  void arrive_at_client();
  std::size_t room() const;
  std::size_t unread() const { return inbound_.size() - inbound_read_; }

  SimWorld& world_;
  ScriptedServer* server_;
  SocketAddress peer_;
  std::uint64_t id_;
  std::size_t index_ = 0;

  State state_ = State::kConnecting;
  NetError error_ = NetError::kNone;
  bool error_told_ = false;
  bool client_closed_ = false;
  std::string inbound_;
  std::size_t inbound_read_ = 0;
  bool end_seen_ = false;
  bool reset_seen_ = false;
  std::size_t unacknowledged_ = 0;
  bool client_may_begin_ = true;

  std::deque<Chunk> wire_;
  Instant last_left_at_;
  bool window_opening_ = false;
  std::size_t flood_at_ = 0;

  std::string received_;
  std::size_t sent_ = 0;
  bool server_ended_ = false;
  Instant server_ended_at_;
  bool client_is_gone_ = false;
  bool server_may_begin_ = true;
};

}  // namespace observatory::sim
