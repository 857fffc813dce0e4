// SPDX-License-Identifier: MIT
#include "targets/probe/text_line.h"

#include <algorithm>

#include "core/base/harmful.h"
#include "core/base/number.h"
#include "core/base/text_buffer.h"
#include "core/base/utf8.h"

namespace observatory {
namespace {

// Widths of the columns; what is longer pushes the rest of its line to the right, so that
// nothing is hidden.
constexpr std::size_t kEndpointWidth = 32;
constexpr std::size_t kOutcomeWidth = 16;
constexpr std::size_t kTimeWidth = 9;
constexpr std::size_t kTlsWidth = 8;
constexpr std::size_t kHeightWidth = 9;
constexpr std::size_t kProtocolWidth = 9;
constexpr std::size_t kSoftwareWidth = 44;  // of a terminal of 120 columns and more

// Characters of safe text, which is about what they take on a terminal.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<std::uint8_t>(c) & 0xC0) != 0x80;
  }));
}

void put_left(std::string_view text, std::size_t width, ByteSink& into) {
  into.put(text);
  for (std::size_t i = width_of(text); i < width; ++i) into.put(" ");
  into.put(" ");
}

void put_right(std::string_view text, std::size_t width, ByteSink& into) {
  for (std::size_t i = width_of(text); i < width; ++i) into.put(" ");
  into.put(text);
  into.put(" ");
}

using Cell = TextBuffer<600>;

// Microseconds as milliseconds with one digit behind the point.
void put_milliseconds(const Record& record, FieldId field, ByteSink& into) {
  Cell cell;
  if (record.has(field)) {
    const std::uint64_t tenths = (record.number(field) + 50) / 100;
    put_unsigned(tenths / 10, cell);
    cell.put(".");
    put_unsigned(tenths % 10, cell);
  } else {
    cell.put("-");
  }
  put_right(cell.text(), kTimeWidth, into);
}

void put_number(const Record& record, FieldId field, std::size_t width, ByteSink& into) {
  Cell cell;
  if (record.has(field)) {
    put_unsigned(record.number(field), cell);
  } else {
    cell.put("-");
  }
  put_right(cell.text(), width, into);
}

void put_text(const Record& record, FieldId field, std::size_t width, ByteSink& into) {
  Cell cell;
  if (record.has(field)) {
    put_safe_text(record.text(field), cell);
  } else {
    cell.put("-");
  }
  put_left(cell.text(), width, into);
}

void put_heads(ByteSink& into) {
  put_left("ENDPOINT", kEndpointWidth, into);
  put_left("OUTCOME", kOutcomeWidth, into);
  put_right("TCP ms", kTimeWidth, into);
  put_right("TLS ms", kTimeWidth, into);
  put_right("REPLY ms", kTimeWidth, into);
  put_left("TLS", kTlsWidth, into);
  put_right("HEIGHT", kHeightWidth, into);
  put_left("PROTOCOL", kProtocolWidth, into);
  into.put("SOFTWARE\n");
}

void put_observation(const Record& record, ByteSink& into) {
  Cell endpoint;
  const std::string_view host = record.text(FieldId::kHost);
  const bool v6 = host.find(':') != std::string_view::npos;
  if (v6) endpoint.put("[");
  put_safe_text(host, endpoint);
  if (v6) endpoint.put("]");
  endpoint.put(":");
  put_unsigned(record.number(FieldId::kPort), endpoint);
  const bool tls =
      record.number(FieldId::kTransport) == static_cast<std::uint64_t>(Transport::kTls);
  endpoint.put(tls ? ":s" : ":t");
  put_left(endpoint.text(), kEndpointWidth, into);

  const auto outcome = static_cast<Outcome>(record.number(FieldId::kOutcome));
  put_left(outcome_name(outcome), kOutcomeWidth, into);
  put_milliseconds(record, FieldId::kUsConnect, into);
  put_milliseconds(record, FieldId::kUsTls, into);
  put_milliseconds(record, FieldId::kUsVersion, into);
  put_text(record, FieldId::kTlsVersion, kTlsWidth, into);
  put_number(record, FieldId::kTipHeight, kHeightWidth, into);
  put_text(record, FieldId::kProtocol, kProtocolWidth, into);
  Cell software;
  if (record.has(FieldId::kServerSoftware)) {
    put_safe_text(record.text(FieldId::kServerSoftware), software);
  } else {
    software.put("-");
  }
  into.put(utf8_prefix(software.text(), kSoftwareWidth));
  into.put("\n");
}

void put_end(const Record& record, ByteSink& into) {
  put_unsigned(record.number(FieldId::kReached), into);
  into.put(" of ");
  put_unsigned(record.number(FieldId::kObservations), into);
  into.put(" endpoints answered");
  if (record.has(FieldId::kDuplicates)) {
    into.put(", ");
    put_unsigned(record.number(FieldId::kDuplicates), into);
    into.put(" listed twice");
  }
  if (record.has(FieldId::kHeldBack)) {
    into.put(", ");
    put_unsigned(record.number(FieldId::kHeldBack), into);
    into.put(" held back");
  }
  if (record.has(FieldId::kOptedOut)) {
    into.put(", ");
    put_unsigned(record.number(FieldId::kOptedOut), into);
    into.put(" opted out");
  }
  if (record.has(FieldId::kInterrupted)) into.put(", interrupted");
  into.put("\n");
}

}  // namespace

void put_safe_text(std::string_view text, ByteSink& into) {
  while (!text.empty()) {
    const std::size_t length = utf8_character(text);
    if (length == 0 || harm_of(code_point_of(text.substr(0, length))) >= Harm::kHides) {
      into.put("?");
    } else {
      into.put(text.substr(0, length));
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
}

void put_text_line(const Record& record, ByteSink& into) {
  switch (static_cast<RecordType>(record.number(FieldId::kType))) {
    case RecordType::kRun:
      return put_heads(into);
    case RecordType::kObservation:
      return put_observation(record, into);
    case RecordType::kEnd:
      return put_end(record, into);
  }
}

}  // namespace observatory
