// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string_view>

#include "core/base/byte_sink.h"
#include "platform/interface/bytes.h"

namespace observatory {

// An object identifier's content bytes (ITU-T X.690 section 8.19), and what people call it.
struct KnownOid {
  std::string_view oid;
  std::string_view name;
};

// The name that `table` has for it, else empty.
std::string_view name_of(std::span<const KnownOid> table, ByteView oid);

// Puts the numbers with dots between them. An identifier that ends within a number ends before it.
void put_oid(ByteView oid, ByteSink& into);

void put_name_or_oid(std::span<const KnownOid> table, ByteView oid, ByteSink& into);

}  // namespace observatory
