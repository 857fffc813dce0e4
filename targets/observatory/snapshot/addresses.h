// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "platform/interface/address.h"

namespace observatory::host {

// IPv4 before IPv6, then by bytes.
bool is_before(const IpAddress& one, const IpAddress& other);

std::string address_text(const IpAddress& address);

bool is_address(std::string_view host);
bool is_onion(std::string_view host);

// Which of two hosts a thing is better called by: names before addresses before onions, then by
// bytes (rule S4).
bool is_better_name(std::string_view one, std::string_view other);

}  // namespace observatory::host
