// SPDX-License-Identifier: MIT
#include "tests/servers/methods.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/servers/text.h"
#include "tests/servers/versions.h"

namespace observatory::demo {
namespace {

using Kind = Fault::Kind;

enum class Method {
  kVersion,
  kFeatures,
  kBanner,
  kDonation,
  kPeers,
  kPing,
  kAddPeer,
  kTip,
  kHeader,
  kHeaders,
  kEstimate,
  kRelayFee,
  kFeeInfo,
  kFeeHistogram,
  kGetTip,
  kBalance,
  kScripthash,
  kTransaction,
  kBroadcast,
};

struct MethodRule {
  Method method;
  std::string_view name;
  size_t min;
  size_t max;
  std::array<std::string_view, 3> names;
  int lateness;
};

constexpr std::array<MethodRule, 19> kMethods = {{
    {Method::kVersion, "server.version", 0, 2, {"client_name", "protocol_version"}, 0},
    {Method::kFeatures, "server.features", 0, 0, {}, 0},
    {Method::kBanner, "server.banner", 0, 0, {}, 2},
    {Method::kDonation, "server.donation_address", 0, 0, {}, 0},
    {Method::kPeers, "server.peers.subscribe", 0, 0, {}, 0},
    {Method::kPing, "server.ping", 0, 0, {}, 0},
    {Method::kAddPeer, "server.add_peer", 1, 1, {"features"}, 0},
    {Method::kTip, "blockchain.headers.subscribe", 0, 0, {}, 0},
    {Method::kHeader, "blockchain.block.header", 1, 2, {"height", "cp_height"}, 1},
    {Method::kHeaders, "blockchain.block.headers", 2, 3, {"start_height", "count", "cp_height"}, 1},
    {Method::kEstimate, "blockchain.estimatefee", 1, 2, {"number", "mode"}, 3},
    {Method::kRelayFee, "blockchain.relayfee", 0, 0, {}, 0},
    {Method::kFeeInfo, "mempool.get_info", 0, 0, {}, 3},
    {Method::kFeeHistogram, "mempool.get_fee_histogram", 0, 0, {}, 0},
    {Method::kGetTip, "blockchain.headers.get_tip", 0, 0, {}, 0},
    {Method::kBalance, "blockchain.scripthash.get_balance", 1, 1, {"scripthash"}, 1},
    {Method::kScripthash, "blockchain.scripthash.subscribe", 1, 1, {"scripthash"}, 1},
    {Method::kTransaction, "blockchain.transaction.get", 1, 2, {"tx_hash", "verbose"}, 3},
    {Method::kBroadcast, "blockchain.transaction.broadcast", 1, 1, {"raw_tx"}, 3},
}};

// The result of server.features as that server would write it; null if it has none.
Json Features(const Persona& persona);

// The protocol limits of blockchain.block.headers.
constexpr int kMaxHeaders = 2016;

Answer Error(int code, std::string text, Kind kind = Kind::kError) {
  return {.complaint = {kind, code, std::move(text)}};
}

Answer Result(Json result) { return {.result = std::move(result)}; }

bool Knows(const Implementation& implementation, Method method, const SessionState& session) {
  const bool aiorpcx = implementation.reader == Reader::kAiorpcx;
  const bool fulcrum = implementation.reader == Reader::kFulcrum;
  switch (method) {
    case Method::kFeatures:
      return implementation.features != FeaturesShape::kAbsent;
    case Method::kFeeInfo:
      return implementation.fee_info &&
             (!implementation.protocol_gates_methods || session.protocol_16);
    case Method::kRelayFee:
      return !implementation.protocol_gates_methods || !session.protocol_16;
    case Method::kGetTip:
      return fulcrum;
    case Method::kAddPeer:
    case Method::kBroadcast:
    case Method::kTransaction:
      return aiorpcx || fulcrum;
    default:
      return true;
  }
}

Answer UnknownMethod(const Implementation& implementation, const Request& request) {
  const Fault& fault = implementation.unknown_method;
  // Fulcrum cuts what it repeats.
  const size_t limit = implementation.reader == Reader::kFulcrum ? 99 : std::string::npos;
  return Error(fault.code,
               Filled(fault.text, {{"{method}", request.method.substr(0, limit)},
                                   {"{params}", WriteJson(request.params, implementation.style)}}),
               fault.kind);
}

std::string Plural(size_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

// Puts by-name parameters in order. Only aiorpcX takes them.
bool TakeNamed(const MethodRule& rule, const Json& named, std::vector<Json>* params,
               Answer* refusal) {
  const std::string quoted = "method \"" + std::string(rule.name) + "\" ";
  for (const std::string& name : named.names()) {
    if (std::find(rule.names.begin(), rule.names.end(), name) == rule.names.end() || name.empty()) {
      *refusal = Error(-32602, quoted + "does not take parameter \"" + name + "\"");
      return false;
    }
  }
  for (size_t i = 0; i < rule.max; ++i) {
    const Json* value = named.Find(rule.names[i]);
    if (value != nullptr) {
      params->resize(i);
      params->push_back(*value);
    } else if (i < rule.min) {
      *refusal =
          Error(-32602, quoted + "requires parameter \"" + std::string(rule.names[i]) + "\"");
      return false;
    }
  }
  return true;
}

bool TakeParams(const Implementation& implementation, const MethodRule& rule,
                const Request& request, std::vector<Json>* params, Answer* refusal) {
  const std::string name(rule.name);
  const bool open_ended = rule.method == Method::kVersion && implementation.version_ignores_extra;
  *params = request.params.items();
  switch (implementation.reader) {
    case Reader::kAiorpcx: {
      if (request.params.Is(Json::Kind::kObject)) {
        params->clear();
        return TakeNamed(rule, request.params, params, refusal);
      }
      const std::string passed = Plural(params->size(), "argument") + " passed to method ";
      if (params->size() > rule.max && !open_ended) {
        *refusal = Error(-32602, passed + name + " taking at most " + std::to_string(rule.max));
        return false;
      }
      if (params->size() < rule.min) {
        *refusal =
            Error(-32602, passed + "\"" + name + "\" but it requires " + std::to_string(rule.min));
        return false;
      }
      return true;
    }
    case Reader::kFulcrum: {
      if (request.params.Is(Json::Kind::kObject)) {
        *refusal = Error(-32602, "Named params are not supported for this method");
        return false;
      }
      if (!request.params_given && rule.min > 0) {
        *refusal = Error(-32602, "Missing required params");
        return false;
      }
      const std::string end =
          " for " + name + ", got " + std::to_string(params->size()) + " instead";
      if (params->size() > rule.max && !open_ended) {
        *refusal = Error(-32602, "Expected at most " + Plural(rule.max, "parameter") + end);
        return false;
      }
      if (params->size() < rule.min) {
        *refusal = Error(-32602, "Expected at least " + Plural(rule.min, "parameter") + end);
        return false;
      }
      return true;
    }
    case Reader::kSerde:
    case Reader::kPersonal: {
      const bool romanz = implementation.features == FeaturesShape::kRomanz;
      const size_t min = rule.method == Method::kVersion && romanz ? 2 : rule.min;
      const bool too_many = rule.method == Method::kVersion && romanz && params->size() > 2;
      // Electrum Personal Server looks parameters up by index: two of server.version, or none.
      const bool half = implementation.reader == Reader::kPersonal &&
                        (rule.method == Method::kVersion || rule.min > 0) &&
                        (!request.params.Is(Json::Kind::kArray) || !request.params_given ||
                         (rule.method == Method::kVersion && params->size() == 1));
      if (params->size() < min || too_many || half) {
        const Fault& fault = implementation.missing_params;
        *refusal = Error(fault.code, Filled(fault.text, {{"{method}", name}}), fault.kind);
        return false;
      }
      return true;
    }
  }
  return true;
}

std::string RustVersion(const Json& requested) {
  if (requested.Is(Json::Kind::kArray) && requested.size() == 2) {
    return "MinMax(\"" + requested.items()[0].text() + "\", \"" + requested.items()[1].text() +
           "\")";
  }
  return "Single(\"" + requested.text() + "\")";
}

Answer Version(const Persona& persona, const std::vector<Json>& params, SessionState* session) {
  const Implementation& implementation = *persona.implementation;
  if (session->version_sent && implementation.second_version.kind != Kind::kAnswered) {
    const Fault& fault = implementation.second_version;
    return Error(fault.code, fault.text, fault.kind);
  }
  const Json* requested = params.size() > 1 ? &params[1] : nullptr;
  const Negotiation negotiation = Negotiate(implementation, requested);
  if (!negotiation.accepted) {
    const Fault& fault = implementation.bad_version;
    if (!negotiation.refusal.empty()) return Error(fault.code, negotiation.refusal, fault.kind);
    const Json version = requested != nullptr ? *requested : Json();
    std::string rust = RustVersion(version);
    if (implementation.version_rule == VersionRule::kRomanzTextOnly && rust[0] == 'M') {
      rust.replace(0, 6, "Range");
    }
    return Error(fault.code,
                 Filled(fault.text, {{"{version}", PythonStr(version)},
                                     {"{rust_version}", rust},
                                     {"{client}", params.empty() ? "" : params[0].text()}}),
                 fault.kind);
  }
  session->version_sent = true;
  session->protocol_16 = CompareVersions(ParseVersion(negotiation.version), {"1", "6"}) >= 0;
  return Result(Json::Array({Json::Text(persona.software), Json::Text(negotiation.version)}));
}

Json Tip(const Persona& persona) {
  const Json hex = Json::Text(persona.chain->HeaderHex(persona.tip));
  const Json height = Json::Int(persona.tip);
  return Json::Object({{"hex", hex}, {"height", height}});
}

// A height or count as the implementation reads it: -1 is not one, -2 is beyond any chain.
int ReadHeight(const Implementation& implementation, const Json& value) {
  if (implementation.reader == Reader::kSerde && !value.IsInteger()) return -1;
  if (value.Is(Json::Kind::kBool)) return value.boolean() ? 1 : 0;
  if (!value.Is(Json::Kind::kNumber) && !value.Is(Json::Kind::kString)) return -1;
  char* end = nullptr;
  const double number = std::strtod(value.text().c_str(), &end);
  if (value.text().empty() || *end != '\0' || !(number >= 0)) return -1;
  return number > 1e9 ? -2 : static_cast<int>(number);
}

std::string WithThousands(std::string digits) {
  for (size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

Answer HeightRefused(const Implementation& implementation, const Json& value, bool is_height) {
  switch (implementation.reader) {
    case Reader::kAiorpcx:
      return is_height ? Error(1, "height " + WithThousands(PythonStr(value)) + " out of range")
                       : Error(1, PythonStr(value) + " should be a non-negative integer");
    case Reader::kFulcrum:
      return Error(1, is_height ? "Height " + value.text() + " is out of range" : "Invalid height");
    case Reader::kPersonal:
      return Error(-1, "height " + PythonStr(value) + " out of range");
    case Reader::kSerde:
      break;
  }
  const Fault& fault = implementation.missing_params;
  if (implementation.features == FeaturesShape::kRomanz) {
    return is_height ? Error(1, "no header at " + value.text())
                     : Error(fault.code, fault.text, fault.kind);
  }
  if (implementation.error_shape == ErrorShape::kObjectData) {
    return Error(fault.code, fault.text, fault.kind);
  }
  return Error(-32603, is_height ? "missing header" : "non-integer height");
}

Answer Header(const Persona& persona, const std::vector<Json>& params) {
  const Implementation& implementation = *persona.implementation;
  // Electrum Personal Server hands the height to bitcoind, which takes integers only.
  const bool personal = implementation.reader == Reader::kPersonal && !params[0].IsInteger();
  const int height = personal ? -1 : ReadHeight(implementation, params[0]);
  if (height == -1) return HeightRefused(implementation, params[0], false);
  if (height == -2 || height > persona.tip) return HeightRefused(implementation, params[0], true);
  if (params.size() > 1 && implementation.reader != Reader::kPersonal && params[1].text() != "0") {
    return Error(1, "the demo network has no checkpoint proofs");
  }
  return Result(Json::Text(persona.chain->HeaderHex(height)));
}

Answer Headers(const Persona& persona, const std::vector<Json>& params,
               const SessionState& session) {
  const Implementation& implementation = *persona.implementation;
  const int start = ReadHeight(implementation, params[0]);
  const int wanted = ReadHeight(implementation, params[1]);
  if (start == -1) return HeightRefused(implementation, params[0], false);
  if (wanted == -1) return HeightRefused(implementation, params[1], false);
  const int limit = wanted == -2 ? kMaxHeaders : std::min(wanted, kMaxHeaders);
  const int count = start == -2 ? 0 : std::clamp(persona.tip - start + 1, 0, limit);
  Json list = Json::Array();
  std::string hex;
  for (int i = 0; i < count; ++i) {
    const std::string header = persona.chain->HeaderHex(start + i);
    list.Append(Json::Text(header));
    hex += header;
  }
  const Json number = Json::Int(count);
  const Json max = Json::Int(kMaxHeaders);
  if (session.protocol_16) {
    return Result(Json::Object({{"count", number}, {"max", max}, {"headers", list}}));
  }
  return Result(Json::Object({{"hex", Json::Text(hex)}, {"count", number}, {"max", max}}));
}

Answer Estimate(const Persona& persona, const std::vector<Json>& params) {
  const Implementation& implementation = *persona.implementation;
  if (implementation.reader == Reader::kAiorpcx || implementation.reader == Reader::kFulcrum) {
    if (ReadHeight(implementation, params[0]) == -1) {
      const std::string end = " should be a non-negative integer";
      return implementation.reader == Reader::kAiorpcx
                 ? Error(1, PythonStr(params[0]) + end)
                 : Error(1, "blockchain.estimatefee first parameter" + end);
    }
  }
  return Result(Json::Number(persona.estimate));
}

Json FeeInfo(const Implementation& implementation) {
  const Json fee = Json::Number("1e-05");
  Json info =
      Json::Object({{"mempoolminfee", fee}, {"minrelaytxfee", fee}, {"incrementalrelayfee", fee}});
  if (implementation.many_fee_members) {
    info.Set("unbroadcastcount", Json::Int(0));
    info.Set("fullrbf", Json::Bool(true));
  }
  return info;
}

bool IsHash(const Json& value) {
  return value.text().size() == 64 &&
         value.text().find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
}

Answer Transaction(const Implementation& implementation, const std::vector<Json>& params) {
  if (IsHash(params[0])) {
    return Error(2,
                 "daemon error: DaemonError({'code': -5, 'message': 'No such mempool or blockchain "
                 "transaction. Use gettransaction for wallet transactions.'})");
  }
  return implementation.reader == Reader::kFulcrum
             ? Error(1, "Invalid tx hash")
             : Error(1, PythonStr(params[0]) + " should be a transaction hash");
}

Answer Broadcast(const Implementation& implementation, const std::vector<Json>& params) {
  std::string text =
      "the transaction was rejected by network rules.\n\nTX decode failed. Make sure the tx has at "
      "least one input.\n";
  if (implementation.reader == Reader::kAiorpcx) text += Joined({"[", PythonStr(params[0]), "]"});
  return Error(1, text);
}

Answer Execute(const Persona& persona, Method method, const std::vector<Json>& params,
               SessionState* session) {
  const Implementation& implementation = *persona.implementation;
  switch (method) {
    case Method::kVersion:
      return Version(persona, params, session);
    case Method::kFeatures:
      return Result(Features(persona));
    case Method::kBanner:
      return Result(Json::Text(persona.banner));
    case Method::kDonation:
      return Result(persona.donation);
    case Method::kPeers:
      return Result(persona.peers);
    case Method::kPing:
      return Result({});
    case Method::kAddPeer:
      return Result(Json::Bool(false));
    case Method::kTip:
    case Method::kGetTip:
      return Result(Tip(persona));
    case Method::kHeader:
      return Header(persona, params);
    case Method::kHeaders:
      return Headers(persona, params, *session);
    case Method::kEstimate:
      return Estimate(persona, params);
    case Method::kRelayFee:
      return Result(Json::Number("1e-05"));
    case Method::kFeeInfo:
      return Result(FeeInfo(implementation));
    case Method::kFeeHistogram:
      return Result(persona.fee_histogram);
    case Method::kBalance:
    case Method::kScripthash:
      // Electrum Personal Server knows the addresses of its owner only.
      if (implementation.reader == Reader::kPersonal) return Error(0, "", Kind::kHangUp);
      if (method == Method::kScripthash) return Result({});
      return Result(Json::Object({{"confirmed", Json::Int(0)}, {"unconfirmed", Json::Int(0)}}));
    case Method::kTransaction:
      return Transaction(implementation, params);
    case Method::kBroadcast:
      return Broadcast(implementation, params);
  }
  return {};
}

}  // namespace

Answer CallMethod(const Persona& persona, const Request& request, SessionState* session) {
  const Implementation& implementation = *persona.implementation;
  for (const MethodRule& rule : kMethods) {
    if (rule.name != request.method) continue;
    if (!Knows(implementation, rule.method, *session)) break;
    std::vector<Json> params;
    Answer answer;
    if (TakeParams(implementation, rule, request, &params, &answer)) {
      answer = Execute(persona, rule.method, params, session);
      if (implementation.late_replies && answer.complaint.kind == Kind::kAnswered) {
        answer.lateness = rule.lateness;
      }
    }
    return answer;
  }
  return UnknownMethod(implementation, request);
}

namespace {

Json Features(const Persona& persona) {
  const Implementation& implementation = *persona.implementation;
  const Json software =
      Json::Text(implementation.features_software != nullptr ? implementation.features_software
                                                             : persona.software);
  const Json low = Json::Text(implementation.protocol_min);
  const Json high = Json::Text(implementation.protocol_max);
  const Json genesis = Json::Text(persona.chain->genesis_hash());
  const Json sha256 = Json::Text("sha256");
  const Json common = Json::Object({{"genesis_hash", genesis},
                                    {"hash_function", sha256},
                                    {"hosts", persona.hosts},
                                    {"protocol_max", high},
                                    {"protocol_min", low},
                                    {"pruning", Json()},
                                    {"server_version", software}});
  switch (implementation.features) {
    case FeaturesShape::kAbsent:
      return {};
    case FeaturesShape::kElectrumX:
      return Json::Object({{"hosts", persona.hosts},
                           {"pruning", Json()},
                           {"server_version", software},
                           {"protocol_min", low},
                           {"protocol_max", high},
                           {"genesis_hash", genesis},
                           {"hash_function", sha256},
                           {"services", persona.services}});
    case FeaturesShape::kFulcrum: {
      Json features = common;
      features.Set("dsproof", Json::Bool(false));
      return features;
    }
    case FeaturesShape::kRomanz:
      return common;
    case FeaturesShape::kFloresta: {
      Json features = common;
      features.Set("hosts",
                   Json::Object({{"127.0.0.1", Json::Object({{"tcp_port", Json::Int(50001)}})}}));
      return features;
    }
    case FeaturesShape::kUtreexod:
      return Json::Object({{"genesis_hash", genesis},
                           {"hosts", persona.hosts},
                           {"protocol_max", high},
                           {"protocol_min", low},
                           {"pruning", Json::Bool(true)},
                           {"server_version", software},
                           {"hash_function", sha256}});
  }
  return {};
}

}  // namespace

bool HexComesFirst(const Implementation& implementation) {
  const std::string tip =
      WriteJson(Json::Object({{"hex", Json()}, {"height", Json()}}), implementation.style);
  return tip.find("hex") < tip.find("height");
}

}  // namespace observatory::demo
