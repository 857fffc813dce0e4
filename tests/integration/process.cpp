// SPDX-License-Identifier: MIT
#include "tests/integration/process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

namespace observatory::integration {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPause(10);
constexpr unsigned kLifetimeSeconds = 300;  // of a child whose test was itself killed

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

sockaddr_in socket_address(const std::string& address, int port) {
  sockaddr_in socket{};
  socket.sin_family = AF_INET;
  socket.sin_port = htons(static_cast<std::uint16_t>(port));
  if (inet_pton(AF_INET, address.c_str(), &socket.sin_addr) != 1) {
    throw std::invalid_argument("no IPv4 address: " + address);
  }
  return socket;
}

Descriptor bound_socket(const std::string& address, int port) {
  Descriptor descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in where = socket_address(address, port);
  const int on = 1;
  ::setsockopt(descriptor.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(descriptor.number(), reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0) {
    fail("bind " + address);
  }
  return descriptor;
}

// In the child: only what is safe between fork and exec.
void lead(int from, int to, const char* otherwise, int flags) {
  if (from == Streams::kClosed) {
    ::close(to);
  } else if (from == Streams::kDefault) {
    const int opened = ::open(otherwise, flags, 0600);
    ::dup2(opened, to);
    if (opened != to) ::close(opened);
  } else {
    ::dup2(from, to);
  }
}

}  // namespace

TempFolder::TempFolder() {
  std::string name = (fs::temp_directory_path() / "observatory-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) fail("mkdtemp");
  path_ = name;
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string TempFolder::write(const std::string& name, std::string_view content) const {
  std::ofstream(path_ / name, std::ios::binary) << content;
  return path(name);
}

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void Descriptor::close() {
  if (number_ >= 0) ::close(number_);
  number_ = -1;
}

Pipe::Pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) fail("pipe");
  reader = Descriptor(ends[0]);
  writer = Descriptor(ends[1]);
}

Process::Process(const Words& command, Streams streams) {
  const std::string out = folder_.path("out");
  const std::string err = folder_.path("err");
  Words words = command;
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ < 0) fail("fork");
  if (pid_ != 0) return;
  ::alarm(kLifetimeSeconds);  // outlives exec
  const int flags = O_WRONLY | O_CREAT | O_APPEND;
  lead(streams.in, STDIN_FILENO, "/dev/null", O_RDONLY);
  lead(streams.out, STDOUT_FILENO, out.c_str(), flags);
  lead(streams.err, STDERR_FILENO, err.c_str(), flags);
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

Process::~Process() {
  if (ended()) return;
  signal(SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Process::signal(int number) const {
  if (!reaped_) ::kill(pid_, number);
}

bool Process::ended() {
  if (!reaped_) reaped_ = ::waitpid(pid_, &status_, WNOHANG) == pid_;
  return reaped_;
}

int Process::wait(Seconds limit) {
  if (!eventually([this] { return ended(); }, limit)) {
    signal(SIGKILL);
    ::waitpid(pid_, &status_, 0);
    reaped_ = true;
    return kTimedOut;
  }
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
}

long Process::peak_kilobytes() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("VmHWM:")) return std::atol(line.c_str() + 6);
  }
  return 0;
}

Result run(const Words& command, Seconds limit) {
  Process process(command);
  const int status = process.wait(limit);
  return {status, process.out(), process.err()};
}

bool eventually(const std::function<bool()>& holds, Seconds limit) {
  const auto end = Clock::now() + limit;
  while (!holds()) {
    if (Clock::now() >= end) return false;
    std::this_thread::sleep_for(kPause);
  }
  return true;
}

bool accepts_connections(const std::string& address, int port) {
  const Descriptor descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in where = socket_address(address, port);
  return ::connect(descriptor.number(), reinterpret_cast<const sockaddr*>(&where), sizeof where) ==
         0;
}

std::string own_network() {
  const int pid = ::getpid();
  return "127." + std::to_string(128 + pid / 250 % 100) + "." + std::to_string(1 + pid % 250) + ".";
}

Descriptor silent_listener(const std::string& address, int port) {
  Descriptor descriptor = bound_socket(address, port);
  if (::listen(descriptor.number(), 8) != 0) fail("listen " + address);
  return descriptor;
}

}  // namespace observatory::integration
