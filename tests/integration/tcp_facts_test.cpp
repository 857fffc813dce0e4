// SPDX-License-Identifier: MIT
// What Linux tells of a connection, against peers whose TCP is set to one thing or another. Where
// the test may have a network namespace of its own, also against kernels that lack something.
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "platform/posix/posix_clock.h"
#include "platform/posix/posix_network.h"
#include "platform/posix/posix_waker.h"
#include "tests/catch2.h"

namespace observatory {
namespace {

// A peer on the loopback interface that accepts and echoes once.
class Listener {
 public:
  // `prepare` sets options of the socket before it listens: the handshake follows them.
  explicit Listener(const std::function<void(int)>& prepare) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    prepare(socket_);
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(name);
    auto* const native = reinterpret_cast<sockaddr*>(&name);
    listens_ = ::bind(socket_, native, length) == 0 && ::listen(socket_, 1) == 0 &&
               ::getsockname(socket_, native, &length) == 0;
    address_.ip.bytes = {127, 0, 0, 1};
    address_.port = ntohs(name.sin_port);
  }
  ~Listener() {
    if (accepted_ >= 0) ::close(accepted_);
    ::close(socket_);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  bool listens() const { return listens_; }
  const SocketAddress& address() const { return address_; }
  bool has_another() const {
    pollfd wish{socket_, POLLIN, 0};
    return ::poll(&wish, 1, 0) == 1;
  }
  int accept() const { return ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC); }
  void echo_once() {
    accepted_ = accept();
    char byte = 0;
    if (::recv(accepted_, &byte, 1, 0) == 1) static_cast<void>(::send(accepted_, &byte, 1, 0));
  }

 private:
  int socket_ = -1;
  int accepted_ = -1;
  bool listens_ = false;
  SocketAddress address_;
};

struct Facts {
  TcpFacts at_connect;
  TcpFacts at_end;
};

void set_option(int socket, int level, int option, int value) {
  static_cast<void>(::setsockopt(socket, level, option, &value, sizeof(value)));
}

// A connection and one byte there and back. Nothing when that does not work at all. (No assertions
// in here: it may run in another thread.)
std::optional<Facts> facts_of(const std::function<void(int)>& prepare = [](int) {}) {
  Listener peer(prepare);
  if (!peer.listens()) return std::nullopt;
  posix::PosixWaker waker;
  posix::PosixNetwork network(waker);
  NetError why = NetError::kNone;
  const StreamId stream = network.connect(peer.address(), why);
  if (stream == kNoStream) return std::nullopt;
  const auto wait_for = [&](bool read) {
    Interest interest{.stream = stream, .want_read = read, .want_write = !read};
    network.wait({&interest, 1}, posix::monotonic_now() + 5 * kSecond);
    return interest.ready;
  };
  Facts facts;
  std::array<std::uint8_t, 1> byte{'x'};
  bool works = wait_for(false) && network.connected(stream).count == 1;
  facts.at_connect = network.tcp_facts(stream);
  works = works && network.write(stream, byte).count == 1;
  if (works) peer.echo_once();
  works = works && wait_for(true) && network.read(stream, byte).count == 1;
  facts.at_end = network.tcp_facts(stream);
  network.close(stream);
  if (!works || !facts.at_connect.known) return std::nullopt;
  return facts;
}

bool set_sysctl(const std::string& name, const std::string& value) {
  const std::string path = "/proc/sys/net/ipv4/" + name;
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool written =
      ::write(file, value.data(), value.size()) == static_cast<ssize_t>(value.size());
  ::close(file);
  return written;
}

bool start_loopback(int mtu) {
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  request.ifr_name[0] = 'l';
  request.ifr_name[1] = 'o';
  request.ifr_mtu = mtu;
  bool works = ::ioctl(socket, SIOCSIFMTU, &request) == 0;
  request.ifr_flags = IFF_UP;
  works = works && ::ioctl(socket, SIOCSIFFLAGS, &request) == 0;
  ::close(socket);
  return works;
}

// The same in a network of its own whose kernel has these settings. Nothing where that is not
// allowed. A namespace belongs to a thread and ends with it.
std::optional<Facts> facts_in_namespace(
    const std::vector<std::pair<std::string, std::string>>& settings,
    const std::function<void(int)>& prepare = [](int) {}) {
  std::optional<Facts> facts;
  std::thread([&] {
    if (::unshare(CLONE_NEWNET) != 0 || !start_loopback(1500)) return;
    for (const auto& [name, value] : settings) {
      if (!set_sysctl(name, value)) return;
    }
    facts = facts_of(prepare);
  }).join();
  return facts;
}

constexpr std::string_view kNoNamespace =
    "skipped: no network namespace, or no settings of its own, may be had here";
constexpr std::string_view kNothingTold = "skipped: this kernel, or its emulator, tells nothing";

}  // namespace

TEST_CASE("the peer's window scale follows its buffer, and its window too") {
  // Linux doubles a buffer that is asked for (socket(7)), and its scale is that of the half:
  // tcp_select_initial_window() in net/ipv4/tcp_output.c.
  const auto small = facts_of([](int s) { set_option(s, SOL_SOCKET, SO_RCVBUF, 8192); });
  const auto large =
      facts_of([](int s) { set_option(s, SOL_SOCKET, SO_RCVBUFFORCE, 4 * 1024 * 1024); });
  if (!small || !large) {
    WARN(kNothingTold);
    return;
  }
  REQUIRE(small->at_connect.wscale);
  CHECK(*small->at_connect.wscale == 0);
  if (small->at_connect.window) CHECK(*small->at_connect.window <= 2 * 8192);
  if (::geteuid() != 0) return;  // who is not root gets no buffer beyond rmem_max
  REQUIRE(large->at_connect.wscale);
  CHECK(*large->at_connect.wscale == 7);
  if (large->at_connect.window) CHECK(*large->at_connect.window > 60'000);
}

TEST_CASE("a peer that takes small segments only is seen as such") {
  constexpr int kSmall = 1000;
  const auto facts = facts_of([](int s) { set_option(s, IPPROTO_TCP, TCP_MAXSEG, kSmall); });
  if (!facts) {
    WARN(kNothingTold);
    return;
  }
  CHECK(facts->at_connect.mss == kSmall - (facts->at_connect.timestamps ? 12 : 0));
  CHECK(facts->at_end.mss == facts->at_connect.mss);
  CHECK(facts->at_connect.path_mtu > 1500);  // that of the loopback interface
}

TEST_CASE("the handshake gives a round trip, and what follows gives the others") {
  const auto facts = facts_of();
  if (!facts) {
    WARN(kNothingTold);
    return;
  }
  CHECK(facts->at_connect.rtt_us > 0);
  CHECK(facts->at_connect.retransmits == 0);
  CHECK(facts->at_end.rtt_us > 0);
  CHECK(facts->at_end.min_rtt_us > 0);
  CHECK(facts->at_end.min_rtt_us <= facts->at_connect.rtt_us);
}

TEST_CASE("a SYN that had to be sent again is known once the stream is connected") {
  // A full backlog drops it; a second later there is room.
  const Listener peer([](int) {});
  posix::PosixWaker waker;
  posix::PosixNetwork network(waker);
  std::vector<StreamId> streams;
  bool dropped = false;
  const auto ready = [&](Micros length) {
    Interest interest{.stream = streams.back(), .want_write = true};
    network.wait({&interest, 1}, posix::monotonic_now() + length);
    return interest.ready;
  };
  while (streams.size() < 16 && !dropped) {
    NetError why = NetError::kNone;
    streams.push_back(network.connect(peer.address(), why));
    REQUIRE(streams.back() != kNoStream);
    dropped = !ready(200 * kMillisecond);
  }
  if (dropped) {
    std::vector<int> accepted;
    while (peer.has_another()) accepted.push_back(peer.accept());
    REQUIRE(ready(8 * kSecond));
    CHECK(network.connected(streams.back()).count == 1);
    const TcpFacts facts = network.tcp_facts(streams.back());
    if (facts.known) CHECK(facts.retransmits >= 1);
    for (const int socket : accepted) ::close(socket);
  } else {
    WARN("this kernel answers with a full backlog: nothing tested");
  }
  for (const StreamId stream : streams) network.close(stream);
}

TEST_CASE("kernels without an option are told from those with it") {
  const auto usual = facts_in_namespace({});
  if (!usual) {
    WARN(kNoNamespace);
    return;
  }
  // An MTU of 1500: 40 bytes of headers, 12 of timestamps.
  CHECK(usual->at_connect.timestamps);
  CHECK(usual->at_connect.sack);
  CHECK_FALSE(usual->at_connect.ecn);
  CHECK(usual->at_connect.wscale);
  CHECK(usual->at_connect.mss == 1448);
  CHECK(usual->at_connect.path_mtu == 1500);
  if (usual->at_connect.window) CHECK(*usual->at_connect.window == 65160);  // Linux' 45 segments

  const auto no_timestamps = facts_in_namespace({{"tcp_timestamps", "0"}});
  REQUIRE(no_timestamps);
  CHECK_FALSE(no_timestamps->at_connect.timestamps);
  CHECK(no_timestamps->at_connect.sack);
  CHECK(no_timestamps->at_connect.wscale);
  CHECK(no_timestamps->at_connect.mss == 1460);

  const auto no_sack = facts_in_namespace({{"tcp_sack", "0"}});
  REQUIRE(no_sack);
  CHECK_FALSE(no_sack->at_connect.sack);
  CHECK(no_sack->at_connect.timestamps);

  const auto no_scaling = facts_in_namespace({{"tcp_window_scaling", "0"}});
  REQUIRE(no_scaling);
  CHECK_FALSE(no_scaling->at_connect.wscale);
  CHECK(no_scaling->at_connect.sack);

  const auto ecn = facts_in_namespace({{"tcp_ecn", "1"}});
  REQUIRE(ecn);
  CHECK(ecn->at_connect.ecn);

  const auto clamped =
      facts_in_namespace({}, [](int s) { set_option(s, IPPROTO_TCP, TCP_MAXSEG, 1360); });
  REQUIRE(clamped);
  CHECK(clamped->at_connect.mss == 1348);
  CHECK(clamped->at_connect.path_mtu == 1500);
}

}  // namespace observatory
