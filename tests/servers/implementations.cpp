// SPDX-License-Identifier: MIT
#include "tests/servers/implementations.h"

#include <stdexcept>
#include <string>

namespace observatory::demo {
namespace {

using Kind = Fault::Kind;

constexpr WriteStyle kPythonSpaced{Dialect::kPython, MemberOrder::kAsBuilt, true};
constexpr WriteStyle kPythonCompact{Dialect::kPython, MemberOrder::kAsBuilt, false};
constexpr WriteStyle kFulcrumStyle{Dialect::kFulcrum, MemberOrder::kSorted, false};
constexpr WriteStyle kSerdeStyle{Dialect::kSerde, MemberOrder::kSorted, false};

// electrumx:src/electrumx/server/session.py on aiorpcX. The rows of the releases differ from this
// one in what follows from their aiorpcX and their transport.
Implementation electrumx(const char* key, const char* software, const char* protocol_max) {
  return {
      .key = key,
      .software = software,
      .protocol_max = protocol_max,
      .style = kPythonCompact,
      .batch_comma = ", ",
      .reader = Reader::kAiorpcx,
      .version_rule = VersionRule::kAiorpcx,
      .lossy_half_close = true,
      .max_depth = 950,
      .second_version = {Kind::kError, 1, "server.version already sent"},
      .bad_version = {Kind::kErrorClose, 1, "unsupported protocol version: {version}"},
      .unknown_method = {Kind::kError, -32601, "unknown method \"{method}\""},
      .invalid_json = {Kind::kError, -32700, "invalid JSON"},
      .invalid_request = {Kind::kError, -32600, "request object must be a dictionary"},
      .empty_batch = {Kind::kError, -32600, "batch is empty"},
      .too_deep = {Kind::kDeaf},
      .features = FeaturesShape::kElectrumX,
      .donation = "*",
      .banner = "You are connected to an {software} server.",
      .peers = true,
      .protocol_gates_methods = true,
  };
}

Implementation electrumx_spaced() {
  Implementation row = electrumx("electrumx-1.16.0", "ElectrumX 1.16.0", "1.4.2");
  row.style = kPythonSpaced;
  return row;
}

Implementation electrumx_held() {
  Implementation row = electrumx("electrumx-1.18.0", "ElectrumX 1.18.0", "1.4.3");
  row.padding = Padding::kHeld;
  row.too_deep = {Kind::kHangUp};
  return row;
}

Implementation electrumx_warm_up(const char* key, const char* software, const char* protocol_max) {
  Implementation row = electrumx(key, software, protocol_max);
  row.padding = Padding::kWarmUp;
  row.version_first = true;
  row.version_ignores_extra = true;
  row.too_deep = {Kind::kHangUp};
  row.fee_info = true;
  return row;
}

// Fulcrum:src/RPC.cpp and src/Servers.cpp.
Implementation fulcrum(const char* key, const char* software, const char* protocol_max) {
  const bool current = std::string_view(protocol_max) == "1.6";
  return {
      .key = key,
      .software = software,
      .protocol_max = protocol_max,
      .style = kFulcrumStyle,
      .eol = "\r\n",
      .late_replies = true,
      .reader = Reader::kFulcrum,
      .version_rule = VersionRule::kFulcrum,
      .version_ignores_extra = current,
      .lossy_half_close = true,
      .max_depth = 512,
      .second_version = {Kind::kError, 1, "server.version already sent"},
      .bad_version = {Kind::kErrorClose, 1, "Unsupported protocol version"},
      .unknown_method = {Kind::kError, -32601, "Unsupported request: {method}"},
      .invalid_json = {Kind::kError, -32700, "Failed to parse Json from string: {line}"},
      .invalid_request = {Kind::kError, -32600, "Invalid request"},
      .empty_batch = {Kind::kError, -32600, "Invalid request"},
      .too_deep = {Kind::kError, -32700, "Failed to parse Json from string: {line}"},
      .features = FeaturesShape::kFulcrum,
      .donation = "*",
      .banner = "Connected to a {software} server",
      .peers = true,
      .fee_info = current,
      .packages = current,
      .many_fee_members = true,
  };
}

// romanz:src/electrum.rs: serde types refuse what does not fit.
Implementation romanz(const char* key, const char* software, VersionRule rule,
                      const char* bad_version) {
  return {
      .key = key,
      .software = software,
      .style = kSerdeStyle,
      .version_rule = rule,
      .bad_version = {Kind::kError, 1, bad_version},
      .unknown_method = {Kind::kError, -32601, "method not found"},
      .invalid_json = {Kind::kError, -32700, "parse error"},
      .invalid_request = {Kind::kError, -32600, "invalid request"},
      .too_deep = {Kind::kError, -32700, "parse error"},
      .missing_params = {Kind::kError, -32602, "invalid params"},
      .features = FeaturesShape::kRomanz,
      .banner = "Welcome to electrs {number} (Electrum Rust Server)!",
  };
}

Implementation esplora_recent() {
  return {
      .key = "electrs-esplora-recent",
      .software = "electrs-esplora 0.4.1",
      .style = kSerdeStyle,
      .unknown_method = {Kind::kError, -32601, "unknown method {method}"},
      .invalid_json = {Kind::kError, -32700, "parse error"},
      .invalid_request = {Kind::kError, -32600, "invalid request"},
      .too_deep = {Kind::kError, -32700, "parse error"},
      .missing_params = {Kind::kError, -32602, "missing height"},
      .banner = "Welcome to {software}",
  };
}

// Blockstream:src/electrum/server.rs of 2021: any fault the reader meets ends the connection.
Implementation esplora_old() {
  Implementation row = esplora_recent();
  row.key = "electrs-esplora-0.4.1";
  row.error_shape = ErrorShape::kText;
  row.unknown_method = row.invalid_json = row.invalid_request = {Kind::kHangUp};
  row.too_deep = row.batch = row.empty_batch = {Kind::kHangUp};
  row.missing_params = {Kind::kError, 0, "missing height"};
  return row;
}

Implementation mempool() {
  Implementation row = esplora_recent();
  row.key = "mempool-electrs";
  row.software = "mempool-electrs 3.1.0-dev-80758ea";
  row.unknown_method = {Kind::kError, 1, "{method} RPC error: unknown method {method} {params}"};
  row.invalid_json = row.too_deep = {Kind::kError, -32600, "invalid request: {line}"};
  row.invalid_request = {Kind::kError, -32600, "invalid request: {line}"};
  row.missing_params = {Kind::kError, 1, "{method} RPC error: missing height"};
  return row;
}

Implementation bwt() {
  Implementation row = esplora_old();
  row.key = "bwt-0.2.4";
  row.software = "bwt v0.2.4";
  row.donation = "bc1qmuagsjvq0lh3admnafk0qnlql0vvxv08au9l2d";
  row.banner = "\u2584\u2580\u2584 bwt v0.2.4 \u2584\u2580\u2584\n";
  return row;
}

// floresta-electrum/src/electrum_protocol.rs.
Implementation floresta() {
  return {
      .key = "floresta-0.8.0",
      .software = "Floresta 0.8.0",
      .protocol_max = "1.5",
      .style = kSerdeStyle,
      .error_shape = ErrorShape::kObjectData,
      .eol_apart = true,
      .unknown_method = {Kind::kError, -32000, "Internal JSON-RPC error."},
      .invalid_json = {Kind::kError, -32700,
                       "Parse error. Invalid JSON was received by the server."},
      .invalid_request = {Kind::kError, -32700,
                          "Parse error. Invalid JSON was received by the server."},
      .too_deep = {Kind::kError, -32700, "Parse error. Invalid JSON was received by the server."},
      .missing_params = {Kind::kError, -32000, "Internal JSON-RPC error."},
      .features = FeaturesShape::kFloresta,
      .donation = "",
      .banner = "Welcome to Floresta's Electrum Server.",
  };
}

// EPS:electrumpersonalserver/server/electrumprotocol.py. The real one ends its whole process where
// this one ends the connection.
Implementation personal() {
  return {
      .key = "electrum-personal-server-0.2.4",
      .software = "ElectrumPersonalServer 0.2.4",
      .style = kPythonSpaced,
      .error_shape = ErrorShape::kPersonal,
      .reader = Reader::kPersonal,
      .version_rule = VersionRule::kPersonal,
      .version_ignores_extra = true,
      .max_depth = 950,
      .bad_version = {Kind::kHangUp},
      .unknown_method = {Kind::kSilence},
      .invalid_json = {Kind::kHangUp},
      .invalid_request = {Kind::kHangUp},
      .empty_batch = {Kind::kHangUp},
      .batch = {Kind::kHangUp},
      .too_deep = {Kind::kHangUp},
      .missing_params = {Kind::kHangUp},
      .donation = "bc1qe74qzd256kxevq2gn7gmscs564lfk5tqrxqsuy",
      .banner =
          "Welcome to Electrum Personal Server 0.2.4\n\nMonitoring 2 deterministic wallets, "
          "in total 2002 addresses.\n\nConnected bitcoin node: /Satoshi:27.0.0/\n",
      .estimate = "0.0001",
  };
}

Implementation utreexod() {
  return {
      .key = "utreexod-0.5.0",
      .software = "Utreexo Electrum Server 0.1.0",
      .protocol_max = "1.4.2",
      .style = {Dialect::kGo, MemberOrder::kAsBuilt, false},
      .error_shape = ErrorShape::kBesideResult,
      .unknown_method = {Kind::kError, -32601, "Method not found"},
      .invalid_json = {Kind::kError, -32700, "Parse error"},
      .invalid_request = {Kind::kError, -32600, "Invalid request"},
      .too_deep = {Kind::kError, -32700, "Parse error"},
      .missing_params = {Kind::kError, -32602, "Invalid parameters"},
      .features = FeaturesShape::kUtreexod,
      .features_software = "utreexod-electrum-server v0.1.0",
      .donation = "bc1qhjeu95vx0c7zycfumv6jarl32dvcsyfd0egeue",
      .banner = "  _   _\n | | | | utreexod\n | |_| |\n  \\___/\n",
  };
}

Implementation jelectrum() {
  return {
      .key = "jelectrum",
      .software = "jelectum bitspren",
      .style = {Dialect::kOrgJson, MemberOrder::kJavaHash, false},
      .error_shape = ErrorShape::kText,
      .unknown_method = {Kind::kError, 0, "unknown method - {method}"},
      .invalid_json = {Kind::kHangUp},
      .invalid_request = {Kind::kHangUp},
      .batch = {Kind::kHangUp},
      .too_deep = {Kind::kHangUp},
      .missing_params = {Kind::kError, 0, "internal error"},
      .donation = "*",
      .banner = "jelectrum: <b>hello</b>",
  };
}

// A made-up JSON proxy in JavaScript in front of an ElectrumX: it re-serialises every reply.
Implementation node_proxy() {
  Implementation row = electrumx("javascript-proxy", "ElectrumX 1.16.0", "1.4.2");
  row.style = {Dialect::kJavaScript, MemberOrder::kAsBuilt, false};
  row.envelope = Envelope::kIdBeforeResult;
  row.batch_comma = ",";
  return row;
}

std::vector<Implementation> make_rows() {
  return {
      electrumx_spaced(),
      electrumx("electrumx-1.16-git", "ElectrumX 1.16.0", "1.4.2"),
      electrumx("electrumx-1.17", "ElectrumX 1.17.0", "1.4.3"),
      electrumx_held(),
      electrumx_warm_up("electrumx-1.19.0", "ElectrumX 1.19.0", "1.6.0"),
      electrumx_warm_up("electrumx-1.20.0", "ElectrumX 1.20.0", "1.6.0"),
      electrumx_warm_up("electrumx-2.0.0", "ElectrumX 2.0.0", "1.7.0"),
      fulcrum("fulcrum-1.8.2", "Fulcrum 1.8.2", "1.4.5"),
      fulcrum("fulcrum-1.9.8", "Fulcrum 1.9.8", "1.5.2"),
      fulcrum("fulcrum-1.12.0", "Fulcrum 1.12.0", "1.5.3"),
      fulcrum("fulcrum-2.1.1", "Fulcrum 2.1.1", "1.6"),
      romanz("electrs-0.10.9", "electrs/0.10.9", VersionRule::kRomanz,
             "unsupported request {rust_version} by {client}"),
      romanz("electrs-0.9.11", "electrs/0.9.11", VersionRule::kRomanzTextOnly,
             "{client} requested {rust_version}, server supports 1.4"),
      esplora_recent(),
      esplora_old(),
      mempool(),
      bwt(),
      floresta(),
      personal(),
      utreexod(),
      jelectrum(),
      node_proxy(),
  };
}

}  // namespace

const std::vector<Implementation>& implementations() {
  static const std::vector<Implementation> rows = make_rows();
  return rows;
}

const Implementation& find_implementation(std::string_view key) {
  for (const Implementation& row : implementations()) {
    if (row.key == key) return row;
  }
  throw std::logic_error("no implementation named " + std::string(key));
}

}  // namespace observatory::demo
