// SPDX-License-Identifier: MIT
// The names in a certificate's subjectAltName (RFC 5280 section 4.2.1.6): the content of its
// GeneralNames goes in.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/record/record.h"

namespace observatory {

// Puts DNS names and IP addresses into `list`, in order; other kinds, and addresses of other
// lengths than 4 and 16 bytes, are left out. Answers how many names of every kind there are.
std::uint32_t list_names(ByteView names, ListField& list);

// Whether one of the names is the host's, a name or an IP literal: DNS names as host_matches()
// says, addresses by iPAddress.
bool names_host(ByteView names, std::string_view host);

}  // namespace observatory
