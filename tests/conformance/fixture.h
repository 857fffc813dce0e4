// SPDX-License-Identifier: MIT
// What a conformance case may ask of the world it runs in, be it simulated or real.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platform/interface/clock.h"
#include "platform/interface/network.h"
#include "platform/interface/resolver.h"

namespace observatory::conformance {

// How a listening peer treats each connection.
struct Peer {
  enum class Does : std::uint8_t {
    kNothing,       // accepts and never reads or writes
    kEcho,          // sends back what comes
    kResetOnBytes,  // resets as soon as something has come
    kSend,          // sends pattern() of `bytes` bytes when accepted
    kSendAndClose,  // the same, then closes
    kSendAndReset,  // the same, then resets as soon as something has come
    kFlood,         // sends without end
  };

  Does does = Does::kNothing;
  std::size_t bytes = 0;
};

// The bytes that peers send: no two neighbouring pieces of it are alike.
std::string pattern(std::size_t size);

class Fixture {
 public:
  virtual ~Fixture() = default;

  virtual Clock& clock() = 0;
  virtual Network& network() = 0;
  virtual Resolver& resolver() = 0;

  // A listening peer on IPv4, or IPv6; nothing where the device has no IPv6. Peers live as long as
  // the fixture.
  virtual SocketAddress serve(Peer peer) = 0;
  virtual std::optional<SocketAddress> serve_v6(Peer peer) = 0;
  // An address that refuses; one at which connecting gets no answer, if that can be arranged.
  virtual SocketAddress refusing() = 0;
  virtual std::optional<SocketAddress> unanswering() = 0;

  // Lets the device have room for so many more streams than it has now, until the fixture ends.
  virtual void leave_handles(std::size_t count) = 0;
  // Makes a wait() return that goes on in `length`, as a request to stop does.
  virtual void wake_in(Micros length) = 0;

  // Names with the addresses of the loopback interface, without any address, and one whose lookup
  // takes a while.
  virtual std::string_view known_name() = 0;
  virtual std::string_view unknown_name() = 0;
  virtual std::string_view slow_name() = 0;

  // Whether tcp_facts() are of the way to the peer.
  virtual bool knows_the_way() const { return true; }

  // How much later than its deadline wait() may return.
  virtual Micros tolerance() const = 0;

  // --- The same in both worlds.

  // Waits until the wish is granted or `length` has passed; says whether it was.
  bool wait_for(StreamId stream, bool want_read, bool want_write, Micros length = 10 * kSecond);
  // A stream to that peer, connected; kNoStream when that fails.
  StreamId connect(const SocketAddress& peer);
  // Sends all of it; how much could be sent before something failed or nothing moved for ten
  // seconds.
  std::size_t send(StreamId stream, std::string_view bytes);
  // Reads in pieces of at most `piece` until `size` bytes have come or something fails; tells that
  // in `error`.
  std::string receive(StreamId stream, std::size_t size, std::size_t piece = 4096,
                      NetError* error = nullptr);
  // The error that the next read that is not "not now" gives, after reading what comes before it.
  NetError read_to_end(StreamId stream);
};

}  // namespace observatory::conformance
