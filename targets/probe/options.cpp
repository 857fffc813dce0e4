// SPDX-License-Identifier: MIT
#include "targets/probe/options.h"

#include <getopt.h>
#include <unistd.h>

#include "core/base/ip_text.h"
#include "core/base/number.h"
#include "core/base/utf8.h"
#include "core/electrum/request.h"
#include "core/run/dns_seeds.h"
#include "core/run/endpoint.h"
#include "targets/probe/console.h"
#include "targets/probe/option_table.h"

namespace observatory {
namespace {

// What is wrong with a value; empty when nothing is.
using Problem = TextBuffer<96>;

// What getopt_long answers for a row: its letter, or a number that is no letter.
int code_of(const OptionRow& row) {
  return row.letter != 0 ? row.letter : 256 + static_cast<int>(row.id);
}

const OptionRow* row_of(int code) {
  for (const OptionRow& row : option_rows()) {
    if (code_of(row) == code) return &row;
  }
  return nullptr;
}

Command usage_error(std::string_view what, std::string_view value, std::string_view why) {
  complain({what, value.data() == nullptr ? "" : " ", value, ": ", why,
            "\nTry `electrum-probe --help`."});
  return Command::kUsageError;
}

// Bytes, or with a suffix as many times 1024, 1024^2 or 1024^3.
bool read_size(std::string_view text, std::uint64_t& bytes, std::uint64_t most) {
  constexpr std::string_view kSuffixes = "kMG";
  const std::size_t suffix = text.empty() ? std::string_view::npos : kSuffixes.find(text.back());
  const bool suffixed = suffix != std::string_view::npos;
  const std::size_t shift = suffixed ? 10 * (suffix + 1) : 0;
  if (suffixed) text.remove_suffix(1);
  if (!read_unsigned(text, bytes, most >> shift)) return false;
  bytes <<= shift;
  return true;
}

bool is_word_of(std::string_view words, std::string_view value) {
  while (!words.empty()) {
    if (next_word(words) == value) return true;
  }
  return false;
}

// Holds a value to what its row allows; the number of a kNumber or kSize goes into `number`.
void check_kind(const OptionRow& row, std::string_view value, std::uint64_t& number,
                Problem& problem) {
  bool fits = true;
  switch (row.kind) {
    case ArgumentKind::kNone:
    case ArgumentKind::kText:
    case ArgumentKind::kFile:
      return;
    case ArgumentKind::kNumber:
      fits = read_unsigned(value, number, row.most) && number >= row.least;
      break;
    case ArgumentKind::kSize:
      fits = read_size(value, number, row.most) && number >= row.least;
      break;
    case ArgumentKind::kWords:
      fits = is_word_of(row.words, value);
      break;
  }
  if (fits) return;
  if (row.kind != ArgumentKind::kWords) {
    problem.put(row.kind == ArgumentKind::kSize ? "not a size from " : "not a number from ");
    return put_range(row, problem);
  }
  problem.put("not one of ");
  std::string_view words = row.words;
  while (!words.empty()) {
    problem.put(next_word(words));
    if (!words.empty()) problem.put(", ");
  }
}

Format format_of(std::string_view word) {
  if (word == "cbor") return Format::kCbor;
  return word == "text" ? Format::kText : Format::kJsonl;
}

TlsFingerprint fingerprint_of(std::string_view word) {
  if (word == "jarm") return TlsFingerprint::kJarm;
  return word == "hello2" ? TlsFingerprint::kHello2 : TlsFingerprint::kHello;
}

// A vantage is a name in other people's tables: printable, and no longer than its field.
std::string_view set_vantage(std::string_view name, Options& into) {
  if (name.empty()) return "a vantage point needs a name";
  if (name.size() > 64) return "longer than 64 bytes";
  if (!is_valid_utf8(name)) return "not UTF-8";
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return "holds a control character";
  }
  into.vantage.clear();
  into.vantage.put(name);
  return {};
}

void set_default_vantage(Options& into) {
  char name[65] = {};
  if (gethostname(name, sizeof name - 1) != 0 || !set_vantage(name, into).empty()) {
    set_vantage("unnamed", into);
  }
}

bool set_client_name(std::string_view contact, Options& into) {
  into.client_name.clear();
  into.client_name.put("electrum-probe/" OBSERVATORY_VERSION);
  if (!contact.empty()) {
    into.client_name.put(" (+");
    into.client_name.put(contact);
    into.client_name.put(")");
  }
  return !into.client_name.cut();
}

// socks5://192.0.2.1:9050 or socks5://[2001:db8::1]:9050; says what is wrong with it, or nothing. A
// name would have to be looked up here, and is one more to be wrong about.
std::string_view set_proxy(std::string_view url, Options& into) {
  constexpr std::string_view kScheme = "socks5://";
  if (!url.starts_with(kScheme)) return "not of the form socks5://ADDRESS:PORT";
  url.remove_prefix(kScheme.size());
  if (url.ends_with('/')) url.remove_suffix(1);
  if (url.find('@') != std::string_view::npos) {
    return "a user cannot be given: each visit has one of its own";
  }
  const std::size_t colon = url.rfind(':');
  const bool in_brackets = url.starts_with('[');
  if (colon == std::string_view::npos || (in_brackets && url[colon - 1] != ']')) {
    return "without a port: Tor's is 9050";
  }
  SocketAddress proxy;
  if (!read_port(url.substr(colon + 1), proxy.port)) return "a port that is not from 1 to 65535";
  std::string_view address = url.substr(0, colon);
  if (in_brackets) address = address.substr(1, address.size() - 2);
  const bool is_v6 = address.find(':') != std::string_view::npos;
  if (!read_ip(address, proxy.ip) || is_v6 != in_brackets) {
    return "not an IP address, which in IPv6 stands in brackets: Tor's is 127.0.0.1";
  }
  into.proxy = proxy;
  return {};
}

// Uses a value that fits its kind; says what is wrong with it, or nothing.
std::string_view set_option(OptionId id, const char* value, std::uint64_t number, Options& into) {
  switch (id) {
    case OptionId::kEndpoints:
      if (into.file_count == kMostFiles) return "more than 16 lists";
      into.files[into.file_count++] = value;
      return {};
    case OptionId::kChain:
      into.chain = value;
      return {};
    case OptionId::kDnsSeed: {
      if (into.dns_seed_count == limits::kSeeds) return "more than 8 seeds";
      EndpointLine ports;
      read_dns_seed(value, {}, ports);
      into.dns_seeds[into.dns_seed_count++] = value;
      return ports.problem;
    }
    case OptionId::kDiscover:
      into.discover = static_cast<std::size_t>(number);
      return {};
    case OptionId::kAllowPrivate:
      into.allow_private = true;
      return {};
    case OptionId::kOutput:
      into.output = std::string_view(value) == "-" ? nullptr : value;
      return {};
    case OptionId::kFormat:
      into.format = format_of(value);
      return {};
    case OptionId::kKeep:
      into.keep = number;
      return {};
    case OptionId::kVantage:
      return set_vantage(value, into);
    case OptionId::kSlots:
      into.slots = static_cast<std::size_t>(number);
      return {};
    case OptionId::kTimeout:
      into.visit = static_cast<Micros>(number) * kSecond;
      return {};
    case OptionId::kVisits:
      into.visits = static_cast<std::uint32_t>(number);
      return {};
    case OptionId::kEvery:
      into.every = static_cast<Micros>(number) * kSecond;
      return {};
    case OptionId::kOptOut:
      if (into.opt_out_count == kMostFiles) return "more than 16 lists";
      into.opt_outs[into.opt_out_count++] = value;
      return {};
    case OptionId::kTlsFingerprint:
      into.tls_fingerprint = fingerprint_of(value);
      return {};
    case OptionId::kContact: {
      const std::string_view problem = client_name_problem(value);
      if (!problem.empty()) return problem;
      return set_client_name(value, into) ? "" : "too long: the client name has 80 characters";
    }
    case OptionId::kCaFile:
      into.ca_file = value;
      return {};
    case OptionId::kProxy:
      return set_proxy(value, into);
    case OptionId::kProxyAll:
      into.proxy_all = true;
      return {};
    case OptionId::kQuiet:
      into.quiet = true;
      return {};
    case OptionId::kMemory:
    case OptionId::kVersion:
    case OptionId::kHelp:
      return {};  // a command of its own
  }
  return {};
}

// What the options ask for together; kUsageError when that makes no sense.
Command check_together(const Options& options) {
  if (options.endpoints.empty() && options.file_count == 0 && options.chain.empty() &&
      options.dns_seed_count == 0) {
    return usage_error("nothing to visit", {},
                       "give an ENDPOINT, --endpoints FILE, --chain NAME or --dns-seed NAME");
  }
  if (options.keep > 0 && options.output == nullptr) {
    return usage_error("--keep", {}, "needs --output FILE");
  }
  if (options.proxy_all && !options.proxy) {
    return usage_error("--proxy-all", {}, "needs --proxy URL");
  }
  return Command::kRun;
}

}  // namespace

Command read_options(int argc, char** argv, Options& into) {
  option rows[kOptionCount + 1] = {};
  char letters[2 * kOptionCount + 2] = ":";
  std::size_t used = 1;
  for (std::size_t i = 0; i < kOptionCount; ++i) {
    const OptionRow& row = option_rows()[i];
    const bool takes_value = row.kind != ArgumentKind::kNone;
    rows[i] = {row.name, takes_value ? required_argument : no_argument, nullptr, code_of(row)};
    if (row.letter == 0) continue;
    letters[used++] = row.letter;
    if (takes_value) letters[used++] = ':';
  }
  set_default_vantage(into);
  set_client_name({}, into);

  bool memory = false;
  opterr = 0;
  for (int code = 0; (code = getopt_long(argc, argv, letters, rows, nullptr)) != -1;) {
    const char* const written = argv[optind - 1];
    if (code == ':') return usage_error(written, {}, "needs a value");
    const OptionRow* const row = row_of(code);
    if (row == nullptr) return usage_error(written, {}, "no such option");
    if (row->id == OptionId::kHelp) return Command::kHelp;
    if (row->id == OptionId::kVersion) return Command::kVersion;
    memory = memory || row->id == OptionId::kMemory;
    if (row->kind == ArgumentKind::kNone) optarg = nullptr;

    Problem problem;
    std::uint64_t number = 0;
    if (optarg != nullptr) check_kind(*row, optarg, number, problem);
    if (problem.empty()) problem.put(set_option(row->id, optarg, number, into));
    if (problem.empty()) continue;
    TextBuffer<32> name;
    name.put("--");
    name.put(row->name);
    return usage_error(name.text(), optarg, problem.text());
  }
  into.endpoints = {argv + optind, static_cast<std::size_t>(argc - optind)};
  return memory ? Command::kMemory : check_together(into);
}

}  // namespace observatory
