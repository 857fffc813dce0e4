// SPDX-License-Identifier: MIT
#include "targets/probe/options.h"

#include <getopt.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "core/base/number.h"
#include "core/base/utf8.h"
#include "core/electrum/request.h"
#include "targets/probe/bundled_lists.h"

namespace observatory {
namespace {

// One option: how it is written, and what --help says of it.
struct OptionRow {
  const char* name;
  char letter;  // what getopt_long answers; also the short option if `is_short`
  bool is_short;
  const char* argument;  // null: takes none
  const char* help;      // lines after the first are indented by the table
};

constexpr OptionRow kRows[] = {
    {"endpoints", 'f', true, "FILE",
     "read endpoints from FILE (- is standard input):\n"
     "lines of `host t50001 s50002`; may be repeated"},
    {"chain", 'c', true, "NAME",
     "visit the bundled list of a chain:\n"
     "bitcoin, testnet4, testnet or signet"},
    {"output", 'o', true, "FILE", "append records to FILE (- is standard output)"},
    {"format", 'F', false, "KIND",
     "jsonl (in files and pipes), cbor, or\n"
     "text (for people; on a terminal)"},
    {"vantage", 'V', false, "NAME", "name of this vantage point (default: the host name)"},
    {"slots", 'S', false, "N", "visits at the same time, 1 to 32 (default 1)"},
    {"timeout", 'T', false, "SECONDS", "longest visit, 1 to 120 (default 15)"},
    {"contact", 'C', false, "URL", "where server operators find you; sent to each server"},
    {"ca-file", 'A', false, "FILE", "record whether certificates lead to one in FILE (PEM)"},
    {"quiet", 'q', true, nullptr, "no progress"},
    {"version", 'v', false, nullptr, "print versions and exit"},
    {"help", 'h', true, nullptr, "print this and exit"},
};

Command usage(const char* what, const char* value, const char* why) {
  std::fprintf(stderr, "electrum-probe: %s%s%s: %s\nTry `electrum-probe --help`.\n", what,
               value == nullptr ? "" : " ", value == nullptr ? "" : value, why);
  return Command::kUsageError;
}

bool read_format(std::string_view text, Format& format) {
  if (text == "jsonl") format = Format::kJsonl;
  if (text == "cbor") format = Format::kCbor;
  if (text == "text") format = Format::kText;
  return text == "jsonl" || text == "cbor" || text == "text";
}

bool is_chain(std::string_view name) {
  for (const BundledList& list : bundled_lists()) {
    if (list.chain == name) return true;
  }
  return false;
}

// A vantage is a name in other people's tables: printable, and no longer than its field.
const char* set_vantage(std::string_view name, Options& into) {
  if (name.empty()) return "a vantage point needs a name";
  if (name.size() > 64) return "longer than 64 bytes";
  if (!is_valid_utf8(name)) return "not UTF-8";
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return "holds a control character";
  }
  into.vantage.clear();
  into.vantage.put(name);
  return nullptr;
}

void set_default_vantage(Options& into) {
  char name[65] = {};
  if (gethostname(name, sizeof name - 1) != 0 || set_vantage(name, into) != nullptr) {
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

// Reads the value of one option; null when it is fine, else what is wrong with it.
const char* read_option(int letter, const char* value, Options& into) {
  std::uint64_t number = 0;
  switch (letter) {
    case 'f':
      if (into.file_count == kMostFiles) return "more than 16 lists";
      into.files[into.file_count++] = value;
      return nullptr;
    case 'c':
      if (!is_chain(value)) return "no such chain; there are bitcoin, testnet4, testnet, signet";
      into.chain = value;
      return nullptr;
    case 'o':
      into.output = std::strcmp(value, "-") == 0 ? nullptr : value;
      return nullptr;
    case 'F':
      return read_format(value, into.format) ? nullptr : "not one of jsonl, cbor, text";
    case 'V':
      return set_vantage(value, into);
    case 'S':
      if (!read_unsigned(value, number, limits::kMostSlots) || number == 0) {
        return "not a number from 1 to 32";
      }
      into.slots = static_cast<std::size_t>(number);
      return nullptr;
    case 'T':
      if (!read_unsigned(value, number, limits::kLongestVisit / kSecond) || number == 0) {
        return "not a number from 1 to 120";
      }
      into.visit = static_cast<Micros>(number) * kSecond;
      return nullptr;
    case 'C':
      if (!client_name_problem(value).empty()) return client_name_problem(value).data();
      return set_client_name(value, into) ? nullptr : "too long: the client name has 80 characters";
    case 'A':
      into.ca_file = value;
      return nullptr;
    case 'q':
      into.quiet = true;
      return nullptr;
    default:
      return "unknown";
  }
}

const OptionRow* row_of(int letter) {
  for (const OptionRow& row : kRows) {
    if (row.letter == letter) return &row;
  }
  return nullptr;
}

}  // namespace

Command read_options(int argc, char** argv, Options& into) {
  option rows[std::size(kRows) + 1] = {};
  char letters[2 * std::size(kRows) + 2] = ":";
  std::size_t used = 1;
  for (std::size_t i = 0; i < std::size(kRows); ++i) {
    const OptionRow& row = kRows[i];
    rows[i] = {row.name, row.argument == nullptr ? no_argument : required_argument, nullptr,
               row.letter};
    if (!row.is_short) continue;
    letters[used++] = row.letter;
    if (row.argument != nullptr) letters[used++] = ':';
  }
  set_default_vantage(into);
  set_client_name({}, into);

  opterr = 0;
  for (int letter = 0; (letter = getopt_long(argc, argv, letters, rows, nullptr)) != -1;) {
    const char* const written = argv[optind - 1];
    if (letter == 'h') return Command::kHelp;
    if (letter == 'v') return Command::kVersion;
    if (letter == ':') return usage(written, nullptr, "needs a value");
    const OptionRow* const row = row_of(letter);
    if (row == nullptr) return usage(written, nullptr, "no such option");
    const char* const problem = read_option(letter, optarg, into);
    if (problem == nullptr) continue;
    char name[32];
    std::snprintf(name, sizeof name, "--%s", row->name);
    return usage(name, optarg, problem);
  }
  into.endpoints = {argv + optind, static_cast<std::size_t>(argc - optind)};
  if (into.endpoints.empty() && into.file_count == 0 && into.chain.empty()) {
    return usage("nothing to visit", nullptr, "give an ENDPOINT, --endpoints FILE or --chain NAME");
  }
  return Command::kRun;
}

void print_help() {
  std::fputs(
      "Usage: electrum-probe [OPTIONS] [ENDPOINT...]\n"
      "\n"
      "Visits Electrum servers, one at a time, and records what it saw: reachability, times,\n"
      "protocol, banner, features, peers, tip, TLS and certificate, habits of the wire.\n"
      "\n"
      "An ENDPOINT is host:port:t (TCP), host:port:s (TLS), [v6]:port:s, or a host alone, which\n"
      "stands for both on the default ports (50001 and 50002; 51001 and 51002 with --chain of a\n"
      "test network).\n"
      "\n"
      "Options:\n",
      stdout);
  constexpr int kColumn = 26;
  for (const OptionRow& row : kRows) {
    char left[64];
    std::snprintf(left, sizeof left, "  %c%c%s--%s%s%s", row.is_short ? '-' : ' ',
                  row.is_short ? row.letter : ' ', row.is_short ? ", " : "  ", row.name,
                  row.argument == nullptr ? "" : " ", row.argument == nullptr ? "" : row.argument);
    std::printf("%-*s", kColumn, left);
    for (const char* text = row.help; *text != '\0'; ++text) {
      std::putchar(*text);
      if (*text == '\n') std::printf("%*s", kColumn, "");
    }
    std::putchar('\n');
  }
  std::fputs(
      "\n"
      "Examples:\n"
      "  electrum-probe electrum.example.org:50002:s\n"
      "  electrum-probe --chain bitcoin --vantage pi-berlin -o electrum.jsonl\n"
      "  electrum-probe -f servers.txt --slots 4 --format cbor -o electrum.cbor\n"
      "\n"
      "Exit status: 0 the run was completed, whatever the servers answered; 1 it was not, or a\n"
      "line of a list could not be read (the others were visited); 2 the command line is wrong.\n"
      "An interrupt drops the visits under way, writes the `end` record, and exits with 1.\n",
      stdout);
}

}  // namespace observatory
