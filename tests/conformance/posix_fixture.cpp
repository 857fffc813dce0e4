// SPDX-License-Identifier: MIT
#include "tests/conformance/posix_fixture.h"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>

namespace observatory::conformance {

PosixFixture::PosixFixture() { ::getrlimit(RLIMIT_NOFILE, &handles_before_); }

PosixFixture::~PosixFixture() {
  for (std::thread& thread : threads_) thread.join();
  ::setrlimit(RLIMIT_NOFILE, &handles_before_);
}

SocketAddress PosixFixture::serve(Peer peer) {
  peers_.push_back(std::make_unique<LoopbackPeer>(IpAddress::Family::kV4, peer));
  if (!peers_.back()->listening()) throw std::runtime_error("no IPv4 loopback interface");
  return peers_.back()->address();
}

std::optional<SocketAddress> PosixFixture::serve_v6(Peer peer) {
  auto server = std::make_unique<LoopbackPeer>(IpAddress::Family::kV6, peer);
  if (!server->listening()) return std::nullopt;
  peers_.push_back(std::move(server));
  return peers_.back()->address();
}

std::optional<SocketAddress> PosixFixture::unanswering() {
  backlogs_.push_back(std::make_unique<FullBacklog>());
  return backlogs_.back()->address();
}

void PosixFixture::leave_handles(std::size_t count) {
  // The limit is one above the highest number allowed, and numbers are given out from below,
  // around those already taken: `count` of them, tried out, show where it has to be.
  std::vector<int> handles;
  while (handles.size() < count) {
    handles.push_back(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0));
    if (handles.back() < 0) throw std::runtime_error("not enough handles to begin with");
  }
  for (const int handle : handles) ::close(handle);
  rlimit limit = handles_before_;
  limit.rlim_cur = static_cast<rlim_t>(handles.back()) + 1;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) throw std::runtime_error("setrlimit");
}

void PosixFixture::wake_in(Micros length) {
  threads_.emplace_back([this, length] {
    std::this_thread::sleep_for(std::chrono::microseconds(length));
    waker_.wake();
  });
}

std::string_view PosixFixture::unknown_name() {
  // A label of more than 63 bytes: no resolver asks the network for it, so the answer is the same
  // on a machine that has none.
  static const std::string name = std::string(70, 'x') + ".invalid";
  return name;
}

}  // namespace observatory::conformance
