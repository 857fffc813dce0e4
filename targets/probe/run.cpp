// SPDX-License-Identifier: MIT
#include "targets/probe/run.h"

#include <unistd.h>

#include <new>

#include "targets/probe/bundled_lists.h"
#include "targets/probe/ca_file.h"
#include "targets/probe/console.h"
#include "targets/probe/opt_out_file.h"

namespace observatory {
namespace {

RunOptions run_options(const Options& options) {
  RunOptions run;
  run.vantage = options.vantage.text();
  run.software = kSoftware;
  run.tls_engine = mbedtls::engine_version();
  run.tls_newest = mbedtls::engine_speaks_tls13() ? "TLSv1.3" : "TLSv1.2";
  run.chain = options.chain;
  run.client_name = options.client_name.text();
  run.visit = options.visit;
  run.discovery.most = options.discover;
  run.discovery.ports = default_ports(options.chain);
  run.discovery.follow_onions = options.proxy.has_value();
  run.discovery.reach = options.allow_private ? Reach::kAnywhere : Reach::kGlobal;
  run.visits = options.visits;
  run.every = options.every;
  run.tls_fingerprint = options.tls_fingerprint;
  return run;
}

// Pages that the library never reaches are never touched.
std::size_t shared_tls_memory(const Options& options) {
  if (mbedtls::kSharedArena == 0) return 0;
  return mbedtls::kSharedArena +
         (options.ca_file == nullptr ? 0 : mbedtls::kArenaForEachByteOfRoots * kLargestCaFile);
}

}  // namespace

Slots::Slots(std::size_t count, const Platform& platform, mbedtls::MbedtlsShared& shared,
             Gate& gate)
    : memory_(count * sizeof(Slot)) {
  if (memory_.data() == nullptr) return;
  for (; count_ < count; ++count_) {
    Slot* const slot = new (slots() + count_) Slot(platform, shared, gate);
    sessions_[count_] = &slot->session;
  }
}

Slots::~Slots() {
  for (std::size_t i = 0; i < count_; ++i) slots()[i].~Slot();
}

Status Output::write(const Record& record) {
  if (file_.is_terminal()) progress_.clear();
  const Status status = file_.write(record);
  if (record.has(FieldId::kNotRepeated)) {
    complain({Digits(record.number(FieldId::kNotRepeated)),
              " endpoints were visited once only: there was no room to plan more (visits-to-come "
              "of --version)"});
  }
  if (!record.has(FieldId::kOutcome)) return status;
  const auto outcome = static_cast<Outcome>(record.number(FieldId::kOutcome));
  explain(outcome);
  progress_.observed(outcome == Outcome::kOk);
  return status;
}

// Once each: what this device lacks, and the records alone do not tell how to mend.
void Output::explain(Outcome outcome) {
  if (outcome == Outcome::kDnsFailed && !told_of_resolver_ && !resolver_.has_name_server()) {
    complain({"no name can be looked up: /etc/resolv.conf names no server"});
    told_of_resolver_ = true;
  }
  if (outcome == Outcome::kExhausted && !told_of_exhaustion_) {
    complain({"a visit ended as `exhausted`: no file descriptor or memory was left for it; fewer ",
              "--slots or a higher `ulimit -n` may help"});
    told_of_exhaustion_ = true;
  }
}

void SeedMessages::seed_failed(std::string_view seed, SeedProblem why) {
  std::string_view reason = "no answer in time";
  if (why == SeedProblem::kNoAddress) reason = "the name has no address";
  if (why == SeedProblem::kFailed) reason = "no name server could tell";
  complain({"DNS seed `", seed, "`: ", reason});
}

Run::Run(const Options& options)
    : options_(options),
      platform_(make_platform()),
      tls_pages_(shared_tls_memory(options)),
      shared_(random_,
              tls_pages_.data() == nullptr ? nullptr : &tls_memory_.emplace(tls_pages_.bytes())),
      endpoints_(options),
      seeds_(endpoints_, std::span(options.dns_seeds).first(options.dns_seed_count),
             default_ports(options.chain), resolver_, clock_, seed_messages_),
      slots_(options.slots, platform_, shared_, gate_),
      scheduler_(platform_, slots_.sessions(), gate_, seeds_, output_, run_options(options)) {}

Platform Run::make_platform() {
  if (!options_.proxy) return {clock_, network_, resolver_, random_, digest_};
  socks5::Socks5Network& proxied = proxied_.emplace(network_, *options_.proxy).network;
  return {clock_, proxied, resolver_, random_, digest_, &proxied, options_.proxy_all};
}

bool Run::has_randomness(const volatile sig_atomic_t& stop) {
  posix::Seed seed = random_.wait_for_seed(0);
  if (seed == posix::Seed::kNotYet) {
    complain({"the device was started just now and has no randomness yet: waiting for it"});
    seed = random_.wait_for_seed(kLongestWaitForSeed);
  }
  if (seed == posix::Seed::kReady || stop != 0) return stop == 0;
  if (seed == posix::Seed::kNotYet) {
    complain({"still no randomness: try again in a minute"});
  } else {
    complain({"no randomness: the kernel has no getrandom(), and /dev/random and /dev/urandom ",
              "cannot be read: ", last_reason()});
  }
  return false;
}

bool Run::prepare(const volatile sig_atomic_t& stop) {
  for (std::size_t i = 0; i < options_.opt_out_count; ++i) {
    if (!add_opt_out_file(options_.opt_outs[i], opt_out_)) return false;
  }
  if (slots_.sessions().empty()) {
    complain({"not enough memory for ", Digits(options_.slots),
              options_.slots == 1 ? " slot" : " slots", ": see --memory"});
    return false;
  }
  if (mbedtls::kSharedArena > 0 && tls_pages_.data() == nullptr) {
    complain({"not enough memory: see --memory"});
    return false;
  }
  if (!has_randomness(stop)) return false;
  if (!shared_.start()) {
    // The library's errors are below zero.
    const auto error = static_cast<std::uint64_t>(-std::int64_t{shared_.engine_error()});
    complain({"the TLS library does not start: ", mbedtls::engine_version(), ", error -",
              Digits(error)});
    return false;
  }
  if (options_.ca_file != nullptr && !add_ca_file(options_.ca_file, shared_)) return false;
  if (!options_.quiet && isatty(STDERR_FILENO) == 1) {
    const bool more_to_come = options_.discover > 0 || options_.dns_seed_count > 0;
    progress_.show(more_to_come ? 0 : endpoints_.count() * options_.visits);
  }
  return endpoints_.open(stop) && file_.open(options_);
}

bool Run::complete(const volatile sig_atomic_t& stop) {
  if (!prepare(stop)) return false;
  while (!scheduler_.done()) {
    if (stop != 0) scheduler_.stop();
    scheduler_.step();
  }
  progress_.clear();
  return ok(scheduler_.status()) && !scheduler_.interrupted() && seeds_.bad_lines() == 0 &&
         file_.left_out() == 0;
}

}  // namespace observatory
