// SPDX-License-Identifier: MIT
#include "core/tls/handshake_facts.h"

#include <algorithm>

#include "core/base/number.h"
#include "core/base/text_buffer.h"
#include "core/tls/server_hello.h"

namespace observatory {
namespace {

void set(FieldId field, std::uint64_t value, Record& record) {
  if (field != FieldId::kRoot) record.set(field, value);
}

void list_extensions(const ServerHello& hello, FieldId field, Record& record) {
  ListField list(record, field);
  HelloExtensions extensions(hello);
  std::uint16_t type = 0;
  ByteView value;
  while (extensions.next(type, value)) list.add(std::uint64_t{type});
}

}  // namespace

void record_server_hello(const HandshakeTap& tap, const HelloFields& fields, Record& record) {
  if (tap.hello_retry_requested()) set(fields.hello_retry_request, 1, record);
  ServerHello hello;
  const bool sound = ok(read_server_hello(tap.hello(), hello));
  if (tap.hello_whole() && !sound) set(fields.malformed, 1, record);
  if (!hello.has_choices) return;
  set(fields.version, hello.version, record);
  set(fields.cipher_suite, hello.cipher_suite, record);
  set(fields.session_id_bytes, hello.session_id_bytes, record);
  if (hello.selected_version != 0) set(fields.selected_version, hello.selected_version, record);
  const std::uint16_t group = hello.key_share != 0 ? hello.key_share : tap.named_curve();
  if (group != 0) set(fields.key_share, group, record);
  if (!hello.alpn.empty() && fields.alpn != FieldId::kRoot) {
    record.set_text(fields.alpn, as_text(hello.alpn));
  }
  if (fields.extension_identifiers != FieldId::kRoot) {
    if (!hello.extensions.empty()) list_extensions(hello, fields.extension_identifiers, record);
    if (!tap.hello_whole()) record.mark_cut(fields.extension_identifiers);
  }
  if (fields.ja3s != FieldId::kRoot && tap.hello_whole() && sound && !hello.retry) {
    TextField text(record, fields.ja3s);
    put_ja3s(hello, text);
  }
}

void record_trace(const HandshakeTap& tap, FieldId field, Record& record) {
  if (tap.records().empty()) return;
  {
    ListField list(record, field);
    for (const TracedRecord& traced : tap.records()) {
      TextBuffer<sizeof("255:65535")> text;
      put_unsigned(traced.type, text);
      text.put(":");
      put_unsigned(traced.length, text);
      list.add(text.text());
    }
  }
  if (tap.records_cut()) record.mark_cut(field);
}

void record_tickets(const TlsTickets& tickets, Record& record) {
  if (tickets.count == 0) return;
  const auto kept =
      std::span(tickets.kept).first(std::min<std::size_t>(tickets.count, kMaxTickets));
  record.set(FieldId::kTicketCount, tickets.count);
  {
    ListField lengths(record, FieldId::kTicketLengths);
    for (const TlsTicket& ticket : kept) lengths.add(std::uint64_t{ticket.bytes});
  }
  if (tickets.count > kept.size()) record.mark_cut(FieldId::kTicketLengths);
  const TlsTicket& first = kept.front();
  record.set(FieldId::kTicketLifetime, first.lifetime);
  if (first.bytes < kTicketStart) return;
  record.set_bytes(FieldId::kTicketKeyName, first.start);
  if (kept.size() == 1) return;
  const bool same = std::all_of(kept.begin(), kept.end(), [&](const TlsTicket& ticket) {
    return ticket.start == first.start;
  });
  record.set(FieldId::kTicketSameKeyName, same);
}

}  // namespace observatory
