// SPDX-License-Identifier: MIT
#include "core/run/waiting_endpoints.h"

#include <algorithm>
#include <cstring>

#include "core/base/byte_reader.h"

namespace observatory {
namespace {

// One entry: length of the host, port (2), transport, who announced it (4), host.
constexpr std::size_t kBeforeHost = 8;
constexpr std::size_t kWho = 4;  // where that number stands

struct Entry {
  std::array<std::uint8_t, kBeforeHost + limits::kHost> bytes;
  std::size_t size = 0;
};

static_assert(limits::kHost <= 255);

Entry entry_of(const Endpoint& endpoint, std::uint32_t announced_by) {
  const std::string_view host = endpoint.host.view();
  Entry entry;
  entry.bytes[0] = static_cast<std::uint8_t>(host.size());
  entry.bytes[1] = static_cast<std::uint8_t>(endpoint.port >> 8);
  entry.bytes[2] = static_cast<std::uint8_t>(endpoint.port & 0xff);
  entry.bytes[3] = static_cast<std::uint8_t>(endpoint.transport);
  for (std::size_t i = 0; i < 4; ++i) {
    entry.bytes[kWho + i] = static_cast<std::uint8_t>(announced_by >> (24 - 8 * i));
  }
  std::copy(host.begin(), host.end(), entry.bytes.begin() + kBeforeHost);
  entry.size = kBeforeHost + host.size();
  return entry;
}

}  // namespace

bool WaitingEndpoints::put(const Endpoint& endpoint, std::uint32_t announced_by) {
  const Entry entry = entry_of(endpoint, announced_by);
  if (entry.size > bytes_.size() - used_) return false;
  std::memcpy(bytes_.data() + used_, entry.bytes.data(), entry.size);
  used_ += entry.size;
  return true;
}

bool WaitingEndpoints::take(Endpoint& endpoint, std::uint32_t& announced_by) {
  if (empty()) return false;
  ByteReader entry(ByteView(bytes_).first(used_));
  const std::size_t length = entry.take_byte();
  endpoint.port = static_cast<std::uint16_t>(entry.take_unsigned(2));
  endpoint.transport = static_cast<Transport>(entry.take_byte());
  announced_by = static_cast<std::uint32_t>(entry.take_unsigned(4));
  const bool fits = endpoint.host.assign(as_text(entry.take(length)));
  erase(0, kBeforeHost + length);
  return fits;
}

bool WaitingEndpoints::remove(const Endpoint& endpoint) {
  const Entry wanted = entry_of(endpoint, 0);
  for (std::size_t at = 0; at < used_; at += kBeforeHost + bytes_[at]) {
    const std::uint8_t* const entry = bytes_.data() + at;
    if (std::memcmp(entry, wanted.bytes.data(), kWho) != 0 ||
        std::memcmp(entry + kBeforeHost, wanted.bytes.data() + kBeforeHost,
                    wanted.size - kBeforeHost) != 0) {
      continue;
    }
    erase(at, wanted.size);
    return true;
  }
  return false;
}

void WaitingEndpoints::erase(std::size_t at, std::size_t size) {
  used_ -= size;
  std::memmove(bytes_.data() + at, bytes_.data() + at + size, used_ - at);
}

}  // namespace observatory
