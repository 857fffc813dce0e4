// SPDX-License-Identifier: MIT
#include "targets/probe/pages.h"

#include <algorithm>

#include "core/base/number.h"
#include "core/record/schema.h"
#include "targets/probe/option_table.h"
#include "targets/probe/run.h"

namespace observatory {
namespace {

void put_spaces(std::size_t count, ByteSink& into) {
  for (; count > 0; --count) into.put(" ");
}

void put_left(std::string_view text, std::size_t width, ByteSink& into) {
  into.put(text);
  put_spaces(width - std::min(width, text.size()), into);
}

void put_right(std::uint64_t number, std::size_t width, ByteSink& into) {
  TextBuffer<20> digits;
  put_unsigned(number, digits);
  put_spaces(width - std::min(width, digits.text().size()), into);
  into.put(digits.text());
}

// "  -f, --endpoints FILE" and what it does, in two columns; or below, where the first is too long.
void put_option(const OptionRow& row, ByteSink& into) {
  constexpr std::size_t kColumn = 26;
  TextBuffer<2 * kColumn> left;
  left.put("  ");
  if (row.letter != 0) {
    left.put("-");
    left.put_byte(static_cast<std::uint8_t>(row.letter));
    left.put(", ");
  } else {
    left.put("    ");
  }
  left.put("--");
  left.put(row.name);
  left.put(row.kind == ArgumentKind::kNone ? "" : " ");
  left.put(row.argument);
  if (left.text().size() < kColumn) {
    put_left(left.text(), kColumn, into);
  } else {
    into.put(left.text());
    into.put("\n");
    put_spaces(kColumn, into);
  }
  for (std::string_view help = row.help; !help.empty();) {
    const std::string_view line = help.substr(0, help.find('\n'));
    put_text(row, line, into);
    into.put("\n");
    help.remove_prefix(std::min(help.size(), line.size() + 1));
    if (!help.empty()) put_spaces(kColumn, into);
  }
}

// A line of a page for people and scripts.
struct Figure {
  const char* name;
  std::uint32_t number;
  const char* unit = "bytes";
};

void put_figure(const Figure& figure, ByteSink& into) {
  put_left(figure.name, 24, into);
  put_right(figure.number, 9, into);
  if (*figure.unit != '\0') into.put(" ");
  into.put(figure.unit);
  into.put("\n");
}

constexpr Figure kLimits[] = {
    {"record-format", kFormatVersion, ""},
    {"slots", limits::kMostSlots, ""},
    {"longest-reply", limits::kLine},
    {"record-pool", limits::kRecordPool},
    {"connection", limits::kConnectionBytes},
    {"connection-replies", limits::kConnectionLines, "lines"},
    {"connections-of-a-visit", limits::kConnections, ""},
    {"longest-visit", limits::kLongestVisit / kSecond, "seconds"},
    {"addresses-of-a-name", limits::kAddresses, ""},
    {"certificates-of-a-chain", kMaxChain, ""},
    {"tls-arena", mbedtls::kEngineArena},
    {"endpoint-lists", kMostFiles, ""},
    {"endpoint-list-line", limits::kEndpointLine},
    {"endpoints-remembered", limits::kRemembered, ""},
    {"endpoints-discovered", limits::kMostDiscovered, ""},
    {"dns-seeds", limits::kSeeds, ""},
    {"addresses-of-a-seed", 2 * limits::kSeedAddresses, ""},
    {"visits-to-come", limits::kAgenda},
    {"places-in-an-hour", limits::kManners, ""},
    {"opt-outs", limits::kOptOut},
    {"contents-known", limits::kKnownContents, ""},
    {"client-name", limits::kClientName},
    {"least-keep", kLeastKept},
};

constexpr Figure kSlotMemory[] = {
    {"  line-buffer", limits::kLine},
    {"  record-pool", limits::kRecordPool},
    {"  session", sizeof(Session) - limits::kLine - limits::kRecordPool},
    {"  tls-engine", sizeof(Slot) - sizeof(Session) - mbedtls::kEngineArena},
    {"  tls-arena", mbedtls::kEngineArena},
    {"  slot", sizeof(Slot)},
};

constexpr Figure kOtherMemory[] = {
    {"  endpoints-remembered", sizeof(SeenEndpoints)},
    {"  visits-to-come", sizeof(Agenda)},
    {"  discovery", sizeof(Discovery) + sizeof(DnsSeeds)},
    {"  manners", sizeof(Gate)},
    {"  opt-outs", sizeof(OptOut)},
    {"  record-file", sizeof(RecordFile) - sizeof(KnownContents)},
    {"  known-contents", sizeof(KnownContents)},
    {"  endpoint-files", sizeof(EndpointFiles)},
    {"  rest", sizeof(Run) - sizeof(SeenEndpoints) - sizeof(Agenda) - sizeof(Discovery) -
                   sizeof(DnsSeeds) - sizeof(Gate) - sizeof(OptOut) - sizeof(RecordFile) -
                   sizeof(EndpointFiles)},
    {"  fixed", sizeof(Run)},
};

}  // namespace

void put_help_page(ByteSink& into) {
  into.put(
      "Usage: electrum-probe [OPTIONS] [ENDPOINT...]\n"
      "\n"
      "Visits Electrum servers, one at a time, and records what it saw: reachability, times,\n"
      "protocol, banner, features, peers, tip, TLS and certificate, habits of the wire.\n"
      "\n"
      "An ENDPOINT is host:port:t (TCP), host:port:s (TLS), [v6]:port:s, or a host alone, which\n"
      "stands for both on the default ports (50001 and 50002; 51001 and 51002 with --chain of a\n"
      "test network).\n"
      "\n"
      "Options:\n");
  for (const OptionRow& row : option_rows()) put_option(row, into);
  into.put("\nExamples:\n");
  for (const Example& example : examples()) {
    into.put("  ");
    into.put(example.command);
    into.put("\n");
  }
  into.put("\nExit status:\n");
  for (const ExitRow& row : exit_rows()) {
    into.put("  ");
    put_unsigned(row.status, into);
    into.put("  ");
    into.put(row.meaning);
    into.put("\n");
  }
  into.put("An interrupt drops the visits under way, writes the `end` record, and exits with 1.\n");
}

void put_version_page(ByteSink& into) {
  into.put(kSoftware);
  into.put("\n");
  into.put(mbedtls::engine_version());
  into.put("\n");
  for (const Figure& figure : kLimits) put_figure(figure, into);
}

void put_memory_page(std::size_t slots, ByteSink& into) {
  into.put("one slot\n");
  for (const Figure& figure : kSlotMemory) put_figure(figure, into);
  into.put("besides the slots\n");
  for (const Figure& figure : kOtherMemory) put_figure(figure, into);

  into.put("a run with ");
  put_unsigned(slots, into);
  into.put(slots == 1 ? " slot\n" : " slots\n");
  const auto all = static_cast<std::uint32_t>(slots * sizeof(Slot));
  put_figure({"  slots", all}, into);
  put_figure({"  fixed", sizeof(Run)}, into);
  put_figure({"  total", static_cast<std::uint32_t>(all + sizeof(Run))}, into);
  if (mbedtls::kEngineArena > 0) return;
  into.put(
      "The TLS library takes from the heap what a connection needs; that is not counted here.\n");
}

}  // namespace observatory
