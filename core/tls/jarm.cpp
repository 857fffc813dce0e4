// SPDX-License-Identifier: MIT
#include "core/tls/jarm.h"

#include <algorithm>
#include <array>

#include "core/base/number.h"
#include "core/base/utf8.h"
#include "core/tls/client_hello.h"

namespace observatory {
namespace {

constexpr std::size_t kHeader = 5;           // of a record
constexpr std::uint8_t kHandshake = 0x16;    // type of a record
constexpr std::uint8_t kServerHello = 0x02;  // types of messages
constexpr std::uint8_t kCertificate = 0x0b;
constexpr std::size_t kVersionAt = 9;
constexpr std::size_t kSessionIdAt = 43;
constexpr unsigned kAlpn = 0x0010;

std::size_t record_length(ByteView reply) { return std::size_t{reply[3]} << 8 | reply[4]; }

// As much of a slice as there is, which is how the reference cuts.
ByteView cut(ByteView bytes, std::size_t start, std::size_t length) {
  if (start >= bytes.size()) return {};
  return bytes.subspan(start, std::min(length, bytes.size() - start));
}

unsigned number(ByteView bytes) {
  unsigned value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

bool same(ByteView a, std::string_view b) { return as_text(a) == b; }

// The extensions of a ServerHello, walked as the reference walks them: to one byte before the
// block's end, and past the end of what was received only by a value.
class Extensions {
 public:
  Extensions(ByteView reply, std::size_t start, std::size_t length)
      : reply_(reply), at_(start), end_(start + length) {}

  // False behind the last, and when type or length is missing: failed() tells.
  bool next(ByteView& type, ByteView& value) {
    if (at_ + 1 >= end_) return false;
    type = cut(reply_, at_, 2);
    const ByteView length = cut(reply_, at_ + 2, 2);
    failed_ = length.empty();
    if (failed_) return false;
    value = cut(reply_, at_ + 4, number(length));
    at_ += 4 + number(length);
    return true;
  }
  bool failed() const { return failed_; }

 private:
  ByteView reply_;
  std::size_t at_;
  std::size_t end_;
  bool failed_ = false;
};

// The extensions, none where the reference sees none. `id_size` is that of the session id.
Extensions extensions_of(ByteView reply, std::size_t id_size) {
  const std::size_t block = kSessionIdAt + 4 + id_size;
  const ByteView length = cut(reply, block, 2);
  const bool none = length.empty() || length[0] == kCertificate ||
                    same(cut(reply, block + 3, 3), "\x0e\xac\x0b") ||
                    same(cut(reply, 82, 3), "\x0f\xf0\x0b") || id_size + 42 >= record_length(reply);
  return {reply, block + 2, none ? 0 : number(length)};
}

bool is_usable(std::string_view alpn) {
  return is_valid_utf8(alpn) && alpn.find_first_of("|,") == std::string_view::npos;
}

// The first ALPN answer's name; false when the reply cannot be used.
bool read_alpn(Extensions extensions, std::string_view& alpn) {
  bool found = false;
  ByteView type;
  ByteView value;
  while (extensions.next(type, value)) {
    if (found || number(type) != kAlpn) continue;
    found = true;
    alpn = as_text(cut(value, 3, value.size()));
  }
  return !extensions.failed() && is_usable(alpn);
}

// The part of `text` before the separator, which is taken off with it.
std::string_view take_part(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return part;
}

void put_cipher(std::string_view cipher, ByteSink& into) {
  std::array<std::uint8_t, 2> bytes{};
  // What is no suite, a number of one byte too, gets the number of the unknown ones.
  const auto suite =
      static_cast<std::uint16_t>(read_hex(cipher, bytes) ? bytes[0] << 8 | bytes[1] : 0xffff);
  const std::uint8_t place = cipher.empty() ? std::uint8_t{0} : jarm_suite_number(suite);
  put_hex({&place, 1}, into);
}

void put_version(std::string_view version, ByteSink& into) {
  constexpr std::string_view kLetters = "abcdef";
  const int digit = version.empty() ? -1 : hex_digit(version.back());
  const bool known = digit >= 0 && static_cast<std::size_t>(digit) < kLetters.size();
  into.put(known ? kLetters.substr(static_cast<std::size_t>(digit), 1) : "0");
}

}  // namespace

bool jarm_reply_is_read(ByteView reply) {
  if (reply.size() >= kJarmReply) return true;
  if (!reply.empty() && reply[0] != kHandshake) return true;
  return reply.size() >= kHeader && reply.size() >= kHeader + record_length(reply);
}

void put_jarm_reply(ByteView reply, ByteSink& into) {
  reply = cut(reply, 0, kJarmReply);
  if (reply.size() <= kSessionIdAt || reply[0] != kHandshake || reply[kHeader] != kServerHello) {
    return into.put(kNoJarmReply);
  }
  const std::size_t id_size = reply[kSessionIdAt];
  Extensions extensions = extensions_of(reply, id_size);
  std::string_view alpn;
  if (!read_alpn(extensions, alpn)) return into.put(kNoJarmReply);

  put_hex(cut(reply, kSessionIdAt + 1 + id_size, 2), into);
  into.put("|");
  put_hex(cut(reply, kVersionAt, 2), into);
  into.put("|");
  into.put(alpn);
  into.put("|");
  ByteView type;
  ByteView value;
  for (bool first = true; extensions.next(type, value); first = false) {
    if (!first) into.put("-");
    put_hex(type, into);
  }
}

void put_jarm_hash(std::string_view raw, Digest& digest, ByteSink& into) {
  bool answered = false;
  digest.start();
  for (std::size_t i = 0; i < kJarmProbes; ++i) {
    std::string_view reply = take_part(raw, ',');
    answered = answered || reply != kNoJarmReply;
    put_cipher(take_part(reply, '|'), into);
    put_version(take_part(reply, '|'), into);
    digest.update(as_bytes(take_part(reply, '|')));
    digest.update(as_bytes(reply));
  }
  Sha256 hash{};
  digest.finish(hash);
  if (!answered) hash = {};
  put_hex(ByteView(hash).first((kJarmHash - 3 * kJarmProbes) / 2), into);
}

}  // namespace observatory
