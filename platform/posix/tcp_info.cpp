// SPDX-License-Identifier: MIT
#include "platform/posix/tcp_info.h"

#include <bit>
#include <cstring>

namespace observatory::posix {
namespace {

// Offsets into Linux' struct tcp_info (include/uapi/linux/tcp.h), which only grows at its end.
// The C library's own struct ends before min_rtt (glibc), and <linux/tcp.h> is not there in each
// toolchain.
constexpr std::size_t kOptionsAt = 5;  // one byte
constexpr std::size_t kScalesAt = 6;   // two bit-fields of 4 in one byte: the peer's, then ours
constexpr std::size_t kSndMssAt = 16;
constexpr std::size_t kPathMtuAt = 60;
constexpr std::size_t kRttAt = 68;
constexpr std::size_t kRttvarAt = 72;
constexpr std::size_t kTotalRetransAt = 100;
constexpr std::size_t kMinRttAt = 148;  // Linux 4.6
constexpr std::size_t kSndWndAt = 228;  // Linux 5.4
static_assert(kSndWndAt + sizeof(std::uint32_t) == kTcpInfoBytes);

// The bits of tcpi_options, from the same file.
constexpr unsigned kTimestamps = 1;
constexpr unsigned kSack = 2;
constexpr unsigned kWindowScale = 4;
constexpr unsigned kEcn = 8;

// The kernel's word for "no sample yet" (net/ipv4/tcp.c, tcp_min_rtt()).
constexpr std::uint32_t kNoMinRtt = 0xFFFF'FFFF;

bool has_number(ByteView info, std::size_t offset) {
  return info.size() >= offset + sizeof(std::uint32_t);
}

std::uint32_t number_at(ByteView info, std::size_t offset) {
  std::uint32_t number = 0;
  if (has_number(info, offset)) std::memcpy(&number, info.data() + offset, sizeof(number));
  return number;
}

}  // namespace

TcpFacts read_tcp_info(ByteView info) {
  TcpFacts facts;
  // Every kernel goes as far as this; what gives less, as an emulator may, gives something else.
  facts.known = has_number(info, kTotalRetransAt);
  if (!facts.known) return facts;
  facts.rtt_us = number_at(info, kRttAt);
  facts.rttvar_us = number_at(info, kRttvarAt);
  facts.min_rtt_us = number_at(info, kMinRttAt);
  if (facts.min_rtt_us == kNoMinRtt) facts.min_rtt_us = 0;
  facts.mss = number_at(info, kSndMssAt);
  facts.path_mtu = number_at(info, kPathMtuAt);
  facts.retransmits = number_at(info, kTotalRetransAt);

  const unsigned options = info[kOptionsAt];
  facts.timestamps = (options & kTimestamps) != 0;
  facts.sack = (options & kSack) != 0;
  facts.ecn = (options & kEcn) != 0;
  if ((options & kWindowScale) != 0) {
    // Compilers begin a bit-field at the end of a byte that comes first in memory.
    const unsigned scales = info[kScalesAt];
    const bool little = std::endian::native == std::endian::little;
    facts.wscale = static_cast<std::uint8_t>(little ? scales & 15 : scales >> 4);
  }
  if (has_number(info, kSndWndAt)) facts.window = number_at(info, kSndWndAt);
  return facts;
}

}  // namespace observatory::posix
