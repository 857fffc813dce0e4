// SPDX-License-Identifier: MIT
#include "core/run/visit_facts.h"

#include <span>

#include "core/base/keyed_hash.h"

namespace observatory {
namespace {

struct Fact {
  std::string_view name;
  std::span<const FieldId> fields;
};

// Which fields make a fact. Times, what they decide (the order in which replies came) and lengths
// that random numbers make differ from visit to visit anywhere and are none: of TLS records by
// signatures, of OpenSSL's tickets in TLS 1.3 by the age that it adds, an ASN.1 integer of four
// bytes or five.
constexpr FieldId kIpFields[] = {FieldId::kIp};
constexpr FieldId kStackFields[] = {FieldId::kTcpMss, FieldId::kTcpTimestamps, FieldId::kTcpSack,
                                    FieldId::kTcpEcn, FieldId::kTcpWscale,     FieldId::kTcpWindow};
constexpr FieldId kTlsFields[] = {FieldId::kTlsVersion, FieldId::kTlsCipher};
constexpr FieldId kServerHelloFields[] = {
    FieldId::kHelloVersion,    FieldId::kHelloSelectedVersion, FieldId::kHelloCipherSuite,
    FieldId::kHelloExtensions, FieldId::kHelloSessionId,       FieldId::kHelloKeyShare,
    FieldId::kHelloAlpn,       FieldId::kHelloRetryRequest,    FieldId::kTlsEncryptedExtensions,
    FieldId::kTlsClientCert};
constexpr FieldId kTicketKeyFields[] = {FieldId::kTicketKeyName};
constexpr FieldId kTicketsFields[] = {FieldId::kTicketCount, FieldId::kTicketLifetime};
constexpr FieldId kCertificateFields[] = {FieldId::kTlsChain, FieldId::kTlsChainLength};
constexpr FieldId kHello2Fields[] = {FieldId::kHello2Version,    FieldId::kHello2CipherSuite,
                                     FieldId::kHello2Extensions, FieldId::kHello2KeyShare,
                                     FieldId::kHello2Alpn,       FieldId::kHello2Alert};
constexpr FieldId kJarmFields[] = {FieldId::kTlsJarm};
constexpr FieldId kSoftwareFields[] = {FieldId::kServerSoftware, FieldId::kProtocol};
constexpr FieldId kBannerFields[] = {FieldId::kBannerSha256};
constexpr FieldId kDonationFields[] = {FieldId::kDonation};
constexpr FieldId kFeaturesFields[] = {
    FieldId::kFeaturesProtocolMin,  FieldId::kFeaturesProtocolMax,   FieldId::kFeaturesGenesis,
    FieldId::kFeaturesHashFunction, FieldId::kFeaturesServerVersion, FieldId::kFeaturesPruning,
    FieldId::kFeaturesHosts,        FieldId::kFeaturesKeys};
constexpr FieldId kTipFields[] = {FieldId::kTipHeight, FieldId::kTipHash};
constexpr FieldId kPeersFields[] = {FieldId::kPeersSha256};
constexpr FieldId kReplyFields[] = {
    FieldId::kWireOrder,    FieldId::kWireSpaced,    FieldId::kWireEol,
    FieldId::kWirePadded,   FieldId::kWireEchoFloat, FieldId::kWireEchoBig,
    FieldId::kWireEchoText, FieldId::kWireTipOrder,  FieldId::kWireOtherOrder};
constexpr FieldId kMempoolInfoFields[] = {FieldId::kWireMempoolOrder};
constexpr FieldId kUnknownMethodFields[] = {FieldId::kUnknownMethodCode,
                                            FieldId::kUnknownMethodMessage,
                                            FieldId::kWireErrorOrder, FieldId::kWireErrorMembers};

constexpr Fact kTable[] = {
    {"ip", kIpFields},
    {"stack", kStackFields},
    {"tls", kTlsFields},
    {"server_hello", kServerHelloFields},
    {"ticket_key", kTicketKeyFields},
    {"tickets", kTicketsFields},
    {"certificate", kCertificateFields},
    {"hello2", kHello2Fields},
    {"jarm", kJarmFields},
    {"software", kSoftwareFields},
    {"banner", kBannerFields},
    {"donation", kDonationFields},
    {"features", kFeaturesFields},
    {"tip", kTipFields},
    {"peers", kPeersFields},
    {"replies", kReplyFields},
    {"mempool_info", kMempoolInfoFields},
    {"unknown_method", kUnknownMethodFields},
};
static_assert(std::size(kTable) == kFacts);

void put_number(std::uint64_t number, std::size_t bytes, ByteSink& into) {
  for (; bytes > 0; --bytes, number >>= 8) into.put_byte(static_cast<std::uint8_t>(number));
}

// Whether the field's value lies in the record's pool.
bool is_slice(Kind kind) {
  return kind != Kind::kUnsigned && kind != Kind::kSigned && kind != Kind::kBoolean &&
         kind != Kind::kEnum;
}

// Tickets that begin differently within one connection begin with no key's name.
bool is_comparable(FieldId field, const Record& record) {
  return field != FieldId::kTicketKeyName || !record.has(FieldId::kTicketSameKeyName) ||
         record.number(FieldId::kTicketSameKeyName) != 0;
}

// 0 when the record has none of the fields.
std::uint32_t hash_of(const Fact& fact, const Record& record) {
  KeyedHash hash({});
  bool any = false;
  for (const FieldId field : fact.fields) {
    if (!record.has(field) || !is_comparable(field, record)) continue;
    any = true;
    hash.put_byte(static_cast<std::uint8_t>(field));
    if (is_slice(field_of(field).kind)) {
      const ByteView bytes = record.bytes(field);
      put_number(bytes.size(), 4, hash);
      hash.put(bytes);
    } else {
      put_number(record.number(field), 8, hash);
    }
  }
  if (!any) return 0;
  const auto folded = static_cast<std::uint32_t>(hash.finish());
  return folded == 0 ? 1 : folded;
}

}  // namespace

std::string_view fact_name(std::size_t fact) { return kTable[fact].name; }

void record_changes(Record& record, bool first, FactHashes& facts) {
  std::array<bool, kFacts> changed{};
  for (std::size_t i = 0; i < kFacts; ++i) {
    const std::uint32_t hash = hash_of(kTable[i], record);
    if (hash == 0) continue;
    if (facts[i] == 0) facts[i] = hash;
    changed[i] = hash != facts[i];
  }
  if (first) return;
  ListField list(record, FieldId::kChanged);
  for (std::size_t i = 0; i < kFacts; ++i) {
    if (changed[i]) list.add(kTable[i].name);
  }
}

}  // namespace observatory
