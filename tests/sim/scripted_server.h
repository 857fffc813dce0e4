// SPDX-License-Identifier: MIT
// The servers of a SimWorld: each is a TCP port at an address, whose behaviour a test spells out.
//
//   world.listen("192.0.2.1"_ip, 50001)
//       .round_trip(80 * kMillisecond)
//       .pieces(7)
//       .on_line([](Connection& client, std::string_view line) { client.send("{}\n"); });
//
// A server with no behaviour accepts, reads everything and says nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "platform/interface/address.h"
#include "platform/interface/bytes.h"
#include "platform/interface/network.h"
#include "platform/interface/time.h"

namespace observatory::sim {

class SimWorld;

// The server's end of one stream, as its behaviour sees it. Lives as long as the world.
//
// Everything leaves in the order of the calls: what is sent or closed without a delay after
// something delayed leaves right behind it. Sending on a stream that has ended does nothing.
class Connection {
 public:
  virtual ~Connection() = default;

  // The bytes leave in `delay` and arrive half a round trip later.
  virtual void send(ByteView bytes, Micros delay = 0) = 0;
  void send(std::string_view text, Micros delay = 0) { send(as_bytes(text), delay); }

  // Ends the stream in good order / tears it down, behind all that was sent before. Bytes of the
  // client that arrive after that are answered with a reset, as a kernel does.
  virtual void close(Micros delay = 0) = 0;
  virtual void reset(Micros delay = 0) = 0;

  // What a proxy does: connects to `peer` as a client would, and calls `ended` with how that ended.
  // Behind kNone, and behind what `ended` sent, the server there has the connection, just accepted.
  virtual void lead_to(const SocketAddress& peer, std::function<void(NetError)> ended) = 0;

  virtual Instant now() const = 0;

  // All bytes that the client has sent on this connection. The view lasts until more arrive.
  virtual std::string_view received_so_far() const = 0;

  // The how-manyth connection to its server this is, from 0.
  virtual std::size_t index() const = 0;

  // Differs for every connection of a world.
  virtual std::uint64_t id() const = 0;
};

using ByteHandler = std::function<void(Connection&, ByteView)>;
using LineHandler = std::function<void(Connection&, std::string_view)>;
using ConnectionHandler = std::function<void(Connection&)>;

// A behaviour on bytes out of one on lines: called once for each complete line, without its '\n'.
ByteHandler lines(LineHandler handler);

// One listening port. References stay valid as long as the world; behaviour may be changed at any
// time and holds for what happens afterwards.
class ScriptedServer {
 public:
  explicit ScriptedServer(SimWorld& world) : world_(world) {}
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  // --- The way there.

  // Connecting takes one round trip, bytes half of one each way. 20 ms unless set.
  ScriptedServer& round_trip(Micros length);

  // How connecting ends: somebody answers that nothing listens (after one round trip).
  ScriptedServer& refuse();
  // ... the SYN is lost: connecting never ends.
  ScriptedServer& ignore();
  // ... a router says that there is no way (after one round trip).
  ScriptedServer& unreachable();
  // ... the client's own network layer gives up with kTimedOut, `after` connect().
  ScriptedServer& time_out(Micros after);
  // ... connected after one round trip, as before any of these.
  ScriptedServer& accept();

  // --- What the server does.

  // Resets, or closes, each connection as soon as it is accepted: half a round trip after the
  // client is connected.
  ScriptedServer& reset_on_accept();
  ScriptedServer& close_on_accept();

  // Cuts each connection once so many bytes were sent to the client; a reply that would go beyond
  // is truncated there. With 0, the first reply is swallowed.
  ScriptedServer& reset_after(std::size_t bytes_sent);
  ScriptedServer& close_after(std::size_t bytes_sent);

  // Cuts each connection once so many bytes (at least 1) have come from the client, before the
  // behaviour sees the last of them.
  ScriptedServer& reset_after_receiving(std::size_t bytes);
  ScriptedServer& close_after_receiving(std::size_t bytes);

  // What is sent arrives in pieces of at most `size` bytes, `gap` apart; without a gap they may be
  // read together. Size 0: as it was sent.
  ScriptedServer& pieces(std::size_t size, Micros gap = kMillisecond);

  // Called with the bytes just arrived (at least 1), as they arrived.
  ScriptedServer& on_bytes(ByteHandler handler);
  // Called for each complete line, without its '\n'. Replaces on_bytes(), and the reverse.
  ScriptedServer& on_line(LineHandler handler);
  // Called once the connection is accepted: half a round trip after the client is connected.
  ScriptedServer& on_accept(ConnectionHandler handler);
  // Called half a round trip after the client has closed its end.
  ScriptedServer& on_client_close(ConnectionHandler handler);

  // Sends without end, as fast as the client reads: 'x', with a '\n' every `line` bytes (0: none).
  ScriptedServer& flood(std::size_t line = 0);
  // Never reads: the client can write until the network's buffers are full.
  ScriptedServer& stall();

  // --- What happened.

  // When connect() was called for this port, whatever became of it.
  const std::vector<Instant>& connect_times() const { return connect_times_; }
  std::size_t accepted() const { return accepted_; }
  // Connections that existed at once; each counts from connect() to close() on the client's side.
  std::size_t max_simultaneous() const { return max_open_; }
  // Over all connections. Sent: what the client's network has taken in, read or not.
  std::size_t bytes_received() const { return bytes_received_; }
  std::size_t bytes_sent() const { return bytes_sent_; }
  // All that came on the index-th accepted connection; throws std::out_of_range.
  std::string_view received(std::size_t index) const;
  // Times a side began to send, at first or after it had received something; over all connections.
  // Bytes sent without having received anything in between belong to one flight.
  std::size_t client_flights() const { return client_flights_; }
  std::size_t server_flights() const { return server_flights_; }

 private:
  friend class Link;
  friend class SimWorld;

  enum class Way : std::uint8_t { kAccept, kRefuse, kIgnore, kUnreachable, kTimeOut };
  enum class Cut : std::uint8_t { kNone, kReset, kClose };

  SimWorld& world_;
  Micros round_trip_ = 20 * kMillisecond;
  Way way_ = Way::kAccept;
  Micros time_out_ = 0;
  Cut on_accept_cut_ = Cut::kNone;
  Cut sent_cut_ = Cut::kNone;
  std::size_t sent_cut_at_ = 0;
  Cut received_cut_ = Cut::kNone;
  std::size_t received_cut_at_ = 0;
  std::size_t piece_ = 0;
  Micros gap_ = 0;
  bool flood_ = false;
  std::size_t flood_line_ = 0;
  bool stall_ = false;
  ByteHandler on_bytes_;
  ConnectionHandler on_accept_;
  ConnectionHandler on_client_close_;

  std::vector<Instant> connect_times_;
  std::vector<const Connection*> accepted_connections_;
  std::size_t accepted_ = 0;
  std::size_t open_ = 0;
  std::size_t max_open_ = 0;
  std::size_t bytes_received_ = 0;
  std::size_t bytes_sent_ = 0;
  std::size_t client_flights_ = 0;
  std::size_t server_flights_ = 0;
};

}  // namespace observatory::sim
