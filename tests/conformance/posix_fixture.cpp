// SPDX-License-Identifier: MIT
#include "tests/conformance/posix_fixture.h"

#include <fcntl.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <string_view>

namespace observatory::conformance {

using namespace std::chrono_literals;

PosixFixture::PosixFixture()
    : resolv_conf_(std::filesystem::temp_directory_path() / "resolv.conf-XXXXXX") {
  ::getrlimit(RLIMIT_NOFILE, &handles_before_);
  std::string name = resolv_conf_;
  const int file = ::mkstemp(name.data());
  if (file < 0) throw std::runtime_error("mkstemp");
  resolv_conf_ = name;
  constexpr std::string_view kText = "nameserver 127.0.0.1\n";
  const bool written = ::write(file, kText.data(), kText.size()) == ssize_t{kText.size()};
  ::close(file);
  if (!written) throw std::runtime_error(name);
  resolver_ = std::make_unique<posix::PosixResolver>(
      clock_, random_, posix::ResolverSettings{resolv_conf_.c_str(), "/nonexistent", dns_.port()});
  network_ = std::make_unique<posix::PosixNetwork>(waker_, *resolver_);
}

PosixFixture::~PosixFixture() {
  for (std::thread& thread : threads_) thread.join();
  ::setrlimit(RLIMIT_NOFILE, &handles_before_);
  std::filesystem::remove(resolv_conf_);
}

std::vector<test::DnsServer::Datagram> PosixFixture::answer(const test::DnsQuery& query) {
  test::DnsReply reply(query);
  if (query.name == "slow.example") return {{reply.rcode(3).bytes(), 300ms}};
  if (::strcasecmp(query.name.c_str(), "known.example") != 0) return {{reply.rcode(3).bytes()}};
  if (query.type == test::kA) reply.a(query.name, "127.0.0.1");
  if (query.type == test::kAaaa) reply.aaaa(query.name, "::1");
  return {{reply.bytes()}};
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

}  // namespace observatory::conformance
