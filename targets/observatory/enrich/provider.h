// SPDX-License-Identifier: MIT
// Whose network an address lies in, and of what kind it is.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "targets/observatory/enrich/enricher.h"

namespace observatory::host {

struct Provider {
  std::string name;
  ProviderKind kind = ProviderKind::kUnknown;
};

// The kind with that name, as kind_name() writes it.
std::optional<ProviderKind> kind_with_name(std::string_view name);

// Whether the name of an autonomous system says that it hosts: hosting, cloud, server, vps, data
// center (also datacenter, data centre, datacentre) in any case, anywhere in it.
bool sounds_like_hosting(std::string_view as_name);

}  // namespace observatory::host
