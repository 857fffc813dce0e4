// SPDX-License-Identifier: MIT
#include "tests/integration/traced_process.h"

#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

namespace observatory::integration {
namespace {

constexpr unsigned kLifetimeSeconds = 120;
constexpr int kSyscallStop = SIGTRAP | 0x80;  // PTRACE_O_TRACESYSGOOD

void add(const Footprint& more, Footprint& into) {
  into.resident += more.resident;
  into.proportional += more.proportional;
  into.private_dirty += more.private_dirty;
}

std::string short_name(const std::string& path) {
  return path.empty() ? "[anonymous]" : path.substr(path.rfind('/') + 1);
}

// Its lines are "55d0-55e0 rw-p 00000000 00:00 0   [stack]" and "Rss:      12 kB".
std::vector<Footprint> read_mappings(pid_t pid) {
  std::vector<Footprint> mappings;
  std::ifstream file("/proc/" + std::to_string(pid) + "/smaps");
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string first;
    words >> first;
    if (!first.ends_with(':')) {
      std::string skipped;
      std::string path;
      words >> skipped >> skipped >> skipped >> skipped >> path;
      mappings.emplace_back().name = short_name(path);
      continue;
    }
    long kilobytes = 0;
    words >> kilobytes;
    Footprint& mapping = mappings.at(mappings.size() - 1);
    if (first == "Rss:") mapping.resident = kilobytes * 1024;
    if (first == "Pss:") mapping.proportional = kilobytes * 1024;
    if (first == "Private_Dirty:") mapping.private_dirty = kilobytes * 1024;
  }
  return mappings;
}

long read_kernel_peak(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("VmHWM:")) return std::stol(line.substr(6)) * 1024;
  }
  return 0;
}

void look(pid_t pid, Traced& traced) {
  traced.kernel_peak = std::max(traced.kernel_peak, read_kernel_peak(pid));
  std::vector<Footprint> mappings = read_mappings(pid);
  Footprint sum{"sum"};
  for (const Footprint& mapping : mappings) add(mapping, sum);
  if (sum.resident <= traced.sum.resident) return;
  traced.mappings = std::move(mappings);
  traced.sum = sum;
}

void at_call(pid_t pid, long number, Traced& traced) {
  static const std::map<long, std::string> kGivesMemory = {
      {SYS_mmap, "mmap"}, {SYS_mremap, "mremap"}, {SYS_brk, "brk"}};
  if (number == SYS_connect) traced.connected = true;
  if (number == SYS_munmap || number == SYS_exit_group) look(pid, traced);
  const auto found = kGivesMemory.find(number);
  if (traced.connected && found != kGivesMemory.end()) traced.late_memory.push_back(found->second);
}

// In the child.
[[noreturn]] void start(std::vector<char*>& arguments, const TraceSettings& settings,
                        const std::string& out, const std::string& err) {
  ::alarm(kLifetimeSeconds);  // outlives exec
  ::dup2(::open(settings.input.empty() ? "/dev/null" : settings.input.c_str(), O_RDONLY), 0);
  ::dup2(::open(out.c_str(), O_WRONLY | O_CREAT, 0600), 1);
  ::dup2(::open(err.c_str(), O_WRONLY | O_CREAT, 0600), 2);
  if (settings.stack > 0) {
    const auto bytes = static_cast<rlim_t>(settings.stack);
    const rlimit limit{bytes, bytes};
    ::setrlimit(RLIMIT_STACK, &limit);
  }
  char* const environment[] = {nullptr};
  ::personality(ADDR_NO_RANDOMIZE);
  if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0) {
    ::execve(arguments[0], arguments.data(), environment);
  }
  ::_exit(127);
}

}  // namespace

bool is_static(const std::string& program) {
  const std::string content = content_of(program);
  Elf64_Ehdr header;
  if (content.size() < sizeof header) return false;
  std::memcpy(&header, content.data(), sizeof header);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64) {
    return false;
  }
  for (std::size_t i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    const std::size_t place = header.e_phoff + i * sizeof segment;
    if (place + sizeof segment > content.size()) return false;
    std::memcpy(&segment, content.data() + place, sizeof segment);
    if (segment.p_type == PT_INTERP) return false;
  }
  return true;
}

Traced trace(const Words& command, const TraceSettings& settings) {
  const TempFolder folder;
  const std::string out = folder.path("out");
  const std::string err = folder.path("err");
  Words words = command;
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  const pid_t pid = ::fork();
  if (pid < 0) throw std::runtime_error("fork");
  if (pid == 0) start(arguments, settings, out, err);

  Traced traced;
  bool prepared = false;
  bool inside = false;  // of a call
  for (int status = 0;;) {
    if (::waitpid(pid, &status, __WALL) != pid) throw std::runtime_error("waitpid");
    if (!WIFSTOPPED(status)) {
      traced.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      break;
    }
    int signal = WSTOPSIG(status);
    if (!prepared) {  // stopped by exec
      prepared = true;
      signal = 0;
      ::ptrace(PTRACE_SETOPTIONS, pid, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
    } else if (signal == kSyscallStop) {
      signal = 0;
      inside = !inside;
      __ptrace_syscall_info info{};
      if (inside && ::ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) > 0) {
        at_call(pid, static_cast<long>(info.entry.nr), traced);
      }
    }
    ::ptrace(PTRACE_SYSCALL, pid, nullptr, signal);
  }
  traced.out = content_of(out);
  traced.err = content_of(err);
  return traced;
}

}  // namespace observatory::integration
