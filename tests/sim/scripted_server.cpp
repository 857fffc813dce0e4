// SPDX-License-Identifier: MIT
#include "tests/sim/scripted_server.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "tests/sim/link.h"
#include "tests/sim/sim_world.h"

namespace observatory::sim {

ByteHandler lines(LineHandler handler) {
  // Shared, because std::function copies what it holds.
  auto begun = std::make_shared<std::map<std::uint64_t, std::string>>();
  return [handler = std::move(handler), begun](Connection& client, ByteView bytes) {
    std::string& line = (*begun)[client.id()];
    for (const std::uint8_t byte : bytes) {
      if (byte != '\n') {
        line.push_back(static_cast<char>(byte));
        continue;
      }
      handler(client, std::exchange(line, {}));
    }
  };
}

ScriptedServer& ScriptedServer::round_trip(Micros length) {
  round_trip_ = length;
  return *this;
}

ScriptedServer& ScriptedServer::refuse() {
  way_ = Way::kRefuse;
  return *this;
}

ScriptedServer& ScriptedServer::ignore() {
  way_ = Way::kIgnore;
  return *this;
}

ScriptedServer& ScriptedServer::unreachable() {
  way_ = Way::kUnreachable;
  return *this;
}

ScriptedServer& ScriptedServer::time_out(Micros after) {
  way_ = Way::kTimeOut;
  time_out_ = after;
  return *this;
}

ScriptedServer& ScriptedServer::accept() {
  way_ = Way::kAccept;
  on_accept_cut_ = Cut::kNone;
  return *this;
}

ScriptedServer& ScriptedServer::reset_on_accept() {
  on_accept_cut_ = Cut::kReset;
  return *this;
}

ScriptedServer& ScriptedServer::close_on_accept() {
  on_accept_cut_ = Cut::kClose;
  return *this;
}

ScriptedServer& ScriptedServer::reset_after(std::size_t bytes_sent) {
  sent_cut_ = Cut::kReset;
  sent_cut_at_ = bytes_sent;
  return *this;
}

ScriptedServer& ScriptedServer::close_after(std::size_t bytes_sent) {
  sent_cut_ = Cut::kClose;
  sent_cut_at_ = bytes_sent;
  return *this;
}

ScriptedServer& ScriptedServer::reset_after_receiving(std::size_t bytes) {
  received_cut_ = Cut::kReset;
  received_cut_at_ = bytes;
  return *this;
}

ScriptedServer& ScriptedServer::close_after_receiving(std::size_t bytes) {
  received_cut_ = Cut::kClose;
  received_cut_at_ = bytes;
  return *this;
}

ScriptedServer& ScriptedServer::pieces(std::size_t size, Micros gap) {
  piece_ = size;
  gap_ = gap;
  return *this;
}

ScriptedServer& ScriptedServer::on_bytes(ByteHandler handler) {
  on_bytes_ = std::move(handler);
  return *this;
}

ScriptedServer& ScriptedServer::on_line(LineHandler handler) {
  on_bytes_ = lines(std::move(handler));
  return *this;
}

ScriptedServer& ScriptedServer::on_accept(ConnectionHandler handler) {
  on_accept_ = std::move(handler);
  return *this;
}

ScriptedServer& ScriptedServer::on_client_close(ConnectionHandler handler) {
  on_client_close_ = std::move(handler);
  return *this;
}

ScriptedServer& ScriptedServer::flood(std::size_t line) {
  flood_ = true;
  flood_line_ = line;
  return *this;
}

ScriptedServer& ScriptedServer::stall() {
  stall_ = true;
  return *this;
}

std::string_view ScriptedServer::received(std::size_t index) const {
  return accepted_connections_.at(index)->received_so_far();
}

// --- The client's end of a link.

template <typename Action>
void Link::later(Micros length, Action action) {
  world_.after(length, [self = shared_from_this(), action] {
    if (!self->client_closed_) action(*self);
  });
}

void Link::start_connecting() {
  using Way = ScriptedServer::Way;
  const Micros trip = server_->round_trip_;
  switch (server_->way_) {
    case Way::kAccept:
      later(trip, [](Link& link) {
        link.state_ = State::kConnected;
        // The ACK is on its way even if the client closes at once: the server does accept.
        link.world_.after(link.half_trip(), [self = link.shared_from_this()] { self->accepted(); });
      });
      return;
    case Way::kRefuse:
      later(trip, [](Link& link) { link.fail(NetError::kRefused); });
      return;
    case Way::kUnreachable:
      later(trip, [](Link& link) { link.fail(NetError::kUnreachable); });
      return;
    case Way::kTimeOut:
      later(server_->time_out_, [](Link& link) { link.fail(NetError::kTimedOut); });
      return;
    case Way::kIgnore:
      return;
  }
}

void Link::fail(NetError error) {
  state_ = State::kFailed;
  error_ = error;
}

IoResult Link::connected() {
  if (state_ == State::kFailed) {
    // As forgetful as a kernel: SO_ERROR gives the reason once.
    return {0, std::exchange(error_told_, true) ? NetError::kOther : error_};
  }
  return {state_ == State::kConnected ? std::size_t{1} : 0, NetError::kNone};
}

std::size_t Link::room() const {
  return world_.send_buffer_ - std::min(unacknowledged_, world_.send_buffer_);
}

IoResult Link::write(ByteView bytes) {
  if (state_ == State::kFailed) return {0, error_};
  if (reset_seen_) return {0, NetError::kReset};
  const std::size_t count = std::min({bytes.size(), room(), world_.write_limit_});
  if (state_ == State::kConnecting || count == 0) return {};

  if (client_may_begin_) ++server_->client_flights_;
  client_may_begin_ = false;
  unacknowledged_ += count;
  world_.after(half_trip(),
               [self = shared_from_this(), sent = std::string(as_text(bytes.first(count)))] {
                 self->arrive_at_server(sent);
               });
  return {count, NetError::kNone};
}

IoResult Link::read(MutableByteView into) {
  if (state_ == State::kFailed) return {0, error_};
  if (into.empty()) return {};
  if (unread() > 0) {
    const std::size_t count = std::min({into.size(), unread(), world_.read_limit_});
    std::copy_n(inbound_.begin() + static_cast<std::ptrdiff_t>(inbound_read_), count, into.begin());
    inbound_read_ += count;
    if (unread() == 0) {
      inbound_.clear();
      inbound_read_ = 0;
    }
    client_may_begin_ = true;
    const bool stuck = !wire_.empty() && wire_.front().arrives_at <= world_.now_;
    if ((stuck || server_->flood_) && !window_opening_) {
      // The server learns that there is room again, and what it sends then takes its time.
      window_opening_ = true;
      later(server_->round_trip_, [](Link& link) {
        link.window_opening_ = false;
        link.arrive_at_client();
      });
    }
    return {count, NetError::kNone};
  }
  if (end_seen_) return {0, NetError::kClosed};
  if (reset_seen_) return {0, NetError::kReset};
  return {};
}

TcpFacts Link::tcp_facts() const {
  if (state_ != State::kConnected || world_.without_tcp_facts_) return {};
  const bool v4 = peer_.ip.family == IpAddress::Family::kV4;
  // A kernel never reports a round trip of nothing.
  const auto trip = static_cast<std::uint32_t>(std::max<Micros>(server_->round_trip_, 1));
  // What a Linux with its usual settings says of another, at an MTU of 1500.
  return {.known = true,
          .rtt_us = trip,
          .rttvar_us = trip / 2,
          .min_rtt_us = trip,
          .mss = v4 ? 1448U : 1428U,
          .path_mtu = 1500,
          .retransmits = 0,
          .timestamps = true,
          .sack = true,
          .ecn = false,
          .wscale = std::uint8_t{10},
          .window = v4 ? 65160U : 64260U};
}

void Link::client_close() {
  client_closed_ = true;
  wire_.clear();
  if (state_ != State::kConnected) return;
  world_.after(half_trip(), [self = shared_from_this()] { self->client_gone(); });
}

bool Link::ready(const Interest& interest) const {
  if (state_ == State::kFailed || reset_seen_) return true;
  if (state_ == State::kConnecting) return false;
  if (interest.want_read && (unread() > 0 || end_seen_)) return true;
  return interest.want_write && room() > 0;
}

void Link::arrive_at_client() {
  while (true) {
    if (wire_.empty() && server_->flood_ && !server_ended_ && unread() < world_.receive_buffer_) {
      std::string more(world_.receive_buffer_ - unread(), 'x');
      for (char& byte : more) {
        ++flood_at_;
        if (server_->flood_line_ != 0 && flood_at_ % server_->flood_line_ == 0) byte = '\n';
      }
      wire_.push_back({Chunk::Kind::kBytes, world_.now_, std::move(more)});
    }
    if (wire_.empty() || wire_.front().arrives_at > world_.now_) return;
    Chunk& chunk = wire_.front();
    switch (chunk.kind) {
      case Chunk::Kind::kEnd:
        end_seen_ = true;
        break;
      case Chunk::Kind::kReset:
        reset_seen_ = true;
        break;
      case Chunk::Kind::kBytes: {
        const std::size_t space =
            world_.receive_buffer_ - std::min(unread(), world_.receive_buffer_);
        const std::size_t count = std::min(space, chunk.bytes.size());
        inbound_.append(chunk.bytes, 0, count);
        server_->bytes_sent_ += count;
        chunk.bytes.erase(0, count);
        // Full: the rest stays until the client has read.
        if (!chunk.bytes.empty()) return;
        break;
      }
    }
    wire_.pop_front();
  }
}

// --- The server's end.

void Link::accepted() {
  using Cut = ScriptedServer::Cut;
  index_ = server_->accepted_++;
  server_->accepted_connections_.push_back(this);
  if (server_->on_accept_cut_ != Cut::kNone) {
    cut(server_->on_accept_cut_);
    return;
  }
  if (server_->on_accept_) server_->on_accept_(*this);
  if (server_->flood_) later(half_trip(), [](Link& link) { link.arrive_at_client(); });
}

void Link::arrive_at_server(const std::string& bytes) {
  if (server_->stall_) return;
  world_.after(half_trip(), [self = shared_from_this(), count = bytes.size()] {
    self->unacknowledged_ -= count;
  });
  if (server_ended_) {
    // A kernel answers bytes for a closed socket with a reset.
    if (server_ended_at_ <= world_.now_) {
      put_on_wire(Chunk::Kind::kReset, {}, world_.now_);
    }
    return;
  }
  received_ += bytes;
  server_->bytes_received_ += bytes.size();
  server_may_begin_ = true;
  if (server_->received_cut_ != ScriptedServer::Cut::kNone &&
      received_.size() >= server_->received_cut_at_) {
    cut(server_->received_cut_);
    return;
  }
  if (server_->on_bytes_) server_->on_bytes_(*this, as_bytes(bytes));
}

void Link::lead_to(const SocketAddress& peer, std::function<void(NetError)> ended) {
  using Way = ScriptedServer::Way;
  ScriptedServer& server = world_.server_at(peer);
  server.connect_times_.push_back(world_.now_);
  const auto end_in = [&](Micros length, NetError error) {
    later(length, [ended, error](Link&) { ended(error); });
  };
  switch (server.way_) {
    case Way::kAccept:
      later(server.round_trip_, [ended, &server, peer](Link& link) {
        ended(NetError::kNone);
        link.change_server(server, peer);
      });
      return;
    case Way::kRefuse:
      return end_in(server.round_trip_, NetError::kRefused);
    case Way::kUnreachable:
      return end_in(server.round_trip_, NetError::kUnreachable);
    case Way::kTimeOut:
      return end_in(server.time_out_, NetError::kTimedOut);
    case Way::kIgnore:
      return;
  }
}

void Link::change_server(ScriptedServer& server, const SocketAddress& peer) {
  if (server_ended_ || client_is_gone_) return;
  world_.count_out(*server_, peer_);
  server_ = &server;
  peer_ = peer;
  world_.count_in(*server_, peer_);
  received_.clear();
  sent_ = 0;
  accepted();
}

void Link::client_gone() {
  client_is_gone_ = true;
  if (server_->on_client_close_) server_->on_client_close_(*this);
}

void Link::send(ByteView bytes, Micros delay) {
  if (server_ended_ || client_is_gone_ || bytes.empty()) return;
  using Cut = ScriptedServer::Cut;
  std::string rest(as_text(bytes));
  bool cut_now = false;
  if (server_->sent_cut_ != Cut::kNone && sent_ + rest.size() >= server_->sent_cut_at_) {
    rest.resize(server_->sent_cut_at_ - std::min(sent_, server_->sent_cut_at_));
    cut_now = true;
  }
  if (!rest.empty()) {
    if (server_may_begin_) ++server_->server_flights_;
    server_may_begin_ = false;
  }
  Instant leaves_at = world_.now_ + delay;
  if (server_->piece_ != 0 && sent_ > 0) {
    leaves_at = std::max(leaves_at, last_left_at_ + server_->gap_);
  }
  sent_ += rest.size();
  while (!rest.empty()) {
    const std::size_t size =
        server_->piece_ == 0 ? rest.size() : std::min(rest.size(), server_->piece_);
    put_on_wire(Chunk::Kind::kBytes, rest.substr(0, size), leaves_at);
    rest.erase(0, size);
    leaves_at = last_left_at_ + (server_->piece_ == 0 ? 0 : server_->gap_);
  }
  if (cut_now) cut(server_->sent_cut_);
}

void Link::cut(ScriptedServer::Cut how) {
  if (how == ScriptedServer::Cut::kReset) reset(0);
  if (how == ScriptedServer::Cut::kClose) close(0);
}

void Link::end(Chunk::Kind kind, Micros delay) {
  if (server_ended_ || client_is_gone_) return;
  put_on_wire(kind, {}, world_.now_ + delay);
  server_ended_ = true;
  server_ended_at_ = last_left_at_;
}

void Link::put_on_wire(Chunk::Kind kind, std::string bytes, Instant leaves_at) {
  if (client_closed_) return;
  last_left_at_ = std::max(leaves_at, last_left_at_);
  const Instant arrives_at = last_left_at_ + half_trip();
  wire_.push_back({kind, arrives_at, std::move(bytes)});
  later(arrives_at - world_.now_, [](Link& link) { link.arrive_at_client(); });
}

}  // namespace observatory::sim
