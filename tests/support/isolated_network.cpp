// SPDX-License-Identifier: MIT
#include "tests/support/isolated_network.h"

#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <vector>

namespace observatory::test {
namespace {

std::string failed(const char* what) { return std::string(what) + ": " + std::strerror(errno); }

bool raise_loopback() {
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return false;
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  const bool raised = ::ioctl(socket, SIOCSIFFLAGS, &request) == 0;
  ::close(socket);
  return raised;
}

bool put(const char* path, const std::string& text) {
  return static_cast<bool>(std::ofstream(path) << text << std::flush);
}

// The number under `name` in the two lines that the kernel has of TCP.
long tcp_counter(const std::string& name) {
  std::ifstream file("/proc/self/net/snmp");
  std::string line;
  std::vector<std::string> names;
  while (std::getline(file, line)) {
    if (line.rfind("Tcp:", 0) != 0) continue;
    std::istringstream words(line);
    std::vector<std::string> row;
    for (std::string word; words >> word;) row.push_back(word);
    if (names.empty()) {
      names = row;
      continue;
    }
    for (std::size_t i = 0; i < names.size() && i < row.size(); ++i) {
      if (names[i] == name) return std::stol(row[i]);
    }
  }
  return -1;
}

}  // namespace

std::string isolate_network(const std::string& resolv_conf) {
  static bool done = false;
  if (done) return {};
  const uid_t user = ::getuid();
  const gid_t group = ::getgid();
  if (::unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) {
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) != 0) return failed("unshare");
    put("/proc/self/setgroups", "deny");
    put("/proc/self/uid_map", "0 " + std::to_string(user) + " 1");
    put("/proc/self/gid_map", "0 " + std::to_string(group) + " 1");
  }
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return failed("mount /");
  if (!raise_loopback()) return failed("lo");
  char path[] = "/tmp/resolv.conf-XXXXXX";
  const int file = ::mkstemp(path);
  if (file < 0) return failed("mkstemp");
  ::close(file);
  std::string problem;
  if (!put(path, resolv_conf)) {
    problem = failed(path);
  } else if (::chmod(path, 0644) != 0 ||
             ::mount(path, "/etc/resolv.conf", nullptr, MS_BIND, nullptr) != 0) {
    problem = failed("mount /etc/resolv.conf");
  }
  ::unlink(path);
  done = problem.empty();
  return problem;
}

long connections_begun() { return tcp_counter("ActiveOpens"); }
long connections_accepted() { return tcp_counter("PassiveOpens"); }

}  // namespace observatory::test
