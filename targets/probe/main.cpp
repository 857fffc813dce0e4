// SPDX-License-Identifier: MIT
// electrum-probe: visits Electrum servers and records what it saw. This file joins the core to
// the platform it runs on; nothing else names either.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

#include "core/run/scheduler.h"
#include "platform/mbedtls/mbedtls_digest.h"
#include "platform/mbedtls/mbedtls_engine.h"
#include "platform/mbedtls/mbedtls_shared.h"
#include "platform/posix/errno_mapping.h"
#include "platform/posix/posix_clock.h"
#include "platform/posix/posix_network.h"
#include "platform/posix/posix_random.h"
#include "platform/posix/posix_resolver.h"
#include "platform/posix/posix_waker.h"
#include "targets/probe/endpoint_files.h"
#include "targets/probe/options.h"
#include "targets/probe/progress.h"
#include "targets/probe/record_file.h"

namespace observatory {
namespace {

constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kUsage = 2;

constexpr const char* kSoftware = "electrum-probe " OBSERVATORY_VERSION;
constexpr std::size_t kLargestCaFile = 1024 * 1024;

// A signal handler can only reach what is static.
volatile sig_atomic_t stop_requested = 0;
const posix::PosixWaker* waker_to_stop = nullptr;

void on_stop_signal(int) {
  stop_requested = 1;
  waker_to_stop->wake();
}

void handle_signals(const posix::PosixWaker& waker) {
  waker_to_stop = &waker;
  struct sigaction action = {};
  action.sa_handler = on_stop_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  action.sa_handler = SIG_IGN;  // a closed pipe is reported where it is written to
  sigaction(SIGPIPE, &action, nullptr);
}

// A standard stream that was closed leaves its number to the next descriptor, and records or
// messages would go to a socket. /dev/null takes the place for the wrong direction: using the
// stream still fails.
void hold_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(stream, F_GETFD) >= 0) continue;
    [[maybe_unused]] const int held =
        open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

// One place for a visit: the session and the TLS engine that serves it alone.
struct Slot {
  Slot(const Platform& platform, mbedtls::MbedtlsShared& shared, AddressGate& gate)
      : tls(shared), session(platform, tls, gate) {}

  mbedtls::MbedtlsEngine tls;
  Session session;
};

// The slots of a run, in one piece of memory taken once.
class Slots {
 public:
  Slots(std::size_t count, const Platform& platform, mbedtls::MbedtlsShared& shared) {
    memory_ = std::malloc(count * sizeof(Slot));
    if (memory_ == nullptr) return;
    for (; count_ < count; ++count_) {
      Slot* slot = new (static_cast<Slot*>(memory_) + count_) Slot(platform, shared, gate_);
      sessions_[count_] = &slot->session;
    }
  }
  ~Slots() {
    for (std::size_t i = 0; i < count_; ++i) (static_cast<Slot*>(memory_) + i)->~Slot();
    std::free(memory_);
  }
  Slots(const Slots&) = delete;
  Slots& operator=(const Slots&) = delete;

  std::span<Session* const> sessions() const { return std::span(sessions_).first(count_); }

 private:
  void* memory_ = nullptr;
  std::size_t count_ = 0;
  AddressGate gate_;
  std::array<Session*, limits::kMostSlots> sessions_{};
};

// Passes records on to the file, and what people want to see to the progress line.
class Output final : public RunOutput {
 public:
  Output(RecordFile& file, Progress& progress) : file_(file), progress_(progress) {}

  void visiting(const Endpoint& endpoint) override { progress_.visiting(endpoint); }

  Status write(const Record& record) override {
    if (file_.is_terminal()) progress_.clear();
    const Status status = file_.write(record);
    if (record.has(FieldId::kOutcome)) {
      progress_.observed(record.number(FieldId::kOutcome) ==
                         static_cast<std::uint64_t>(Outcome::kOk));
    }
    return status;
  }

 private:
  RecordFile& file_;
  Progress& progress_;
};

int fail(const char* what, const char* why) {
  std::fprintf(stderr, "electrum-probe: %s: %s\n", what, why);
  return kFailed;
}

// Reads a whole CA file and gives it to the TLS engine.
bool add_ca_file(const char* name, mbedtls::MbedtlsShared& shared) {
  const int descriptor = open(name, O_RDONLY | O_CLOEXEC);
  auto* const content = static_cast<std::uint8_t*>(std::malloc(kLargestCaFile));
  std::size_t size = 0;
  ssize_t count = descriptor < 0 || content == nullptr ? -1 : 1;
  while (count > 0 && size < kLargestCaFile - 1) {
    count = read(descriptor, content + size, kLargestCaFile - 1 - size);
    if (count > 0) size += static_cast<std::size_t>(count);
  }
  const char* problem = nullptr;
  if (count < 0) {
    problem = std::strerror(posix::last_error());
  } else if (count > 0) {
    problem = "larger than 1 MiB";
  } else {
    content[size] = 0;  // PEM ends in a zero byte, DER does not
    const bool pem = as_text({content, size}).find("-----BEGIN") != std::string_view::npos;
    if (!shared.add_roots({content, pem ? size + 1 : size}).ok) problem = "no certificate in it";
  }
  if (problem != nullptr) std::fprintf(stderr, "electrum-probe: --ca-file %s: %s\n", name, problem);
  std::free(content);
  if (descriptor >= 0) close(descriptor);
  return problem == nullptr;
}

int print_version() {
  std::printf("%s\n%s\n", kSoftware, mbedtls::engine_version());
  return kDone;
}

int run(const Options& options) {
  posix::PosixWaker waker;
  handle_signals(waker);
  posix::PosixClock clock;
  posix::PosixRandom random;
  static posix::PosixResolver resolver(clock, random);  // 17 KB: much for a stack
  posix::PosixNetwork network(waker, resolver);
  mbedtls::MbedtlsDigest digest;
  const Platform platform{clock, network, resolver, random, digest};

  mbedtls::MbedtlsShared shared(random);
  if (!shared.start()) return fail("cannot start", mbedtls::engine_version());
  if (options.ca_file != nullptr && !add_ca_file(options.ca_file, shared)) return kFailed;

  EndpointFiles endpoints(options);
  Progress progress;
  if (!options.quiet && isatty(STDERR_FILENO) == 1) progress.show(endpoints.count());
  if (!endpoints.open()) return kFailed;
  RecordFile file;
  if (!file.open(options.output, options.format)) return kFailed;
  Slots slots(options.slots, platform, shared);
  if (slots.sessions().empty()) return fail("--slots", "not enough memory for so many");

  RunOptions run_options;
  run_options.vantage = options.vantage.text();
  run_options.software = kSoftware;
  run_options.tls_engine = mbedtls::engine_version();
  run_options.tls_newest = mbedtls::engine_speaks_tls13() ? "TLSv1.3" : "TLSv1.2";
  run_options.chain = options.chain;
  run_options.client_name = options.client_name.text();
  run_options.visit = options.visit;

  Output output(file, progress);
  Scheduler scheduler(platform, slots.sessions(), endpoints, output, run_options);
  while (!scheduler.done()) {
    if (stop_requested != 0) scheduler.stop();
    scheduler.step();
  }
  progress.clear();
  const bool complete = ok(scheduler.status()) && !scheduler.interrupted();
  return complete && endpoints.bad_lines() == 0 ? kDone : kFailed;
}

}  // namespace
}  // namespace observatory

int main(int argc, char** argv) {
  using namespace observatory;
  hold_standard_streams();
  Options options;
  switch (read_options(argc, argv, options)) {
    case Command::kHelp:
      print_help();
      return kDone;
    case Command::kVersion:
      return print_version();
    case Command::kUsageError:
      return kUsage;
    case Command::kRun:
      return run(options);
  }
  return kUsage;
}
