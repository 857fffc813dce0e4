// SPDX-License-Identifier: MIT
// The POSIX port where the conformance suite does not look: its own bounds and the table of errors.
// Its resolver has a file of its own.
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "platform/posix/errno_mapping.h"
#include "platform/posix/posix_clock.h"
#include "platform/posix/posix_network.h"
#include "platform/posix/posix_random.h"
#include "platform/posix/posix_resolver.h"
#include "platform/posix/posix_waker.h"
#include "tests/catch2.h"
#include "tests/support/denied_calls.h"

namespace observatory::posix {
namespace {

IpAddress v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
  IpAddress address;
  address.bytes = {a, b, c, d};
  return address;
}

IpAddress v6_loopback() {
  IpAddress address;
  address.family = IpAddress::Family::kV6;
  address.bytes[15] = 1;
  return address;
}

// A listener on a free port of 127.0.0.1.
class Listener {
 public:
  Listener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&address), length) == 0);
    REQUIRE(::listen(socket_, 128) == 0);
    REQUIRE(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~Listener() { stop(); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  SocketAddress address() const { return {v4(127, 0, 0, 1), port_}; }
  int accept() { return ::accept(socket_, nullptr, nullptr); }
  void stop() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }

 private:
  int socket_;
  std::uint16_t port_ = 0;
};

// Connects and waits for the end of connecting.
StreamId connect_now(PosixNetwork& network, const SocketAddress& peer, IoResult& end) {
  NetError why = NetError::kOther;
  const StreamId stream = network.connect(peer, why);
  REQUIRE(stream != kNoStream);
  CHECK(why == NetError::kNone);
  const Instant deadline = monotonic_now() + 5 * kSecond;
  end = {};
  while (end.count == 0 && end.error == NetError::kNone && monotonic_now() < deadline) {
    std::array<Interest, 1> interest{{{stream, false, true, false}}};
    network.wait(interest, deadline);
    end = network.connected(stream);
  }
  return stream;
}

TEST_CASE("the clock never runs backwards and counts microseconds") {
  PosixClock clock;
  Instant last = clock.now();
  for (int i = 0; i < 1000; ++i) {
    const Instant now = clock.now();
    REQUIRE(now >= last);
    last = now;
  }
  const Instant before = clock.now();
  ::usleep(20'000);
  CHECK(clock.now() - before >= 20 * kMillisecond);
  CHECK(clock.now() - before < 20 * kSecond);
}

TEST_CASE("the wall clock agrees with time(), and says how it is known") {
  PosixClock clock;
  const auto seconds = static_cast<std::uint64_t>(::time(nullptr));
  CHECK(clock.wall_ms() / 1000 >= seconds - 1);
  CHECK(clock.wall_ms() / 1000 <= seconds + 5);
  const bool unset = clock.wall_clock() == WallClock::kUnset;
  CHECK(unset == (seconds < 1'767'225'600));
}

TEST_CASE("random bytes fill the whole buffer and differ") {
  PosixRandom random;
  std::array<std::uint8_t, 600> one{};  // more than one getrandom() of 256 gives for sure
  std::array<std::uint8_t, 600> two{};
  REQUIRE(random.fill(one));
  REQUIRE(random.fill(two));
  CHECK(one != two);
  CHECK(std::count(one.begin() + 300, one.end(), 0) < 100);
  CHECK(random.fill({}));
}

// Runs `body` in a thread that is denied something, since no denial is ever taken back. False where
// the kernel denies nobody anything.
template <typename Body>
bool without(test::Denied call, const Body& body) {
  bool denied = false;
  std::thread thread([&] {
    denied = test::deny({&call, 1});
    if (denied) body();
  });
  thread.join();
  if (!denied) WARN("skipped: this kernel has no seccomp filters");
  return denied;
}

// What a source of randomness says at once.
struct Answers {
  Seed seed = Seed::kNotYet;
  bool filled = false;
  std::array<std::uint8_t, 600> bytes{};

  void ask(PosixRandom& random) {
    seed = random.wait_for_seed(0);
    filled = random.fill(bytes);
  }
};

TEST_CASE("without getrandom() random bytes come from the devices") {
  Answers answers;
  if (!without(test::Denied::kGetrandom, [&] {
        PosixRandom random;
        answers.ask(random);
      })) {
    return;
  }
  CHECK(answers.seed == Seed::kReady);
  CHECK(answers.filled);
  CHECK(std::count(answers.bytes.begin() + 300, answers.bytes.end(), 0) < 100);
}

TEST_CASE("without getrandom() and devices there is no randomness, and why is told") {
  for (const bool urandom : {false, true}) {
    Answers answers;
    int reason = 0;
    const RandomDevices devices = {urandom ? "/dev/random" : "/nonexistent/random",
                                   "/nonexistent/urandom"};
    if (!without(test::Denied::kGetrandom, [&] {
          PosixRandom random(devices);
          answers.ask(random);
          reason = last_error();
        })) {
      return;
    }
    CHECK(answers.seed == Seed::kNone);
    CHECK(reason == ENOENT);
    CHECK_FALSE(answers.filled);
  }
}

TEST_CASE("a file in the place of /dev/urandom is no randomness") {
  Answers answers;
  const bool denied = without(test::Denied::kGetrandom, [&] {
    PosixRandom random({"/dev/random", "/dev/null"});
    answers.ask(random);
  });
  if (!denied) return;
  CHECK(answers.seed == Seed::kNone);
  CHECK_FALSE(answers.filled);
}

TEST_CASE("a kernel that has no seed yet is waited for, and not longer than asked") {
  // A pipe that nobody writes to is never readable, like the /dev/random of an old kernel.
  const std::string pipe = "/tmp/observatory-seed-" + std::to_string(::getpid());
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  for (const test::Denied call : {test::Denied::kSeed, test::Denied::kGetrandom}) {
    Seed seed = Seed::kReady;
    bool filled = true;
    Micros waited = 0;
    const bool denied = without(call, [&] {
      PosixRandom random({pipe.c_str(), "/dev/urandom"});
      std::array<std::uint8_t, 8> bytes{};
      filled = random.fill(bytes);
      const Instant start = monotonic_now();
      seed = random.wait_for_seed(150 * kMillisecond);
      waited = monotonic_now() - start;
    });
    if (!denied) break;
    CHECK_FALSE(filled);
    CHECK(seed == Seed::kNotYet);
    CHECK(waited >= 150 * kMillisecond);
    CHECK(waited < 5 * kSecond);
  }
  ::unlink(pipe.c_str());
}

TEST_CASE("the wait for a seed ends when it comes") {
  const std::string pipe = "/tmp/observatory-seed-" + std::to_string(::getpid());
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  Seed seed = Seed::kNone;
  const bool denied = without(test::Denied::kGetrandom, [&] {
    PosixRandom random({pipe.c_str(), "/dev/urandom"});
    std::thread kernel([&] {
      ::usleep(50'000);
      const int end = ::open(pipe.c_str(), O_RDWR);
      [[maybe_unused]] const ssize_t written = ::write(end, "seed", 4);
      ::usleep(500'000);
      ::close(end);
    });
    seed = random.wait_for_seed(20 * kSecond);
    kernel.join();
  });
  ::unlink(pipe.c_str());
  if (!denied) return;
  CHECK(seed == Seed::kReady);
}

TEST_CASE("each errno of the socket calls is one fact") {
  const struct {
    int number;
    NetError fact;
  } table[] = {
      {0, NetError::kNone},
      {EAGAIN, NetError::kNone},
      {EWOULDBLOCK, NetError::kNone},
      {EINTR, NetError::kNone},
      {EINPROGRESS, NetError::kNone},
      {EALREADY, NetError::kNone},
      {ECONNREFUSED, NetError::kRefused},
      {ECONNRESET, NetError::kReset},
      {ECONNABORTED, NetError::kReset},
      {EPIPE, NetError::kReset},
      {ENETUNREACH, NetError::kUnreachable},
      {EHOSTUNREACH, NetError::kUnreachable},
      {ENETDOWN, NetError::kUnreachable},
      {EHOSTDOWN, NetError::kUnreachable},
      {EACCES, NetError::kUnreachable},
      {EPERM, NetError::kUnreachable},
      {EAFNOSUPPORT, NetError::kUnreachable},
      {EADDRNOTAVAIL, NetError::kUnreachable},
      {ENOPROTOOPT, NetError::kUnreachable},
      {ETIMEDOUT, NetError::kTimedOut},
      {EMFILE, NetError::kExhausted},
      {ENFILE, NetError::kExhausted},
      {ENOBUFS, NetError::kExhausted},
      {ENOMEM, NetError::kExhausted},
      {EBADF, NetError::kOther},
      {EINVAL, NetError::kOther},
      {99'999, NetError::kOther},
  };
  for (const auto& row : table) {
    INFO(row.number << " " << std::strerror(row.number));
    CHECK(net_error(row.number) == row.fact);
  }
  CHECK(is_interrupted(EINTR));
  CHECK(is_not_now(EAGAIN));
  CHECK(is_not_now(EWOULDBLOCK));
  CHECK_FALSE(is_not_now(EINPROGRESS));
  CHECK(is_under_way(EINPROGRESS));
  CHECK_FALSE(is_under_way(EAGAIN));
  CHECK(is_missing_call(ENOSYS));
}

TEST_CASE("a wake before or during wait() ends it, once") {
  PosixWaker waker;
  PosixNetwork network(waker);
  REQUIRE(waker.usable());

  waker.wake();
  waker.wake();
  Instant start = monotonic_now();
  network.wait({}, start + 10 * kSecond);
  CHECK(monotonic_now() - start < 5 * kSecond);

  start = monotonic_now();
  network.wait({}, start + 30 * kMillisecond);
  CHECK(monotonic_now() - start >= 30 * kMillisecond);
}

TEST_CASE("wake() leaves errno alone, even when the pipe is full") {
  PosixWaker waker;
  errno = 4711;
  for (int i = 0; i < 100'000; ++i) waker.wake();
  CHECK(errno == 4711);
  waker.drain();
  PosixNetwork network(waker);
  const Instant start = monotonic_now();
  network.wait({}, start + 5 * kMillisecond);
  CHECK(monotonic_now() - start >= 5 * kMillisecond);
}

PosixWaker* waker_of_handler = nullptr;

TEST_CASE("a signal handler can end a wait") {
  PosixWaker waker;
  PosixNetwork network(waker);
  waker_of_handler = &waker;
  struct sigaction action {};
  struct sigaction before {};
  action.sa_handler = [](int) { waker_of_handler->wake(); };
  REQUIRE(::sigaction(SIGALRM, &action, &before) == 0);
  itimerval timer{};
  timer.it_value.tv_usec = 20'000;
  REQUIRE(::setitimer(ITIMER_REAL, &timer, nullptr) == 0);
  const Instant start = monotonic_now();
  network.wait({}, Instant::never());
  CHECK(monotonic_now() - start < 5 * kSecond);
  ::sigaction(SIGALRM, &before, nullptr);
}

TEST_CASE("a wait never ends before its deadline and does not overshoot by much") {
  PosixWaker waker;
  PosixNetwork network(waker);
  for (const Micros length : {Micros{1}, Micros{999}, Micros{1001}, Micros{4500}}) {
    const Instant start = monotonic_now();
    network.wait({}, start + length);
    CHECK(monotonic_now() - start >= length);
    CHECK(monotonic_now() - start < 2 * kSecond);
  }
  const Instant start = monotonic_now();
  network.wait({}, Instant{0});
  CHECK(monotonic_now() - start < 2 * kSecond);
}

TEST_CASE("bytes pass both ways and the kernel's facts are there") {
  PosixWaker waker;
  PosixNetwork network(waker);
  Listener listener;
  IoResult end;
  const StreamId stream = connect_now(network, listener.address(), end);
  REQUIRE(end.count == 1);
  const int peer = listener.accept();
  REQUIRE(peer >= 0);

  std::array<std::uint8_t, 16> into{};
  const IoResult early = network.read(stream, into);
  CHECK(early.count == 0);
  CHECK(early.error == NetError::kNone);

  CHECK(network.write(stream, as_bytes("hello")).count == 5);
  CHECK(::read(peer, into.data(), into.size()) == 5);
  CHECK(::write(peer, "world!", 6) == 6);
  std::array<Interest, 2> interests{{{kNoStream, true, false, true}, {stream, true, false, false}}};
  network.wait(interests, monotonic_now() + 5 * kSecond);
  CHECK_FALSE(interests[0].ready);
  CHECK(interests[1].ready);
  CHECK(network.read(stream, into).count == 6);

  const TcpFacts facts = network.tcp_facts(stream);
#ifdef __linux__
  CHECK(facts.rtt_us > 0);
  CHECK(facts.rtt_us < 1'000'000);
  CHECK(facts.mss >= 536);
  CHECK(facts.min_rtt_us <= facts.rtt_us + facts.rttvar_us * 4);
  CHECK(facts.retransmits == 0);
#endif

  ::close(peer);
  network.wait(std::span(interests).subspan(1), monotonic_now() + 5 * kSecond);
  CHECK(network.read(stream, into).error == NetError::kClosed);
  network.close(stream);
}

TEST_CASE("writing to a stream that was reset raises no signal") {
  PosixWaker waker;
  PosixNetwork network(waker);
  Listener listener;
  IoResult end;
  const StreamId stream = connect_now(network, listener.address(), end);
  const int peer = listener.accept();
  const linger hard{1, 0};
  REQUIRE(::setsockopt(peer, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)) == 0);
  ::close(peer);
  std::array<Interest, 1> interest{{{stream, true, false, false}}};
  network.wait(interest, monotonic_now() + 5 * kSecond);
  CHECK(network.write(stream, as_bytes("x")).error == NetError::kReset);
  CHECK(network.write(stream, as_bytes("x")).error == NetError::kReset);
  network.close(stream);
}

TEST_CASE("a port where nobody listens refuses, and tells it once") {
  PosixWaker waker;
  PosixNetwork network(waker);
  Listener listener;
  const SocketAddress nobody = listener.address();
  listener.stop();
  IoResult end;
  const StreamId stream = connect_now(network, nobody, end);
  CHECK(end.count == 0);
  CHECK(end.error == NetError::kRefused);
  CHECK(network.connected(stream).count == 0);
  network.close(stream);
}

TEST_CASE("IPv6 connects, or says that there is none") {
  PosixWaker waker;
  PosixNetwork network(waker);
  NetError why = NetError::kOther;
  const StreamId stream = network.connect({v6_loopback(), 1}, why);
  if (stream == kNoStream) {
    CHECK(why == NetError::kUnreachable);
    return;
  }
  CHECK(why == NetError::kNone);
  network.close(stream);
}

TEST_CASE("more streams than one poll() covers are all seen") {
  PosixWaker waker;
  PosixNetwork network(waker);
  Listener listener;
  std::vector<Interest> interests;
  std::vector<int> peers;
  for (std::size_t i = 0; i < PosixNetwork::kMaxInterests + 6; ++i) {
    IoResult end;
    interests.push_back({connect_now(network, listener.address(), end), true, false, false});
    REQUIRE(end.count == 1);
    peers.push_back(listener.accept());
  }
  const Instant start = monotonic_now();
  network.wait(interests, start + 25 * kMillisecond);
  CHECK(monotonic_now() - start >= 25 * kMillisecond);

  REQUIRE(::write(peers.back(), "x", 1) == 1);
  network.wait(interests, monotonic_now() + 5 * kSecond);
  for (const Interest& interest : interests) {
    CHECK(interest.ready == (&interest == &interests.back()));
  }
  for (const Interest& interest : interests) network.close(interest.stream);
  for (const int peer : peers) ::close(peer);
}

TEST_CASE("no file descriptor to spare is kExhausted") {
  PosixWaker waker;
  PosixNetwork network(waker);
  std::vector<int> hoard;
  for (int fd = ::dup(0); fd >= 0; fd = ::dup(0)) hoard.push_back(fd);
  NetError why = NetError::kNone;
  const StreamId stream = network.connect({v4(127, 0, 0, 1), 1}, why);
  PosixWaker poor;
  for (const int fd : hoard) ::close(fd);
  CHECK(stream == kNoStream);
  CHECK(why == NetError::kExhausted);
  CHECK_FALSE(poor.usable());
  poor.wake();

  PosixNetwork blind(poor);
  const Instant start = monotonic_now();
  blind.wait({}, start + 10 * kSecond);
  CHECK(monotonic_now() - start < 5 * kSecond);
}

TEST_CASE("literals are answered at once, and wake the loop") {
  PosixWaker waker;
  PosixClock clock;
  PosixRandom random;
  PosixResolver resolver(clock, random);
  PosixNetwork network(waker, resolver);
  std::array<IpAddress, 4> into{};

  const struct {
    const char* name;
    IpAddress address;
  } table[] = {{"203.0.113.7", v4(203, 0, 113, 7)},
               {"::1", v6_loopback()},
               {"::ffff:192.0.2.1", v4(192, 0, 2, 1)}};
  for (const auto& row : table) {
    INFO(row.name);
    const LookupId lookup = resolver.start(row.name);
    REQUIRE(lookup != kNoLookup);
    const LookupResult result = resolver.poll(lookup, into);
    CHECK(result.state == LookupState::kFound);
    REQUIRE(result.count == 1);
    CHECK(into[0] == row.address);
    Instant start = monotonic_now();
    network.wait({}, start + 10 * kSecond);
    CHECK(monotonic_now() - start < 5 * kSecond);
    // Once.
    start = monotonic_now();
    network.wait({}, start + 20 * kMillisecond);
    CHECK(monotonic_now() - start >= 20 * kMillisecond);
    resolver.release(lookup);
  }
}

}  // namespace
}  // namespace observatory::posix
