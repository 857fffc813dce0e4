// SPDX-License-Identifier: MIT
// What stands in an observation, as the rows of store.h.
#pragma once

#include <optional>
#include <string>

#include "targets/observatory/store/store.h"

namespace observatory::host {

// Empty facts where the record has none.
Facts facts_of(const Record& record);
std::optional<Certificate> certificate_of(const Record& record);
bool has_peers(const Record& record);
PeersList peers_of(const Record& record);
// Absent where a part of it is, or where the transport is one that this program does not know.
std::optional<Endpoint> endpoint_of(const Record& record);

// `changed`, joined by commas.
std::string changed_of(const Record& record);

// The content as one text, the same for the same content only.
std::string key_of(const Facts& facts);
std::string key_of(const Certificate& certificate);
std::string key_of(const Endpoint& endpoint);
// Of a peers list, which is long: what the probe says its hash is, and how much of it is here.
std::string key_of_peers(const Record& record);

// Lists as one column, JSON, and back. Damaged text gives what could be read of it.
std::string names_as_json(const std::vector<std::string>& names);
std::vector<std::string> names_from_json(std::string_view json);
std::string hosts_as_json(const std::vector<std::pair<std::string, HostPorts>>& hosts);
std::vector<std::pair<std::string, HostPorts>> hosts_from_json(std::string_view json);

}  // namespace observatory::host
