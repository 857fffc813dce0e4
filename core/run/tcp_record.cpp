// SPDX-License-Identifier: MIT
#include "core/run/tcp_record.h"

namespace observatory {
namespace {

void set_if_known(FieldId field, std::uint32_t value, Record& record) {
  if (value != 0) record.set(field, value);
}

}  // namespace

void record_tcp(const TcpFacts& at_connect, const TcpFacts& at_end, Record& record) {
  if (at_connect.known) {
    set_if_known(FieldId::kTcpConnectRtt, at_connect.rtt_us, record);
    set_if_known(FieldId::kTcpConnectRetransmits, at_connect.retransmits, record);
    record.set(FieldId::kTcpTimestamps, at_connect.timestamps);
    record.set(FieldId::kTcpSack, at_connect.sack);
    if (at_connect.ecn) record.set(FieldId::kTcpEcn, 1);
    if (at_connect.wscale) record.set(FieldId::kTcpWscale, *at_connect.wscale);
    if (at_connect.window) record.set(FieldId::kTcpWindow, *at_connect.window);
  }
  if (!at_end.known) return;
  // Without a sample the kernel has a deviation all the same: a guess of its own.
  if (at_end.rtt_us != 0) {
    record.set(FieldId::kTcpRtt, at_end.rtt_us);
    record.set(FieldId::kTcpRttvar, at_end.rttvar_us);
  }
  set_if_known(FieldId::kTcpMinRtt, at_end.min_rtt_us, record);
  set_if_known(FieldId::kTcpMss, at_end.mss, record);
  set_if_known(FieldId::kTcpPathMtu, at_end.path_mtu, record);
  set_if_known(FieldId::kTcpRetransmits, at_end.retransmits, record);
}

}  // namespace observatory
