// SPDX-License-Identifier: MIT
// electrum-probe: visits Electrum servers and records what it saw.
#include <signal.h>

#include <new>

#include "platform/posix/memory_pages.h"
#include "platform/posix/standard_streams.h"
#include "targets/probe/console.h"
#include "targets/probe/options.h"
#include "targets/probe/pages.h"
#include "targets/probe/run.h"

namespace observatory {
namespace {

constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kUsage = 2;

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
}

int run(const Options& options) {
  const posix::MemoryPages memory(sizeof(Run));
  if (memory.data() == nullptr) {
    complain({"not enough memory: see --memory"});
    return kFailed;
  }
  Run* const run = new (memory.data()) Run(options);
  handle_signals(run->waker());
  const bool complete = run->complete(stop_requested);
  signal(SIGINT, SIG_IGN);  // the waker goes
  signal(SIGTERM, SIG_IGN);
  run->~Run();
  return complete ? kDone : kFailed;
}

}  // namespace
}  // namespace observatory

int main(int argc, char** argv) {
  using namespace observatory;
  posix::hold_standard_streams();
  signal(SIGPIPE, SIG_IGN);  // a closed pipe is reported where it is written to
  Options options;
  Page page;
  switch (read_options(argc, argv, options)) {
    case Command::kRun:
      return run(options);
    case Command::kHelp:
      put_help_page(page.sink());
      break;
    case Command::kVersion:
      put_version_page(page.sink());
      break;
    case Command::kMemory:
      put_memory_page(options.slots, page.sink());
      break;
    case Command::kUsageError:
      return kUsage;
  }
  return page.finish() ? kDone : kFailed;
}
