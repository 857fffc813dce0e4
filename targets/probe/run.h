// SPDX-License-Identifier: MIT
// A run as one object: the platform, the slots and the scheduler over them. Nothing else in the
// program joins the core to the platform it runs on.
#pragma once

#include <signal.h>

#include <array>
#include <optional>
#include <span>

#include "core/run/dns_seeds.h"
#include "core/run/scheduler.h"
#include "platform/mbedtls/mbedtls_digest.h"
#include "platform/mbedtls/mbedtls_engine.h"
#include "platform/mbedtls/mbedtls_shared.h"
#include "platform/posix/memory_pages.h"
#include "platform/posix/posix_clock.h"
#include "platform/posix/posix_network.h"
#include "platform/posix/posix_random.h"
#include "platform/posix/posix_resolver.h"
#include "platform/posix/posix_waker.h"
#include "platform/socks5/socks5_network.h"
#include "targets/probe/endpoint_files.h"
#include "targets/probe/options.h"
#include "targets/probe/progress.h"
#include "targets/probe/record_file.h"

namespace observatory {

inline constexpr const char* kSoftware = "electrum-probe " OBSERVATORY_VERSION;

static_assert(limits::kMostSlots <= mbedtls::kMostEngines,
              "mbedTLS must be built with an MBEDTLS_PSA_KEY_SLOT_COUNT of kMostSlots or more");

// One place for a visit: the session, the TLS engine that serves it alone, and its memory.
struct Slot {
  Slot(const Platform& platform, mbedtls::MbedtlsShared& shared, Gate& gate)
      : tls(shared, tls_memory.get()), session(platform, tls, gate) {}

  [[no_unique_address]] mbedtls::EngineArena tls_memory;
  mbedtls::MbedtlsEngine tls;
  Session session;
};

// The slots of a run, in one piece of memory taken once.
class Slots {
 public:
  Slots(std::size_t count, const Platform& platform, mbedtls::MbedtlsShared& shared, Gate& gate);
  ~Slots();
  Slots(const Slots&) = delete;
  Slots& operator=(const Slots&) = delete;

  // Empty when there was not enough memory.
  std::span<Session* const> sessions() const { return std::span(sessions_).first(count_); }

 private:
  Slot* slots() const { return reinterpret_cast<Slot*>(memory_.data()); }

  posix::MemoryPages memory_;
  std::size_t count_ = 0;
  std::array<Session*, limits::kMostSlots> sessions_{};
};

// Passes records on to the file, and what people want to know to the terminal.
class Output final : public RunOutput {
 public:
  Output(RecordFile& file, Progress& progress, const posix::PosixResolver& resolver)
      : file_(file), progress_(progress), resolver_(resolver) {}

  void visiting(const Endpoint& endpoint) override { progress_.visiting(endpoint); }
  Status write(const Record& record) override;

 private:
  void explain(Outcome outcome);

  RecordFile& file_;
  Progress& progress_;
  const posix::PosixResolver& resolver_;
  bool told_of_resolver_ = false;
  bool told_of_exhaustion_ = false;
};

// Tells of DNS seeds that give nothing.
class SeedMessages final : public SeedListener {
 public:
  void seed_failed(std::string_view seed, SeedProblem why) override;
};

// A way through a proxy for as many streams as there can be slots.
struct ProxiedNetwork {
  ProxiedNetwork(Network& inner, const SocketAddress& proxy) : network(inner, proxy, tunnels) {}

  std::array<socks5::Tunnel, limits::kMostSlots> tunnels;
  socks5::Socks5Network network;
};

// All memory of a run is in this object and its slots, and is taken before the first visit. Too
// large for the stack of a small device.
class Run {
 public:
  explicit Run(const Options& options);
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  // True when all that was asked for was done; else the reason is on standard error, or a signal
  // came: `stop` not 0 ends the run, and waker() makes it look.
  [[nodiscard]] bool complete(const volatile sig_atomic_t& stop);

  const posix::PosixWaker& waker() const { return waker_; }

 private:
  static constexpr Micros kLongestWaitForSeed = 30 * kSecond;

  Platform make_platform();
  bool prepare(const volatile sig_atomic_t& stop);
  bool has_randomness(const volatile sig_atomic_t& stop);

  const Options& options_;
  posix::PosixWaker waker_;
  posix::PosixClock clock_;
  posix::PosixRandom random_;
  posix::PosixResolver resolver_{clock_, random_};
  posix::PosixNetwork network_{waker_, resolver_};
  std::optional<ProxiedNetwork> proxied_;  // its memory is touched with --proxy alone
  mbedtls::MbedtlsDigest digest_;
  Platform platform_;
  posix::MemoryPages tls_pages_;
  std::optional<mbedtls::Arena> tls_memory_;  // where the library takes any
  mbedtls::MbedtlsShared shared_;
  EndpointFiles endpoints_;
  SeedMessages seed_messages_;
  DnsSeeds seeds_;
  Progress progress_;
  RecordFile file_{digest_};
  Output output_{file_, progress_, resolver_};
  OptOut opt_out_;
  Gate gate_{opt_out_};
  Slots slots_;
  Scheduler scheduler_;
};

}  // namespace observatory
