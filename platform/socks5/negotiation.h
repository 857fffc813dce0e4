// SPDX-License-Identifier: MIT
// The client's side of SOCKS 5 up to the proxy's reply, for the command CONNECT (RFC 1928), with
// user and password (RFC 1929). Sans-IO: bytes in, bytes out, no clock.
//
//   kGreeting -> kMethod -+-------------------------> kRequest -> kReply -> ... -> kOpen
//                         +-> kLogin -> kLoginStatus ->
//
// User and password are not there to get in: they say which streams belong together, and Tor keeps
// all others off their circuits (tor(1), IsolateSOCKSAuth). A proxy that asks for none gets none.
#pragma once

#include <array>

#include "platform/interface/proxy.h"

namespace observatory::socks5 {

class Negotiation {
 public:
  // The longest message: a request for a name of 255 bytes.
  using Message = std::array<std::uint8_t, 4 + 1 + 255 + 2>;

  // The stream to the proxy stands. REQUIRES peer.name to be valid, as RemotePeer says.
  void start(const RemotePeer& peer);

  // What is to be sent next, written into `room`; empty while the proxy has to speak.
  ByteView to_send(Message& room) const;
  // Confirms the first `count` bytes of it.
  void sent(std::size_t count);

  // How many bytes to receive next: never more than belong to the negotiation, so that what the
  // peer itself sent right behind them stays in the stream. 0 unless the proxy has to speak.
  std::size_t wanted() const;
  // REQUIRES at most wanted() bytes, in any split.
  void received(ByteView bytes);

  bool open() const { return stage_ == Stage::kOpen; }
  // The proxy said no, or what it said is no SOCKS 5.
  bool failed() const { return stage_ == Stage::kFailed; }
  // What its reply means; kOther where it has no equal, or was none.
  NetError error() const;
  ProxyProgress progress() const { return {asked_, replied_, reply_}; }

 private:
  enum class Stage : std::uint8_t {
    kGreeting,
    kMethod,
    kLogin,
    kLoginStatus,
    kRequest,
    kReply,
    kBoundType,  // the address that the proxy connected from, of no interest
    kBoundLength,
    kBound,
    kOpen,
    kFailed,
  };

  void enter(Stage stage, std::size_t bytes);
  void enter_request();
  bool sends() const;
  void understand();

  RemotePeer peer_;
  Stage stage_ = Stage::kFailed;
  std::uint16_t left_ = 0;   // bytes of this stage that are still to be sent or received
  std::uint8_t before_ = 0;  // the last two bytes received
  std::uint8_t last_ = 0;
  bool asked_ = false;
  bool replied_ = false;
  std::uint8_t reply_ = 0;
};

}  // namespace observatory::socks5
