// SPDX-License-Identifier: MIT
#include "core/record/schema.h"

#include <limits>

namespace observatory {
namespace {

constexpr std::uint64_t kU16 = std::numeric_limits<std::uint16_t>::max();
constexpr std::uint64_t kU32 = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t kU64 = std::numeric_limits<std::uint64_t>::max();

constexpr EnumName kTypes[] = {{1, "run"}, {2, "observation"}, {3, "end"}};
constexpr EnumName kTransports[] = {{1, "tcp"}, {2, "tls"}};
constexpr EnumName kClocks[] = {{0, "unset"}, {1, "unknown"}, {2, "ntp"}};
constexpr EnumName kEols[] = {{1, "lf"}, {2, "crlf"}, {3, "mixed"}};
constexpr EnumName kOutcomes[] = {
    {0, "ok"},
    {1, "dns_failed"},
    {2, "dns_timeout"},
    {3, "refused"},
    {4, "unreachable"},
    {5, "connect_timeout"},
    {6, "reset"},
    {7, "tls_timeout"},
    {8, "tls_alert"},
    {9, "tls_no_version"},
    {10, "tls_failed"},
    {11, "reply_timeout"},
    {12, "closed"},
    {13, "rate_limited"},
    {14, "reply_too_long"},
    {15, "malformed_reply"},
    {16, "wrong_protocol"},
    {17, "not_electrum"},
    {18, "version_refused"},
    {19, "exhausted"},
    {20, "needs_proxy"},
    {21, "held_back"},
    {22, "opted_out"},
    {23, "forbidden_address"},
    {24, "proxy_failed"},
    {25, "proxy_refused"},
    {26, "onion_not_found"},
    {27, "onion_invalid"},
    {28, "onion_unreachable"},
    {29, "onion_locked"},
};

constexpr EnumName kTrustErrors[] = {
    {1, "unknown_issuer"}, {2, "unknown_root"},  {3, "bad_signature"},
    {4, "not_ca"},         {5, "path_too_long"},
};

constexpr Field kFields[] = {
#define FIELD(id, parent, key, name, kind, bound, records, unit, meaning) \
  {name, bound, FieldId::id, FieldId::parent, key, Kind::kind, records, Names::kNone},
#define ENUM(id, parent, key, name, names, records, unit, meaning) \
  {name, 0, FieldId::id, FieldId::parent, key, Kind::kEnum, records, Names::names},
#include "core/record/fields.def"
#undef FIELD
#undef ENUM
};
static_assert(std::size(kFields) == kFieldCount - 1);
}  // namespace

std::span<const Field> all_fields() { return kFields; }

const Field& field_of(FieldId id) { return kFields[static_cast<std::size_t>(id) - 1]; }

FieldId find_field(FieldId group, std::uint64_t key) {
  for (const Field& field : kFields) {
    if (field.parent == group && field.key == key) return field.id;
  }
  return FieldId::kRoot;
}

FieldId find_field(FieldId group, std::string_view name) {
  for (const Field& field : kFields) {
    if (field.parent == group && field.name == name) return field.id;
  }
  return FieldId::kRoot;
}

std::span<const EnumName> enum_names(Names names) {
  switch (names) {
    case Names::kNone:
      return {};
    case Names::kTypes:
      return kTypes;
    case Names::kTransports:
      return kTransports;
    case Names::kClocks:
      return kClocks;
    case Names::kEols:
      return kEols;
    case Names::kOutcomes:
      return kOutcomes;
    case Names::kTrustErrors:
      return kTrustErrors;
  }
  return {};
}

std::string_view enum_name(const Field& field, std::uint64_t number) {
  for (const EnumName& entry : enum_names(field.names)) {
    if (entry.number == number) return entry.name;
  }
  return {};
}

bool enum_number(const Field& field, std::string_view name, std::uint64_t& number) {
  for (const EnumName& entry : enum_names(field.names)) {
    if (entry.name == name) {
      number = entry.number;
      return true;
    }
  }
  return false;
}

std::string_view outcome_name(Outcome outcome) {
  return enum_name(field_of(FieldId::kOutcome), static_cast<std::uint64_t>(outcome));
}

}  // namespace observatory
