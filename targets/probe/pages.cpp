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

// "  -f, --endpoints FILE" and what it does, in two columns.
void put_option(const OptionRow& row, ByteSink& into) {
  constexpr std::size_t kColumn = 26;
  TextBuffer<kColumn> left;
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
  put_left(left.text(), kColumn, into);
  for (std::string_view help = row.help; !help.empty();) {
    const std::string_view line = help.substr(0, help.find('\n'));
    put_text(row, line, into);
    into.put("\n");
    help.remove_prefix(std::min(help.size(), line.size() + 1));
    if (!help.empty()) put_spaces(kColumn, into);
  }
}

// A line of a page for people and scripts.
void put_figure(std::string_view name, std::uint64_t number, std::string_view unit,
                ByteSink& into) {
  put_left(name, 24, into);
  put_right(number, 9, into);
  into.put(unit.empty() ? "" : " ");
  into.put(unit);
  into.put("\n");
}

void put_bytes(std::string_view name, std::uint64_t bytes, ByteSink& into) {
  put_figure(name, bytes, "bytes", into);
}

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
  put_figure("record-format", kFormatVersion, "", into);
  put_figure("slots", limits::kMostSlots, "", into);
  put_bytes("longest-reply", limits::kLine, into);
  put_bytes("record-pool", limits::kRecordPool, into);
  put_bytes("connection", limits::kConnectionBytes, into);
  put_figure("connection-replies", limits::kConnectionLines, "lines", into);
  put_figure("connections-of-a-visit", limits::kConnections, "", into);
  put_figure("longest-visit", limits::kLongestVisit / kSecond, "seconds", into);
  put_figure("addresses-of-a-name", limits::kAddresses, "", into);
  put_figure("certificates-of-a-chain", kMaxChain, "", into);
  put_bytes("tls-arena", mbedtls::kEngineArena, into);
  put_figure("endpoint-lists", kMostFiles, "", into);
  put_bytes("endpoint-list-line", limits::kEndpointLine, into);
  put_figure("endpoints-remembered", limits::kRemembered, "", into);
  put_bytes("client-name", limits::kClientName, into);
  put_bytes("least-keep", kLeastKept, into);
}

void put_memory_page(std::size_t slots, ByteSink& into) {
  into.put("one slot\n");
  put_bytes("  line-buffer", limits::kLine, into);
  put_bytes("  record-pool", limits::kRecordPool, into);
  put_bytes("  session", sizeof(Session) - limits::kLine - limits::kRecordPool, into);
  put_bytes("  tls-engine", sizeof(Slot) - sizeof(Session) - mbedtls::kEngineArena, into);
  put_bytes("  tls-arena", mbedtls::kEngineArena, into);
  put_bytes("  slot", sizeof(Slot), into);

  into.put("besides the slots\n");
  put_bytes("  endpoints-remembered", sizeof(SeenEndpoints), into);
  put_bytes("  record-file", sizeof(RecordFile), into);
  put_bytes("  endpoint-files", sizeof(EndpointFiles), into);
  put_bytes("  rest",
            sizeof(Run) - sizeof(SeenEndpoints) - sizeof(RecordFile) - sizeof(EndpointFiles), into);
  put_bytes("  fixed", sizeof(Run), into);

  into.put("a run with ");
  put_unsigned(slots, into);
  into.put(slots == 1 ? " slot\n" : " slots\n");
  put_bytes("  slots", slots * sizeof(Slot), into);
  put_bytes("  fixed", sizeof(Run), into);
  put_bytes("  total", slots * sizeof(Slot) + sizeof(Run), into);
  if (mbedtls::kEngineArena > 0) return;
  into.put(
      "The TLS library takes from the heap what a connection needs; that is not counted here.\n");
}

}  // namespace observatory
