// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "core/base/limits.h"
#include "core/base/text_buffer.h"
#include "core/run/tls_fingerprint.h"
#include "platform/interface/address.h"
#include "platform/interface/time.h"

namespace observatory {

enum class Format : std::uint8_t {
  kAuto,  // kText on a terminal, else kJsonl
  kJsonl,
  kCbor,
  kText,
};

inline constexpr std::size_t kMostFiles = 16;

// What --keep may ask for. Half of it holds any record that servers of good will bring about: its
// texts, and as much again for names and escapes.
inline constexpr std::uint64_t kLeastKept = std::max<std::uint64_t>(65536, 4 * limits::kRecordPool);
inline constexpr std::uint64_t kMostKept = std::uint64_t{1} << 40;

struct Options {
  std::array<const char*, kMostFiles> files{};  // endpoint lists, "-" is standard input
  std::size_t file_count = 0;
  std::span<char* const> endpoints;  // arguments behind the options
  std::string_view chain;
  std::array<const char*, limits::kSeeds> dns_seeds{};
  std::size_t dns_seed_count = 0;
  std::size_t discover = 0;  // endpoints that servers announce; 0: none
  bool allow_private = false;
  const char* output = nullptr;  // null: standard output
  Format format = Format::kAuto;
  std::uint64_t keep = 0;  // bytes of the log; 0: it grows
  TextBuffer<64> vantage;
  std::size_t slots = 1;
  Micros visit = limits::kVisit;
  std::uint32_t visits = 1;
  Micros every = limits::kEvery;
  std::array<const char*, kMostFiles> opt_outs{};
  std::size_t opt_out_count = 0;
  TlsFingerprint tls_fingerprint = TlsFingerprint::kHello;
  TextBuffer<limits::kClientName> client_name;
  const char* ca_file = nullptr;
  std::optional<SocketAddress> proxy;  // SOCKS 5
  bool proxy_all = false;
  bool quiet = false;
};

enum class Command : std::uint8_t { kRun, kHelp, kVersion, kMemory, kUsageError };

// Reads the command line. With kUsageError the reason has been written to standard error.
Command read_options(int argc, char** argv, Options& into);

}  // namespace observatory
