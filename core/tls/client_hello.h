// SPDX-License-Identifier: MIT
// ClientHellos written without a TLS library: the ten of JARM, and one of an ordinary client that
// speaks TLS 1.2 at most. None of them is ever followed by a second flight, so the keys in them
// belong to nobody.
//
// JARM: salesforce/jarm (BSD-3-Clause), jarm.py; every byte but the injected ones is fixed there,
// the oddities too (probe 6 calls itself 1.1, the GREASE group is not among the groups).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/limits.h"
#include "platform/interface/bytes.h"

namespace observatory {

// The bytes of a hello that differ from one to the next. The low four bits of each of `grease`
// choose one of the sixteen values of RFC 8701: in the list of suites, as an extension, as a group,
// as a version, in this order.
struct HelloRandom {
  std::array<std::uint8_t, 32> random{};
  std::array<std::uint8_t, 32> session_id{};
  std::array<std::uint8_t, 32> key_share{};
  std::array<std::uint8_t, 4> grease{};
};

inline constexpr std::size_t kJarmProbes = 10;

// JARM's tenth with the longest host.
inline constexpr std::size_t kLongestHello = 429 + limits::kHost;

using HelloBuffer = std::span<std::uint8_t, kLongestHello>;

// Each writes one TLS record with one ClientHello to the front of `into` and gives a view of it.

// JARM's hello number `probe`, 0 to 9. The host stands in it as it is, an address too. REQUIRES
// host.size() <= limits::kHost.
ByteView write_jarm_hello(std::size_t probe, std::string_view host, const HelloRandom& bytes,
                          HelloBuffer into);

// The hello of TLS 1.2. Suites, groups and signature algorithms are those that browsers and
// OpenSSL offer, the usual first, so that any server of TLS 1.2 finds its own. Extensions in this
// order: server_name (RFC 6066; none when `server_name` is empty), extended_master_secret,
// renegotiation_info, supported_groups, ec_point_formats, session_ticket, ALPN,
// signature_algorithms. No session id. ALPN offers h2 and http/1.1: no Electrum server knows
// either, so an answer, or an alert for the want of one, is the terminator's in front of it.
// REQUIRES server_name.size() <= limits::kHost.
ByteView write_tls12_hello(std::string_view server_name, const HelloRandom& bytes,
                           HelloBuffer into);

// The place of a suite, from 1, in the list by which JARM's hash numbers them; one more than there
// are for a suite that JARM does not offer.
std::uint8_t jarm_suite_number(std::uint16_t suite);

}  // namespace observatory
