// SPDX-License-Identifier: MIT
#include "core/tls/server_hello.h"

#include <algorithm>

#include "core/base/number.h"

namespace observatory {
namespace {

constexpr std::size_t kLongestSessionId = 32;

constexpr std::uint16_t kAlpn = 16;
constexpr std::uint16_t kSupportedVersions = 43;
constexpr std::uint16_t kKeyShare = 51;

// SHA-256 of "HelloRetryRequest" (RFC 8446 section 4.1.3).
constexpr std::uint8_t kRetryRandom[] = {
    0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
    0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C};

std::uint16_t take_u16(ByteReader& from) {
  return static_cast<std::uint16_t>(from.take_unsigned(2));
}

// Keeps what is of use; of an extension that comes twice, the first. False when its own lengths
// contradict the extension's.
bool take_extension(std::uint16_t type, ByteView value, ServerHello& into) {
  ByteReader inside(value);
  switch (type) {
    case kSupportedVersions: {
      const std::uint16_t version = take_u16(inside);
      if (into.selected_version == 0) into.selected_version = version;
      return inside.at_end() && !inside.failed();
    }
    case kKeyShare: {
      // A HelloRetryRequest names the group alone.
      const std::uint16_t group = take_u16(inside);
      if (into.key_share == 0) into.key_share = group;
      if (!into.retry) inside.take(inside.take_length(2));
      return inside.at_end() && !inside.failed();
    }
    case kAlpn: {
      // A list, of which a server gives exactly one (RFC 7301 section 3.1).
      const std::size_t list = inside.take_length(2);
      const bool fits = list == inside.rest().size();
      const ByteView name = inside.take(inside.take_byte());
      if (into.alpn.empty()) into.alpn = name;
      return fits && inside.at_end() && !inside.failed();
    }
    default:
      return true;
  }
}

}  // namespace

Status read_server_hello(ByteView body, ServerHello& into) {
  into = {};
  ByteReader reader(body);
  const std::uint16_t version = take_u16(reader);
  const ByteView random = reader.take(sizeof(kRetryRandom));
  const std::uint8_t session_id = reader.take_byte();
  reader.take(session_id);
  const std::uint16_t suite = take_u16(reader);
  reader.take_byte();  // compression
  if (reader.failed() || session_id > kLongestSessionId) return Status::kMalformed;
  into.has_choices = true;
  into.version = version;
  into.cipher_suite = suite;
  into.session_id_bytes = session_id;
  into.retry = std::equal(random.begin(), random.end(), std::begin(kRetryRandom));
  if (reader.at_end()) return Status::kOk;

  const std::size_t declared = reader.take_length(2);
  if (reader.failed()) return Status::kMalformed;
  const ByteView block = reader.rest().first(std::min(declared, reader.rest().size()));
  bool sound = declared == reader.rest().size();
  ByteReader extensions(block);
  while (!extensions.at_end()) {
    const std::uint16_t type = take_u16(extensions);
    const ByteView value = extensions.take(extensions.take_length(2));
    if (extensions.failed()) return Status::kMalformed;
    sound = take_extension(type, value, into) && sound;
    into.extensions = block.first(block.size() - extensions.rest().size());
  }
  return sound ? Status::kOk : Status::kMalformed;
}

bool HelloExtensions::next(std::uint16_t& type, ByteView& value) {
  if (rest_.at_end()) return false;
  type = take_u16(rest_);
  value = rest_.take(rest_.take_length(2));
  return !rest_.failed();
}

void put_ja3s(const ServerHello& hello, ByteSink& into) {
  put_unsigned(hello.version, into);
  into.put(",");
  put_unsigned(hello.cipher_suite, into);
  into.put(",");
  HelloExtensions extensions(hello);
  std::uint16_t type = 0;
  ByteView value;
  for (bool first = true; extensions.next(type, value); first = false) {
    if (!first) into.put("-");
    put_unsigned(type, into);
  }
}

}  // namespace observatory
