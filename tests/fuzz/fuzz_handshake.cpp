// SPDX-License-Identifier: MIT
// What stands in clear in a TLS handshake. The first byte is the size of the pieces in which the
// rest arrives; the second, after how many of them the data begins (0: never).
//
// Any split gives the same facts, views stay inside their buffers, and the facts leave a sound
// record.
#include "core/base/limits.h"
#include "core/tls/handshake_facts.h"
#include "core/tls/server_hello.h"
#include "tests/fuzz/fuzz.h"

namespace observatory::fuzz {
namespace {

// Feeds the bytes in pieces, each in memory of exactly its length.
void feed(HandshakeTap& tap, ByteView bytes, std::size_t piece, std::size_t stop) {
  while (!bytes.empty()) {
    const ByteView next = bytes.first(std::min(piece, bytes.size()));
    const std::vector<std::uint8_t> exact(next.begin(), next.end());
    const std::size_t taken = tap.feed(exact);
    require(taken > 0 && taken <= exact.size(), "some bytes are taken, and no more than there are");
    bytes = bytes.subspan(taken);
    if (stop != 0 && --stop == 0) tap.stop();
  }
}

std::string json_of_tap(const HandshakeTap& tap, std::size_t pool) {
  OwnedRecord owned(pool);
  begin_observation(owned.record);
  record_server_hello(tap, kServerHelloFields, owned.record);
  record_trace(tap, FieldId::kTlsRecords, owned.record);
  record_tickets(tap.tickets(), owned.record);
  if (tap.encrypted_extensions() != 0) {
    owned.record.set(FieldId::kTlsEncryptedExtensions, tap.encrypted_extensions());
  }
  if (tap.has_alert()) owned.record.set(FieldId::kTlsAlert, tap.alert());
  if (tap.has_warning()) owned.record.set(FieldId::kTlsWarning, tap.warning());
  require_sound(owned.record);
  return json_of(owned.record);
}

}  // namespace
}  // namespace observatory::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace observatory;
  fuzz::Input input(data, size);
  const std::size_t piece = std::size_t{input.byte()} + 1;
  const std::size_t stop = input.byte();

  HandshakeTap tap;
  fuzz::feed(tap, input.rest(), SIZE_MAX, 0);
  HandshakeTap pieces;
  fuzz::feed(pieces, input.rest(), piece, 0);
  HandshakeTap stopped;
  fuzz::feed(stopped, input.rest(), piece, stop);
  const std::string whole = fuzz::json_of_tap(tap, limits::kRecordPool);
  fuzz::require(fuzz::json_of_tap(pieces, limits::kRecordPool) == whole,
                "a split of the bytes changes nothing");
  fuzz::json_of_tap(stopped, limits::kRecordPool);
  fuzz::json_of_tap(tap, 100);

  // The same bytes as the body of a ServerHello.
  const std::vector<std::uint8_t> body(input.rest().begin(), input.rest().end());
  ServerHello hello;
  const bool sound = ok(read_server_hello(body, hello));
  fuzz::require(hello.has_choices || !sound, "a sound hello has its fixed part");
  HelloExtensions extensions(hello);
  std::uint16_t type = 0;
  ByteView value;
  std::size_t walked = 0;
  while (extensions.next(type, value)) walked += 4 + value.size();
  fuzz::require(walked == hello.extensions.size(), "the extensions fill their block");
  fuzz::StringSink ja3s;
  put_ja3s(hello, ja3s);
  fuzz::require(std::count(ja3s.text.begin(), ja3s.text.end(), ',') == 2, "JA3S has three fields");
  return 0;
}
