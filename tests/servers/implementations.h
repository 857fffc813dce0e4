// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <vector>

#include "tests/servers/wire.h"

namespace observatory::demo {

// What an implementation does about a request it does not like. `text` may hold {method}, {params},
// {line}, {client}, {version} and {rust_version}.
struct Fault {
  enum class Kind {
    kAnswered,    // it is not a fault there: an ordinary answer
    kError,       // an error reply
    kErrorClose,  // an error reply, then the connection is closed
    kSilence,     // no reply
    kHangUp,      // the connection is closed without a word
    kDeaf,        // no reply, to this or to anything that follows
  };
  Kind kind = Kind::kAnswered;
  int code = 0;
  const char* text = "";
};

// Which members a reply has, in the order they are built; MemberOrder may sort them afterwards.
enum class Envelope {
  kResultBeforeId,  // jsonrpc, result, id
  kIdBeforeResult,  // jsonrpc, id, result
};

enum class ErrorShape {
  kObject,        // "error":{"code","message"}
  kObjectData,    // the same with "data":null
  kText,          // "error":"text"
  kBesideResult,  // "result":null,"error":{..}
  kPersonal,      // {"error":{"message","code"},"jsonrpc","id"}: Electrum Personal Server
};

// Who checks the shape of a request, and in which order.
enum class Reader { kAiorpcx, kFulcrum, kSerde, kPersonal };

// The rule of server.version, see versions.h.
enum class VersionRule {
  kAiorpcx,
  kFulcrum,
  kRomanz,
  kRomanzTextOnly,
  kIgnored,
  kPersonal,
};

enum class Padding {
  kNone,
  kHeld,    // ElectrumX 1.18.0: below 1024 bytes every packet waits for a second since the last one
  kWarmUp,  // ElectrumX >= 1.19.0: the first 1024 unpadded bytes of a session go out at once
};

enum class FeaturesShape { kAbsent, kElectrumX, kFulcrum, kRomanz, kFloresta, kUtreexod };

// How one implementation reads and writes: the facts of the field, as data.
struct Implementation {
  const char* key;       // the name of the row: "electrumx-1.20.0"
  const char* software;  // first element of the reply to server.version
  const char* protocol_min = "1.4";
  const char* protocol_max = "1.4";

  // Writing.
  WriteStyle style{};
  Envelope envelope = Envelope::kResultBeforeId;
  ErrorShape error_shape = ErrorShape::kObject;
  const char* eol = "\n";
  bool eol_apart = false;         // the terminator is a packet of its own
  const char* batch_comma = ",";  // between the replies of a batch
  Padding padding = Padding::kNone;
  bool late_replies = false;  // what needs a file or bitcoind is answered after the rest

  // Reading.
  Reader reader = Reader::kSerde;
  VersionRule version_rule = VersionRule::kIgnored;
  bool version_ignores_extra = false;  // more than two parameters of server.version are fine
  bool version_first = false;          // everything else before server.version ends the session
  bool lossy_half_close = false;       // a client that half-closes gets nothing any more
  size_t max_depth = 128;
  Fault second_version{};
  Fault bad_version{};
  Fault unknown_method{};
  Fault invalid_json{};
  Fault invalid_request{};
  Fault empty_batch{};
  Fault batch{};
  Fault too_deep{};
  Fault missing_params{};

  // Content.
  FeaturesShape features = FeaturesShape::kAbsent;
  const char* features_software = nullptr;  // null: as `software`
  const char* donation = nullptr;           // null: JSON null; "*": an address of the operator
  const char* banner = "";                  // {software} is replaced
  bool peers = false;                       // a list; else always []
  bool fee_info = false;                    // has mempool.get_info
  bool packages = false;                    // announces broadcast_package
  bool many_fee_members = false;            // with fullrbf and unbroadcastcount
  bool protocol_gates_methods = false;      // relayfee goes and get_info comes with protocol 1.6
  const char* estimate = "0.00001234";      // blockchain.estimatefee
};

// All rows, and the row of that key (never absent: an unknown key is a mistake in the roster and
// throws std::logic_error).
const std::vector<Implementation>& implementations();
const Implementation& find_implementation(std::string_view key);

}  // namespace observatory::demo
