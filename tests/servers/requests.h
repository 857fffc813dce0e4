// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "tests/servers/implementations.h"
#include "tests/servers/json.h"

namespace observatory::demo {

// What is wrong with a request: a Fault with its placeholders filled in.
struct Complaint {
  Fault::Kind kind = Fault::Kind::kAnswered;
  int code = 0;
  std::string text = {};
};

// What an implementation makes of one JSON text it received, before it looks at the method.
struct Request {
  enum class Verdict {
    kCall,       // a request: method, params, id
    kComplaint,  // `complaint` is the answer, to `id`
    kIgnore,
  };
  Verdict verdict = Verdict::kIgnore;
  std::string method = {};
  Json params = Json::from_items();
  bool params_given = true;
  Json id = {};
  bool notification = false;  // carried out, but never answered
  Complaint complaint = {};
  bool at_once = false;  // answered before calls that came earlier in the same packet
};

// Rules: aiorpcX:aiorpcx/jsonrpc.py, Fulcrum:src/RPC.cpp, romanz:src/electrum.rs,
// EPS:electrumpersonalserver/server/common.py; the recorded bytes of the first two and EPS.
// `strict` is the version aiorpcX found in the first message of the session ("jsonrpc":"2.0").
Request read_request(const Implementation& implementation, const Json& message, bool in_batch,
                     bool strict);

}  // namespace observatory::demo
