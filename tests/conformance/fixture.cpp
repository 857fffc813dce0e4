// SPDX-License-Identifier: MIT
#include "tests/conformance/fixture.h"

#include <algorithm>
#include <vector>

namespace observatory::conformance {

std::string pattern(std::size_t size) {
  std::string result(size, '\0');
  for (std::size_t i = 0; i < size; ++i) result[i] = static_cast<char>((i * 7 + i / 251) & 0x7F);
  return result;
}

bool Fixture::wait_for(StreamId stream, bool want_read, bool want_write, Micros length) {
  const Instant deadline = clock().now() + length;
  Interest interest{.stream = stream, .want_read = want_read, .want_write = want_write};
  do {
    network().wait({&interest, 1}, deadline);
  } while (!interest.ready && clock().now() < deadline);
  return interest.ready;
}

StreamId Fixture::connect(const SocketAddress& peer) {
  NetError why = NetError::kNone;
  const StreamId stream = network().connect(peer, why);
  if (stream == kNoStream) return kNoStream;
  if (wait_for(stream, false, true) && network().connected(stream).count == 1) return stream;
  network().close(stream);
  return kNoStream;
}

std::size_t Fixture::send(StreamId stream, std::string_view bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const IoResult result = network().write(stream, as_bytes(bytes.substr(sent)));
    if (result.error != NetError::kNone) break;
    sent += result.count;
    if (result.count == 0 && !wait_for(stream, false, true)) break;
  }
  return sent;
}

std::string Fixture::receive(StreamId stream, std::size_t size, std::size_t piece,
                             NetError* error) {
  std::string received;
  std::vector<std::uint8_t> bytes(piece);
  while (received.size() < size) {
    const std::size_t wanted = std::min(piece, size - received.size());
    const IoResult result = network().read(stream, std::span(bytes).first(wanted));
    received += as_text(ByteView(bytes).first(result.count));
    if (error != nullptr) *error = result.error;
    if (result.error != NetError::kNone) break;
    if (result.count == 0 && !wait_for(stream, true, false)) break;
  }
  return received;
}

NetError Fixture::read_to_end(StreamId stream) {
  NetError error = NetError::kNone;
  static_cast<void>(receive(stream, SIZE_MAX, 4096, &error));
  return error;
}

}  // namespace observatory::conformance
