// SPDX-License-Identifier: MIT
#include "tests/servers/truth.h"

#include <openssl/sha.h>

#include <array>
#include <cmath>
#include <string_view>

#include "tests/servers/hex.h"
#include "tests/servers/methods.h"
#include "tests/servers/versions.h"

namespace observatory::demo {
namespace {

constexpr std::string_view kUnknownMethod = "observatory.unknown";
// The ids of the recommended session that implementations echo differently.
constexpr std::string_view kFloatId = "2.0";
constexpr std::string_view kBigId = "9007199254740993";
constexpr std::string_view kTextId = "3\xc3\xa9</&\x7f\xe2\x80\xa8";

std::string Sha256Text(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return ToHex(digest.data(), digest.size());
}

const char* FaultName(Fault::Kind kind) {
  switch (kind) {
    case Fault::Kind::kAnswered:
      return "answered";
    case Fault::Kind::kError:
      return "error";
    case Fault::Kind::kErrorClose:
      return "error_close";
    case Fault::Kind::kSilence:
      return "silence";
    case Fault::Kind::kHangUp:
      return "hang_up";
    case Fault::Kind::kDeaf:
      return "deaf";
  }
  return "";
}

std::string_view MemberOrderText(const Implementation& implementation) {
  if (implementation.style.order == MemberOrder::kSorted) return "id,jsonrpc,result";
  if (implementation.style.order == MemberOrder::kJavaHash) return "result,id,jsonrpc";
  return implementation.envelope == Envelope::kIdBeforeResult ? "jsonrpc,id,result"
                                                              : "jsonrpc,result,id";
}

Json UnknownMethodTruth(const Persona& persona) {
  Request request;
  request.method = kUnknownMethod;
  SessionState session;
  const Complaint complaint = CallMethod(persona, request, &session).complaint;
  const bool replies = complaint.kind == Fault::Kind::kError;
  const bool code = replies && persona.implementation->error_shape != ErrorShape::kText;
  return Json::Object({{"kind", Json::Text(FaultName(complaint.kind))},
                       {"code", code ? Json::Int(complaint.code) : Json()},
                       {"message", replies ? Json::Text(complaint.text) : Json()}});
}

Json WireTruth(const Persona& persona) {
  const Implementation& implementation = *persona.implementation;
  const WriteStyle& style = implementation.style;
  return Json::Object(
      {{"order", Json::Text(MemberOrderText(implementation))},
       {"spaced", Json::Bool(style.spaced)},
       {"eol", Json::Text(std::string_view(implementation.eol) == "\r\n" ? "crlf" : "lf")},
       {"padded", Json::Bool(implementation.padding != Padding::kNone)},
       {"echo_float", Json::Text(WriteJson(Json::Number(kFloatId), style))},
       {"echo_big", Json::Text(WriteJson(Json::Number(kBigId), style))},
       {"echo_text", Json::Text(WriteJson(Json::Text(kTextId), style))},
       {"tip_order", Json::Text(HexComesFirst(implementation) ? "hex,height" : "height,hex")},
       {"unknown_method", UnknownMethodTruth(persona)}});
}

Json CertificateTruth(const Server& server, bool tls) {
  const Identity& identity = server.identity;
  const bool shown = tls || server.row->behaviour == Behaviour::kTlsOnTcpPort;
  if (!shown || !identity.key) return {};
  return Json::Object({{"leaf_sha256", Json::Text(identity.leaf_sha256)},
                       {"spki_sha256", Json::Text(identity.spki_sha256)},
                       {"chain_length", Json::Int(static_cast<int64_t>(identity.chain.size()))},
                       {"expired", Json::Bool(identity.expired)},
                       {"trusted", Json::Bool(identity.trusted)},
                       {"names_host", Json::Bool(identity.names_host)}});
}

// What a client gets that asks for 1.4 to 1.7, or for 1.4 where lists are refused.
Json NegotiatedTruth(const Implementation& implementation) {
  const Json list = Json::Array({Json::Text("1.4"), Json::Text("1.7")});
  const Json text = Json::Text("1.4");
  for (const Json* wanted : {&list, &text}) {
    const Negotiation negotiation = Negotiate(implementation, wanted);
    if (negotiation.accepted) return Json::Text(negotiation.version);
  }
  return {};
}

bool Answers(Behaviour behaviour) {
  return behaviour == Behaviour::kElectrum || behaviour == Behaviour::kTlsOnTcpPort ||
         behaviour == Behaviour::kPlainOnTlsPort || behaviour == Behaviour::kDribble;
}

Json EndpointTruth(const Server& server, bool tls) {
  const Persona& persona = server.persona;
  Json truth = Json::Object({{"name", Json::Text(persona.name)},
                             {"address", Json::Text(persona.address)},
                             {"port", Json::Int(tls ? persona.tls_port : persona.tcp_port)},
                             {"transport", Json::Text(tls ? "tls" : "tcp")},
                             {"outcome", Json::Text(ExpectedOutcome(*server.row, tls))},
                             {"delay_ms", Json::Int(std::lround(server.delay_ms))},
                             {"certificate", CertificateTruth(server, tls)}});
  if (!Answers(server.row->behaviour)) return truth;
  const Implementation& implementation = *persona.implementation;
  const bool list_form = implementation.version_rule != VersionRule::kPersonal &&
                         implementation.version_rule != VersionRule::kRomanzTextOnly;
  truth.Set("claims", Json::Text(persona.software));
  truth.Set("implementation", Json::Text(implementation.key));
  truth.Set("honest", Json::Bool(persona.software == implementation.software &&
                                 std::string_view(implementation.key) != "javascript-proxy"));
  truth.Set("protocol", NegotiatedTruth(implementation));
  truth.Set("takes_version_list", Json::Bool(list_form));
  truth.Set("has_features", Json::Bool(implementation.features != FeaturesShape::kAbsent));
  truth.Set("wire", WireTruth(persona));
  truth.Set("tip_height", Json::Int(persona.tip));
  truth.Set("tip_hex", Json::Text(persona.chain->HeaderHex(persona.tip)));
  truth.Set("genesis_hash", Json::Text(persona.chain->genesis_hash()));
  truth.Set("peers", Json::Int(static_cast<int64_t>(persona.peers.size())));
  truth.Set("banner_bytes", Json::Int(static_cast<int64_t>(persona.banner.size())));
  truth.Set("banner_sha256", Json::Text(Sha256Text(persona.banner)));
  truth.Set("donation", persona.donation);
  return truth;
}

}  // namespace

std::string ListText(const std::vector<Server>& servers) {
  std::string text;
  for (const Server& server : servers) {
    text += server.persona.address;
    if (server.persona.tcp_port != 0) text += " t" + std::to_string(server.persona.tcp_port);
    if (server.persona.tls_port != 0) text += " s" + std::to_string(server.persona.tls_port);
    text += '\n';
  }
  return text;
}

std::string TruthText(const std::vector<Server>& servers) {
  constexpr WriteStyle kStyle{Dialect::kPython, MemberOrder::kAsBuilt, false};
  std::string text;
  for (const Server& server : servers) {
    if (server.persona.tcp_port != 0)
      text += WriteJson(EndpointTruth(server, false), kStyle) + '\n';
    if (server.persona.tls_port != 0) text += WriteJson(EndpointTruth(server, true), kStyle) + '\n';
  }
  return text;
}

}  // namespace observatory::demo
