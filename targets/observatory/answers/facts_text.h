// SPDX-License-Identifier: MIT
// Parts of a snapshot as texts and cells, one way for every answer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "targets/observatory/show/sheet.h"
#include "targets/observatory/snapshot/snapshot.h"

namespace observatory::host {

// "tcp" and "tls".
std::string_view transport_text(Transport transport);

// As electrum-probe takes it: `host:port:t`, `[v6]:port:s`.
std::string endpoint_text(const Endpoint& endpoint);

// The port as lists have it: `t50001`, `s50002`.
std::string port_text(const Endpoint& endpoint);

// null for an empty text, for a number that is not there, for 0 where that is not known.
Cell cell_of(const std::string& text);
Cell cell_of_date(std::int64_t milliseconds);
Cell cell_of_seconds(const std::optional<std::int64_t>& seconds);  // since 1970 UTC

// Microseconds as milliseconds.
Cell cell_of_us(const std::optional<std::uint32_t>& microseconds);

template <typename Value>
Cell cell_of(const std::optional<Value>& value) {
  return value ? Cell(*value) : Cell();
}

// "libloc 2022-10-14"; null without a source.
Cell cell_of(const DataSource* source);

Cell cell_of(const std::vector<IpAddress>& addresses);

// The words of show/certificate_words.h, at the endpoint's last observation. Empty without a
// certificate.
std::vector<std::string_view> certificate_state(const EndpointView& view);

// Outcomes with their counts, "ok 12", the most frequent first, ties by number.
std::vector<std::string> outcomes_text(const std::array<std::uint64_t, 32>& outcomes);

// What the provider of a place is called: the provider, else the network ("AS64500 Example Ltd"),
// else "onion" or "unknown".
std::string provider_text(const Place& place);

}  // namespace observatory::host
