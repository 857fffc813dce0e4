// SPDX-License-Identifier: MIT
#include "core/tls/oid.h"

#include <algorithm>

#include "core/base/number.h"

namespace observatory {

std::string_view name_of(std::span<const KnownOid> table, ByteView oid) {
  for (const KnownOid& known : table) {
    if (known.oid == as_text(oid)) return known.name;
  }
  return {};
}

void put_oid(ByteView oid, ByteSink& into) {
  std::uint64_t arc = 0;
  bool first = true;
  for (const std::uint8_t byte : oid) {
    arc = arc << 7 | (byte & 0x7f);
    if ((byte & 0x80) != 0) continue;
    if (first) {
      const std::uint64_t top = std::min<std::uint64_t>(arc / 40, 2);
      put_unsigned(top, into);
      arc -= 40 * top;
    }
    into.put(".");
    put_unsigned(arc, into);
    arc = 0;
    first = false;
  }
}

void put_name_or_oid(std::span<const KnownOid> table, ByteView oid, ByteSink& into) {
  const std::string_view name = name_of(table, oid);
  if (name.empty()) {
    put_oid(oid, into);
  } else {
    into.put(name);
  }
}

}  // namespace observatory
