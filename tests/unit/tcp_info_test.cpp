// SPDX-License-Identifier: MIT
// The offsets of struct tcp_info against the kernel's own header. In a file of its own, because
// that header and the C library's do not go together.
#include <cstddef>

#if defined(__linux__) && __has_include(<linux/tcp.h>)
#include <linux/tcp.h>

#include <algorithm>
#include <vector>

#include "platform/posix/tcp_info.h"
#include "tests/catch2.h"

using namespace observatory;
using observatory::posix::read_tcp_info;

namespace {

// Each member that is read has a value of its own.
tcp_info filled() {
  tcp_info info{};
  info.tcpi_options = TCPI_OPT_TIMESTAMPS | TCPI_OPT_SACK | TCPI_OPT_WSCALE;
  info.tcpi_snd_wscale = 10;
  info.tcpi_rcv_wscale = 7;
  info.tcpi_snd_mss = 1448;
  info.tcpi_rcv_mss = 536;
  info.tcpi_pmtu = 1500;
  info.tcpi_rcv_ssthresh = 1;
  info.tcpi_rtt = 20'123;
  info.tcpi_rttvar = 3'456;
  info.tcpi_snd_ssthresh = 2;
  info.tcpi_rcv_space = 3;
  info.tcpi_total_retrans = 4;
  info.tcpi_notsent_bytes = 5;
  info.tcpi_min_rtt = 19'876;
  info.tcpi_data_segs_in = 6;
  info.tcpi_rcv_ooopack = 7;
  info.tcpi_snd_wnd = 65'160;
  return info;
}

TcpFacts read(const tcp_info& info, std::size_t size = posix::kTcpInfoBytes) {
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(&info);
  const std::vector<std::uint8_t> exact(bytes, bytes + size);
  return read_tcp_info(exact);
}

}  // namespace

TEST_CASE("What the kernel says of a connection stands where its header puts it") {
  const TcpFacts facts = read(filled());
  CHECK(facts.known);
  CHECK(facts.rtt_us == 20'123);
  CHECK(facts.rttvar_us == 3'456);
  CHECK(facts.min_rtt_us == 19'876);
  CHECK(facts.mss == 1448);
  CHECK(facts.path_mtu == 1500);
  CHECK(facts.retransmits == 4);
  CHECK(facts.timestamps);
  CHECK(facts.sack);
  CHECK_FALSE(facts.ecn);
  CHECK(facts.wscale == 10);
  CHECK(facts.window == 65'160u);
}

TEST_CASE("Each TCP option is read by itself, and a window scale only where one was agreed on") {
  for (const unsigned options : {0u, 1u, 2u, 4u, 8u, 15u}) {
    CAPTURE(options);
    tcp_info info = filled();
    info.tcpi_options = static_cast<__u8>(options);
    const TcpFacts facts = read(info);
    CHECK(facts.timestamps == ((options & TCPI_OPT_TIMESTAMPS) != 0));
    CHECK(facts.sack == ((options & TCPI_OPT_SACK) != 0));
    CHECK(facts.ecn == ((options & TCPI_OPT_ECN) != 0));
    CHECK(facts.wscale.has_value() == ((options & TCPI_OPT_WSCALE) != 0));
  }
}

TEST_CASE("Older kernels tell less, and what they do not tell is unknown") {
  const TcpFacts before_5_4 = read(filled(), offsetof(tcp_info, tcpi_snd_wnd));
  CHECK(before_5_4.min_rtt_us == 19'876);
  CHECK_FALSE(before_5_4.window);
  const TcpFacts before_4_6 = read(filled(), offsetof(tcp_info, tcpi_min_rtt));
  CHECK(before_4_6.known);
  CHECK(before_4_6.rtt_us == 20'123);
  CHECK(before_4_6.min_rtt_us == 0);
  CHECK(before_4_6.wscale == 10);
  const TcpFacts least = read(filled(), offsetof(tcp_info, tcpi_pacing_rate));
  CHECK(least.known);
  CHECK(least.retransmits == 4);
  for (std::size_t size = 0; size < offsetof(tcp_info, tcpi_pacing_rate); ++size) {
    const TcpFacts none = read(filled(), size);
    CHECK_FALSE(none.known);
    CHECK(none.rtt_us == 0);
    CHECK(none.mss == 0);
    CHECK_FALSE(none.wscale);
  }
}

TEST_CASE("A window of nothing is told, a smallest round trip of nothing is not") {
  tcp_info info = filled();
  info.tcpi_snd_wnd = 0;
  info.tcpi_min_rtt = ~0u;
  const TcpFacts facts = read(info);
  CHECK(facts.window == 0u);
  CHECK(facts.min_rtt_us == 0);
}
#endif
