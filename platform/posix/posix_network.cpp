// SPDX-License-Identifier: MIT
#include "platform/posix/posix_network.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>

#include "platform/posix/errno_mapping.h"
#include "platform/posix/native_address.h"
#include "platform/posix/posix_clock.h"
#include "platform/posix/tcp_info.h"

namespace observatory::posix {
namespace {

void set_flag(int stream, int option) {
  const int on = 1;
  // A kernel that refuses costs precision, not correctness.
  static_cast<void>(::setsockopt(stream, IPPROTO_TCP, option, &on, sizeof(on)));
}

void acknowledge_at_once([[maybe_unused]] int stream) {
#ifdef TCP_QUICKACK
  set_flag(stream, TCP_QUICKACK);
#endif
}

IoResult failure(int error) {
  const NetError why = net_error(error);
  return {0, why};
}

// Milliseconds for poll(): rounded up, since a wait that ends just short of its deadline would
// be started again for nothing. -1 is for ever.
int poll_timeout(Instant now, Instant deadline) {
  if (deadline == Instant::never()) return -1;
  if (deadline <= now) return 0;
  const Micros length = deadline - now;
  const Micros milliseconds = length / kMillisecond + (length % kMillisecond != 0 ? 1 : 0);
  return static_cast<int>(std::min<Micros>(milliseconds, INT_MAX));
}

}  // namespace

StreamId PosixNetwork::connect(const SocketAddress& peer, NetError& why) {
  why = NetError::kNone;
  const NativeAddress native = to_native(peer);
  const int stream =
      ::socket(native.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (stream < 0) {
    why = net_error(last_error());
    return kNoStream;
  }
  set_flag(stream, TCP_NODELAY);

  if (::connect(stream, native.get(), native.length) == 0) return stream;
  const int error = last_error();
  if (is_under_way(error)) return stream;
  ::close(stream);
  why = net_error(error);
  // What is left of "not now" is EAGAIN, and from connect(2) that means no free local port.
  if (why == NetError::kNone) why = NetError::kExhausted;
  return kNoStream;
}

IoResult PosixNetwork::connected(StreamId stream) {
  pollfd wish{stream, POLLOUT, 0};
  if (::poll(&wish, 1, 0) <= 0) return {};
  // Only a connected socket has a peer; of another the next call tells the reason, once
  // (D. J. Bernstein, "Non-blocking BSD socket connections"). SO_ERROR has it as well, but through
  // qemu it comes with the number that it has on the machine outside.
  sockaddr_storage peer;
  socklen_t length = sizeof(peer);
  if (::getpeername(stream, reinterpret_cast<sockaddr*>(&peer), &length) == 0) {
    return {1, NetError::kNone};
  }
  char byte = 0;
  if (::recv(stream, &byte, 1, 0) < 0) return failure(last_error());
  return {0, NetError::kReset};  // there was a connection: it left something to read
}

IoResult PosixNetwork::write(StreamId stream, ByteView bytes) {
  if (bytes.empty()) return {};
  for (;;) {
    const ssize_t count = ::send(stream, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count >= 0) return {static_cast<std::size_t>(count), NetError::kNone};
    if (!is_interrupted(last_error())) return failure(last_error());
  }
}

IoResult PosixNetwork::read(StreamId stream, MutableByteView into) {
  // recv() of 0 bytes answers 0, which would look like the end of the stream.
  if (into.empty()) return {};
  acknowledge_at_once(stream);
  for (;;) {
    const ssize_t count = ::recv(stream, into.data(), into.size(), 0);
    if (count > 0) return {static_cast<std::size_t>(count), NetError::kNone};
    if (count == 0) return {0, NetError::kClosed};
    if (!is_interrupted(last_error())) return failure(last_error());
  }
}

TcpFacts PosixNetwork::tcp_facts([[maybe_unused]] StreamId stream) {
#ifdef __linux__
  std::array<std::uint8_t, kTcpInfoBytes> info{};
  socklen_t length = info.size();
  if (::getsockopt(stream, IPPROTO_TCP, TCP_INFO, info.data(), &length) == 0) {
    return read_tcp_info(ByteView(info).first(std::min<std::size_t>(length, info.size())));
  }
#endif
  return {};
}

void PosixNetwork::close(StreamId stream) { ::close(stream); }

void PosixNetwork::wait(std::span<Interest> interests, Instant deadline) {
  for (Interest& interest : interests) interest.ready = false;
  if (resolver_ != nullptr) deadline = std::min(deadline, resolver_->deadline());

  const bool blind = interests.size() > kMaxInterests || !waker_.usable();
  bool anything = false;
  do {
    const Instant now = monotonic_now();
    int timeout = poll_timeout(now, blind ? std::min(deadline, now + kBlindStep) : deadline);
    std::span<Interest> rest = interests;
    bool first = true;
    // Once even without interests: the waker, the resolver and the deadline are waited for all the
    // same.
    do {
      const std::span<Interest> chunk = rest.first(std::min(rest.size(), kMaxInterests));
      rest = rest.subspan(chunk.size());
      pollfd wishes[1 + PosixResolver::kMaxSockets + kMaxInterests];
      wishes[0] = {waker_.descriptor(), POLLIN, 0};
      // The resolver has its say in the first poll(), which does the sleeping.
      const bool for_resolver = first && resolver_ != nullptr;
      const std::size_t lookups =
          for_resolver ? resolver_->wishes(std::span(wishes).subspan(1)) : 0;
      pollfd* const streams = wishes + 1 + lookups;
      for (std::size_t i = 0; i < chunk.size(); ++i) {
        // poll() skips negative descriptors, as this interface skips kNoStream.
        const int events = (chunk[i].want_read ? POLLIN : 0) | (chunk[i].want_write ? POLLOUT : 0);
        streams[i] = {chunk[i].stream, static_cast<short>(events), 0};
      }
      const int found = ::poll(wishes, static_cast<nfds_t>(1 + lookups + chunk.size()), timeout);
      if (found < 0) {
        // Of poll()'s errors a signal is the ordinary one. The others (no memory, a limit on
        // descriptors below this count) would turn the caller's loop into a busy one.
        if (!is_interrupted(last_error())) {
          static_cast<void>(::poll(nullptr, 0, poll_timeout(now, now + kBlindStep)));
        }
        return;
      }
      if (found > 0) anything = true;
      if (wishes[0].revents != 0) waker_.drain();
      for (std::size_t i = 0; i < chunk.size(); ++i) chunk[i].ready = streams[i].revents != 0;
      if (for_resolver && resolver_->service(std::span(wishes).subspan(1, lookups))) {
        anything = true;
      }
      timeout = 0;
      first = false;
    } while (!rest.empty());
    // Without a waker nobody can say that the program was asked to stop: let the caller look.
    if (!waker_.usable()) return;
  } while (blind && !anything && monotonic_now() < deadline);
}

}  // namespace observatory::posix
