// SPDX-License-Identifier: MIT
#include "tests/servers/truth.h"

#include <openssl/sha.h>

#include <array>
#include <cmath>
#include <string_view>

#include "tests/servers/electrum_server.h"
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

std::string sha256_text(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return to_hex(digest.data(), digest.size());
}

const char* fault_name(Fault::Kind kind) {
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

std::string_view member_order_text(const Implementation& implementation) {
  if (implementation.style.order == MemberOrder::kSorted) return "id,jsonrpc,result";
  if (implementation.style.order == MemberOrder::kJavaHash) return "result,id,jsonrpc";
  return implementation.envelope == Envelope::kIdBeforeResult ? "jsonrpc,id,result"
                                                              : "jsonrpc,result,id";
}

// The names of an object's members as that implementation writes them; null for what is no object.
Json order_truth(const Json& object) {
  if (!object.is(Json::Kind::kObject)) return {};
  std::string order;
  for (const std::string& name : object.names()) order += (order.empty() ? "" : ",") + name;
  return Json::from_text(order);
}

Json as_written(const std::string& text) {
  Json read;
  return parse_json(text, {}, &read) == ParseStatus::kOk ? read : Json();
}

Json error_as_written(const Implementation& implementation) {
  const Complaint complaint{Fault::Kind::kError, 1, "text"};
  return as_written(error_text(implementation, complaint, Json::from_int(1)));
}

Json unknown_method_truth(const Persona& persona) {
  Request request;
  request.method = kUnknownMethod;
  SessionState session;
  const Complaint complaint = call_method(persona, request, &session).complaint;
  const bool replies = complaint.kind == Fault::Kind::kError;
  const bool code = replies && persona.implementation->error_shape != ErrorShape::kText;
  return Json::from_members({{"kind", Json::from_text(fault_name(complaint.kind))},
                             {"code", code ? Json::from_int(complaint.code) : Json()},
                             {"message", replies ? Json::from_text(complaint.text) : Json()}});
}

Json mempool_order_truth(const Persona& persona) {
  Request request;
  request.method = "mempool.get_info";
  SessionState session;
  session.protocol_16 = true;
  const Json result = call_method(persona, request, &session).result;
  return order_truth(as_written(write_json(result, persona.implementation->style)));
}

Json wire_truth(const Persona& persona) {
  const Implementation& implementation = *persona.implementation;
  const WriteStyle& style = implementation.style;
  return Json::from_members(
      {{"order", Json::from_text(member_order_text(implementation))},
       {"spaced", Json::from_bool(style.spaced)},
       {"eol", Json::from_text(std::string_view(implementation.eol) == "\r\n" ? "crlf" : "lf")},
       {"padded", Json::from_bool(implementation.padding != Padding::kNone)},
       {"echo_float", Json::from_text(write_json(Json::from_number(kFloatId), style))},
       {"echo_big", Json::from_text(write_json(Json::from_number(kBigId), style))},
       {"echo_text", Json::from_text(write_json(Json::from_text(kTextId), style))},
       {"tip_order",
        Json::from_text(hex_comes_first(implementation) ? "hex,height" : "height,hex")},
       {"error_order", order_truth(error_as_written(implementation))},
       {"error_members", order_truth(*error_as_written(implementation).find("error"))},
       {"mempool_order", mempool_order_truth(persona)},
       {"unknown_method", unknown_method_truth(persona)}});
}

Json certificate_truth(const Server& server, bool tls) {
  const Identity& identity = server.identity;
  const bool shown = tls || server.row->behaviour == Behaviour::kTlsOnTcpPort;
  if (!shown || !identity.key) return {};
  return Json::from_members(
      {{"leaf_sha256", Json::from_text(identity.leaf_sha256)},
       {"spki_sha256", Json::from_text(identity.spki_sha256)},
       {"chain_length", Json::from_int(static_cast<int64_t>(identity.chain.size()))},
       {"expired", Json::from_bool(identity.expired)},
       {"trusted", Json::from_bool(identity.trusted)},
       {"names_host", Json::from_bool(identity.names_host)}});
}

// What a client gets that asks for 1.4 to 1.7, or for 1.4 where lists are refused; empty: nothing.
std::string negotiated_version(const Implementation& implementation) {
  const Json list = Json::from_items({Json::from_text("1.4"), Json::from_text("1.7")});
  const Json text = Json::from_text("1.4");
  for (const Json* wanted : {&list, &text}) {
    const Negotiation negotiation = negotiate(implementation, wanted);
    if (negotiation.accepted) return negotiation.version;
  }
  return {};
}

// Whether that client finds mempool.get_info, which comes with protocol 1.6 in some.
bool knows_mempool_info(const Persona& persona, std::string_view version) {
  Request request;
  request.method = "mempool.get_info";
  SessionState session;
  session.protocol_16 = compare_versions(parse_version(version), {"1", "6"}) >= 0;
  return call_method(persona, request, &session).complaint.kind == Fault::Kind::kAnswered;
}

bool holds_session(Behaviour behaviour) {
  return behaviour == Behaviour::kElectrum || behaviour == Behaviour::kTlsOnTcpPort ||
         behaviour == Behaviour::kPlainOnTlsPort || behaviour == Behaviour::kDribble;
}

Json endpoint_truth(const Server& server, bool tls) {
  const Persona& persona = server.persona;
  Json truth =
      Json::from_members({{"name", Json::from_text(persona.name)},
                          {"address", Json::from_text(persona.address)},
                          {"port", Json::from_int(tls ? persona.tls_port : persona.tcp_port)},
                          {"transport", Json::from_text(tls ? "tls" : "tcp")},
                          {"outcome", Json::from_text(expected_outcome(*server.row, tls))},
                          {"delay_ms", Json::from_int(std::lround(server.delay_ms))},
                          {"certificate", certificate_truth(server, tls)}});
  if (!holds_session(server.row->behaviour)) return truth;
  const Implementation& implementation = *persona.implementation;
  const bool list_form = implementation.version_rule != VersionRule::kPersonal &&
                         implementation.version_rule != VersionRule::kRomanzTextOnly;
  truth.set("claims", Json::from_text(persona.software));
  truth.set("implementation", Json::from_text(implementation.key));
  truth.set("honest", Json::from_bool(persona.software == implementation.software &&
                                      std::string_view(implementation.key) != "javascript-proxy"));
  const std::string version = negotiated_version(implementation);
  truth.set("protocol", version.empty() ? Json() : Json::from_text(version));
  truth.set("takes_version_list", Json::from_bool(list_form));
  truth.set("has_features", Json::from_bool(implementation.features != FeaturesShape::kAbsent));
  truth.set("has_mempool_info", Json::from_bool(knows_mempool_info(persona, version)));
  truth.set("wire", wire_truth(persona));
  truth.set("tip_height", Json::from_int(persona.tip));
  truth.set("tip_hex", Json::from_text(persona.chain->header_hex(persona.tip)));
  truth.set("genesis_hash", Json::from_text(persona.chain->genesis_hash()));
  truth.set("peers", Json::from_int(static_cast<int64_t>(persona.peers.size())));
  truth.set("banner_bytes", Json::from_int(static_cast<int64_t>(persona.banner.size())));
  truth.set("banner_sha256", Json::from_text(sha256_text(persona.banner)));
  truth.set("donation", persona.donation);
  return truth;
}

}  // namespace

std::string list_text(const std::vector<Server>& servers) {
  std::string text;
  for (const Server& server : servers) {
    text += server.persona.address;
    if (server.persona.tcp_port != 0) text += " t" + std::to_string(server.persona.tcp_port);
    if (server.persona.tls_port != 0) text += " s" + std::to_string(server.persona.tls_port);
    text += '\n';
  }
  return text;
}

std::string truth_text(const std::vector<Server>& servers) {
  constexpr WriteStyle kStyle{Dialect::kPython, MemberOrder::kAsBuilt, false};
  std::string text;
  for (const Server& server : servers) {
    if (server.persona.tcp_port != 0)
      text += write_json(endpoint_truth(server, false), kStyle) + '\n';
    if (server.persona.tls_port != 0)
      text += write_json(endpoint_truth(server, true), kStyle) + '\n';
  }
  return text;
}

}  // namespace observatory::demo
