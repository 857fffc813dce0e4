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
Json make_features(const Persona& persona, const SessionState& session);

// The protocol limits of blockchain.block.headers.
constexpr int kMaxHeaders = 2016;

Answer error_answer(int code, std::string text, Kind kind = Kind::kError) {
  return {.complaint = {kind, code, std::move(text)}};
}

Answer result_answer(Json result) { return {.result = std::move(result)}; }

bool knows(const Implementation& implementation, Method method, const SessionState& session) {
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

Answer refuse_method(const Implementation& implementation, const Request& request) {
  const Fault& fault = implementation.unknown_method;
  // Fulcrum cuts what it repeats.
  const size_t limit = implementation.reader == Reader::kFulcrum ? 99 : std::string::npos;
  return error_answer(
      fault.code,
      filled(fault.text, {{"{method}", request.method.substr(0, limit)},
                          {"{params}", write_json(request.params, implementation.style)}}),
      fault.kind);
}

std::string counted(size_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

// Puts by-name parameters in order. Only aiorpcX takes them.
bool take_named(const MethodRule& rule, const Json& named, std::vector<Json>* params,
                Answer* refusal) {
  const std::string quoted = "method \"" + std::string(rule.name) + "\" ";
  for (const std::string& name : named.names()) {
    if (std::find(rule.names.begin(), rule.names.end(), name) == rule.names.end() || name.empty()) {
      *refusal = error_answer(-32602, quoted + "does not take parameter \"" + name + "\"");
      return false;
    }
  }
  for (size_t i = 0; i < rule.max; ++i) {
    const Json* value = named.find(rule.names[i]);
    if (value != nullptr) {
      params->resize(i);
      params->push_back(*value);
    } else if (i < rule.min) {
      *refusal = error_answer(-32602,
                              quoted + "requires parameter \"" + std::string(rule.names[i]) + "\"");
      return false;
    }
  }
  return true;
}

bool take_params(const Implementation& implementation, const MethodRule& rule,
                 const Request& request, std::vector<Json>* params, Answer* refusal) {
  const std::string name(rule.name);
  const bool open_ended = rule.method == Method::kVersion && implementation.version_ignores_extra;
  *params = request.params.items();
  switch (implementation.reader) {
    case Reader::kAiorpcx: {
      if (request.params.is(Json::Kind::kObject)) {
        params->clear();
        return take_named(rule, request.params, params, refusal);
      }
      const std::string passed = counted(params->size(), "argument") + " passed to method ";
      if (params->size() > rule.max && !open_ended) {
        *refusal =
            error_answer(-32602, passed + name + " taking at most " + std::to_string(rule.max));
        return false;
      }
      if (params->size() < rule.min) {
        *refusal = error_answer(
            -32602, passed + "\"" + name + "\" but it requires " + std::to_string(rule.min));
        return false;
      }
      return true;
    }
    case Reader::kFulcrum: {
      if (request.params.is(Json::Kind::kObject)) {
        *refusal = error_answer(-32602, "Named params are not supported for this method");
        return false;
      }
      if (!request.params_given && rule.min > 0) {
        *refusal = error_answer(-32602, "Missing required params");
        return false;
      }
      const std::string end =
          " for " + name + ", got " + std::to_string(params->size()) + " instead";
      if (params->size() > rule.max && !open_ended) {
        *refusal = error_answer(-32602, "Expected at most " + counted(rule.max, "parameter") + end);
        return false;
      }
      if (params->size() < rule.min) {
        *refusal =
            error_answer(-32602, "Expected at least " + counted(rule.min, "parameter") + end);
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
                        (!request.params.is(Json::Kind::kArray) || !request.params_given ||
                         (rule.method == Method::kVersion && params->size() == 1));
      if (params->size() < min || too_many || half) {
        const Fault& fault = implementation.missing_params;
        *refusal = error_answer(fault.code, filled(fault.text, {{"{method}", name}}), fault.kind);
        return false;
      }
      return true;
    }
  }
  return true;
}

std::string rust_version(const Json& requested) {
  if (requested.is(Json::Kind::kArray) && requested.size() == 2) {
    return "MinMax(\"" + requested.items()[0].text() + "\", \"" + requested.items()[1].text() +
           "\")";
  }
  return "Single(\"" + requested.text() + "\")";
}

Answer answer_version(const Persona& persona, const std::vector<Json>& params,
                      SessionState* session) {
  const Implementation& implementation = *persona.implementation;
  if (session->version_sent && implementation.second_version.kind != Kind::kAnswered) {
    const Fault& fault = implementation.second_version;
    return error_answer(fault.code, fault.text, fault.kind);
  }
  const Json* requested = params.size() > 1 ? &params[1] : nullptr;
  const Negotiation negotiation = negotiate(implementation, requested);
  if (!negotiation.accepted) {
    const Fault& fault = implementation.bad_version;
    if (!negotiation.refusal.empty())
      return error_answer(fault.code, negotiation.refusal, fault.kind);
    const Json version = requested != nullptr ? *requested : Json();
    std::string rust = rust_version(version);
    if (implementation.version_rule == VersionRule::kRomanzTextOnly && rust[0] == 'M') {
      rust.replace(0, 6, "Range");
    }
    return error_answer(fault.code,
                        filled(fault.text, {{"{version}", python_str(version)},
                                            {"{rust_version}", rust},
                                            {"{client}", params.empty() ? "" : params[0].text()}}),
                        fault.kind);
  }
  session->version_sent = true;
  session->protocol_16 = compare_versions(parse_version(negotiation.version), {"1", "6"}) >= 0;
  session->protocol_17 = compare_versions(parse_version(negotiation.version), {"1", "7"}) >= 0;
  return result_answer(
      Json::from_items({Json::from_text(persona.software), Json::from_text(negotiation.version)}));
}

Json make_tip(const Persona& persona) {
  const Json hex = Json::from_text(persona.chain->header_hex(persona.tip));
  const Json height = Json::from_int(persona.tip);
  return Json::from_members({{"hex", hex}, {"height", height}});
}

// A height or count as the implementation reads it: -1 is not one, -2 is beyond any chain.
int read_height(const Implementation& implementation, const Json& value) {
  if (implementation.reader == Reader::kSerde && !value.is_integer()) return -1;
  if (value.is(Json::Kind::kBool)) return value.boolean() ? 1 : 0;
  if (!value.is(Json::Kind::kNumber) && !value.is(Json::Kind::kString)) return -1;
  char* end = nullptr;
  const double number = std::strtod(value.text().c_str(), &end);
  if (value.text().empty() || *end != '\0' || !(number >= 0)) return -1;
  return number > 1e9 ? -2 : static_cast<int>(number);
}

std::string with_thousands(std::string digits) {
  for (size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

Answer refuse_height(const Implementation& implementation, const Json& value, bool is_height) {
  switch (implementation.reader) {
    case Reader::kAiorpcx:
      return is_height
                 ? error_answer(1, "height " + with_thousands(python_str(value)) + " out of range")
                 : error_answer(1, python_str(value) + " should be a non-negative integer");
    case Reader::kFulcrum:
      return error_answer(
          1, is_height ? "Height " + value.text() + " is out of range" : "Invalid height");
    case Reader::kPersonal:
      return error_answer(-1, "height " + python_str(value) + " out of range");
    case Reader::kSerde:
      break;
  }
  const Fault& fault = implementation.missing_params;
  if (implementation.features == FeaturesShape::kRomanz) {
    return is_height ? error_answer(1, "no header at " + value.text())
                     : error_answer(fault.code, fault.text, fault.kind);
  }
  if (implementation.error_shape == ErrorShape::kObjectData) {
    return error_answer(fault.code, fault.text, fault.kind);
  }
  return error_answer(-32603, is_height ? "missing header" : "non-integer height");
}

Answer answer_header(const Persona& persona, const std::vector<Json>& params) {
  const Implementation& implementation = *persona.implementation;
  // Electrum Personal Server hands the height to bitcoind, which takes integers only.
  const bool personal = implementation.reader == Reader::kPersonal && !params[0].is_integer();
  const int height = personal ? -1 : read_height(implementation, params[0]);
  if (height == -1) return refuse_height(implementation, params[0], false);
  if (height == -2 || height > persona.tip) return refuse_height(implementation, params[0], true);
  if (params.size() > 1 && implementation.reader != Reader::kPersonal && params[1].text() != "0") {
    return error_answer(1, "the demo network has no checkpoint proofs");
  }
  return result_answer(Json::from_text(persona.chain->header_hex(height)));
}

Answer answer_headers(const Persona& persona, const std::vector<Json>& params,
                      const SessionState& session) {
  const Implementation& implementation = *persona.implementation;
  const int start = read_height(implementation, params[0]);
  const int wanted = read_height(implementation, params[1]);
  if (start == -1) return refuse_height(implementation, params[0], false);
  if (wanted == -1) return refuse_height(implementation, params[1], false);
  const int limit = wanted == -2 ? kMaxHeaders : std::min(wanted, kMaxHeaders);
  const int count = start == -2 ? 0 : std::clamp(persona.tip - start + 1, 0, limit);
  Json list = Json::from_items();
  std::string hex;
  for (int i = 0; i < count; ++i) {
    const std::string header = persona.chain->header_hex(start + i);
    list.append(Json::from_text(header));
    hex += header;
  }
  const Json number = Json::from_int(count);
  const Json max = Json::from_int(kMaxHeaders);
  if (session.protocol_16) {
    return result_answer(Json::from_members({{"count", number}, {"max", max}, {"headers", list}}));
  }
  return result_answer(
      Json::from_members({{"hex", Json::from_text(hex)}, {"count", number}, {"max", max}}));
}

Answer answer_estimate(const Persona& persona, const std::vector<Json>& params) {
  const Implementation& implementation = *persona.implementation;
  if (implementation.reader == Reader::kAiorpcx || implementation.reader == Reader::kFulcrum) {
    if (read_height(implementation, params[0]) == -1) {
      const std::string end = " should be a non-negative integer";
      return implementation.reader == Reader::kAiorpcx
                 ? error_answer(1, python_str(params[0]) + end)
                 : error_answer(1, "blockchain.estimatefee first parameter" + end);
    }
  }
  return result_answer(Json::from_number(persona.estimate));
}

Json make_fee_info(const Implementation& implementation) {
  const Json fee = Json::from_number("1e-05");
  Json info = Json::from_members(
      {{"mempoolminfee", fee}, {"minrelaytxfee", fee}, {"incrementalrelayfee", fee}});
  if (implementation.many_fee_members) {
    info.set("unbroadcastcount", Json::from_int(0));
    info.set("fullrbf", Json::from_bool(true));
  }
  return info;
}

bool is_hash(const Json& value) {
  return value.text().size() == 64 &&
         value.text().find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
}

Answer answer_transaction(const Implementation& implementation, const std::vector<Json>& params) {
  if (is_hash(params[0])) {
    return error_answer(
        2,
        "daemon error: DaemonError({'code': -5, 'message': 'No such mempool or blockchain "
        "transaction. Use gettransaction for wallet transactions.'})");
  }
  return implementation.reader == Reader::kFulcrum
             ? error_answer(1, "Invalid tx hash")
             : error_answer(1, python_str(params[0]) + " should be a transaction hash");
}

Answer answer_broadcast(const Implementation& implementation, const std::vector<Json>& params) {
  std::string text =
      "the transaction was rejected by network rules.\n\nTX decode failed. Make sure the tx has at "
      "least one input.\n";
  if (implementation.reader == Reader::kAiorpcx) text += joined({"[", python_str(params[0]), "]"});
  return error_answer(1, text);
}

Answer execute(const Persona& persona, Method method, const std::vector<Json>& params,
               SessionState* session) {
  const Implementation& implementation = *persona.implementation;
  switch (method) {
    case Method::kVersion:
      return answer_version(persona, params, session);
    case Method::kFeatures:
      return result_answer(make_features(persona, *session));
    case Method::kBanner:
      return result_answer(Json::from_text(persona.banner));
    case Method::kDonation:
      return result_answer(persona.donation);
    case Method::kPeers:
      return result_answer(persona.peers);
    case Method::kPing:
      // Protocol 1.7 lets a ping be padded.
      return result_answer(
          session->protocol_17 ? Json::from_members({{"data", Json::from_text("")}}) : Json());
    case Method::kAddPeer:
      return result_answer(Json::from_bool(false));
    case Method::kTip:
    case Method::kGetTip:
      return result_answer(make_tip(persona));
    case Method::kHeader:
      return answer_header(persona, params);
    case Method::kHeaders:
      return answer_headers(persona, params, *session);
    case Method::kEstimate:
      return answer_estimate(persona, params);
    case Method::kRelayFee:
      return result_answer(Json::from_number("1e-05"));
    case Method::kFeeInfo:
      return result_answer(make_fee_info(implementation));
    case Method::kFeeHistogram:
      return result_answer(persona.fee_histogram);
    case Method::kBalance:
    case Method::kScripthash:
      // Electrum Personal Server knows the addresses of its owner only.
      if (implementation.reader == Reader::kPersonal) return error_answer(0, "", Kind::kHangUp);
      if (method == Method::kScripthash) return result_answer({});
      return result_answer(Json::from_members(
          {{"confirmed", Json::from_int(0)}, {"unconfirmed", Json::from_int(0)}}));
    case Method::kTransaction:
      return answer_transaction(implementation, params);
    case Method::kBroadcast:
      return answer_broadcast(implementation, params);
  }
  return {};
}

}  // namespace

Answer call_method(const Persona& persona, const Request& request, SessionState* session) {
  const Implementation& implementation = *persona.implementation;
  for (const MethodRule& rule : kMethods) {
    if (rule.name != request.method) continue;
    if (!knows(implementation, rule.method, *session)) break;
    std::vector<Json> params;
    Answer answer;
    if (take_params(implementation, rule, request, &params, &answer)) {
      answer = execute(persona, rule.method, params, session);
      if (implementation.late_replies && answer.complaint.kind == Kind::kAnswered) {
        answer.lateness = rule.lateness;
      }
    }
    return answer;
  }
  return refuse_method(implementation, request);
}

namespace {

Json make_features(const Persona& persona, const SessionState& session) {
  const Implementation& implementation = *persona.implementation;
  const Json software =
      Json::from_text(implementation.features_software != nullptr ? implementation.features_software
                                                                  : persona.software);
  const Json low = Json::from_text(implementation.protocol_min);
  const Json high = Json::from_text(implementation.protocol_max);
  const Json genesis = Json::from_text(persona.chain->genesis_hash());
  const Json sha256 = Json::from_text("sha256");
  const Json common = Json::from_members({{"genesis_hash", genesis},
                                          {"hash_function", sha256},
                                          {"hosts", persona.hosts},
                                          {"protocol_max", high},
                                          {"protocol_min", low},
                                          {"pruning", Json()},
                                          {"server_version", software}});
  switch (implementation.features) {
    case FeaturesShape::kAbsent:
      return {};
    case FeaturesShape::kElectrumX: {
      Json features = Json::from_members({{"hosts", persona.hosts},
                                          {"pruning", Json()},
                                          {"server_version", software},
                                          {"protocol_min", low},
                                          {"protocol_max", high},
                                          {"genesis_hash", genesis}});
      if (!session.protocol_17) features.set("hash_function", sha256);
      features.set("services", persona.services);
      return features;
    }
    case FeaturesShape::kFulcrum: {
      Json features = common;
      features.set("dsproof", Json::from_bool(false));
      // Present with Bitcoin Core 28 and later.
      if (implementation.packages) features.set("broadcast_package", Json::from_bool(true));
      return features;
    }
    case FeaturesShape::kRomanz:
      return common;
    case FeaturesShape::kFloresta: {
      Json features = common;
      features.set("hosts",
                   Json::from_members(
                       {{"127.0.0.1", Json::from_members({{"tcp_port", Json::from_int(50001)}})}}));
      return features;
    }
    case FeaturesShape::kUtreexod:
      return Json::from_members({{"genesis_hash", genesis},
                                 {"hosts", persona.hosts},
                                 {"protocol_max", high},
                                 {"protocol_min", low},
                                 {"pruning", Json::from_bool(true)},
                                 {"server_version", software},
                                 {"hash_function", sha256}});
  }
  return {};
}

}  // namespace

bool hex_comes_first(const Implementation& implementation) {
  const std::string tip =
      write_json(Json::from_members({{"hex", Json()}, {"height", Json()}}), implementation.style);
  return tip.find("hex") < tip.find("height");
}

}  // namespace observatory::demo
